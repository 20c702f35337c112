"""`forkroad demo`: one scene scored, drawn, replayed and checked, in a minute."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import click
import numpy as np

import forkroad
from forkroad.score_command import DEFAULT_PLANS, score
from forkroad.score_sources import GENERATED
from forkroad.view_command import find_scene, view

_ROUNDS = 7


@click.command()
@click.option(
    "-o",
    "--out",
    default="demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the score file, the picture and the replay; made if absent.",
)
@click.option(
    "--source",
    default=GENERATED,
    show_default=True,
    metavar="FILE",
    help="A log, or generated:LAYOUT:SEED for a scene of the generator.",
)
@click.pass_context
def demo(context: click.Context, out: Path, source: str) -> None:
    """Score, draw and replay 8,192 plans of one scene.

    Says what the scene is, how its plans fail and which is best, that one, eight and sixteen lanes
    give the same bits (they are run and compared), and how fast one core is. Exits with 1 if any
    bit differs.
    """
    _, scene = find_scene(source, None)
    click.echo(describe_scene(scene))
    if score.main([source, "-o", str(out), "--overwrite"], standalone_mode=False):
        context.exit(1)
    rollout = _Rollout(scene)
    widths = lane_widths()
    click.echo(f"  {'same bits':<11}{rollout.compare(widths)}")
    click.echo(f"  {'one core':<11}{rollout.rate():,.0f} plans/s, every fact, median of {_ROUNDS}")
    replay = out / "replay.html"
    view.main([source, "-o", str(replay)], standalone_mode=False)
    click.echo("look at:")
    for path in (replay, *sorted(out.glob("*.png")), *sorted(out.glob("*.parquet"))):
        click.echo(f"  {path}")


def lane_widths() -> list[int]:
    """The numbers of lanes that this processor runs."""
    batch = forkroad.SceneBatch([])
    widths = []
    for lanes in (1, 8, 16):
        try:
            forkroad.Simulator(batch, lanes=lanes)
        except ValueError:
            continue
        widths.append(lanes)
    return widths


def describe_scene(scene) -> str:
    """A scene in words."""
    kinds = [kind for index, kind in enumerate(scene.kinds) if index != scene.ego]
    users = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
    seconds = (scene.num_steps - 1 - scene.current_step) * scene.dt
    lanes = sum(feature.kind == "lane" for feature in scene.features)
    lit = len({signal.lane_id for step in scene.signals for signal in step})
    velocity = scene.velocities[scene.ego, scene.current_step]
    speed = float(np.hypot(velocity[0], velocity[1]))
    return (
        f"scene '{scene.id}': {users or 'nobody'} around an ego at {speed:.1f} m/s; {lanes} lanes, "
        f"{lit} with lights; {seconds:.1f} s of log ahead"
    )


class _Rollout:
    """The same plans of a scene, run again and again."""

    def __init__(self, scene) -> None:
        self._batch = forkroad.SceneBatch([scene])
        self._snapshot = forkroad.Snapshot.of_log(self._batch)
        self._plans = forkroad.vocabulary(self._batch, DEFAULT_PLANS)
        self._agents = forkroad.make_agent_model("log")

    def _simulator(self, lanes: int = 0):
        return forkroad.Simulator(self._batch, lanes=lanes, num_threads=1)

    def _run(self, simulator):
        return simulator.rollout(self._snapshot, self._plans, self._agents)

    def compare(self, widths: list[int]) -> str:
        """Raises ClickException naming the facts whose bits differ between lane widths."""
        names = [field.name for field in forkroad.Facts.fields()]
        first, *others = (self._run(self._simulator(lanes)) for lanes in widths)
        for lanes, facts in zip(widths[1:], others, strict=True):
            different = [
                name
                for name in names
                if getattr(first, name).tobytes() != getattr(facts, name).tobytes()
            ]
            if different:
                raise click.ClickException(
                    f"{widths[0]} and {lanes} lanes differ in {', '.join(different)}"
                )
        return (
            f"{' = '.join(str(lanes) for lanes in widths)} lanes: {len(names)} facts of "
            f"{DEFAULT_PLANS:,} plans compared byte by byte"
        )

    def rate(self) -> float:
        """Plans per second of one thread on the widest lanes."""
        simulator = self._simulator()
        self._run(simulator)
        seconds = []
        for _ in range(_ROUNDS):
            start = time.perf_counter()
            self._run(simulator)
            seconds.append(time.perf_counter() - start)
        return DEFAULT_PLANS / statistics.median(seconds)
