"""The records of a scoring job: in which order they are read and whose they are.

Sources stand in the order of their real paths, whatever the order of the arguments, and the
records of a source in the source's order. Record r of source s belongs to shard (s + r) mod N.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from forkroad import _core
from forkroad._core import (
    ParseError,
    Scene,
    ShardReader,
    generate_scene,
    generated_scene,
    layouts,
)
from forkroad.readers import open_scenes
from forkroad.readers.log_content import read_start

# in place of a file: the built-in scene
GENERATED = "generated"

_GENERATED_WORD = re.compile(r"generated:([a-z_]+):([0-9]{1,20})(?::([0-9]{1,9}))?")
_START = 64  # bytes that tell a format of many records
_SHARD_START = re.compile(rb".{8}\{", re.S)  # safetensors: size of the header, the header


@dataclass(frozen=True)
class Share:
    """Shard `index` of `count` shards that divide the records of a job between them."""

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Share:
        """Of the text i/N, i from 0. Raises ValueError."""
        index, slash, count = text.partition("/")
        if not (slash and index.isascii() and index.isdecimal() and count.isdecimal()):
            raise ValueError(f"got '{text}', expected i/N, shard i of N counted from 0, e.g. 0/8")
        share = cls(int(index), int(count))
        if share.index >= share.count:
            last = f"0/{share.count} to {share.count - 1}/{share.count}"
            expected = f"{last}: shards count from 0" if share.count else "at least one shard"
            raise ValueError(f"got '{text}', expected {expected}")
        return share

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def has(self, source: int, record: int) -> bool:
        """Whether record `record` of source `source` belongs to this shard."""
        return (source + record) % self.count == self.index


ALL_RECORDS = Share()


@dataclass(frozen=True)
class Record:
    """One record of a job."""

    file: str  # where the scene was logged, also where it comes out of a shard
    position: int  # among all records of the job, in order
    item: Scene | ParseError | None  # None: another shard's


def read_scenes(files: Iterable[str]) -> Iterator[tuple[str, Scene | ParseError]]:
    """Yield (file, Scene or ParseError) over files in order; 'generated' is the built-in scene.

    The file is the one that the scene was logged in, also where it comes out of a shard.
    """
    for file in files:
        for item in _open(file):
            yield _logged_in(item, file), item


def sort_sources(files: Iterable[str]) -> list[str]:
    """Files in the order of a job; words like `generated` stand after files."""
    return sorted(files, key=lambda file: os.path.realpath(file) if _is_there(file) else file)


def describe_sources(files: list[str]) -> str:
    """JSON that tells the inputs of a job from others: number of files and SHA-256 of their names
    as they were given (rows hold them), sizes and times of change."""
    digest = hashlib.sha256()
    for file in files:
        entry = [file]
        if _is_there(file):
            status = Path(file).stat()
            entry = [file, status.st_size, status.st_mtime_ns]
        digest.update(json.dumps(entry).encode() + b"\n")
    return json.dumps({"num_files": len(files), "sha256": digest.hexdigest()})


def read_records(files: list[str], share: Share = ALL_RECORDS) -> Iterator[Record]:
    """Yield every record of sources in order; those of other shards hold no item.

    Records of others are not decoded where the format allows it: in forkroad's shards, in generated
    scenes, and in files of one record, of which only the first bytes are looked at.
    """
    position = 0
    for source, file in enumerate(files):
        for record, item in enumerate(_read_source(file, source, share)):
            if item is None or not share.has(source, record):
                yield Record(file, position, None)
            else:
                yield Record(_logged_in(item, file), position, item)
            position += 1


def _read_source(file: str, source: int, share: Share) -> Iterator[Scene | ParseError | None]:
    """The records of a source; None for records of others that need not be decoded."""
    if share.count == 1:
        return _open(file)
    if not _is_there(file):
        word = _GENERATED_WORD.fullmatch(file)
        return _open(file) if word is None else _generate(word, file, source, share)
    try:
        start = b"" if Path(file).is_dir() else read_start(Path(file), _START)
    except OSError:
        start = b""
    if _core.is_tfrecord_start(start):
        return _open(file)
    if _SHARD_START.match(start):
        with contextlib.suppress(RuntimeError):
            return _read_shard(ShardReader(file), file, source, share)
    return _open(file) if share.has(source, 0) else iter([None])


def _read_shard(
    reader: ShardReader, file: str, source: int, share: Share
) -> Iterator[Scene | ParseError | None]:
    for record in range(len(reader)):
        if not share.has(source, record):
            yield None
            continue
        try:
            yield reader[record]
        except RuntimeError:
            # the stream has the error in parts
            yield next(itertools.islice(_open(file), record, None))


def _generate(
    word: re.Match, file: str, source: int, share: Share
) -> Iterator[Scene | ParseError | None]:
    layout, seed, count = word[1], int(word[2]), int(word[3] or 1)
    if layout not in layouts or not (seed < 1 << 64 and count > 0):
        yield from _open(file)
        return
    for record in range(count):
        mine = share.has(source, record)
        yield generate_scene(layout=layout, seed=seed, index=record) if mine else None


def _open(file: str) -> Iterator[Scene | ParseError]:
    return iter([generated_scene()]) if file == GENERATED else open_scenes(file)


def _logged_in(item: Scene | ParseError, file: str) -> str:
    return getattr(item, "provenance", item).file or file


def _is_there(file: str) -> bool:
    return file != GENERATED and Path(file).exists()
