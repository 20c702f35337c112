"""`forkroad view`: one HTML file that plays a scene and its plans."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

import forkroad
from forkroad._core import ParseError, Scene
from forkroad.candidates import Vocabulary
from forkroad.command_options import focal_option
from forkroad.doctor import usable_cores
from forkroad.score_command import DEFAULT_PLANS
from forkroad.score_progress import picture_name
from forkroad.whole_files import replace_when_whole


def _known(make: Callable[[str], object]) -> Callable:
    """A check that `make` knows each name it is given."""

    def check(_context: click.Context, _parameter: click.Parameter, given):
        try:
            for name in given if isinstance(given, tuple) else (given,):
                make(name)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
        return given

    return check


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR_OR_FILE",
    help="An .html file, or a folder for <scene id>.html; folders are made if absent.",
)
@click.option(
    "--scene",
    "word",
    metavar="ID|INDEX",
    help="Which scene of the file: its id, or the number of its record from 0.  [default: the "
    "first that can be read]",
)
@click.option(
    "--plans",
    "num_plans",
    type=click.IntRange(min=1),
    default=DEFAULT_PLANS,
    show_default=True,
    metavar="N",
    help="Fork the scene into a vocabulary of N plans.",
)
@click.option(
    "--agents",
    multiple=True,
    default=("log",),
    show_default=True,
    metavar="MODEL",
    callback=_known(forkroad.make_agent_model),
    help="What moves the other road users; may be given again, the replay switches between them.",
)
@click.option(
    "--card",
    default="drive",
    show_default=True,
    metavar="CARD",
    callback=_known(forkroad.ScoreCard.named),
    help="Score card.",
)
@focal_option
@click.option(
    "--top",
    type=click.IntRange(min=1),
    metavar="M",
    help="Show only the M plans of the highest totals.  [default: all, up to 8192]",
)
@click.option("--png", is_flag=True, help="Draw a picture beside the replay, too.")
def view(
    file: str,
    out: Path,
    word: str | None,
    num_plans: int,
    agents: tuple[str, ...],
    top: int | None,
    png: bool,
    **options,
) -> None:
    """Play a scene and its plans in a browser.

    Writes one HTML file that needs no server and no network: the plans coloured by score, the
    other road users, lights and map over time, and for each plan why it lost its points. It opens
    playing shortly before the moment that tells the most. The word `generated` stands for the
    built-in scene, generated:LAYOUT:SEED for one of the generator.
    """
    from forkroad.figures import plan_fan, save_figure
    from forkroad.replay import replay_page
    from forkroad.score_job import score_scene

    source, scene = find_scene(file, word)
    path = _choose_path(out, scene)
    options |= {"num_threads": usable_cores()}
    plans = Vocabulary(num_plans)
    try:
        scored = [
            score_scene(scene, source, plans, agents=model, **options)
            for model in dict.fromkeys(agents)
        ]
    except ValueError as error:
        raise click.ClickException(f"{source}: scene '{scene.id}': {error}") from error
    page = replay_page(scored, top)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replace_when_whole(path) as part:
            part.write_text(page, encoding="utf-8")
        if png:
            save_figure(plan_fan(scored[0]), path.with_suffix(".png"))
    except OSError as error:
        raise click.ClickException(f"cannot write '{path}': {error.strerror}") from error
    picture = f" and {path.with_suffix('.png').name}" if png else ""
    kilobytes = path.stat().st_size / 1000
    click.echo(f"wrote {path} ({kilobytes:,.0f} kB){picture}: open it in a browser")


def find_scene(file: str, word: str | None) -> tuple[str, Scene]:
    """The scene of a file whose id is `word` or, if no scene before it has that id, whose record
    has that number, and the file that it was logged in; None: the first one. Raises ClickException
    if there is none or if that record is bad."""
    from forkroad.score_sources import read_scenes

    known: list[str] = []
    bad: list[str] = []
    for source, item in read_scenes([file]):
        named = word is not None and word.isdecimal() and int(word) == len(known)
        if isinstance(item, ParseError):
            if named:
                raise click.ClickException(item.text())
            bad.append(item.text())
            known.append("(a bad record)")
        elif word is None or named or item.id == word:
            return source, item
        else:
            known.append(item.id)
    if len(bad) == len(known):
        raise click.ClickException(bad[0] if bad else f"{file}: holds no scene")
    shown = ", ".join(known[:8]) + (", ..." if len(known) > 8 else "")
    raise click.ClickException(
        f"{file}: got --scene {word!r}, expected an id or a record below {len(known)}: {shown}"
    )


def _choose_path(out: Path, scene: Scene) -> Path:
    if out.suffix.lower() in (".html", ".htm"):
        return out
    return out / (picture_name(scene.id, set()).removesuffix(".png") + ".html")
