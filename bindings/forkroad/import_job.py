"""Log files into shards: in parallel, in a fixed order, resumable.

Each source is read by one worker into a temporary shard of its own; this process appends those, in
the order of the sources' names, to the shards that stay. So the shards do not depend on the number
of workers, on which of them is quick, or on how often the job was killed and started again.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import itertools
import multiprocessing
import multiprocessing.connection
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from forkroad._core import ParseError, ShardReader, ShardWriter
from forkroad.import_manifest import SHOWN_FAILURES, Manifest, SourceRecord
from forkroad.ordered_work import cancelling, map_in_order
from forkroad.readers.argoverse import is_companion
from forkroad.readers.av2_sensor import POSES
from forkroad.score_sources import read_scenes

# sources that workers may be ahead of the one whose turn it is, per worker: bounds temporary files
AHEAD = 8

_WORK = ".import-"


class ImportBusyError(Exception):
    """Another import writes into the same folder."""


@dataclass(frozen=True)
class ReadSource:
    """What a worker made of one source."""

    num_scenes: int  # in the temporary shard
    failures: list[str]


@dataclass
class ImportReport:
    """What an import did."""

    num_sources: int = 0
    num_done_before: int = 0  # sources that earlier runs had finished
    num_without_scenes: int = 0  # sources that gave no scene
    num_scenes: int = 0  # written by this run
    num_failures: int = 0  # records and files that gave no scene, by this run
    num_failures_before: int = 0
    shards: list[str] = field(default_factory=list)  # written by this run


def find_sources(patterns: Iterable[str], out: Path) -> list[str]:
    """Files behind files, folders (searched whole; hidden names, `out` and files that are part of
    another log left out) and patterns.

    Sorted by name, each file once. A name behind which there is nothing stays: opening it says so.
    """
    hidden = Path(os.path.realpath(out))
    found: dict[str, str] = {}
    for pattern in patterns:
        for path in _expand(pattern, hidden):
            real = os.path.realpath(path)
            found[real] = min(path, found.get(real, path))
    return sorted(found.values())


def _expand(pattern: str, out: Path) -> Iterator[str]:
    if Path(pattern).is_dir():
        if Path(os.path.realpath(pattern)) == out:
            return
        for folder, names, files in os.walk(pattern):
            names[:] = [
                name
                for name in names
                if not name.startswith(".") and Path(os.path.realpath(folder), name) != out
            ]
            if POSES in files:
                # what lies below is that log's: images, point clouds, its map
                names.clear()
            for name in files:
                if not name.startswith(".") and not is_companion(name):
                    yield str(Path(folder, name))
        return
    matches = []
    if not Path(pattern).exists():
        # Path.glob takes no absolute patterns
        matches = glob.glob(pattern, recursive=True)  # noqa: PTH207
    for match in matches or [pattern]:
        if match != pattern and Path(match).is_dir():
            yield from _expand(match, out)
        else:
            yield str(match)


def read_source(source: str, part: str, skip: int) -> ReadSource:
    """Write the scenes of a source after the first `skip` into the shard `part`.

    Records that give no scene are listed. Raises OSError if the disk does not take the shard.
    """
    failures: list[str] = []
    seen = 0
    writer = ShardWriter(part)
    try:
        for _, item in read_scenes([source]):
            if isinstance(item, ParseError):
                failures.append(item.text())
                continue
            seen += 1
            if seen <= skip:
                continue
            try:
                writer.add(item)
            except ValueError as error:
                failures.append(f"{source}: record {item.provenance.record}: {error}")
        if writer.num_scenes > 0:
            writer.finish()
        return ReadSource(writer.num_scenes, failures)
    finally:
        writer.give_up()


def import_sources(
    sources: list[str],
    out: Path,
    *,
    scenes_per_shard: int,
    jobs: int = 1,
    on_source: Callable[[str, ReadSource | None], None] = lambda source, read: None,
    on_failure: Callable[[str], None] = lambda text: None,
) -> ImportReport:
    """Import sources, in their order, into shards of `scenes_per_shard` scenes in the folder `out`.

    `on_source` is called once for each source, with None if an earlier run had finished it;
    `on_failure` for each record or file that gave no scene. Raises ManifestError and
    ImportBusyError if the folder is not fit for it, OSError if it cannot be written, RuntimeError
    if a worker dies; what was written until then stays, and the same call goes on from there.
    """
    out.mkdir(parents=True, exist_ok=True)
    with _only_one(out), _work_folder(out) as work:
        manifest = Manifest.load(out, scenes_per_shard)
        merge = _Merge(manifest)
        report = merge.report
        report.num_sources = len(sources)
        todo = []
        for source in sources:
            record = manifest.record(source)
            if record.complete:
                report.num_done_before += 1
                report.num_failures_before += record.num_failures
                on_source(source, None)
            else:
                todo.append((source, record))
        with contextlib.closing(_read_all(todo, work, jobs)) as reads:
            for (source, record), part, read in reads:
                for text in read.failures:
                    on_failure(text)
                record.num_failures = len(read.failures)
                record.failures = read.failures[:SHOWN_FAILURES]
                report.num_failures += record.num_failures
                report.num_without_scenes += read.num_scenes + record.scenes == 0
                merge.append(record, part, read.num_scenes)
                on_source(source, read)
        merge.close()
        return report


class _Merge:
    """Appends temporary shards to the shards that stay."""

    def __init__(self, manifest: Manifest) -> None:
        self.report = ImportReport()
        self._manifest = manifest
        self._writer: ShardWriter | None = None
        # scenes in the shard that is being written, by source; complete: the source ends there
        self._waiting: list[tuple[SourceRecord, int, bool]] = []

    def append(self, record: SourceRecord, part: Path, num_scenes: int) -> None:
        """Append one source's temporary shard and remove it."""
        if num_scenes == 0:
            return
        reader = ShardReader(part)
        first = 0
        while first < num_scenes:
            if self._writer is None:
                self._writer = ShardWriter(self._manifest.next_shard())
            room = self._manifest.scenes_per_shard - self._writer.num_scenes
            end = min(num_scenes, first + room)
            for index in range(first, end):
                self._writer.add(reader[index])
            self._waiting.append((record, end - first, end == num_scenes))
            first = end
            if self._writer.num_scenes == self._manifest.scenes_per_shard:
                self._finish()
        part.unlink()

    def close(self) -> None:
        """Finish the last shard, which may hold fewer scenes, and the manifest."""
        if self._writer is not None:
            self._finish()
        self._manifest.save()

    def _finish(self) -> None:
        path = self._manifest.next_shard()
        num_scenes = self._writer.num_scenes
        self._writer.finish()
        self._writer = None
        for record, count, complete in self._waiting:
            record.scenes += count
            record.complete = complete
        self._waiting.clear()
        self._manifest.add_shard(path, num_scenes)
        self._manifest.save()
        self.report.num_scenes += num_scenes
        self.report.shards.append(path.name)


