"""Generating many scenes on several threads, in order, with what is worth knowing about them."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from forkroad._core import GeneratedScene, Scene, generate_scene_and_truth, layouts
from forkroad.ordered_work import cancelling, map_in_order

ALL = "all"


@dataclass(frozen=True)
class GenerateJob:
    """Which scenes: `count` of one layout, or of all layouts in turns."""

    layout: str = ALL
    count: int = 1
    seed: int = 0
    num_steps: int = 91
    dt: float = 0.1  # [s]
    current_step: int = 10
    num_threads: int = 1

    def place(self, record: int) -> tuple[str, int]:
        """Layout and index of the job's scene `record`."""
        if self.layout != ALL:
            return self.layout, record
        return layouts[record % len(layouts)], record // len(layouts)


@dataclass
class LayoutStats:
    """Sums over the scenes of one layout."""

    num_scenes: int = 0
    kinds: Counter = field(default_factory=Counter)
    ego_metres: float = 0.0
    redraws: Counter = field(default_factory=Counter)

    def add(self, generated: GeneratedScene) -> None:
        scene = generated.scene
        self.num_scenes += 1
        self.kinds.update(scene.kinds)
        steps = np.diff(scene.tracks[scene.ego].positions[:, :2], axis=0)
        self.ego_metres += float(np.hypot(*steps.T).sum())
        self.redraws.update(generated.faults)


@dataclass
class GenerateReport:
    """What a job made."""

    layouts: dict[str, LayoutStats] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def num_scenes(self) -> int:
        return sum(stats.num_scenes for stats in self.layouts.values())


def generate_scenes(job: GenerateJob) -> Iterator[tuple[str, GeneratedScene]]:
    """Yield (layout, scene) in order; at most a few scenes per thread wait in memory.

    Raises ValueError on an unknown layout or a clock out of range.
    """

    def make(record: int) -> tuple[str, GeneratedScene]:
        layout, index = job.place(record)
        return layout, generate_scene_and_truth(
            layout=layout,
            seed=job.seed,
            index=index,
            num_steps=job.num_steps,
            dt=job.dt,
            current_step=job.current_step,
        )

    with cancelling(ThreadPoolExecutor(job.num_threads)) as pool:
        yield from map_in_order(pool, make, range(job.count), 4 * job.num_threads)


def run_job(
    job: GenerateJob, out: Path | None, on_scene: Callable[[Scene], None] = lambda scene: None
) -> GenerateReport:
    """Generate every scene of a job, into the shard `out` unless that is None.

    Raises ValueError as generate_scenes() does, ImportError if this build cannot write shards,
    OSError if the shard cannot be written.
    """
    report = GenerateReport()
    start = time.perf_counter()

    def scenes() -> Iterator[Scene]:
        for layout, generated in generate_scenes(job):
            report.layouts.setdefault(layout, LayoutStats()).add(generated)
            on_scene(generated.scene)
            yield generated.scene

    if out is None:
        deque(scenes(), maxlen=0)
    else:
        write_shard(scenes(), out)
    report.seconds = time.perf_counter() - start
    return report


def write_shard(scenes: Iterator[Scene], path: Path) -> None:
    """Write scenes into one shard, which appears whole or not at all."""
    from forkroad._core import ShardWriter

    with ShardWriter(path) as writer:
        for scene in scenes:
            writer.add(scene)
