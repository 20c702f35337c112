"""Scoring jobs: log files in, one Parquet file of facts and scores out.

One thread reads, several fork and score a scene each, the caller's writes in the order of the
records; so the file does not depend on their number, and memory is bounded by a few scenes and
their plans per thread. Bad records are handed to the caller and skipped. The Parquet file appears
whole or not at all.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from forkroad._core import (
    Facts,
    ParseError,
    PlanSet,
    Scene,
    SceneBatch,
    ScoreCard,
    ScoreTable,
    Simulator,
    Snapshot,
    make_agent_model,
)
from forkroad.candidates import Candidates, CandidatesError, GivenPlans
from forkroad.focal_track import EGO, find_focal_track
from forkroad.ordered_work import cancelling, map_in_order
from forkroad.score_file import ScoreFile, open_score_file
from forkroad.score_identity import FoundFile, find_score_file, ids_of_plans, job_metadata
from forkroad.score_layouts import Layout, make_layout
from forkroad.score_sources import ALL_RECORDS, Record, Share, read_records, sort_sources
from forkroad.score_terms import LONG, LayoutError
from forkroad.whole_files import replace_when_whole

STAGES = ("reading", "plans", "rollout", "scoring", "columns", "writing", "reporting")

# scenes that may be under way or wait to be written, per thread
AHEAD = 2


@dataclass(frozen=True)
class ScoreJob:
    """What to score and how."""

    files: tuple[str, ...]  # log files in any order; 'generated' is the built-in scene
    candidates: Candidates
    agents: str = "log"
    card: str = "drive"
    focal: str = EGO  # whom the plans are for: see find_focal_track
    layout: str = LONG
    top: int | None = None  # only the best plans of each scene
    share: Share = ALL_RECORDS
    device: str = "cpu"  # see SceneBatch
    num_threads: int = 1
    lanes: int = 0
    # the first scenes are rolled out with traces, which pictures need
    num_traced: int = 0


@dataclass(frozen=True)
class ScoredScene:
    """One scene with its plans, facts and scores; world 0 of each."""

    scene: Scene
    file: str
    focal_track: int  # whom the plans are for, index into the scene's tracks
    plans: PlanSet
    facts: Facts
    scores: ScoreTable


@dataclass
class JobReport:
    """What a job did. Seconds that its threads were busy, by stage."""

    num_scenes: int = 0
    num_plans: int = 0  # of the scenes, all of them scored
    num_rows: int = 0
    is_written: bool = False
    failures: Counter = field(default_factory=Counter)  # records that gave no scores, by kind
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    wall_seconds: float = 0.0
    num_threads: int = 1

    @property
    def num_bad(self) -> int:
        return self.failures.total()


@dataclass(frozen=True)
class BadRecord:
    """A record that was not scored, located."""

    file: str
    record: int  # -1: not inside a record
    text: str
    kind: str  # a ParseError's code, no_focal_track, or not_scored: its plans do not fit it


def score_files(
    job: ScoreJob,
    path: str | os.PathLike,
    *,
    on_scene: Callable[[ScoredScene], None] = lambda scored: None,
    on_bad: Callable[[BadRecord], None] = lambda bad: None,
    clock: Callable[[], float] = time.perf_counter,
) -> JobReport:
    """Score every scene of the job's share of its files into the Parquet file `path`.

    `on_scene` is called after each scene was handed to the file, `on_bad` for each record that
    could not be scored, both in the order of the records. Where nothing could be scored no file is
    left and `JobReport.is_written` is False; a share without records leaves a file without rows.
    Raises ValueError for an unknown agent model or card and for plans or a layout that do not fit
    the job, RuntimeError if the device does not answer, OSError if the file cannot be written.
    """
    worker = _Worker(job, clock)
    report = worker.report
    layout = _layout_of(job)
    metadata = job_metadata(job, worker.card, layout.schema)
    start = clock()
    with (
        contextlib.suppress(_NothingScoredError),
        replace_when_whole(path) as part,
        open_score_file(part, Path(path), layout, metadata) as file,
    ):
        _write_scenes(worker, layout, file, on_scene, on_bad)
        if report.num_scenes == 0 and (report.num_bad or job.share.count == 1):
            raise _NothingScoredError
        with worker.measure("writing"):
            file.finish(_closing_metadata(report))
        report.is_written = True
    report.wall_seconds = clock() - start
    return report


def find_result(job: ScoreJob, path: Path) -> FoundFile | None:
    """The score file at `path` and in what it differs from the job's result; None: no file."""
    return find_score_file(
        path, job_metadata(job, ScoreCard.named(job.card), _layout_of(job).schema)
    )


def score_scene(scene: Scene, file: str, candidates: Candidates, **options) -> ScoredScene:
    """Score one scene outside a job, with traces; `options` are fields of ScoreJob."""
    job = ScoreJob(files=(file,), candidates=candidates, **options)
    return _Worker(job, time.perf_counter).score(scene, file, 0, traces=True)


def _layout_of(job: ScoreJob) -> Layout:
    return make_layout(
        job.layout,
        ScoreCard.named(job.card),
        make_agent_model(job.agents),
        ids_of_plans(job.candidates),
        job.top,
    )