Task = tuple[str, SourceRecord]


def _read_all(todo: list[Task], work: Path, jobs: int) -> Iterator[tuple[Task, Path, ReadSource]]:
    """Yield every source in order with its temporary shard, read by `jobs` processes."""
    parts = [work / f"{index}.safetensors" for index in range(len(todo))]
    calls = [(task[0], str(part), task[1].scenes) for task, part in zip(todo, parts, strict=True)]
    if jobs == 1:
        yield from zip(todo, parts, itertools.starmap(read_source, calls), strict=True)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_end_with_parent)
    with cancelling(pool):
        try:
            reads = map_in_order(pool, _read_call, calls, AHEAD * jobs)
            yield from zip(todo, parts, reads, strict=True)
        except BrokenProcessPool as error:
            raise RuntimeError(
                "a worker process died, perhaps for lack of memory; the same command goes on from "
                "the last whole shard"
            ) from error


def _read_call(call: tuple[str, str, int]) -> ReadSource:
    return read_source(*call)


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever; Ctrl-C is for the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def watch() -> None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def _only_one(out: Path) -> Iterator[None]:
    """Lock a folder against a second import; a process that dies lets go of it."""
    descriptor = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ImportBusyError(f"another import writes into {out}") from None
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _work_folder(out: Path) -> Iterator[Path]:
    """A folder for temporary files inside `out`; what killed runs left behind is removed."""
    for left in [*out.glob(f"{_WORK}*"), *out.glob(".*.part")]:
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
    work = Path(tempfile.mkdtemp(prefix=_WORK, dir=out))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
