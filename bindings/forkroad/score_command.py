"""`forkroad score`: log files in, scores.parquet and pictures out."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click
from tqdm.auto import tqdm

import forkroad
from forkroad.candidates import (
    Candidates,
    CandidatesError,
    GivenPlans,
    LogPerturbations,
    Vocabulary,
)
from forkroad.doctor import usable_cores
from forkroad.focal_track import EGO
from forkroad.plan_files import PlanFileLayout, flag_of, load_plans

DEFAULT_PLANS = 8192
SHOWN_SCENES = 20


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--plans",
    "num_plans",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Score a vocabulary of N plans per scene.  [default: {DEFAULT_PLANS}]",
)
@click.option(
    "--plan-file",
    type=click.Path(dir_okay=False),
    metavar="F",
    help="Score the plans of a .npy or .safetensors file instead.",
)
@click.option(
    "--perturb",
    type=click.IntRange(min=1),
    metavar="K",
    help="Score the log and K - 1 random perturbations of it instead.",
)
@click.option("--plan-dt", type=float, metavar="S", help="Plan file: seconds between steps.")
@click.option(
    "--plan-first-time",
    type=float,
    metavar="S",
    help="Plan file: seconds from the start to the first step.",
)
@click.option(
    "--plan-frame", type=click.Choice(["ego", "scene"]), help="Plan file: frame of the poses."
)
@click.option(
    "--plan-reference",
    type=click.Choice(["rear_axle", "box_center"]),
    help="Plan file: point that the poses are of.",
)
@click.option(
    "--plan-kind", type=click.Choice(["poses", "controls"]), help="Plan file: what its numbers are."
)
@click.option(
    "--agents",
    default="log",
    show_default=True,
    metavar="MODEL",
    help="What moves the other road users.",
)
@click.option("--card", default="drive", show_default=True, metavar="CARD", help="Score card.")
@click.option(
    "--focal",
    default=EGO,
    show_default=True,
    metavar="TRACK",
    help="Whom the plans are for: ego, auto (without one the vehicle that goes furthest), or the "
    "id of a track.",
)
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Folder for scores.parquet and the pictures; made if absent.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of the random perturbations.",
)
@click.option(
    "--device",
    default="cpu",
    show_default=True,
    metavar="D",
    help="Where rollouts run: cpu, cuda, cuda:INDEX or best. Results do not depend on it.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="CPU workers; results do not depend on it.  [default: all usable cores]",
)
@click.option(
    "--lanes",
    type=int,
    default=0,
    metavar="N",
    help="Plans per register group: 1, 8, 16; 0 is the widest. Results do not depend on it.",
)
@click.option(
    "--figure/--no-figure",
    default=True,
    show_default=True,
    help=f"Draw DIR/<scene id>.png for the first {SHOWN_SCENES} scenes.",
)
@click.option(
    "--max-figures",
    type=click.IntRange(min=0),
    default=SHOWN_SCENES,
    metavar="N",
    help="Draw and describe the first N scenes instead.",
)
@click.pass_context
def score(
    context: click.Context,
    files,
    out,
    agents,
    card,
    focal,
    device,
    threads,
    lanes,
    figure,
    max_figures,
    **plan_options,
) -> None:
    """Score plans on every scene of log files.

    Writes DIR/scores.parquet with one row per scene and plan, and a picture of each of the first
    scenes. The word `generated` stands for the built-in scene, generated:LAYOUT:SEED[:COUNT] for
    scenes of the generator. Bad records are reported and skipped; the exit code is 1 if nothing
    could be scored.
    """
    from forkroad.score_job import ScoreJob, score_files

    job = ScoreJob(
        files=files,
        candidates=_choose_candidates(**plan_options),
        agents=_check(forkroad.make_agent_model, agents, "--agents").name,
        card=_check(forkroad.ScoreCard.named, card, "--card").name,
        focal=focal,
        device=_check(_find_device, device, "--device"),
        num_threads=threads or usable_cores(),
        lanes=_check_lanes(lanes),
        num_traced=max_figures if figure else 0,
    )
    folder = _make_folder(out)
    show = _Progress(folder, job, max_figures)
    path = folder / "scores.parquet"
    try:
        with show:
            report = score_files(job, path, on_scene=show.scene, on_bad=show.bad)
    except (CandidatesError, OSError) as error:
        raise click.ClickException(str(error)) from error
    show.close(report, path)
    if report.num_scenes == 0:
        context.exit(1)


def _check(make, name: str, flag: str):
    try:
        return make(name)
    except (ValueError, RuntimeError) as error:
        raise click.BadParameter(str(error), param_hint=flag) from error


def _find_device(name: str) -> str:
    return forkroad.SceneBatch([], device=name).device


def _check_lanes(lanes: int) -> int:
    batch = forkroad.SceneBatch([])
    _check(lambda width: forkroad.Simulator(batch, lanes=width), lanes, "--lanes")
    return lanes


def _choose_candidates(num_plans, plan_file, perturb, seed, **layout) -> Candidates:
    given = [
        flag
        for flag, value in (
            ("--plans", num_plans),
            ("--plan-file", plan_file),
            ("--perturb", perturb),
        )
        if value is not None
    ]
    if len(given) > 1:
        raise click.UsageError(f"got {' and '.join(given)}, expected one of them")
    stated = {name.removeprefix("plan_"): value for name, value in layout.items()}
    if plan_file is None:
        useless = [flag_of(name) for name, value in stated.items() if value is not None]
        if useless:
            raise click.UsageError(f"got {', '.join(useless)} without --plan-file")
        if perturb is not None:
            return LogPerturbations(num_plans=perturb, seed=seed)
        return Vocabulary(num_plans=num_plans or DEFAULT_PLANS)
    try:
        return GivenPlans(load_plans(plan_file, PlanFileLayout(**stated)), source=str(plan_file))
    except (OSError, ValueError) as error:
        raise click.BadParameter(str(error), param_hint="--plan-file") from error


def _make_folder(out: str) -> Path:
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.BadParameter(
            f"cannot make the folder '{out}': {error.strerror}", param_hint="--out"
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise click.BadParameter(f"cannot write to the folder '{out}'", param_hint="--out")
    return folder


def picture_name(scene_id: str, taken: set[str]) -> str:
    """A file name for a scene's picture that no other scene of the job has."""
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", scene_id).lstrip(".") or "scene"
    name, copy = stem, 1
    while name in taken:
        copy += 1
        name = f"{stem}_{copy}"
    taken.add(name)
    return name + ".png"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


