"""Scoring jobs: log files in, one Parquet file of facts and scores out.

Scenes are read, forked, scored and written one at a time, so memory is bounded by one scene and
its plans. Bad records are handed to the caller and skipped. The Parquet file appears whole or not
at all.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow.parquet as pq

from forkroad._core import (
    Facts,
    ParseError,
    PlanSet,
    RolloutSpec,
    Scene,
    SceneBatch,
    ScoreCard,
    ScoreTable,
    Simulator,
    Snapshot,
    generated_scene,
    make_agent_model,
    version,
)
from forkroad.candidates import Candidates, CandidatesError, GivenPlans
from forkroad.focal_track import EGO, find_focal_track
from forkroad.readers import open_scenes
from forkroad.score_columns import ScoreColumns
from forkroad.whole_files import replace_when_whole

FORMAT_VERSION = "1"

# in place of a file: the built-in scene
GENERATED = "generated"

STAGES = ("reading", "plans", "rollout", "scoring", "writing", "reporting")


@dataclass(frozen=True)
class ScoreJob:
    """What to score and how."""

    files: tuple[str, ...]  # log files; 'generated' is the built-in scene
    candidates: Candidates
    agents: str = "log"
    card: str = "drive"
    focal: str = EGO  # whom the plans are for: see find_focal_track
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
    """What a job did. Times in seconds, by stage."""

    num_scenes: int = 0
    num_plans: int = 0
    num_bad: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

    @property
    def total_seconds(self) -> float:
        return sum(self.seconds.values())


@dataclass(frozen=True)
class BadRecord:
    """A record that was not scored, located."""

    file: str
    record: int  # -1: not inside a record
    text: str


def read_scenes(files: Iterable[str]) -> Iterator[tuple[str, Scene | ParseError]]:
    """Yield (file, Scene or ParseError) over files in order; 'generated' is the built-in scene.

    The file is the one that the scene was logged in, also where it comes out of a shard.
    """
    for file in files:
        if file == GENERATED:
            yield file, generated_scene()
            continue
        for item in open_scenes(file):
            yield getattr(item, "provenance", item).file or file, item


def score_files(
    job: ScoreJob,
    path: str | os.PathLike,
    *,
    on_scene: Callable[[ScoredScene], None] = lambda scored: None,
    on_bad: Callable[[BadRecord], None] = lambda bad: None,
    clock: Callable[[], float] = time.perf_counter,
) -> JobReport:
    """Score every scene of the job's files into the Parquet file `path`.

    `on_scene` is called after each scene was written, `on_bad` for each record that could not be
    scored. Where nothing could be scored no file is left and `JobReport.num_scenes` is 0. Raises
    ValueError for an unknown agent model or card and for plans that do not fit the job,
    RuntimeError if the device does not answer, OSError if the file cannot be written.
    """
    worker = _Worker(job, clock)
    columns = ScoreColumns(worker.card)
    schema = columns.schema.with_metadata(file_metadata(job, worker.card.spec()))
    with contextlib.suppress(_NothingScoredError), replace_when_whole(path) as part:
        with pq.ParquetWriter(part, schema, compression="zstd") as writer:
            for scored in worker.run(on_bad):
                with worker.measure("writing"):
                    table = columns.table(scored.scene, scored.file, scored.facts, scored.scores)
                    writer.write_table(table.replace_schema_metadata(schema.metadata))
                worker.report.num_scenes += 1
                worker.report.num_plans += table.num_rows
                with worker.measure("reporting"):
                    on_scene(scored)
        if worker.report.num_scenes == 0:
            raise _NothingScoredError
    return worker.report


def score_scene(scene: Scene, file: str, candidates: Candidates, **options) -> ScoredScene:
    """Score one scene outside a job, with traces; `options` are fields of ScoreJob."""
    job = ScoreJob(files=(file,), candidates=candidates, num_traced=1, **options)
    return _Worker(job, time.perf_counter).score(scene, file, 0)


def file_metadata(job: ScoreJob, spec: RolloutSpec) -> dict[str, str]:
    """Key-value metadata of a score file."""
    return {
        "forkroad.format_version": FORMAT_VERSION,
        "forkroad.version": version,
        "forkroad.card": job.card,
        "forkroad.agent_model": job.agents,
        "forkroad.focal": job.focal,
        "forkroad.spec": json.dumps(describe_spec(spec)),
        "forkroad.plans": json.dumps(job.candidates.describe()),
        "forkroad.files": json.dumps(list(job.files)),
    }


def describe_spec(spec: RolloutSpec) -> dict:
    """A RolloutSpec ready for JSON."""
    return {
        "dt": spec.dt,
        "num_steps": spec.num_steps,
        "min_speed": spec.min_speed,
        "precision": spec.precision,
        "contact": {
            "clearance_limit": spec.contact.clearance_limit,
            "substeps": spec.contact.substeps,
        },
    }


class _NothingScoredError(Exception):
    """Ends a job that leaves no file."""


class _Worker:
    """Turns the records of a job into scored scenes and keeps its report."""

    def __init__(self, job: ScoreJob, clock: Callable[[], float]) -> None:
        self.job = job
        self.agents = make_agent_model(job.agents)
        self.card = ScoreCard.named(job.card)
        self.report = JobReport()
        self._clock = clock

    @contextlib.contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Add the block's seconds to a stage of the report."""
        start = self._clock()
        try:
            yield
        finally:
            self.report.seconds[stage] += self._clock() - start

    def run(self, on_bad: Callable[[BadRecord], None]) -> Iterator[ScoredScene]:
        """Yield every scene that can be scored, hand over every record that cannot."""
        position = 0
        for file, item in self._read():
            if isinstance(item, ParseError):
                bad = BadRecord(file, item.record, item.text())
            else:
                try:
                    scored, bad = self.score(item, file, position), None
                except CandidatesError:
                    raise
                except ValueError as error:
                    record = item.provenance.record
                    bad = BadRecord(file, record, f"{file}: record {record}: {error}")
            position += 1
            if bad is None:
                yield scored
            else:
                self.report.num_bad += 1
                on_bad(bad)
        if isinstance(self.job.candidates, GivenPlans):
            self.job.candidates.check_records(position, whole=True)

    def score(self, scene: Scene, file: str, position: int) -> ScoredScene:
        """Score the scene of the job's record `position`."""
        with self.measure("plans"):
            batch = SceneBatch([scene], device=self.job.device)
            focal = find_focal_track(scene, self.job.focal)
            snapshot = Snapshot.of_log(
                batch,
                scene=np.zeros(1, np.int32),
                step=np.array([scene.current_step], np.int32),
                focal_track=np.array([focal], np.int32),
            )
            plans = self.job.candidates.plans(batch, snapshot, position)
        with self.measure("rollout"):
            simulator = Simulator(batch, num_threads=self.job.num_threads, lanes=self.job.lanes)
            traces = self.report.num_scenes < self.job.num_traced
            facts = simulator.rollout(snapshot, plans, self.agents, self.card.spec(), traces=traces)
        with self.measure("scoring"):
            scores = self.card.score(facts)
        return ScoredScene(scene, file, focal, plans, facts, scores)

    def _read(self) -> Iterator[tuple[str, Scene | ParseError]]:
        records = read_scenes(self.job.files)
        while True:
            with self.measure("reading"):
                record = next(records, None)
            if record is None:
                return
            yield record
