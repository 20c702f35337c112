"""How a reader says that bytes are no scene."""

from __future__ import annotations

from forkroad._core import ParseError

_SHOWN = 60  # characters of a text that a message shows


class ReadError(Exception):
    """One fault of a file: a ParseError code, what was got and expected, and the byte offset in
    the (decompressed) content, -1: unknown. Readers raise it, `open_scenes` turns it into a
    ParseError."""

    def __init__(self, code: str, message: str, byte_offset: int = -1) -> None:
        super().__init__(message)
        self.code = code
        self.byte_offset = byte_offset

    def as_parse_error(self, file: str, record: int) -> ParseError:
        """The same as the value that `open_scenes` yields."""
        return ParseError(
            code=self.code,
            file=file,
            message=str(self),
            record=record,
            byte_offset=self.byte_offset,
        )


def shown(value: object) -> str:
    """A value in an error message: numbers and short texts as they are, else only the type, since
    a repr may be endless."""
    if value is None or isinstance(value, bool | float):
        return repr(value)
    if isinstance(value, int):
        return repr(value) if value.bit_length() <= _SHOWN else "a huge integer"
    if isinstance(value, str | bytes):
        return ascii(value[:_SHOWN]) + ("..." if len(value) > _SHOWN else "")
    return f"a value of type {type(value).__name__}"
