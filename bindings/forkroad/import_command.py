"""`forkroad import`: log files into shards."""

from __future__ import annotations

from pathlib import Path

import click
from tqdm.auto import tqdm

from forkroad.doctor import usable_cores

DEFAULT_SCENES_PER_SHARD = 1000


@click.command(name="import")
@click.argument("sources", nargs=-1, required=True, metavar="SRC...")
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for the shards; made if absent.",
)
@click.option(
    "--scenes-per-shard",
    type=click.IntRange(min=1),
    default=DEFAULT_SCENES_PER_SHARD,
    show_default=True,
    metavar="N",
    help="Scenes in a shard; the last one may hold fewer.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes; shards do not depend on it.  [default: all usable cores]",
)
@click.pass_context
def import_command(context: click.Context, sources, out, scenes_per_shard, jobs) -> None:
    """Gather the scenes of log files in shards, which open much faster.

    SRC is a log file of any known format, a folder (searched whole) or a pattern; the word
    `generated` stands for the built-in scene. Scenes are ordered by the names of their files.
    Sources that an earlier run finished are skipped, so a run that was interrupted goes on when it
    is started again. Records that give no scene are reported and counted; the exit code is 1 if
    there is no scene at all.
    """
    from forkroad.import_job import ImportBusyError, find_sources, import_sources
    from forkroad.import_manifest import ManifestError

    files = find_sources(sources, out)
    if not files:
        raise click.ClickException(f"there is no file in {', '.join(sources)}")
    show = _Progress(len(files))
    try:
        with show:
            report = import_sources(
                files,
                out,
                scenes_per_shard=scenes_per_shard,
                jobs=min(jobs or usable_cores(), len(files)),
                on_source=show.source,
                on_failure=show.failure,
            )
    except (ImportBusyError, ManifestError, OSError, RuntimeError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(format_report(report, out), err=report.num_scenes + report.num_done_before == 0)
    if report.num_scenes + report.num_done_before == 0:
        context.exit(1)


class _Progress:
    """The bar and the errors while an import runs."""

    def __init__(self, num_sources: int) -> None:
        self._scenes = self._failures = 0
        self._bar = tqdm(
            total=num_sources, unit=" files", disable=None, leave=False, dynamic_ncols=True
        )

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *error) -> None:
        self._bar.close()

    def source(self, source: str, read) -> None:
        if read is not None:
            self._scenes += read.num_scenes
        self._bar.update()
        self._bar.set_postfix_str(f"{self._scenes:,} scenes, {self._failures:,} bad")

    def failure(self, text: str) -> None:
        self._failures += 1
        with self._bar.external_write_mode():
            click.echo(f"error: {text}", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def format_report(report, out: Path) -> str:
    """What an import did, in a few lines."""
    size = sum((out / name).stat().st_size for name in report.shards)
    sources = _count(report.num_sources, "file")
    if report.num_done_before:
        sources += f", {report.num_done_before:,} of them done before"
    if report.num_without_scenes:
        sources += f", {report.num_without_scenes:,} without a scene"
    bad = f"{report.num_failures:,} record"
    bad += " or file" if report.num_failures == 1 else "s or files"
    if report.num_failures:
        bad += ", see the errors above"
    if report.num_failures_before:
        bad += f"; {report.num_failures_before:,} in earlier runs, see manifest.json"
    return "\n".join(
        [
            f"  {'read':<11}{sources}",
            f"  {'bad':<11}{bad}",
            f"  {'wrote':<11}{out}: {_count(report.num_scenes, 'scene')} in "
            f"{_count(len(report.shards), 'shard')} ({size / 1e6:,.1f} MB)",
        ]
    )
