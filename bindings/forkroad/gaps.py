"""Gaps over time: how far the ego's box is from every other road user's, step by step.

Facts hold the least clearance and when it was; a curve or a picture of one moment needs the rest.
"""

from __future__ import annotations

import numpy as np

from forkroad.score_job import ScoredScene


def box_corners(x, y, heading, length, width) -> np.ndarray:
    """Corners `[..., 4, 2]` of boxes around centres [m], front left first, clockwise."""
    cos, sin = np.cos(heading)[..., None], np.sin(heading)[..., None]
    along = np.asarray(length)[..., None] / 2 * np.array([1, 1, -1, -1])
    across = np.asarray(width)[..., None] / 2 * np.array([1, -1, -1, 1])
    return np.stack(
        [
            np.asarray(x)[..., None] + along * cos - across * sin,
            np.asarray(y)[..., None] + along * sin + across * cos,
        ],
        axis=-1,
    )


def gap_points(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance `[...]` [m] between convex boxes given as corners `[..., 4, 2]`, 0 where they touch,
    and the nearest point `[..., 2]` of each (where they touch, any)."""
    point, other = _nearest_to_corners(first, second)
    other_back, point_back = _nearest_to_corners(second, first)
    ahead = np.linalg.norm(point - other, axis=-1)
    back = np.linalg.norm(point_back - other_back, axis=-1)
    closer = (ahead <= back)[..., None]
    distance = np.where(_apart(first, second) | _apart(second, first), np.minimum(ahead, back), 0.0)
    return distance, np.where(closer, point, point_back), np.where(closer, other, other_back)


def plan_gaps(scored: ScoredScene, plan: int) -> np.ndarray:
    """Gap `[H + 1, N]` [m] of plan `plan`'s box to each agent of `scored.facts.traces` at instants
    0 .. H, 0 where they touch, NaN where the agent is not observed.

    Raises ValueError if the scene was rolled out without traces.
    """
    return gap_points(ego_corners(scored, plan)[:, None], agent_corners(scored))[0]


def ego_corners(scored: ScoredScene, plan: int) -> np.ndarray:
    """Corners `[H + 1, 4, 2]` of a plan's box, scene-local."""
    traces = _traces_of(scored)
    poses = [values[0, plan] for values in (traces.ego_x, traces.ego_y, traces.ego_heading)]
    track, step = scored.scene.tracks[scored.focal_track], scored.scene.current_step
    return box_corners(*np.array(poses, np.float64), *track.sizes[step, :2])


def agent_corners(scored: ScoredScene) -> np.ndarray:
    """Corners `[H + 1, N, 4, 2]` of the agents' boxes, scene-local, NaN where not observed."""
    traces, scene = _traces_of(scored), scored.scene
    poses = [values(0) for values in (traces.agent_x, traces.agent_y, traces.agent_heading)]
    ahead = np.rint(np.arange(len(poses[0])) * scored.facts.dt[0] / scene.dt).astype(int)
    steps = np.minimum(scene.current_step + ahead, scene.num_steps - 1)
    sizes = scene.sizes[traces.agent_track(0)][:, steps, :2].astype(np.float64)
    sizes[sizes == 0] = np.nan  # not labelled
    return box_corners(*np.array(poses, np.float64), *sizes.transpose(2, 1, 0))


def _traces_of(scored: ScoredScene):
    if scored.facts.traces is None:
        raise ValueError(f"scene '{scored.scene.id}' was rolled out without traces")
    return scored.facts.traces


def _axes_of(corners: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre `[..., 2]`, unit axes `[..., 2, 2]` (rows) and half extents `[..., 2]` of boxes."""
    sides = np.stack(
        [corners[..., 0, :] - corners[..., 3, :], corners[..., 0, :] - corners[..., 1, :]], axis=-2
    )
    lengths = np.linalg.norm(sides, axis=-1)
    return corners.mean(axis=-2), sides / lengths[..., None], lengths / 2


def _nearest_to_corners(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corner of `first` that is nearest to `second`, and the point of `second` next to it."""
    center, axes, half = _axes_of(second)
    local = np.einsum("...ka,...ba->...kb", first - center[..., None, :], axes)
    held = np.clip(local, -half[..., None, :], half[..., None, :])
    nearest = np.linalg.norm(local - held, axis=-1).argmin(axis=-1)[..., None, None]
    held = np.take_along_axis(held, nearest, axis=-2)[..., 0, :]
    corner = np.take_along_axis(np.broadcast_to(first, local.shape), nearest, axis=-2)[..., 0, :]
    return corner, center + np.einsum("...b,...ba->...a", held, axes)


def _apart(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Whether an axis of `second` separates the boxes; unobserved ones (NaN) count as apart."""
    center, axes, half = _axes_of(second)
    local = np.einsum("...ka,...ba->...kb", first - center[..., None, :], axes)
    inside = (local.min(axis=-2) <= half) & (local.max(axis=-2) >= -half)
    return ~inside.all(axis=-1)
