"""What `forkroad score` shows while a job runs and when it is done."""

from __future__ import annotations

import re
from pathlib import Path

import click
from tqdm.auto import tqdm

from forkroad.score_sources import Share


def stem_of(share: Share | None) -> str:
    """The name of a job's score file without its ending."""
    return "scores" if share is None else f"scores-{share.index:05d}-of-{share.count:05d}"


def picture_name(scene_id: str, taken: set[str], share: Share | None = None) -> str:
    """A file name for a scene's picture that no other scene of the job has, in any shard."""
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", scene_id).lstrip(".") or "scene"
    if share is not None:
        stem = f"{stem_of(share)}-{stem}"
    name, copy = stem, 1
    while name in taken:
        copy += 1
        name = f"{stem}_{copy}"
    taken.add(name)
    return name + ".png"


def counted(number: int, noun: str) -> str:
    """The number with its noun in singular or plural."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


class ScoreProgress:
    """The bar, the scenes, the errors and the pictures of a job; at its end the summary."""

    def __init__(self, path: Path, share: Share | None, max_shown: int) -> None:
        from forkroad.summary import JobSummary

        self._path = path
        self._share = share
        self._max_shown = max_shown
        self._summary = JobSummary()
        self._num_bad = 0
        self._pictures: set[str] = set()
        self._bar = tqdm(unit=" scenes", disable=None, leave=False, dynamic_ncols=True)

    def __enter__(self) -> ScoreProgress:
        return self

    def __exit__(self, *error) -> None:
        self._bar.close()

    def scene(self, scored) -> None:
        """Show one scored scene."""
        from forkroad.summary import format_scene, summarise

        summary = summarise(scored)
        self._summary.add(summary)
        if self._summary.num_scenes <= self._max_shown:
            self._say(format_scene(summary))
        if scored.facts.traces is not None:
            self._draw(scored)
        self._bar.update()
        elapsed = max(self._bar.format_dict["elapsed"], 1e-9)
        rate = f"{self._summary.num_plans / elapsed:,.0f} plans/s"
        self._bar.set_postfix_str(f"{rate}, {self._num_bad:,} bad" if self._num_bad else rate)

    def bad(self, record) -> None:
        """Show one record that gave no scores."""
        self._num_bad += 1
        self._say(f"error: {record.text}", err=True)

    def _say(self, text: str, err: bool = False) -> None:
        with self._bar.external_write_mode():
            click.echo(text, err=err)

    def _draw(self, scored) -> None:
        from forkroad.figures import plan_fan, save_figure
        from forkroad.whole_files import naming_file

        path = self._path.with_name(picture_name(scored.scene.id, self._pictures, self._share))
        with naming_file(path):
            save_figure(plan_fan(scored), path)

    def close(self, report) -> None:
        """Show what the whole job came to."""
        from forkroad.summary import format_job

        if not report.is_written:
            click.echo(
                f"error: nothing could be scored, {counted(report.num_bad, 'bad record')}; "
                f"{self._path} was not written",
                err=True,
            )
            return
        if report.num_scenes:
            click.echo(format_job(self._summary, report))
        else:
            click.echo(f"no record belongs to shard {self._share}")
        kilobytes = self._path.stat().st_size / 1000
        click.echo(
            f"  {'wrote':<11}{self._path} ({report.num_rows:,} rows, {kilobytes:,.0f} kB), "
            f"{counted(len(self._pictures), 'picture')}"
        )
        if report.num_scenes > self._max_shown:
            click.echo(
                f"  {'':<11}shown: the first {self._max_shown} of "
                f"{report.num_scenes:,} scenes, see --max-figures"
            )