class _Progress:
    """What the command shows while a job runs and when it is done."""

    def __init__(self, folder: Path, job, max_shown: int) -> None:
        from forkroad.summary import JobSummary

        self._folder = folder
        self._max_shown = max_shown
        self._summary = JobSummary()
        self._bad: list = []
        self._pictures: set[str] = set()
        self._bar = tqdm(unit=" scenes", disable=None, leave=False, dynamic_ncols=True)

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *error) -> None:
        self._bar.close()

    def scene(self, scored) -> None:
        from forkroad.summary import format_scene, summarise

        summary = summarise(scored)
        self._summary.add(summary)
        if self._summary.num_scenes <= self._max_shown:
            self._say(format_scene(summary))
        if scored.facts.traces is not None:
            self._draw(scored)
        self._bar.update()
        elapsed = max(self._bar.format_dict["elapsed"], 1e-9)
        self._bar.set_postfix_str(f"{self._summary.num_plans / elapsed:,.0f} plans/s")

    def bad(self, record) -> None:
        self._bad.append(record)
        self._say(f"error: {record.text}", err=True)

    def _say(self, text: str, err: bool = False) -> None:
        with self._bar.external_write_mode():
            click.echo(text, err=err)

    def _draw(self, scored) -> None:
        from forkroad.figures import plan_fan, save_figure

        name = picture_name(scored.scene.id, self._pictures)
        save_figure(plan_fan(scored), self._folder / name)

    def close(self, report, path: Path) -> None:
        from forkroad.summary import format_job

        if report.num_scenes == 0:
            click.echo(
                f"error: nothing could be scored, {_count(report.num_bad, 'bad record')}; "
                f"{path} was not written",
                err=True,
            )
            return
        click.echo(format_job(self._summary, report, self._bad))
        pictures = _count(len(self._pictures), "picture")
        kilobytes = path.stat().st_size / 1000
        click.echo(
            f"  {'wrote':<11}{path} ({report.num_plans:,} rows, {kilobytes:,.0f} kB), {pictures}"
        )
        if report.num_scenes > self._max_shown:
            click.echo(
                f"  {'':<11}shown: the first {self._max_shown} of "
                f"{report.num_scenes:,} scenes, see --max-figures"
            )
