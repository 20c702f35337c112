"""The window of a picture: one world of a scored scene in the frame of its ego."""

from __future__ import annotations

import numpy as np

from forkroad._core import Scene
from forkroad.score_job import ScoredScene

DPI = 100
# inches: 1600 pixels wide, 530 to 900 high, as the road asks
WIDTH = 16.0
LEFT, BOTTOM, TOP = 0.72, 1.035, 0.99  # margins around the axes
AXES_WIDTH = 13.84
AXES_HEIGHTS = (3.275, 6.975)  # least, most


class View:
    """One world of a scored scene in the frame of its ego, and the window to show."""

    def __init__(self, scored: ScoredScene) -> None:
        self.scored = scored
        self.scene: Scene = scored.scene
        facts = scored.facts
        ego, step = self.scene.tracks[scored.focal_track], self.scene.current_step
        self.steps = int(facts.num_steps[0])
        self.origin = ego.positions[step, :2]
        self.heading = float(ego.headings[step])
        self.size = ego.sizes[step, :2]
        self.plans = np.flatnonzero(facts.exists[0])
        self.totals = np.array(scored.scores.totals[0])
        self.best = scored.scores.best_plan()
        self.limits, self.axes_height = self._choose_limits()
        self.height = BOTTOM + self.axes_height + TOP

    def to_ego(self, points: np.ndarray) -> np.ndarray:
        """[..., 2] scene-local to the ego's frame."""
        cos, sin = np.cos(self.heading), np.sin(self.heading)
        return (points - self.origin) @ np.array([[cos, -sin], [sin, cos]])

    def ego_path(self, plan: int, end: int) -> np.ndarray:
        """[end + 1, 2] of one plan."""
        traces = self.scored.facts.traces
        return self.to_ego(
            np.stack([traces.ego_x[0, plan, : end + 1], traces.ego_y[0, plan, : end + 1]], -1)
        )

    def end_step(self, plan: int) -> int:
        """The step of the plan's first contact, or its last step."""
        contact = int(self.scored.facts.contact_step[0, plan])
        return self.steps if contact < 0 else min(contact, self.steps)

    def log_steps(self) -> np.ndarray:
        """int [steps + 1], the log's step nearest to each instant of the rollout."""
        scene, facts = self.scene, self.scored.facts
        ahead = np.arange(self.steps + 1) * facts.dt[0] / scene.dt
        return np.minimum(scene.current_step + np.rint(ahead).astype(int), scene.num_steps - 1)

    def log_poses(self) -> np.ndarray:
        """[3, steps + 1] logged x, y, heading, scene-local, NaN where not observed."""
        track, steps = self.scene.tracks[self.scored.focal_track], self.log_steps()
        poses = np.stack([track.positions[:, 0], track.positions[:, 1], track.headings])
        return np.where(track.valid, poses, np.nan)[:, steps]

    def log_path(self) -> np.ndarray:
        scene = self.scene
        track = scene.tracks[self.scored.focal_track]
        steps = np.flatnonzero(track.valid)
        return self.to_ego(track.positions[steps[steps >= scene.current_step], :2])

    def box(self, x, y, heading, length, width) -> np.ndarray:
        """[..., 4, 2] corners in the ego's frame, nose first."""
        forward = np.stack([np.cos(heading), np.sin(heading)], -1)
        left = np.stack([-forward[..., 1], forward[..., 0]], -1)
        along = np.asarray(length)[..., None] / 2 * forward
        across = np.asarray(width)[..., None] / 2 * left
        center = np.stack([x, y], -1)
        corners = [along + across, along - across, -along - across, -along + across]
        return self.to_ego(np.stack([center + corner for corner in corners], -2))

    def axes_box(self, left: float = LEFT, width: float = AXES_WIDTH) -> tuple[float, ...]:
        """Left, bottom, width, height of something beside or in place of the axes, as shares."""
        return (
            left / WIDTH,
            BOTTOM / self.height,
            width / WIDTH,
            self.axes_height / self.height,
        )

    def window(self, beyond: float = 0.002) -> tuple[np.ndarray, np.ndarray]:
        """[2] lowest and [2] highest corner around what the plans and the log reach; the share
        `beyond` of the plans' points may lie further out on each side."""
        shown = self.plans[:: max(1, len(self.plans) // 500)]
        paths = [self.ego_path(plan, self.end_step(plan)) for plan in shown]
        reach = np.concatenate([*paths, np.zeros((1, 2))])
        points = np.concatenate(
            [
                np.quantile(reach, (beyond, 1 - beyond), axis=0),
                self.log_path(),
                [[-10.0, -6.0], [10.0, 6.0]],
            ]
        )
        return points.min(axis=0) - 8.0, points.max(axis=0) + 8.0

    def _choose_limits(self) -> tuple[tuple[float, float, float, float], float]:
        """min x, max x, min y, max y of the window grown to the axes, and the axes' height."""
        low, high = self.window()
        width, height = high - low
        axes_height = float(np.clip(AXES_WIDTH * height / width, *AXES_HEIGHTS))
        aspect = AXES_WIDTH / axes_height
        grow_x, grow_y = max(0.0, height * aspect - width), max(0.0, width / aspect - height)
        limits = (
            low[0] - grow_x / 2,
            high[0] + grow_x / 2,
            low[1] - grow_y / 2,
            high[1] + grow_y / 2,
        )
        return limits, axes_height

    def fit(self, axes) -> None:
        axes.set_xlim(self.limits[:2])
        axes.set_ylim(self.limits[2:])

    def sees(self, points: np.ndarray, margin: float = 5.0) -> bool:
        """Whether the bounding box of [P, 2] points meets the window."""
        low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
        return bool(
            low[0] < self.limits[1]
            and high[0] > self.limits[0]
            and low[1] < self.limits[3]
            and high[1] > self.limits[2]
        )

    def points_per_metre(self) -> float:
        return AXES_WIDTH * 72 / (self.limits[1] - self.limits[0])
