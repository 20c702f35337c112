"""The light states of the field's formats, by their codes 0 to 8."""

from __future__ import annotations

from forkroad.readers.read_error import ReadError, shown

LIGHT_STATES = (
    "unknown",
    "arrow_stop",
    "arrow_caution",
    "arrow_go",
    "stop",
    "caution",
    "go",
    "flashing_stop",
    "flashing_caution",
)


def light_of_code(code: int, where: str) -> str:
    """The state of a code."""
    if not 0 <= code < len(LIGHT_STATES):
        raise ReadError(
            "value_out_of_range", f"{where} is {shown(code)}, expected a light state of 0 to 8"
        )
    return LIGHT_STATES[code]
