"""Everything that a replay shows, as one JSON object.

Positions are in the frame of the ego at the current step (x forward, y left), in whole multiples
of `UNIT`, headings of `TURN`; see `packed_array` for how they are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

import numpy as np

from forkroad._core import Facts
from forkroad.figure_view import View
from forkroad.figures import KIND_COLORS, SCORE_COLORS, choose_lines
from forkroad.lost_points import LostPoints, find_lost_points
from forkroad.replay.opening import LEAD, choose_opening
from forkroad.replay.packed_array import hold_gaps, pack
from forkroad.replay.scenery import UNIT, Surroundings, pack_lights, pack_map
from forkroad.score_job import ScoredScene

TURN = 0.001  # [rad] of every heading
SCORE = 1e-6  # of every term
# plans x instants that a replay holds at most, which bounds the file
MAX_PLANS, MAX_POSES = 8192, 1_500_000
FORMAT = "forkroad-replay 1"
# facts about somebody, shown beside the terms: name, label, suffix, unit
NEAREST = (
    ("clearance", "least distance", "m", UNIT),
    ("time_to_collision", "time to collision", "s", 0.01),
)


class UnlikeError(ValueError):
    """Scored scenes that do not belong in one replay."""


def replay_data(scored: Sequence[ScoredScene], top: int | None = None) -> dict:
    """The replay of one scene under one or more agent models, ready for JSON.

    `scored`: the same scene and plans, rolled out with traces, once per agent model. `top`: keep
    the plans of the highest totals of the first model only. Raises UnlikeError if scene, plans,
    card or ego motion differ, ValueError if a scene was rolled out without traces.
    """
    _check_alike(scored)
    view = View(scored[0])
    plans = choose_plans(view, top)
    around = Surroundings(view)
    low, high = view.window(beyond=0.05)
    facts, scene = scored[0].facts, scored[0].scene
    ego = scene.tracks[scored[0].focal_track]
    lost = [find_lost_points(one.facts, one.scores) for one in scored]
    return {
        "format": FORMAT,
        "id": scene.id,
        "source": f"{scene.provenance.format}, {PurePath(scored[0].file).name}",
        "assumptions": list(scene.assumptions),
        "dt": float(facts.dt[0]),
        "steps": view.steps,
        "unit": UNIT,
        "turn": TURN,
        "lead": LEAD,
        "scoreColors": list(SCORE_COLORS),
        "kinds": list(KIND_COLORS),
        "window": [*low.tolist(), *high.tolist()],
        "ego": {"name": f"{ego.kind} #{ego.id}", "size": view.size.tolist()},
        "numPlans": len(view.plans),
        "planIds": _plan_ids(facts.plan_ids[plans]),
        "plans": _pack_plans(view, plans),
        "log": _pack_poses(view, *view.log_poses()[:, None]),
        "map": pack_map(view, around),
        "lights": pack_lights(view, around, view.log_steps()),
        "card": {"terms": list(scored[0].scores.terms), "notSaid": list(lost[0].not_said)},
        "models": [
            _model(View(one), points, plans, around)
            for one, points in zip(scored, lost, strict=True)
        ],
    }


def choose_plans(view: View, top: int | None) -> np.ndarray:
    """Indices of the plans that a replay holds, increasing."""
    limit = max(1, min(MAX_PLANS, MAX_POSES // (view.steps + 1)))
    order = choose_lines(view.totals, len(view.totals))
    if top is not None:
        order = order[-top:]
    if len(order) > limit:
        order = order[choose_lines(np.arange(len(order)), limit)]
    return np.sort(order)


def _check_alike(scored: Sequence[ScoredScene]) -> None:
    first = scored[0]
    for one in scored:
        if one.facts.traces is None:
            raise ValueError(f"replay: scene '{one.scene.id}' was rolled out without traces")
        alike = {
            "scene": one.scene.id == first.scene.id and one.focal_track == first.focal_track,
            "card": list(one.scores.terms) == list(first.scores.terms),
            "plans": np.array_equal(one.facts.plan_ids, first.facts.plan_ids)
            and np.array_equal(one.facts.exists, first.facts.exists),
        }
        for name in ("ego_x", "ego_y", "ego_heading"):
            alike["motion of the ego"] = alike["plans"] and np.array_equal(
                getattr(one.facts.traces, name), getattr(first.facts.traces, name), equal_nan=True
            )
        unlike = [what for what, same in alike.items() if not same]
        if unlike:
            raise UnlikeError(
                f"replay: agents '{one.facts.agent_model}' and '{first.facts.agent_model}' differ "
                f"in {unlike[0]}, expected one scene, card and set of plans"
            )


def _plan_ids(ids: np.ndarray) -> list[str]:
    return [str(plan) for plan in ids]  # text: JavaScript's numbers end at 2^53


def _pack_poses(view: View, x: np.ndarray, y: np.ndarray, heading: np.ndarray) -> dict:
    """Scene-local poses [rows, steps + 1], NaN where there is none."""
    points = view.to_ego(np.stack([x, y], -1).astype(np.float64))
    turns = np.unwrap(hold_gaps(heading.astype(np.float64) - view.heading), axis=-1)
    return {
        "x": pack(hold_gaps(points[..., 0]), UNIT, order=2),
        "y": pack(hold_gaps(points[..., 1]), UNIT, order=2),
        "heading": pack(turns, TURN, order=2),
        "there": pack(np.isfinite(x), order=1),
    }


def _pack_plans(view: View, plans: np.ndarray) -> dict:
    traces = view.scored.facts.traces
    return _pack_poses(
        view, traces.ego_x[0, plans], traces.ego_y[0, plans], traces.ego_heading[0, plans]
    )


def _model(view: View, lost: LostPoints, plans: np.ndarray, around: Surroundings) -> dict:
    """What depends on the agent model: agents, scores, where a replay opens."""
    facts, scores = view.scored.facts, view.scored.scores
    opening = choose_opening(view, lost, plans)
    place = {int(plan): at for at, plan in enumerate(plans)}
    named = [lost.track[plans].ravel(), lost.log_track]
    for fact, *_ in NEAREST:
        named.append(getattr(facts, fact + "_track")[0, plans])
        named.append(getattr(facts, f"log_{fact}_track"))
    tracks = _agents_around(view, around, np.unique(np.concatenate(named)))
    row_of = np.full(len(view.scene.tracks) + 1, -1)  # the last one is that of track -1
    row_of[tracks] = np.arange(len(tracks))
    return {
        "name": facts.agent_model,
        "sentence": describe(view, lost, plans),
        "agents": _pack_agents(view, tracks),
        "best": place.get(view.best, -1),
        "opening": {"plan": place.get(opening.plan, -1), "step": opening.step},
        "values": pack(scores.values[0, plans], SCORE),
        "lostStep": pack(lost.step[plans]),
        "lostTo": pack(row_of[lost.track[plans]]),
        "nearest": _pack_nearest(facts, "", plans, row_of),
        "log": {
            "values": pack(scores.log_values[0], SCORE),
            "lostStep": pack(lost.log_step),
            "lostTo": pack(row_of[lost.log_track]),
            "nearest": _pack_nearest(facts, "log_", ..., row_of),
        },
    }


def _pack_nearest(facts: Facts, prefix: str, rows, row_of: np.ndarray) -> list[dict]:
    """The facts of `NEAREST`, of plans or, with the prefix, of the log."""

    def values(name: str) -> np.ndarray:
        return np.atleast_1d(getattr(facts, prefix + name)[0][rows])

    return [
        {
            "label": label,
            "suffix": suffix,
            "value": pack(values(fact), unit),
            "step": pack(values(fact + "_step")),
            "to": pack(row_of[values(fact + "_track")]),
        }
        for fact, label, suffix, unit in NEAREST
    ]


def _agents_around(view: View, around: Surroundings, named: np.ndarray) -> np.ndarray:
    """Scene tracks of the agents to keep: those around and those that are spoken of."""
    traces = view.scored.facts.traces
    tracks = traces.agent_track(0)
    points = view.to_ego(np.stack([traces.agent_x(0), traces.agent_y(0)], -1).astype(np.float64))
    kept = [
        track
        for agent, track in enumerate(tracks)
        if np.isfinite(seen := points[:, agent][np.isfinite(points[:, agent, 0])]).any()
        and (around.meets(seen) or track in named)
    ]
    return np.array(kept, np.int64)


def _pack_agents(view: View, tracks: np.ndarray) -> dict:
    scene, traces = view.scene, view.scored.facts.traces
    agents = np.array([list(traces.agent_track(0)).index(track) for track in tracks], np.int64)
    poses = [
        values[:, agents].T.reshape(-1, view.steps + 1)
        for values in (traces.agent_x(0), traces.agent_y(0), traces.agent_heading(0))
    ]
    sizes = scene.sizes[tracks][:, view.log_steps()]
    kinds = list(KIND_COLORS)
    return {
        "ids": [str(scene.tracks[track].id) for track in tracks],
        "kind": pack([kinds.index(scene.kinds[track]) for track in tracks]),
        **_pack_poses(view, *poses),
        "length": pack(sizes[..., 0], UNIT, order=1),
        "width": pack(sizes[..., 1], UNIT, order=1),
    }


def describe(view: View, lost: LostPoints, plans: np.ndarray) -> str:
    """A sentence or two about a scored scene."""
    scene, facts, scores = view.scene, view.scored.facts, view.scored.scores
    track = scene.tracks[view.scored.focal_track]
    speed = float(np.hypot(*track.velocities[scene.current_step]))
    # without agents there are no rows either
    there = np.isfinite(facts.traces.agent_x(0)[:1]).ravel()
    counts = Counter(scene.kinds[track] for track in facts.traces.agent_track(0)[there])
    company = [f"{count} {kind}" + "s" * (count > 1) for kind, count in counts.most_common()]
    among = f" among {_join(company)}" if company else " on an empty road"
    who = "the ego" if view.scored.focal_track == scene.ego else f"{track.kind} #{track.id}"
    text = (
        f"{len(view.plans):,} plan{'s' * (len(view.plans) != 1)} for {who}, at {speed:.1f} m/s"
        f"{among}, over {view.steps * facts.dt[0]:.1f} s."
    )
    if len(plans) < len(view.plans):
        text += f" Shown: {len(plans):,} of them."
    losing = lost.gone_step[view.plans] >= 0
    if losing.any():
        worst = int(losing.sum(axis=0).argmax())
        text += (
            f" {100 * losing.any(axis=1).mean():.0f}\u00a0% lose a point, most often "
            f"{scores.terms[worst]} ({100 * losing[:, worst].mean():.0f}\u00a0%)."
        )
    best = f", the best plan {view.totals[view.best]:.2f}" if view.best >= 0 else ""
    return text + f" The log scores {scores.log_values[0, -1]:.2f}{best}."


def _join(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
