"""The text a person reads after a scoring job: per scene and overall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from forkroad._core import ContactClass
from forkroad.score_job import JobReport, ScoredScene

_LABEL = 11  # columns


@dataclass
class SceneSummary:
    """What a scene's plans came to. Shares are of the plans that exist."""

    scene_id: str
    file: str
    record: int
    num_agents: int
    num_plans: int
    horizon: float  # [s]
    clearance_limit: float  # [m]
    contact_classes: dict[str, Counter]  # class -> partner kinds
    nearest_kinds: Counter  # closest partner of the plans without contact; 'nobody'
    terms: list[tuple[str, float, float]]  # name, mean, share below 1
    totals: np.ndarray
    log_total: float
    log_reason: str
    best: str
    num_best: int  # plans that share the best total

    @property
    def num_contacts(self) -> int:
        return sum(kinds.total() for kinds in self.contact_classes.values())


def summarise(scored: ScoredScene) -> SceneSummary:
    """Condense one scored scene."""
    facts, scores, scene = scored.facts, scored.scores, scored.scene
    rows = np.flatnonzero(facts.exists[0])
    kinds = [*scene.kinds, "nobody"]  # track -1 is nobody
    classes: dict[str, Counter] = {}
    codes = facts.contact_class[0][rows]
    partners = facts.contact_track[0][rows]
    for contact_class in ContactClass:
        hit = partners[codes == contact_class]
        if contact_class != ContactClass.NONE and len(hit):
            classes[contact_class.name.lower()] = _count_kinds(hit, kinds)
    clear = rows[codes == ContactClass.NONE]
    values = scores.values[0][rows]
    limit = facts.spec.contact.clearance_limit
    best = scores.best_plan()
    return SceneSummary(
        scene_id=scene.id,
        file=scored.file,
        record=scene.provenance.record,
        num_agents=len(scene.kinds) - 1,
        num_plans=len(rows),
        horizon=float(facts.num_steps[0] * facts.dt[0]),
        clearance_limit=limit,
        contact_classes=classes,
        nearest_kinds=_count_kinds(facts.clearance_track[0][clear], kinds),
        terms=[
            (
                term,
                float(values[:, at].mean()) if len(rows) else 0.0,
                float((values[:, at] < 1).mean()) if len(rows) else 0.0,
            )
            for at, term in enumerate(scores.terms)
        ],
        totals=values[:, -1],
        log_total=float(scores.log_values[0, -1]),
        log_reason=_describe_log(scored),
        best="none: no plan exists" if best < 0 else _describe_plan(scored, best),
        num_best=int((values[:, -1] == values[:, -1].max()).sum()) if len(rows) else 0,
    )


def format_scene(summary: SceneSummary) -> str:
    """A few lines about one scene."""
    title = (
        f"{summary.scene_id}  ({summary.file}, record {summary.record}): "
        f"{summary.num_agents} others, {summary.num_plans:,} plans over "
        f"{summary.horizon:.1f} s"
    )
    lines = [title, *_score_lines(summary.totals), *_term_lines(summary.terms)]
    lines += _contact_lines(summary.contact_classes, summary.num_plans)
    clear = summary.nearest_kinds.total()
    if clear:
        nobody = f"nobody within {summary.clearance_limit:g} m"
        kinds = _format_counts(summary.nearest_kinds).replace("nobody", nobody)
        lines.append(_line("nearest", f"to the {clear:,} plans without contact: {kinds}"))
    lines.append(_line("log", f"total {summary.log_total:.2f}: {summary.log_reason}"))
    tie = f"; {summary.num_best:,} plans share this total" if summary.num_best > 1 else ""
    lines.append(_line("best plan", summary.best + tie))
    return "\n".join(lines)