def _write_scenes(worker, layout: Layout, file: ScoreFile, on_scene, on_bad) -> None:
    """Write every scene in order."""
    report, job = worker.report, worker.job
    for outcome in worker.run(layout):
        if isinstance(outcome, BadRecord):
            report.failures[outcome.kind] += 1
            on_bad(outcome)
            continue
        scored, position, table = outcome
        with worker.measure("writing"):
            file.add(table)
        traced = report.num_scenes < job.num_traced
        report.num_scenes += 1
        report.num_plans += int(scored.facts.exists[0].sum())
        report.num_rows += table.num_rows
        if traced and scored.facts.traces is None:
            # records before it gave no scene, so it moved up
            scored = worker.score(scored.scene, scored.file, position, traces=True)
        with worker.measure("reporting"):
            on_scene(scored)


def _closing_metadata(report: JobReport) -> dict[str, str]:
    return {
        "forkroad.num_scenes": str(report.num_scenes),
        "forkroad.num_plans": str(report.num_plans),
        "forkroad.failures": json.dumps(dict(sorted(report.failures.items()))),
    }


class _NothingScoredError(Exception):
    """Ends a job that leaves no file."""


_Outcome = tuple[ScoredScene, int, pa.Table] | BadRecord


class _Worker:
    """Turns the records of a job into scored scenes and keeps its report."""

    def __init__(self, job: ScoreJob, clock: Callable[[], float]) -> None:
        self.job = job
        self.agents = make_agent_model(job.agents)
        self.card = ScoreCard.named(job.card)
        self.report = JobReport(num_threads=job.num_threads)
        self._clock = clock
        self._lock = threading.Lock()
        # a GPU serves one scene at a time
        self._device = contextlib.nullcontext() if job.device == "cpu" else threading.Lock()
        self._num_scoring = 0
        self._num_read = 0  # scenes
        self._num_records = 0  # of all shares

    @contextlib.contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the block's seconds to a stage of the report."""
        start = self._clock()
        try:
            yield
        finally:
            seconds = self._clock() - start
            with self._lock:
                self.report.seconds[stage] += seconds

    def run(self, layout: Layout) -> Iterator[_Outcome]:
        """Yield what became of every record of the job's share, in order."""
        job = self.job
        records = read_records(sort_sources(job.files), job.share)
        with (
            cancelling(ThreadPoolExecutor(job.num_threads)) as pool,
            cancelling(ThreadPoolExecutor(1)) as reader,
        ):
            reads = (reader.submit(self._read, records) for _ in itertools.count())
            outcomes = map_in_order(
                pool, lambda read: self._process(read, layout), reads, AHEAD * job.num_threads
            )
            yield from itertools.takewhile(lambda outcome: outcome is not None, outcomes)
        if isinstance(job.candidates, GivenPlans):
            job.candidates.check_records(self._num_records, whole=True)

    def _read(self, records: Iterator[Record]) -> tuple[Record, bool] | None:
        """The next record of the share and whether its scene is rolled out with traces."""
        with self.measure("reading"):
            for record in records:
                self._num_records = record.position + 1
                if record.item is None:
                    continue
                self._num_read += not isinstance(record.item, ParseError)
                return record, self._num_read <= self.job.num_traced
        return None

    def _process(self, read: Future, layout: Layout) -> _Outcome | None:
        """What becomes of a record; None at the end."""
        if read.result() is None:
            return None
        record, traces = read.result()
        file, item = record.file, record.item
        if isinstance(item, ParseError):
            return BadRecord(file, item.record, item.text(), item.code)
        try:
            scored = self.score(item, file, record.position, traces=traces)
            with self.measure("columns"):
                return (
                    scored,
                    record.position,
                    layout.table(item, file, scored.facts, scored.scores),
                )
        except (CandidatesError, LayoutError):
            raise
        except ValueError as error:
            number = item.provenance.record
            kind = "no_focal_track" if isinstance(error, _NoFocalTrackError) else "not_scored"
            return BadRecord(file, number, f"{file}: record {number}: {error}", kind)

    def score(self, scene: Scene, file: str, position: int, *, traces: bool) -> ScoredScene:
        """Score the scene of the job's record `position`."""
        with self._taking_threads() as num_threads:
            with self.measure("plans"):
                batch = SceneBatch([scene], device=self.job.device)
                focal = _find_focal_track(scene, self.job.focal)
                snapshot = Snapshot.of_log(
                    batch,
                    scene=np.zeros(1, np.int32),
                    step=np.array([scene.current_step], np.int32),
                    focal_track=np.array([focal], np.int32),
                )
                plans = self.job.candidates.plans(batch, snapshot, position)
            with self._device, self.measure("rollout"):
                simulator = Simulator(batch, num_threads=num_threads, lanes=self.job.lanes)
                facts = simulator.rollout(
                    snapshot, plans, self.agents, self.card.spec(), traces=traces
                )
            with self.measure("scoring"):
                scores = self.card.score(facts)
        return ScoredScene(scene, file, focal, plans, facts, scores)

    @contextlib.contextmanager
    def _taking_threads(self) -> Iterator[int]:
        """The threads for one scene: those that no other scene of this moment needs."""
        with self._lock:
            self._num_scoring += 1
            num_threads = max(1, self.job.num_threads // self._num_scoring)
        try:
            yield num_threads
        finally:
            with self._lock:
                self._num_scoring -= 1


class _NoFocalTrackError(ValueError):
    """A scene without the track that the plans are for."""


def _find_focal_track(scene: Scene, word: str) -> int:
    try:
        return find_focal_track(scene, word)
    except ValueError as error:
        raise _NoFocalTrackError(str(error)) from error
