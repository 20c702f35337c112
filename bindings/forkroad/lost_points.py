"""Where a plan lost the points of its score: at which step, and to whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forkroad._core import Facts, ScoreTable

NOTHING = -1
_NOT_SAID = -2  # a fact's step where the map does not say
# the terms that are full where the map does not say, and the fact that tells
_MAP_TERMS = {"on_road": "log_off_road_step", "direction": "log_opposite_lane_step"}


@dataclass(frozen=True)
class LostPoints:
    """Of one world with G plans, for each of the card's T terms; the total, which comes last, has
    none of its own."""

    step: np.ndarray  # int32 [G, T], rollout step at which the point was lost, -1: not at one
    track: np.ndarray  # int32 [G, T], scene track that it was lost to, -1: nobody
    log_step: np.ndarray  # int32 [T], of the log itself
    log_track: np.ndarray  # int32 [T]
    # as step and log_step, only where nothing of the point is left: the term is 0
    gone_step: np.ndarray
    log_gone_step: np.ndarray
    not_said: tuple[str, ...]  # terms that are full because the map does not say


def find_lost_points(facts: Facts, scores: ScoreTable, world: int = 0) -> LostPoints:
    """The lost points of one world's plans and of its log."""

    def without_total(values: np.ndarray) -> np.ndarray:
        own = np.array(values[world])
        own[..., -1] = NOTHING
        return own

    step, log_step = without_total(scores.lost_step), without_total(scores.log_lost_step)
    return LostPoints(
        step=step,
        track=without_total(scores.lost_track),
        log_step=log_step,
        log_track=without_total(scores.log_lost_track),
        gone_step=np.where(scores.values[world] == 0, step, NOTHING),
        log_gone_step=np.where(scores.log_values[world] == 0, log_step, NOTHING),
        not_said=tuple(
            term
            for term, fact in _MAP_TERMS.items()
            if term in scores.terms and getattr(facts, fact)[world] == _NOT_SAID
        ),
    )


def first_lost(lost: np.ndarray) -> np.ndarray:
    """[...] first of the steps [..., T] at which a point was lost, -1: none."""
    late = np.iinfo(np.int32).max
    first = np.where(lost < 0, late, lost).min(axis=-1)
    return np.where(first == late, NOTHING, first)