@dataclass
class JobSummary:
    """Adds scenes up; memory does not grow with plans."""

    num_scenes: int = 0
    num_plans: int = 0
    contact_classes: dict[str, Counter] = field(default_factory=dict)
    nearest_kinds: Counter = field(default_factory=Counter)
    log_failures: list[str] = field(default_factory=list)
    scenes_without_good_plan: list[str] = field(default_factory=list)

    def add(self, scene: SceneSummary) -> None:
        self.num_scenes += 1
        self.num_plans += scene.num_plans
        for contact_class, kinds in scene.contact_classes.items():
            self.contact_classes.setdefault(contact_class, Counter()).update(kinds)
        self.nearest_kinds.update(scene.nearest_kinds)
        if scene.log_total == 0:
            self.log_failures.append(f"{scene.scene_id}: {scene.log_reason}")
        if scene.num_plans == 0 or scene.totals.max() == 0:
            self.scenes_without_good_plan.append(scene.scene_id)


def format_job(summary: JobSummary, report: JobReport) -> str:
    """The closing lines of a job."""
    lines = []
    if summary.num_scenes > 1:
        lines.append(f"all {summary.num_scenes:,} scenes: {summary.num_plans:,} plans")
        lines += _contact_lines(summary.contact_classes, summary.num_plans)
        lines += _list_lines("log fails", summary.log_failures, "in no scene")
        lines += _list_lines("no way out", summary.scenes_without_good_plan, "in no scene")
    lines += format_rate(report)
    if report.num_bad:
        lines.append(
            _line("not scored", format_failures(report.failures) + ", see the errors above")
        )
    return "\n".join(lines)


def format_failures(failures: Mapping[str, int]) -> str:
    """How many records gave no scores, by kind."""
    total = sum(failures.values())
    kinds = _format_counts(Counter(failures))
    return f"{total:,} record{'' if total == 1 else 's'} ({kinds})"


# stages by what a person can do about them
_GROUPS = {
    "reading": ("reading",),
    "scoring": ("plans", "rollout", "scoring"),
    "writing": ("columns", "writing"),
    "text and pictures": ("reporting",),
}
_ADVICE = {
    "reading": "shards are read faster, see forkroad import",
    "scoring": "more cores help",
    "writing": "--layout vocab and --top write less",
    "text and pictures": "see --no-figure and --max-figures",
}
# what one thread does, however many there are
_SINGLE = {"reading": ("reading",), "writing, text and pictures": ("writing", "reporting")}
_FULL = 0.8  # share of the time from which on such a thread holds up the others


def format_rate(report: JobReport) -> list[str]:
    """Scenes and plans per second, where the time went, and what to do about it."""
    wall = max(report.wall_seconds, 1e-9)
    rollout = max(report.seconds["rollout"], 1e-9)
    rates = (
        f"{report.num_scenes / wall:,.1f} scenes/s, {report.num_plans / wall:,.0f} plans/s in all, "
        f"{report.num_plans / rollout:,.0f} per thread in the rollout alone"
    )
    busy = {group: _seconds(report, stages) for group, stages in _GROUPS.items()}
    parts = ", ".join(f"{stage} {report.seconds[stage]:.2f}" for stage in ("plans", "rollout"))
    split = ", ".join(
        f"{group} {seconds:.2f}" + (f" ({parts})" if group == "scoring" else "")
        for group, seconds in busy.items()
    )
    threads = f"{report.num_threads} scoring thread{'' if report.num_threads == 1 else 's'}"
    return [
        _line("rate", rates),
        _line("time", f"{report.wall_seconds:.2f} s with {threads}; busy seconds: {split}"),
        _line("bottleneck", _bottleneck(report, busy)),
    ]


def _bottleneck(report: JobReport, busy: dict[str, float]) -> str:
    for name, stages in _SINGLE.items():
        share = _seconds(report, stages) / max(report.wall_seconds, 1e-9)
        if share >= _FULL:
            return (
                f"{name}: its one thread is busy {_share(share, 1)} of the time; several "
                "--shard i/N at once divide it"
            )
    group = max(busy, key=busy.__getitem__)
    share = _share(busy[group], sum(busy.values()))
    return f"{group}: {share} of the busy seconds; {_ADVICE[group]}"


