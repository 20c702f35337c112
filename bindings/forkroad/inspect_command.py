"""`forkroad inspect`: what a log file holds."""

from __future__ import annotations

from collections import Counter

import click

from forkroad._core import ContactClass, ParseError, Scene


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def inspect(files: tuple[str, ...]) -> None:
    """Show the scenes of log files: tracks, map, lights, assumptions, contacts of the log.

    The word `generated` stands for the built-in scene, generated:LAYOUT:SEED[:COUNT] for scenes
    of the generator. Bad records are reported and skipped; the exit code is 1 if no scene could
    be read.
    """
    from forkroad.score_job import read_scenes

    num_scenes = 0
    for file, item in read_scenes(files):
        if isinstance(item, ParseError):
            click.echo(f"error: {item.text()}", err=True)
            continue
        num_scenes += 1
        click.echo(describe_scene(item, file))
    if num_scenes == 0:
        raise click.exceptions.Exit(1)


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
