"""`forkroad inspect`: what a log file holds."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterable

import click

from forkroad._core import ContactClass, ParseError, Scene, ShardReader

SHOWN_SCENES = 20


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--quality", is_flag=True, help="Show figures of every scene in a table instead.")
@click.option("--json", "as_json", is_flag=True, help="With --quality: one JSON object per line.")
@click.option(
    "--max-scenes",
    type=click.IntRange(min=0),
    default=SHOWN_SCENES,
    show_default=True,
    metavar="N",
    help="Describe the first N scenes of each file.",
)
def inspect(files: tuple[str, ...], quality: bool, as_json: bool, max_scenes: int) -> None:
    """Show the scenes of log files: tracks, map, lights, assumptions, contacts of the log.

    A shard is summed up first. The word `generated` stands for the built-in scene,
    generated:LAYOUT:SEED[:COUNT] for scenes of the generator. Bad records are reported and
    skipped; the exit code is 1 if no scene could be read.
    """
    if as_json and not quality:
        raise click.UsageError("got --json without --quality")
    if quality:
        num_scenes = _show_quality(files, as_json)
    else:
        num_scenes = sum(_show_file(file, max_scenes) for file in files)
    if num_scenes == 0:
        raise click.exceptions.Exit(1)


def _good_scenes(files: Iterable[str]) -> Iterable[tuple[str, Scene]]:
    """The scenes of files; records that give none are reported."""
    from forkroad.score_sources import read_scenes

    for file, item in read_scenes(files):
        if isinstance(item, ParseError):
            click.echo(f"error: {item.text()}", err=True)
        else:
            yield file, item


def _show_file(file: str, max_scenes: int) -> int:
    shard = describe_shard(file)
    if shard is not None:
        click.echo(shard)
    num_scenes = 0
    for num_scenes, (source, scene) in enumerate(_good_scenes([file]), start=1):
        if num_scenes <= max_scenes:
            click.echo(describe_scene(scene, source))
    if num_scenes > max_scenes:
        click.echo(f"shown: the first {max_scenes} of {num_scenes:,} scenes, see --max-scenes")
    return num_scenes


def _show_quality(files: tuple[str, ...], as_json: bool) -> int:
    from forkroad.scene_quality import format_header, format_row, measure_quality

    num_scenes = 0
    if not as_json:
        click.echo(format_header())
    for file, scene in _good_scenes(files):
        num_scenes += 1
        quality = measure_quality(scene)
        if as_json:
            place = {"file": file, "record": scene.provenance.record}
            click.echo(json.dumps(place | quality.to_dict()))
        else:
            click.echo(format_row(quality))
    return num_scenes


def describe_shard(file: str) -> str | None:
    """A few lines about a whole shard, None if the file is none."""
    from safetensors import safe_open

    try:
        reader = ShardReader(file)
    except RuntimeError:
        return None
    with safe_open(file, framework="np") as tensors:
        letters = tensors.get_tensor("source_format").tobytes()
        offsets = tensors.get_tensor("source_format_offsets")
    formats = [letters[begin:end].decode() for begin, end in itertools.pairwise(offsets)]
    rows = reader.num_rows
    return "\n".join(
        [
            file,
            _line("shard", f"{rows['scene']:,} scenes, {reader.file_size / 1e6:,.1f} MB"),
            _line("from", _counts(formats)),
            _line("tracks", f"{rows['track']:,} with {rows['state']:,} states"),
            _line("map", f"{rows['feature']:,} features of {rows['point']:,} points"),
            _line("lights", f"{rows['signal']:,} lane signals in {rows['step']:,} steps"),
        ]
    )


def describe_scene(scene: Scene, file: str) -> str:
    """A few lines about one scene."""
    source = scene.provenance
    lines = [
        scene.id,
        _line(
            "source",
            f"{source.format}, {file}, record {source.record}"
            + (f", byte {source.byte_offset}" if source.byte_offset >= 0 else ""),
        ),
        _line(
            "clock",
            f"{scene.num_steps} steps of {scene.dt:g} s, current step "
            f"{scene.current_step}: {scene.current_step * scene.dt:.1f} s of past, "
            f"{(scene.num_steps - 1 - scene.current_step) * scene.dt:.1f} s of future",
        ),
        _line("tracks", f"{len(scene.kinds)}: {_counts(scene.kinds)}"),
        _line("ego", _describe_ego(scene)),
        _line(
            "map", f"{len(scene.features)}: {_counts(feature.kind for feature in scene.features)}"
        ),
        _line("lights", _describe_lights(scene)),
        _line("origin", "({:.2f}, {:.2f}, {:.2f}) m".format(*scene.origin)),
        _line("log contact", describe_log_contact(scene)),
    ]
    assumptions = scene.assumptions or ["none"]
    lines.append(_line("assumed", assumptions[0]))
    lines += [_line("", assumption) for assumption in assumptions[1:]]
    return "\n".join(lines)


def describe_log_contact(scene: Scene) -> str:
    """Whether the logged ego touches anyone from the current step on, in words."""
    from forkroad.candidates import LogPerturbations
    from forkroad.score_job import score_scene
    from forkroad.summary import describe_contact

    try:
        scored = score_scene(scene, scene.provenance.file, LogPerturbations(num_plans=1))
    except ValueError as error:
        return f"not known: {error}"
    facts = scored.facts
    horizon = f"in {facts.num_steps[0] * facts.dt[0]:.1f} s"
    if facts.log_contact_class[0] == ContactClass.NONE:
        return f"none {horizon}"
    return describe_contact(scored, lambda name: getattr(facts, "log_" + name)[0])


def _line(label: str, text: str) -> str:
    return f"  {label:<13}{text}"


def _counts(words) -> str:
    counts = Counter(words).most_common()
    return ", ".join(f"{word} {count:,}" for word, count in counts) or "none"


def _describe_ego(scene: Scene) -> str:
    if scene.ego < 0:
        return "none"
    track = scene.tracks[scene.ego]
    if not track.valid[scene.current_step]:
        return f"track {track.id} ({track.kind}), not observed at the current step"
    length, width, _ = track.sizes[scene.current_step]
    velocity = track.velocities[scene.current_step]
    speed = float((velocity**2).sum() ** 0.5)
    return f"track {track.id} ({track.kind}), {length:.2f} x {width:.2f} m, {speed:.1f} m/s"


def _describe_lights(scene: Scene) -> str:
    now = [signal.state for signal in scene.signals[scene.current_step]]
    lanes = {signal.lane_id for step in scene.signals for signal in step}
    if not lanes:
        return "none"
    return f"on {len(lanes)} lanes; at the current step: {_counts(now)}"
