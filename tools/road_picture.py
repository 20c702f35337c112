"""A picture of a place on a map: lanes, road edges, areas, boxes and points in question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INCHES, DPI = 9, 90
_AREAS = {"driveway": "#cfe8cf", "drivable_area": "#e3e3e3", "crosswalk": "#fff0b0"}
_LINES = {"lane": ("#8f8fd0", 0.8), "road_line": ("#d0c8a0", 0.6), "road_edge": ("black", 1.4)}


def corners(x, y, heading, length, width) -> np.ndarray:
    """[5, 2] outline of a box, closed."""
    along = np.array([1, -1, -1, 1, 1]) * length / 2
    left = np.array([1, 1, -1, -1, 1]) * width / 2
    cos, sin = np.cos(heading), np.sin(heading)
    return np.column_stack([x + along * cos - left * sin, y + along * sin + left * cos])


def draw_place(scene, middle, half, title, path, *, step=None, track=-1, points=()) -> None:
    """Draw the square of `half` metres around `middle`: the map with arrows along lanes and short
    strokes on the drivable side of edges, the boxes at `step`, the whole way of `track`, and
    `points`, a list of (xy [K, 2], colour)."""
    figure = Figure((INCHES, INCHES), dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes([0.05, 0.05, 0.93, 0.9])
    axes.set_aspect("equal")
    axes.set_xlim(middle[0] - half, middle[0] + half)
    axes.set_ylim(middle[1] - half, middle[1] + half)
    axes.set_title(title, fontsize=9)
    for feature in scene.features:
        _draw_feature(axes, feature, np.asarray(feature.points)[:, :2], half)
    if step is not None:
        _draw_signals(axes, scene, step)
        _draw_boxes(axes, scene, step, track)
    if track >= 0:
        way = np.asarray(scene.positions[track])[np.asarray(scene.valid[track], bool), :2]
        axes.plot(*way.T, color="tab:orange", linewidth=0.8)
    for xy, color in points:
        axes.plot(*np.asarray(xy).T, ".", color=color, markersize=3)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="png")


def _draw_feature(axes, feature, xy, half) -> None:
    if feature.kind in _AREAS:
        axes.fill(*xy.T, color=_AREAS[feature.kind], zorder=0)
    elif feature.kind == "stop_sign":
        axes.plot(*xy.T, "r8", markersize=5)
    elif feature.kind in _LINES:
        color, width = _LINES[feature.kind]
        is_bike = int(feature.type) == 3
        axes.plot(*xy.T, color="#40a0a0" if is_bike else color, linewidth=width)
        if len(xy) < 2 or feature.kind == "road_line":
            return
        middle = (xy[:-1] + xy[1:])[:: max(1, len(xy) // 12)] / 2
        along = np.diff(xy, axis=0)[:: max(1, len(xy) // 12)]
        along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
        if feature.kind == "road_edge":
            along = np.column_stack([-along[:, 1], along[:, 0]])
        view = np.array([np.mean(axes.get_xlim()), np.mean(axes.get_ylim())])
        inside = (np.abs(middle - view) < half).all(axis=1)
        axes.quiver(*middle[inside].T, *along[inside].T, color=color, scale=60, width=0.002)


def _draw_signals(axes, scene, step) -> None:
    colors = {"stop": "red", "go": "green", "caution": "orange"}
    if step < len(scene.signals):
        for signal in scene.signals[step]:
            color = next((c for word, c in colors.items() if word in signal.state), "grey")
            axes.plot(*signal.stop_point[:2], "s", color=color, markersize=5)


def _draw_boxes(axes, scene, step, focal) -> None:
    valid, xy, headings = scene.valid, scene.positions, scene.headings
    sizes = scene.sizes
    for track, kind in enumerate(scene.kinds):
        if not valid[track, step]:
            continue
        color = {"pedestrian": "purple", "cyclist": "seagreen"}.get(kind, "steelblue")
        color = "red" if track == focal else color
        outline = corners(*xy[track, step, :2], headings[track, step], *sizes[track, step, :2])
        axes.fill(*outline.T, facecolor=color, alpha=0.5)
        axes.plot(*outline.T, color=color, linewidth=0.8)
        # corners 0 and 3 are the front ones
        nose = np.stack([outline[[0, 3]].mean(axis=0), xy[track, step, :2]])
        axes.plot(*nose.T, color="white", linewidth=0.8)
