"""Pulp's own settings, with the key file that they want to read made on the spot."""

import base64
import os
import tempfile

_key = os.path.join(tempfile.mkdtemp(), "key")
with open(_key, "w") as _file:
    _file.write(base64.urlsafe_b64encode(os.urandom(32)).decode())
os.environ["PULP_DB_ENCRYPTION_KEY"] = _key
os.environ["PULP_CONTENT_ORIGIN"] = "http://localhost"

from pulpcore.app.settings import *  # noqa: E402, F403
