"""Where a plan lost the points of its score: at which step, and to whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forkroad._core import Facts, ScoreTable

# term -> the facts that say when it was lost and to which track
_FACTS = {
    "no_contact": ("contact_step", "contact_track"),
    "on_road": ("off_road_step", None),
    "no_red_light": ("red_light_step", None),
}
NOTHING = -1
_NOT_SAID = -2  # a fact's step where the map does not say


@dataclass(frozen=True)
class LostPoints:
    """Of one world with G plans, for each of the card's T terms (the total has none of its own)."""

    step: np.ndarray  # int32 [G, T], rollout step at which the point was lost, -1: not at one
    track: np.ndarray  # int32 [G, T], scene track that it was lost to, -1: nobody
    log_step: np.ndarray  # int32 [T], of the log itself
    log_track: np.ndarray  # int32 [T]
    not_said: tuple[str, ...]  # terms that are full because the map does not say


def find_lost_points(facts: Facts, scores: ScoreTable, world: int = 0) -> LostPoints:
    """Explain the terms of one world by its facts; a term without a step or partner has -1."""
    terms = list(scores.terms)
    step = np.full((facts.num_plans, len(terms)), NOTHING, np.int32)
    track = step.copy()
    log_step = np.full(len(terms), NOTHING, np.int32)
    log_track = log_step.copy()
    not_said = []
    for at, term in enumerate(terms):
        when, whom = _FACTS.get(term, (None, None))
        if when is not None:
            step[:, at] = getattr(facts, when)[world]
            log_step[at] = getattr(facts, "log_" + when)[world]
        if whom is not None:
            track[:, at] = getattr(facts, whom)[world]
            log_track[at] = getattr(facts, "log_" + whom)[world]
        if log_step[at] == _NOT_SAID:
            not_said.append(term)
    np.maximum(step, NOTHING, out=step)
    np.maximum(log_step, NOTHING, out=log_step)
    return LostPoints(step, track, log_step, log_track, tuple(not_said))


def first_lost(lost: np.ndarray) -> np.ndarray:
    """[...] first of the steps [..., T] at which a point was lost, -1: none."""
    late = np.iinfo(np.int32).max
    first = np.where(lost < 0, late, lost).min(axis=-1)
    return np.where(first == late, NOTHING, first)
