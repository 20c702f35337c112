"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replace_when_whole(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary name beside `path`; it takes the name `path` when the block ends well and
    is removed when the block raises. A file that was there before stays until then.

    The temporary file is locked as long as this process lives. What dead processes left of the
    same file is removed; several live writers do not meet, the last one to end stays.
    """
    path = Path(path)
    remove_stale_parts(path)
    with naming_file(path):
        part, descriptor = _make_part(path)
    try:
        yield part
        with naming_file(path):
            part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def remove_stale_parts(path: Path) -> None:
    """Remove the temporary files of `path` whose writers are dead."""
    for name in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with contextlib.suppress(OSError):
            descriptor = os.open(name, os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                name.unlink()
            finally:
                os.close(descriptor)


@contextlib.contextmanager
def naming_file(path: str | os.PathLike) -> Iterator[None]:
    """Errors of the block name the file that was asked for, not the library that wrote it."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from error


def _make_part(path: Path) -> tuple[Path, int]:
    """A new empty temporary file and the descriptor that holds its lock."""
    while True:
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        try:
            descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o666)
        except FileExistsError:
            continue
        # without locks nothing is ever taken for stale
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        # another writer may have taken the file for stale before it was locked
        if os.fstat(descriptor).st_nlink > 0:
            return part, descriptor
        os.close(descriptor)
