"""A pytest plugin: sets up the layers that the tests name, which only their own runner knows.

Tests of layers that start servers in processes of their own are left out: nothing is noted there.
"""

import pytest

RECORDED = ("ConfigLayer", "SMTPLayer")
standing = []  # layers that are set up, the outermost first


def pytest_collection_modifyitems(items):
    """Leave out what runs elsewhere, and keep the tests of each layer together."""
    items[:] = [item for item in items if layer_of(item) in (None, *RECORDED)]
    items.sort(key=lambda item: layer_of(item) or "")


def layer_of(item):
    """The name of the layer that the test's class asks for."""
    return getattr(getattr(getattr(item, "cls", None), "layer", None), "__name__", None)


@pytest.fixture(autouse=True)
def layers(request):
    """Around each test: what its layer and those that it extends set up."""
    layer = getattr(request.cls, "layer", None)
    wanted = [] if layer is None else list(reversed(layer.__mro__[:-1]))
    for one in wanted:
        if one not in standing:
            own(one, "setUp")
            standing.append(one)
    for one in wanted:
        own(one, "testSetUp")
    yield
    for one in reversed(wanted):
        own(one, "testTearDown")


def own(layer, name):
    """Run what the layer itself defines; the others are in the list too."""
    if name in vars(layer):
        getattr(layer, name)()
