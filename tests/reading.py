"""What the tests of the Python readers expect of a log: one scene or one error."""

import forkroad


def only(log):
    """The one item that a log of one scene yields."""
    (item,) = forkroad.open_scenes(log)
    return item


def scene_of(log):
    item = only(log)
    assert isinstance(item, forkroad.Scene), item.text()
    return item


def error_of(log):
    """Code and message of the one error."""
    item = only(log)
    assert isinstance(item, forkroad.ParseError), item
    assert "\n" not in item.text()
    assert item.file == str(log)
    return item.code, item.message
