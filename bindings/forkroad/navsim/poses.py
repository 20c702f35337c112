"""From model output to the 41 world poses that the tracker follows."""

from __future__ import annotations

import numpy as np

STEP = 0.1
"""Seconds between samples."""
NUM_SAMPLES = 41


def to_world_poses(
    local: np.ndarray, interval: float, ego_state: np.ndarray, ego_time_us: int
) -> np.ndarray:
    """World rear-axle poses `[N,41,3]` (x, y, heading) every 0.1 s of plans `[N,P,3]` given in the
    ego frame, poses at interval, 2*interval, ... [s] after `ego_time_us` [us].

    The pose of `ego_state` `[11]` is put in front. Knot and sample times are truncated to whole
    microseconds, as NAVSIM does; a plan shorter than 4 s holds its last pose. Positions are
    interpolated linearly, headings linearly after unwrapping, then wrapped to [-pi, pi)."""
    local = np.asarray(local, np.float64)
    if local.ndim != 3 or local.shape[-1] != 3 or local.shape[1] < 1:
        raise ValueError(f"local: got shape {local.shape}, expected [N, P, 3] with P >= 1")
    if not interval > 0:
        raise ValueError(f"interval: got {interval!r} s, expected a positive number of seconds")
    knots = _world_knots(local, np.asarray(ego_state, np.float64))
    times, samples = _times(local.shape[1], interval, int(ego_time_us))
    right = np.clip(np.searchsorted(times, samples, side="left"), 1, len(times) - 1)
    left = right - 1
    span = times[right] - times[left]
    if (span <= 0).any():
        raise ValueError(f"interval: got {interval!r} s, expected at least one microsecond")
    share = ((samples - times[left]) / span)[:, None]
    slope = (knots[:, right] - knots[:, left]) * share
    poses = knots[:, left] + slope
    poses[..., 2] = (poses[..., 2] + np.pi) % (2 * np.pi) - np.pi
    return poses


def _world_knots(local: np.ndarray, ego_state: np.ndarray) -> np.ndarray:
    """World poses `[N,P+1,3]`, the initial one in front, headings unwrapped."""
    x, y, heading = ego_state[:3]
    c, s = np.cos(heading), np.sin(heading)
    c_own, s_own = np.cos(local[..., 2]), np.sin(local[..., 2])
    knots = np.empty((local.shape[0], local.shape[1] + 1, 3))
    knots[:, 0] = x, y, heading
    knots[:, 1:, 0] = x + c * local[..., 0] - s * local[..., 1]
    knots[:, 1:, 1] = y + s * local[..., 0] + c * local[..., 1]
    knots[:, 1:, 2] = np.arctan2(s * c_own + c * s_own, c * c_own - s * s_own)
    knots[..., 2] = np.unwrap(knots[..., 2], axis=1)
    return knots


def _times(num_poses: int, interval: float, ego_time_us: int) -> tuple[np.ndarray, np.ndarray]:
    """Knot times `[P+1]` and clipped sample times `[41]`, both in microseconds."""
    start = ego_time_us * 1e-6
    # the offset is summed before the start is added: the order decides the truncation
    knots = [int((start + (interval + pose * interval)) * 1e6) for pose in range(num_poses)]
    samples = [int((start + STEP * sample) * 1e6) for sample in range(NUM_SAMPLES)]
    times = np.array([ego_time_us, *knots], np.float64)
    return times, np.clip(np.array(samples, np.float64), times[0], times[-1])
