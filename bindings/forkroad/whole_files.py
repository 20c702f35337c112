"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replace_when_whole(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary name beside `path`; it takes the name `path` when the block ends well and
    is removed when the block raises. A file that was there before stays until then."""
    path = Path(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
