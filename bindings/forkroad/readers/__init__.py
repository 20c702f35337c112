"""Opening logs of any format that forkroad reads, in C++ or in Python, by content."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from forkroad import _core
from forkroad._core import ParseError, Scene, SceneFault
from forkroad.readers.log_content import read_start
from forkroad.readers.pickled_scenes import is_pickle, read_pickle
from forkroad.readers.read_error import ReadError

_START = 64  # bytes that tell the format
_PARQUET, _FEATHER = b"PAR1", b"ARROW1"

_Reader = Callable[[Path, str], Scene]


def open_scenes(file: str | os.PathLike[str]) -> Iterator[Scene | ParseError]:
    """Iterate over a log, one record in memory at a time.

    `file` is a log file, plain, .gz or .xz, or the folder of an Argoverse 2 log. Its content says
    which format it is, not its name; docs/data.md lists them. A bad record yields a ParseError in
    the scene's place, a file that cannot be opened yields one ParseError; nothing raises.
    """
    name = os.fspath(file)
    reader = _find_reader(Path(name))
    return _core.open_scenes(name) if reader is None else _read_one(reader, name)


def load_scenes(file: str | os.PathLike[str]) -> list[Scene]:
    """Read every scene of a log into a list. Raises RuntimeError with the located error at the
    first bad record: for notebooks and small files; jobs use open_scenes."""
    scenes = []
    for item in open_scenes(file):
        if isinstance(item, ParseError):
            raise RuntimeError(item.text())
        scenes.append(item)
    return scenes


def _find_reader(path: Path) -> _Reader | None:
    """The Python reader that a file needs, None: C++ reads it, or says why it cannot."""
    if path.is_dir():
        return _read_argoverse("read_folder")
    try:
        start = read_start(path, _START)
    except OSError:
        return None
    if start.startswith(_PARQUET):
        return _read_argoverse("read_parquet_file")
    if start.startswith(_FEATHER):
        return _read_argoverse("read_feather_file")
    if is_pickle(start) and not _core.is_tfrecord_start(start):
        return read_pickle
    return None


def _read_argoverse(name: str) -> _Reader:
    def read(path: Path, file: str) -> Scene:
        # here, because pyarrow is slow to import and few logs need it
        from forkroad.readers import argoverse

        return getattr(argoverse, name)(path, file)

    return read


def _read_one(reader: _Reader, file: str) -> Iterator[Scene | ParseError]:
    yield _read(reader, file)


def _read(reader: _Reader, file: str) -> Scene | ParseError:
    try:
        # numbers that are none are refused by name, so numpy need not warn of them
        with np.errstate(all="ignore"):
            return reader(Path(file), file)
    except ReadError as error:
        # a file of no known format has no records
        record = -1 if error.code == "unsupported_format" else 0
        return error.as_parse_error(file, record)
    except SceneFault as fault:
        return ParseError(code=fault.code, file=file, message=str(fault), record=0)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        return ParseError(code="cannot_open", file=file, message=message)
    except MemoryError:
        return ParseError(code="too_large", file=file, message="no memory for the scene", record=0)
