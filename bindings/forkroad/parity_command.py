"""`forkroad parity`: is a score the same as the reference's."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def parity() -> None:
    """Compare scores with the stored outputs of a reference scorer."""


@parity.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--precision",
    type=click.Choice(["float", "double"]),
    default="float",
    show_default=True,
    help="Lanes of the scorer; float leaves close decisions to double and gives its bits.",
)
@click.option("--json", "json_path", metavar="OUT", help="Write the report as JSON, too.")
@click.option("--threads", default=1, show_default=True, help="Number of threads.")
@click.option("--lanes", default=0, show_default=True, help="Plans per register, 0 = widest.")
def navsim(
    files: tuple[str, ...], precision: str, json_path: str | None, threads: int, lanes: int
) -> None:
    """Score NAVSIM scene files (.npz, .safetensors) and compare every term.

    Plans whose stored margins say that a decision hangs on less than 1e-6 are not compared in that
    term. The exit code is 0 only if nothing differs.
    """
    from forkroad.navsim.evaluate import evaluate_scene
    from forkroad.navsim.files import read_navsim
    from forkroad.navsim.parity import ParityReport, compare
    from forkroad.whole_files import replace_when_whole

    options = {"precision": precision, "num_threads": threads, "lanes": lanes}
    report = ParityReport()
    try:
        for path in files:
            file = read_navsim(path)
            results = [evaluate_scene(scene, file.version, **options) for scene in file.scenes]
            compare(file, results, report=report)
    except (ValueError, OSError, ImportError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(report.to_text())
    if json_path is not None:
        with replace_when_whole(json_path) as part:
            Path(part).write_text(report.to_json() + "\n", encoding="utf-8")
    if report.num_mismatches:
        raise click.exceptions.Exit(1)
