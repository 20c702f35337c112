"""`forkroad score`: log files in, scores.parquet and pictures out."""

from __future__ import annotations

import os
from pathlib import Path

import click

import forkroad
from forkroad.candidates import (
    Candidates,
    CandidatesError,
    GivenPlans,
    LogPerturbations,
    Vocabulary,
)
from forkroad.command_options import focal_option
from forkroad.doctor import usable_cores
from forkroad.plan_files import PlanFileLayout, flag_of, load_plans
from forkroad.score_progress import ScoreProgress, counted, stem_of
from forkroad.score_sources import ALL_RECORDS, Share
from forkroad.score_terms import LAYOUTS, LONG, LayoutError

DEFAULT_PLANS = 8192
SHOWN_SCENES = 20


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
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
@focal_option
@click.option(
    "--layout",
    type=click.Choice(LAYOUTS),
    default=LONG,
    show_default=True,
    help="long: a row per scene and plan. vocab: a row per scene, lists over the plans, no facts.",
)
@click.option(
    "--top", type=click.IntRange(min=1), metavar="M", help="Keep the M best plans of each scene."
)
@click.option(
    "--shard",
    metavar="i/N",
    help="Score shard i of N, counted from 0, into scores-i-of-N.parquet: N such calls, anywhere "
    "and in any order, divide the scenes between them.",
)
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Folder for scores.parquet and the pictures; made if absent.",
)
@click.option("--overwrite", is_flag=True, help="Score again what an earlier run has finished.")
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
    help="Scenes that are scored at once; results do not depend on it.  [default: all usable "
    "cores]",
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
    sources,
    out,
    shard,
    overwrite,
    agents,
    card,
    focal,
    layout,
    top,
    device,
    threads,
    lanes,
    figure,
    max_figures,
    **plan_options,
) -> None:
    """Score plans on every scene of log files.

    SRC is a log file of any known format, a folder (searched whole) or a pattern; the word
    `generated` stands for the built-in scene, generated:LAYOUT:SEED[:COUNT] for scenes of the
    generator. Writes DIR/scores.parquet and a picture of each of the first scenes. Bad records are
    reported and skipped; the exit code is 1 if nothing could be scored. A file that an earlier run
    of the same job finished is left as it is; that of another job is replaced.
    """
    from forkroad.import_job import find_sources
    from forkroad.score_job import ScoreJob

    share = None if shard is None else _check(Share.parse, shard, "--shard")
    job = ScoreJob(
        files=tuple(find_sources(sources, Path(out))),
        candidates=_choose_candidates(**plan_options),
        agents=_check(forkroad.make_agent_model, agents, "--agents").name,
        card=_check(forkroad.ScoreCard.named, card, "--card").name,
        focal=focal,
        layout=layout,
        top=top,
        share=share or ALL_RECORDS,
        device=_check(_find_device, device, "--device"),
        num_threads=threads or usable_cores(),
        lanes=_check_lanes(lanes),
        num_traced=max_figures if figure else 0,
    )
    if not job.files:
        raise click.ClickException(f"there is no file in {', '.join(sources)}")
    path = _make_folder(out) / f"{stem_of(share)}.parquet"
    _check_division(path)
    try:
        if not overwrite and _is_done(job, path):
            return
        is_written = _run(job, path, share, max_figures)
    except KeyboardInterrupt:
        click.echo(f"interrupted: {path} was not written", err=True)
        context.exit(130)
    except (CandidatesError, LayoutError, OSError, RuntimeError) as error:
        raise click.ClickException(_describe_error(error)) from error
    if not is_written:
        context.exit(1)


def _run(job, path: Path, share: Share | None, max_figures: int) -> bool:
    """Score a job and show it; whether there is a file now."""
    from forkroad.score_job import score_files

    with ScoreProgress(path, share, max_figures) as show:
        report = score_files(job, path, on_scene=show.scene, on_bad=show.bad)
    show.close(report)
    return report.is_written


def _describe_error(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"cannot write {error.filename}: {error.strerror}"
    return str(error)


def _check_division(path: Path) -> None:
    """Refuse to put rows beside a file that holds the same rows, divided in another way."""
    division = path.stem[len("scores-00000") :]
    for other in sorted(path.parent.glob("scores*.parquet")):
        if other.stem[len("scores-00000") :] != division:
            raise click.BadParameter(
                f"{other} holds scores of another division into shards than {path.name}: their "
                "rows would be there twice; remove it or choose another folder",
                param_hint="--out",
            )


def _is_done(job, path: Path) -> bool:
    """Whether an earlier run has written the job's file; says what it finds."""
    from forkroad.score_job import find_result
    from forkroad.summary import format_failures

    found = find_result(job, path)
    if found is None:
        return False
    if found.differences:
        click.echo(f"{path} is replaced: {', '.join(found.differences)}")
        return False
    bad = f", {format_failures(found.failures)} not scored" if found.failures else ""
    click.echo(
        f"{path} is done: {counted(found.num_scenes, 'scene')}, {counted(found.num_plans, 'plan')}"
        f"{bad}, by an earlier run of the same job; --overwrite scores them again"
    )
    return True


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
