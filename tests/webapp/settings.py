"""The product's settings on a data directory that lasts as long as the tests."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="seamline-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["SEAMLINE_DATA"] = _folder
os.environ["SEAMLINE_SOLVER_SECONDS"] = "1"

from webapp.settings import *  # noqa: E402, F403