def _seconds(report: JobReport, stages: Iterable[str]) -> float:
    return sum(report.seconds[stage] for stage in stages)


def _line(label: str, text: str) -> str:
    return f"  {label:<{_LABEL}}{text}"


def _share(count: float, total: float) -> str:
    return f"{100 * count / total if total else 0:.1f} %"


def _count_kinds(tracks: np.ndarray, kinds: list[str]) -> Counter:
    values, counts = np.unique(tracks, return_counts=True)
    counter: Counter = Counter()
    for track, count in zip(values, counts, strict=True):
        counter[kinds[track]] += int(count)
    return counter


def _format_counts(counts: Counter) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.most_common())


def _score_lines(totals: np.ndarray) -> list[str]:
    if not len(totals):
        return []
    low, middle, high = np.quantile(totals, (0.1, 0.5, 0.9))
    return [
        _line(
            "totals",
            f"mean {totals.mean():.3f}, 10 % {low:.3f}, median {middle:.3f}, "
            f"90 % {high:.3f}, best {totals.max():.3f}",
        )
    ]


def _term_lines(terms: list[tuple[str, float, float]]) -> list[str]:
    texts = [
        f"{name} {100 * below:.1f} % of plans (mean {mean:.3f})"
        for name, mean, below in terms
        if name != "total"
    ]
    return [_line("below 1", ", ".join(texts))]


def _contact_lines(classes: dict[str, Counter], num_plans: int) -> list[str]:
    contacts = sum(kinds.total() for kinds in classes.values())
    lines = [
        _line("contact", f"{contacts:,} of {num_plans:,} plans ({_share(contacts, num_plans)})")
    ]
    by_count = sorted(classes.items(), key=lambda entry: -entry[1].total())
    for contact_class, kinds in by_count:
        count = kinds.total()
        lines.append(
            _line(
                "",
                f"{contact_class:<15}{count:>9,}  {_share(count, num_plans):>7}"
                f"   with {_format_counts(kinds)}",
            )
        )
    return lines


def _list_lines(label: str, entries: list[str], none: str) -> list[str]:
    if not entries:
        return [_line(label, none)]
    shown = entries[:10]
    more = [f"and {len(entries) - len(shown):,} more"] if len(entries) > len(shown) else []
    first, *rest = [f"in {len(entries):,} scenes:", *shown, *more]
    return [_line(label, first), *[_line("", "  " + entry) for entry in rest]]


def describe_contact(scored: ScoredScene, get) -> str:
    """One clause about contact; `get(fact)` returns a fact's value."""
    if get("contact_step") < 0:
        return "no contact"
    track = scored.scene.tracks[int(get("contact_track"))]
    name = ContactClass(int(get("contact_class"))).name.lower()
    return (
        f"contact ({name}) with {track.kind} {track.id} after {get('contact_time'):.2f} s at "
        f"{get('contact_relative_speed'):.1f} m/s"
    )


def _describe_facts(scored: ScoredScene, get) -> str:
    scene = scored.scene
    text = describe_contact(scored, get)
    nearest = int(get("clearance_track"))
    if nearest >= 0 and get("contact_step") < 0:
        track = scene.tracks[nearest]
        text += f", clearance {get('clearance'):.2f} m to {track.kind} {track.id}"
    return text + f", progress {get('progress'):.1f} m"


def _describe_log(scored: ScoredScene) -> str:
    return _describe_facts(scored, lambda name: getattr(scored.facts, "log_" + name)[0])


def _describe_plan(scored: ScoredScene, plan: int) -> str:
    total = scored.scores.totals[0, plan]
    facts = _describe_facts(scored, lambda name: getattr(scored.facts, name)[0, plan])
    return f"id {scored.facts.plan_ids[plan]}, total {total:.3f}: {facts}"
