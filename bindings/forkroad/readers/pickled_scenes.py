"""Pickles that hold a scene: ScenarioNet's and Waymax's."""

from __future__ import annotations

from pathlib import Path

from forkroad.readers.log_content import read_content
from forkroad.readers.pickle_builders import Record
from forkroad.readers.plain_pickle import load_plain
from forkroad.readers.read_error import ReadError, shown
from forkroad.readers.scenarionet_pickle import is_scenario, read_scenario
from forkroad.readers.waymax_pickle import is_simulator_state, read_simulator_state

# Protocols 2 to 5 begin with their number; 0 and 1 with a dict or an object.
_STARTS = (*(bytes([0x80, protocol]) for protocol in range(2, 6)), b"(dp", b"}q", b"ccopy_reg\n")


def is_pickle(start: bytes) -> bool:
    """Whether content that begins so may be a pickle. A TFRecord may begin alike."""
    return start.startswith(_STARTS)


def read_pickle(path: Path, file: str):
    """The scene of a pickle, plain, .gz or .xz. Raises ReadError or SceneFault."""
    content = load_plain(read_content(path))
    if is_scenario(content):
        return read_scenario(content, file)
    if is_simulator_state(content):
        return read_simulator_state(content, file)
    found = shown(content.name if type(content) is Record else content)
    raise ReadError(
        "wrong_content",
        f"the pickle holds {found}, expected a ScenarioNet scenario or a Waymax SimulatorState",
        0,
    )
