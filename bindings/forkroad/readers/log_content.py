"""The bytes of a log file, decompressed where its first bytes say so, within a limit."""

from __future__ import annotations

import lzma
import zlib
from pathlib import Path

from forkroad.readers.read_error import ReadError

# The largest logs of these formats are tens of megabytes.
MAX_CONTENT = 1 << 28

_CHUNK = 1 << 20
_LZMA_MEMORY = 1 << 28  # bytes that an xz stream's dictionary may take
_GZIP = b"\x1f\x8b"
_XZ = b"\xfd7zXZ\x00"


def read_content(path: Path, limit: int = MAX_CONTENT) -> bytes:
    """The whole content of a plain, .gz or .xz file. Raises ReadError: `too_large` beyond `limit`
    bytes, `truncated`, `bad_encoding`; OSError if the file cannot be read."""
    content, is_whole = _read(path, limit + 1)
    if len(content) > limit:
        raise ReadError("too_large", f"holds more than {limit} bytes, expected at most that")
    if not is_whole:
        raise ReadError("truncated", "the compressed stream has no end", len(content))
    return content


def read_start(path: Path, size: int) -> bytes:
    """The first `size` bytes of the content, fewer if it is shorter or damaged."""
    try:
        return _read(path, size)[0]
    except ReadError:
        return b""


def _read(path: Path, size: int) -> tuple[bytes, bool]:
    """Up to `size` bytes of content, and whether no compressed stream was cut off."""
    with path.open("rb") as file:
        start = file.read(len(_XZ))
        file.seek(0)
        if start.startswith(_XZ):
            return _decompress(file, lzma.LZMADecompressor(memlimit=_LZMA_MEMORY), size)
        if start.startswith(_GZIP):
            return _decompress(file, _Gunzip(), size)
        return file.read(size), True


class _Gunzip:
    """zlib's decompressor with the manners of lzma's."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self.eof = False
        self.needs_input = True

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._stream.decompress(self._stream.unconsumed_tail + data, max_length)
        self.eof = self._stream.eof
        self.needs_input = not self._stream.unconsumed_tail
        return out


def _decompress(file, stream, size: int) -> tuple[bytes, bool]:
    content = bytearray()
    try:
        while not stream.eof and len(content) < size:
            data = file.read(_CHUNK) if stream.needs_input else b""
            if stream.needs_input and not data:
                return bytes(content), False
            content += stream.decompress(data, size - len(content))
    except (lzma.LZMAError, zlib.error) as error:
        raise ReadError(
            "bad_encoding", f"the compressed stream is damaged: {error}", len(content)
        ) from error
    return bytes(content), True
