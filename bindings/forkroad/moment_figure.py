"""Pictures of one moment: where everyone is at one instant of a plan, and the gap that is left."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.patheffects import withStroke

from forkroad.figure_view import View
from forkroad.figures import _CONTACT, _INK, _PAPER, _draw_map
from forkroad.gaps import agent_corners, ego_corners, gap_points
from forkroad.score_job import ScoredScene

_OTHERS = "#6b7f92"
_GROUND = 10.0  # metres shown around what matters


def draw_moment(
    axes: Axes, scored: ScoredScene, plan: int, step: int, color: str = "#2450a4"
) -> None:
    """Draw the scene at instant `step` of plan `plan` into `axes`: map, road users as boxes with
    their last two seconds behind them, the ego's way so far and still to come, and a line across
    the gap to whoever is nearest. A contact is drawn in red.

    All moments of one scene show the same stretch of road, so that they can be compared: as much
    as the axes' shape asks for. Raises ValueError if the scene was rolled out without traces.
    """
    view = _MomentView(scored, axes)
    axes.set(facecolor=_PAPER, aspect="equal", yticks=[])
    axes.tick_params(colors="#77736b", length=3, labelsize=9)
    view.fit(axes)
    for spine in axes.spines.values():
        spine.set_color("#d8d5cd")
    _draw_map(axes, view)
    others, ego = agent_corners(scored), ego_corners(scored, plan)
    _draw_others(axes, view, others, step)
    way = view.to_ego(ego.mean(axis=-2))
    axes.plot(*way[step:].T, color=color, linewidth=1.2, linestyle=(0, (2, 2)), zorder=5.5)
    axes.plot(*way[: step + 1].T, color=color, linewidth=2.6, zorder=5.6)
    axes.add_collection(
        PolyCollection(
            [view.to_ego(ego[step])],
            facecolors=color,
            edgecolors="white",
            linewidths=1.0,
            zorder=7,
        )
    )
    _draw_gap(axes, view, ego[step], others[step])


class _MomentView(View):
    """A window around the ways of all plans, grown to the shape of some axes."""

    def __init__(self, scored: ScoredScene, axes: Axes) -> None:
        place = axes.get_window_extent()
        self._inches = place.width / axes.figure.dpi, place.height / axes.figure.dpi
        super().__init__(scored)

    def _choose_limits(self) -> tuple[tuple[float, float, float, float], float]:
        ways = [self.to_ego(ego_corners(self.scored, plan).mean(axis=-2)) for plan in self.plans]
        points = np.concatenate(ways)
        low, high = np.nanmin(points, axis=0) - _GROUND, np.nanmax(points, axis=0) + _GROUND
        width, height = self._inches
        scale = max((high - low) / (width, height))  # metres per inch
        middle, half = (low + high) / 2, scale * np.array([width, height]) / 2
        low, high = middle - half, middle + half
        return (low[0], high[0], low[1], high[1]), height

    def points_per_metre(self) -> float:
        return self._inches[0] * 72 / (self.limits[1] - self.limits[0])


def _draw_others(axes: Axes, view: View, others: np.ndarray, step: int) -> None:
    """Boxes at an instant, and where their centres were for two seconds before."""
    centers = view.to_ego(others.mean(axis=-2))
    behind = centers[max(0, step - round(2 / view.scored.facts.dt[0])) : step + 1]
    there = np.flatnonzero(np.isfinite(centers[step, :, 0]))
    boxes = [view.to_ego(others[step, agent]) for agent in there]
    trails = [behind[np.isfinite(behind[:, agent, 0]), agent] for agent in there]
    axes.add_collection(LineCollection(trails, colors=_OTHERS, linewidths=1.6, alpha=0.5, zorder=4))
    axes.add_collection(
        PolyCollection(boxes, facecolors=_OTHERS, edgecolors="white", linewidths=0.7, zorder=5)
    )


def _draw_gap(axes: Axes, view: View, ego: np.ndarray, others: np.ndarray) -> None:
    """The line from the ego's box to the nearest other one and its length."""
    if len(others) == 0 or not np.isfinite(others).any():
        return
    gaps, ends, starts = gap_points(ego, others)
    nearest = int(np.nanargmin(gaps))
    gap, line = gaps[nearest], view.to_ego(np.stack([starts[nearest], ends[nearest]]))
    color = _CONTACT if gap == 0 else _INK
    axes.add_collection(
        PolyCollection(
            [view.to_ego(others[nearest])],
            facecolors="none",
            edgecolors=color,
            linewidths=1.8,
            zorder=7.5,
        )
    )
    if gap > 0:
        axes.plot(*line.T, color=color, linewidth=1.6, zorder=8, marker="o", markersize=3)
    axes.annotate(
        "contact" if gap == 0 else f"{gap:.1f} m",
        line.mean(axis=0),
        xytext=(0, 22),
        textcoords="offset points",
        ha="center",
        color=color,
        fontsize=11,
        fontweight="bold",
        zorder=9,
        path_effects=[withStroke(linewidth=3, foreground=_PAPER)],
    )
