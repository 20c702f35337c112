"""Pictures: the fan of plans from above, coloured by total score.

Everything is drawn in the frame of the ego at the current step: x forward, y left, metres, true
aspect. A plan's line ends where its first contact happens.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from forkroad._core import MapFeature, MapType
from forkroad.figure_view import DPI, WIDTH, View
from forkroad.score_job import ScoredScene
from forkroad.whole_files import replace_when_whole

# lines drawn of a fan, the highest totals always among them; more only darken the paper
MAX_LINES = 2400
MAX_CONTACT_MARKS = 600
MAX_POINTS = 41  # per line

_PAPER = "#fcfbf8"
_ROAD = "#e9e8e4"
_INK = "#26292e"
_CONTACT = "#c8102e"
_BEST = "#f26b1d"
KIND_COLORS = {
    "vehicle": "#6b7f92",
    "pedestrian": "#8e44ad",
    "cyclist": "#2e8b57",
    "other": "#a8a39a",
    "unset": "#a8a39a",
}
# totals 0 .. 1, ever darker, so that the order shows without colour vision and on grey paper
SCORE_COLORS = ("#f2bfb3", "#d9bda4", "#9fbfae", "#62b0b7", "#3391bd", "#2a6cb0", "#2450a4")
_SCORES = LinearSegmentedColormap.from_list("scores", SCORE_COLORS)
LIGHT_COLORS = {"stop": "#ff4d4d", "caution": "#ffb000", "go": "#3ddc6b"}
YELLOW_LINES = {
    MapType.LINE_BROKEN_SINGLE_YELLOW,
    MapType.LINE_BROKEN_DOUBLE_YELLOW,
    MapType.LINE_SOLID_SINGLE_YELLOW,
    MapType.LINE_SOLID_DOUBLE_YELLOW,
    MapType.LINE_PASSING_DOUBLE_YELLOW,
}
BROKEN_LINES = {
    MapType.LINE_BROKEN_SINGLE_WHITE,
    MapType.LINE_BROKEN_SINGLE_YELLOW,
    MapType.LINE_BROKEN_DOUBLE_YELLOW,
}


def plan_fan(scored: ScoredScene) -> Figure:
    """Draw a scored scene: map, agents at the current step and where they go, plans coloured by
    total score up to their first contact, the log's path, the best plan.

    The scene must have been rolled out with traces; raises ValueError otherwise.
    """
    if scored.facts.traces is None:
        raise ValueError(f"plan_fan: scene '{scored.scene.id}' was rolled out without traces")
    view = View(scored)
    figure = Figure(figsize=(WIDTH, view.height), dpi=DPI, facecolor=_PAPER)
    FigureCanvasAgg(figure)
    axes = figure.add_axes(view.axes_box(), facecolor=_PAPER)
    axes.set_aspect("equal", adjustable="box")
    view.fit(axes)
    _draw_map(axes, view)
    _draw_agents(axes, view)
    _draw_fan(axes, view)
    _draw_ego(axes, view)
    _draw_furniture(figure, axes, view)
    return figure


def save_figure(figure: Figure, path: str | os.PathLike) -> None:
    """Write a figure as PNG; the file appears whole or not at all."""
    with replace_when_whole(Path(path)) as part:
        figure.savefig(part, format="png", dpi=DPI, facecolor=figure.get_facecolor())


def _draw_map(axes, view: View) -> None:
    by_kind: dict[str, list[tuple[MapFeature, np.ndarray]]] = {}
    for feature in view.scene.features:
        points = view.to_ego(feature.points[:, :2].astype(np.float64))
        if len(points) and view.sees(points):
            by_kind.setdefault(feature.kind, []).append((feature, points))
    scale = view.points_per_metre()
    # lanes as broad strokes give the look of a road whatever else the map holds
    for kind, width in (("bike", 1.6), ("lane", 3.7)):
        lanes = [
            points
            for feature, points in by_kind.get("lane", [])
            if (feature.type == MapType.LANE_BIKE) == (kind == "bike")
        ]
        axes.add_collection(
            LineCollection(
                lanes, colors=_ROAD, linewidths=width * scale, capstyle="round", zorder=1
            )
        )
    areas = [*by_kind.get("driveway", []), *by_kind.get("drivable_area", [])]
    axes.add_collection(
        PolyCollection(
            [points for _, points in areas], facecolors=_ROAD, edgecolors="none", zorder=1
        )
    )
    crossings = [*by_kind.get("crosswalk", []), *by_kind.get("speed_bump", [])]
    axes.add_collection(
        PolyCollection(
            [points for _, points in crossings],
            facecolors="#f7f6f3",
            edgecolors="#cfccc4",
            hatch="//",
            linewidths=0.6,
            zorder=1.1,
        )
    )
    for feature, points in by_kind.get("road_line", []):
        axes.plot(
            *points.T,
            color="#e3b53c" if feature.type in YELLOW_LINES else "#ffffff",
            zorder=1.2,
            linewidth=max(0.9, 0.14 * scale),
            linestyle=(0, (6, 6)) if feature.type in BROKEN_LINES else "-",
        )
    edges = [points for _, points in by_kind.get("road_edge", [])]
    axes.add_collection(LineCollection(edges, colors="#8f8b82", linewidths=1.4, zorder=1.3))
    stops = [points[0] for _, points in by_kind.get("stop_sign", [])]
    if stops:
        axes.scatter(
            *np.array(stops).T,
            marker="8",
            s=46,
            color=_CONTACT,
            edgecolors="white",
            linewidths=0.8,
            zorder=1.4,
        )
    _draw_lights(axes, view)


def _draw_lights(axes, view: View) -> None:
    """Lights at the current step as coloured dots on dark plates."""
    signals = view.scene.signals[view.scene.current_step]
    for signal in signals:
        color = next((color for word, color in LIGHT_COLORS.items() if word in signal.state), None)
        point = view.to_ego(np.array(signal.stop_point[:2]))
        if color is not None and view.sees(point[None]):
            axes.scatter(*point, s=80, marker="s", color=_INK, linewidths=0, zorder=1.5)
            axes.scatter(*point, s=30, color=color, linewidths=0, zorder=1.6)


def _draw_agents(axes, view: View) -> None:
    scene, step = view.scene, view.scene.current_step
    traces = view.scored.facts.traces
    tracks = traces.agent_track(0)
    x, y, heading = traces.agent_x(0), traces.agent_y(0), traces.agent_heading(0)
    sizes = scene.sizes[:, step]
    boxes, noses, paths, colors, path_colors = [], [], [], [], []
    for agent, track in enumerate(tracks):
        color = KIND_COLORS[scene.kinds[track]]
        path = view.to_ego(np.stack([x[:, agent], y[:, agent]], -1).astype(np.float64))
        path = path[np.isfinite(path[:, 0])]
        moves = len(path) > 1 and np.abs(path - path[0]).max() > 1.0
        if moves and view.sees(path):
            paths.append(path)
            path_colors.append(color)
        if np.isfinite(x[0, agent]):
            box = view.box(x[0, agent], y[0, agent], heading[0, agent], *sizes[track, :2])
            if view.sees(box):
                boxes.append(box)
                colors.append(color)
                if sizes[track, 0] > 2.5:  # shorter boxes leave no room for it
                    noses.append([box.mean(axis=0), (box[0] + box[1]) / 2])
    axes.add_collection(
        LineCollection(
            paths,
            colors=path_colors,
            linewidths=1.3,
            alpha=0.75,
            linestyles=(0, (1, 1.6)),
            zorder=4,
        )
    )
    axes.add_collection(
        PolyCollection(boxes, facecolors=colors, edgecolors="white", linewidths=0.7, zorder=5)
    )
    axes.add_collection(LineCollection(noses, colors="white", linewidths=1.1, zorder=5.1))


def choose_lines(totals: np.ndarray, limit: int = MAX_LINES) -> np.ndarray:
    """Indices of at most `limit` plans in drawing order, lowest total first: an even choice over
    the order plus the highest tenth of the limit. NaN totals are left out."""
    order = np.argsort(totals, kind="stable")
    order = order[np.isfinite(totals[order])]
    if len(order) <= limit:
        return order
    top = limit // 10
    even = np.linspace(0, len(order) - top - 1, limit - top).astype(np.int64)
    return np.concatenate([order[even], order[-top:]])


def _draw_fan(axes, view: View) -> None:
    plans = choose_lines(view.totals)
    lines = []
    for plan in plans:
        end = view.end_step(plan)
        path = view.ego_path(plan, end)
        every = max(1, -(-end // (MAX_POINTS - 1)))
        lines.append(np.concatenate([path[:-1:every], path[-1:]]))
    width = float(np.clip(900 / max(len(lines), 1), 0.7, 2.0))
    axes.add_collection(
        LineCollection(
            lines,
            array=view.totals[plans],
            cmap=_SCORES,
            norm=Normalize(0, 1),
            linewidths=width,
            alpha=0.6,
            zorder=3,
        )
    )
    hits = plans[view.scored.facts.contact_step[0][plans] >= 0]
    hits = hits[:: max(1, len(hits) // MAX_CONTACT_MARKS)]
    if len(hits):
        ends = np.array([view.ego_path(plan, view.end_step(plan))[-1] for plan in hits])
        axes.scatter(*ends.T, s=7, color=_CONTACT, alpha=0.55, linewidths=0, zorder=4.5)


def _draw_ego(axes, view: View) -> None:
    # on top of the best plan, so that both show where they agree
    axes.plot(*view.log_path().T, color=_INK, linewidth=1.5, linestyle=(0, (3, 2)), zorder=6.5)
    length, width = view.size
    traces = view.scored.facts.traces
    if view.best >= 0:
        end = view.end_step(view.best)
        path = view.ego_path(view.best, end)
        axes.plot(*path.T, color="white", linewidth=5.4, zorder=6.2, solid_capstyle="round")
        axes.plot(*path.T, color=_BEST, linewidth=3.4, zorder=6.3, solid_capstyle="round")
        pose = [
            values[0, view.best, end] for values in (traces.ego_x, traces.ego_y, traces.ego_heading)
        ]
        axes.add_collection(
            PolyCollection(
                [view.box(*pose, length, width)],
                facecolors="none",
                edgecolors=_BEST,
                linewidths=1.8,
                zorder=6.4,
            )
        )
    box = view.box(*view.origin, view.heading, length, width)
    axes.add_collection(
        PolyCollection([box], facecolors=_INK, edgecolors="white", linewidths=1.0, zorder=7)
    )
    nose = np.stack([box.mean(axis=0), (box[0] + box[1]) / 2])
    axes.plot(*nose.T, color="white", linewidth=1.4, zorder=7.1)


def _draw_furniture(figure: Figure, axes, view: View) -> None:
    """Axes, colour bar, title, legend, scale."""
    axes.set_xlabel("forward of the ego [m]", color=_INK)
    axes.set_ylabel("left of the ego [m]", color=_INK)
    axes.tick_params(colors="#77736b", length=3, labelsize=9)
    for spine in axes.spines.values():
        spine.set_color("#d8d5cd")
    beside = figure.add_axes(view.axes_box(left=14.88, width=0.21))
    bar = figure.colorbar(ScalarMappable(Normalize(0, 1), _SCORES), cax=beside)
    bar.set_label("total score", color=_INK)
    bar.outline.set_visible(False)
    bar.ax.tick_params(colors="#77736b", length=3, labelsize=9)
    _draw_title(figure, view)
    _draw_legend(figure, view)
    _draw_scale(axes, view)


def _draw_title(figure: Figure, view: View) -> None:
    facts, scores = view.scored.facts, view.scored.scores
    contacts = int((facts.contact_step[0][view.plans] >= 0).sum())
    share = 100 * contacts / max(len(view.plans), 1)
    best = "none"
    if view.best >= 0:
        best = f"{view.totals[view.best]:.2f} (plan {facts.plan_ids[view.best]})"
    figure.text(
        0.045, 1 - 0.495 / view.height, view.scene.id, fontsize=19, fontweight="bold", color=_INK
    )
    figure.text(
        0.045,
        1 - 0.8 / view.height,
        f"{len(view.plans):,} plans over "
        f"{view.steps * facts.dt[0]:.1f} s, agents '{facts.agent_model}'   ·   contact in "
        f"{share:.1f} %   ·   best {best}   ·   log {scores.log_values[0, -1]:.2f}",
        fontsize=12,
        color="#5b5850",
    )


def _draw_legend(figure: Figure, view: View) -> None:
    kinds = set(view.scene.kinds)
    handles = [Patch(color=_INK, label="ego")]
    handles += [
        Patch(color=color, label=kind) for kind, color in KIND_COLORS.items() if kind in kinds
    ]
    if any(view.scene.signals[view.scene.current_step]):
        plate = {"color": _INK, "marker": "s", "markersize": 9, "linewidth": 0}
        dot = {"markerfacecolor": LIGHT_COLORS["stop"], "markeredgewidth": 2.5}
        handles.append(Line2D([], [], **plate, **dot, label="traffic light"))
    handles += [
        Line2D([], [], color=_BEST, linewidth=3.4, label="best plan"),
        Line2D([], [], color=_INK, linewidth=1.5, linestyle=(0, (3, 2)), label="log"),
        Line2D(
            [], [], color=_CONTACT, marker="o", markersize=4, linewidth=0, label="first contact"
        ),
        Line2D(
            [],
            [],
            color=KIND_COLORS["vehicle"],
            linewidth=1.3,
            linestyle=(0, (1, 1.6)),
            label="an agent's way",
        ),
    ]
    figure.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.4775, 0.07 / view.height),
        frameon=False,
        ncols=len(handles),
        fontsize=10.5,
        labelcolor=_INK,
        handlelength=1.8,
        columnspacing=1.8,
    )


def _draw_scale(axes, view: View) -> None:
    low_x, high_x, low_y, high_y = view.limits
    length = max(
        size
        for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
        if size == 1 or size <= 0.15 * (high_x - low_x)
    )
    right, bottom = high_x - 0.02 * (high_x - low_x), low_y + 0.035 * (high_y - low_y)
    axes.plot(
        [right - length, right],
        [bottom, bottom],
        color=_INK,
        linewidth=2.4,
        zorder=8,
        solid_capstyle="butt",
        path_effects=[withStroke(linewidth=5, foreground=_PAPER)],
    )
    axes.text(
        right - length / 2,
        bottom + 0.012 * (high_y - low_y),
        f"{length} m",
        ha="center",
        va="bottom",
        fontsize=10,
        color=_INK,
        zorder=8,
        path_effects=[withStroke(linewidth=3, foreground=_PAPER)],
    )
