"""A pytest plugin: where the time is bounded, let files of all kinds get their turn."""

import hashlib


def pytest_collection_modifyitems(items):
    """Order the files by a digest of their names; inside a file, nothing changes."""
    items.sort(key=lambda item: hashlib.sha256(item.nodeid.partition("::")[0].encode()).digest())
