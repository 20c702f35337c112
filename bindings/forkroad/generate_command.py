"""`forkroad generate`: scenes of the procedural generator."""

from __future__ import annotations

from pathlib import Path

import click
from tqdm.auto import tqdm

from forkroad._core import layouts
from forkroad.doctor import usable_cores
from forkroad.generate_job import ALL, GenerateJob, GenerateReport, LayoutStats, run_job


@click.command()
@click.option(
    "--layout",
    type=click.Choice([*layouts, ALL]),
    default=ALL,
    show_default=True,
    help="Kind of road; with `all` the layouts take turns.",
)
@click.option(
    "--count", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="Scenes."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**64 - 1),
    default=0,
    show_default=True,
    metavar="S",
    help="The same seed gives the same scenes, to the bit.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Shard to write.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing, only show the table.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Threads; scenes do not depend on it.  [default: all usable cores]",
)
@click.option("--num-steps", type=int, default=91, show_default=True, metavar="T", help="Steps.")
@click.option("--dt", type=float, default=0.1, show_default=True, metavar="S", help="Their length.")
@click.option(
    "--current-step",
    type=int,
    default=10,
    show_default=True,
    metavar="K",
    help="The step that forecasts start from.",
)
def generate(layout, count, seed, out, dry_run, jobs, num_steps, dt, current_step) -> None:
    """Make scenes with reactive traffic that belong to no data set.

    Shows a table of what was made. Scene i of a layout depends on layout, seed, i and the clock
    alone.
    """
    if (out is None) != dry_run:
        raise click.UsageError("expected either --out or --dry-run")
    job = GenerateJob(
        layout=layout,
        count=count,
        seed=seed,
        num_steps=num_steps,
        dt=dt,
        current_step=current_step,
        num_threads=jobs or usable_cores(),
    )
    bar = tqdm(total=count, unit=" scenes", disable=None, leave=False, dynamic_ncols=True)
    try:
        with bar:
            report = run_job(job, out, on_scene=lambda scene: bar.update())
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    except (ImportError, OSError) as error:
        raise click.ClickException(f"cannot write shards: {error}") from error
    click.echo(format_report(report))
    if out is not None:
        click.echo(f"  wrote {out} ({out.stat().st_size / 1000:,.0f} kB)")


def format_report(report: GenerateReport) -> str:
    """A table with one line per layout: means per scene, and runs that were drawn anew."""
    lines = [
        f"{'layout':<21}{'scenes':>7}{'vehicles':>10}{'on foot':>9}{'cyclists':>10}"
        f"{'ego metres':>12}  drawn anew"
    ]
    lines += [_format_layout(name, stats) for name, stats in report.layouts.items()]
    rate = report.num_scenes / max(report.seconds, 1e-9)
    lines.append(f"  {report.num_scenes:,} scenes in {report.seconds:.1f} s, {rate:,.1f} scenes/s")
    return "\n".join(lines)


def _format_layout(name: str, stats: LayoutStats) -> str:
    vehicles, walkers, cyclists = (
        stats.kinds[kind] / stats.num_scenes for kind in ("vehicle", "pedestrian", "cyclist")
    )
    redraws = [f"{fault} {count}" for fault, count in stats.redraws.items() if count]
    return (
        f"{name:<21}{stats.num_scenes:>7,}{vehicles:>10.1f}{walkers:>9.1f}{cyclists:>10.1f}"
        f"{stats.ego_metres / stats.num_scenes:>12.1f}  {', '.join(redraws) or '-'}"
    )
