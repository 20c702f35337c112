"""The moment at which a replay opens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forkroad.figure_view import View
from forkroad.lost_points import LostPoints, first_lost

LEAD = 1.5  # [s] that a replay starts before the moment
LOG, NONE = -1, -2  # in place of a plan


@dataclass(frozen=True)
class Opening:
    """What a replay shows first."""

    plan: int  # index of the plan that is selected, LOG
    step: int  # the rollout step that it is about


def choose_opening(view: View, lost: LostPoints, plans: np.ndarray) -> Opening:
    """The most telling moment of a scored scene among `plans`; the first of these that there is:

    1. the log's own first lost point (here and below: a term that is 0),
    2. the first lost point of the plan that comes closest to the log and yet loses one (mean
       distance over the rollout), of those that lose that point to somebody if there are any:
       how little it takes,
    3. where the best plan, or else the log, is closest to anybody,
    4. the start.
    """
    log_first = int(first_lost(lost.log_gone_step))
    if log_first >= 0:
        return Opening(LOG, log_first)
    loser = closest_loser(view, lost, plans)
    if loser >= 0:
        return Opening(loser, int(first_lost(lost.gone_step[loser])))
    facts = view.scored.facts
    plan = view.best if view.best >= 0 else LOG
    closest = facts.clearance_step[0, plan] if plan >= 0 else facts.log_clearance_step[0]
    return Opening(plan, max(0, int(closest)))


def closest_loser(view: View, lost: LostPoints, plans: np.ndarray) -> int:
    """The plan of rule 2, NONE if no plan loses a point at a known step."""
    gone = lost.gone_step[plans]
    first = first_lost(gone)
    with_somebody = (gone == first[:, None]) & (lost.track[plans] >= 0)
    to_somebody = (first >= 0) & with_somebody.any(axis=1)
    chosen = plans[to_somebody] if to_somebody.any() else plans[first >= 0]
    if not len(chosen):
        return NONE
    traces = view.scored.facts.traces
    log_x, log_y = view.log_poses()[:2]
    apart = np.hypot(traces.ego_x[0, chosen] - log_x, traces.ego_y[0, chosen] - log_y)
    known = np.isfinite(apart)
    mean = np.where(known, apart, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return int(chosen[np.argmin(mean)])
