"""Plain fp64 reference of NAVSIM's comfort terms: C (v1.1), HC and EC (v2) (tests only)."""

from __future__ import annotations

from functools import cache

import numpy as np

DT = 0.1  # [s]
REAR_AXLE_TO_CENTER = 1.461  # [m]
# (min, max) of: lon accel, lat accel, jerk magnitude, lon jerk, yaw accel, yaw rate (SI)
BOUNDS = np.array(
    [(-4.05, 2.40), (-4.89, 4.89), (-8.37, 8.37), (-4.13, 4.13), (-1.93, 1.93), (-0.95, 0.95)]
)
EC_LIMITS = np.array([0.7, 0.5, 0.1, 0.1])  # RMS of acceleration, jerk, yaw rate, yaw accel (SI)
HISTORY_STEP_US = 100_000


@cache
def savitzky_golay_matrix(length: int, window: int, order: int, derivative: int) -> np.ndarray:
    """Matrix `[length,length]` of the filter; even windows evaluate half a sample later and the
    ends evaluate the fit of the first (last) window at the samples' own places."""
    half = window // 2
    matrix = np.zeros((length, length))

    def weights(at: float) -> np.ndarray:
        # least-squares fit over offsets 0 .. window-1, evaluated at `at`, centred for accuracy
        offsets = np.arange(window) - at
        fit = np.linalg.pinv(np.vander(offsets, order + 1, increasing=True))
        return fit[derivative] * (1, 1, 2)[derivative] / DT**derivative

    for row in range(length):
        if row < half:
            matrix[row, :window] = weights(row)
        elif row >= length - half:
            matrix[row, -window:] = weights(row - (length - window))
        else:
            first = row - (window - 1) // 2
            matrix[row, first : first + window] = weights((window - 1) / 2)
    return matrix


def smooth(values: np.ndarray, window: int, order: int, derivative: int = 0) -> np.ndarray:
    """Filter the last axis, rounded to 8 decimals as the reference does after every filter."""
    matrix = savitzky_golay_matrix(values.shape[-1], window, order, derivative)
    return np.round(values @ matrix.T, 8)


def unwrap(heading: np.ndarray) -> np.ndarray:
    """Heading [rad] along the last axis without jumps of 2 pi."""
    turns = np.cumsum(np.round(np.diff(heading) / (2 * np.pi)), axis=-1)
    out = heading.copy()
    out[..., 1:] -= 2 * np.pi * turns
    return out


def padded_history(history_state: np.ndarray, history_time_us: np.ndarray) -> np.ndarray:
    """Rows `[14 or 15, 11]` in front of the roll-out, from four past states: every 100 ms from the
    first to before the last time, less the last row; steering and yaw motion are zero."""
    times = np.arange(history_time_us[0], history_time_us[-1], HISTORY_STEP_US)[:-1]
    rows = np.zeros((len(times), 11))
    knots = history_time_us.astype(np.float64)
    for column in (0, 1, 3, 4, 5, 6):
        rows[:, column] = np.interp(times, knots, history_state[:, column])
    heading = np.interp(times, knots, np.unwrap(history_state[:, 2]))
    rows[:, 2] = (heading + np.pi) % (2 * np.pi) - np.pi
    return rows


def _within(signals: list[np.ndarray]):
    """Flags `[N,6]` of signals `[N,K]` strictly inside their bounds, and margins `[N]`."""
    low = np.stack([signal.min(axis=-1) for signal in signals], axis=-1)
    high = np.stack([signal.max(axis=-1) for signal in signals], axis=-1)
    slack = np.minimum(low - BOUNDS[:, 0], BOUNDS[:, 1] - high)
    return (slack > 0).astype(np.uint8), np.abs(slack).min(axis=-1)


def comfort_v1(sim: np.ndarray):
    """Flags `[N,6]` and margins `[N]` of the v1.1 comfort term for roll-outs `[N,41,11]`."""
    ax, ay = sim[..., 5], sim[..., 6]
    heading = unwrap(sim[..., 2])
    return _within(
        [
            smooth(ax, 41, 2),
            smooth(ay, 41, 2),
            smooth(smooth(np.hypot(ax, ay), 8, 2), 41, 2, 1),
            smooth(smooth(ax, 8, 2), 41, 2, 1),
            smooth(heading, 5, 3, 2),
            smooth(heading, 5, 2, 1),
        ]
    )


def comfort_v2(rows: np.ndarray):
    """Flags `[N,6]` and margins `[N]` of the v2 history comfort for rows `[N,K,11]`, history
    first; without history give the roll-out alone."""
    ax, ay, yaw_rate, yaw_accel = (rows[..., column] for column in (5, 6, 9, 10))
    heading = unwrap(rows[..., 2])
    lon = smooth(ax + REAR_AXLE_TO_CENTER * (yaw_rate**2 + yaw_accel), 8, 2)
    return _within(
        [
            lon,
            smooth(ay, 8, 2),
            smooth(smooth(np.hypot(ax, ay), 8, 2), 15, 2, 1),
            smooth(lon, 15, 2, 1),
            smooth(heading, 5, 3, 2),
            smooth(heading, 5, 2, 1),
        ]
    )


def with_history(history: np.ndarray | None, sim: np.ndarray) -> np.ndarray:
    """Roll-outs `[N,41,11]` behind history rows `[H,11]`: `[N,H+41,11]`."""
    if history is None:
        return sim
    repeated = np.broadcast_to(history, (len(sim), *history.shape))
    return np.concatenate([repeated, sim], axis=1)


def extended_comfort_features(rows: np.ndarray) -> np.ndarray:
    """Signals `[N,4,K]` (acceleration, jerk, yaw rate, yaw acceleration) of rows `[N,K,11]`."""
    acceleration = smooth(np.hypot(rows[..., 5], rows[..., 6]), 8, 2)
    heading = unwrap(rows[..., 2])
    return np.stack(
        [
            acceleration,
            smooth(acceleration, 15, 2, 1),
            smooth(heading, 5, 2, 1),
            smooth(heading, 5, 2, 2),
        ],
        axis=1,
    )


def extended_comfort(sim: np.ndarray, prev_sim: np.ndarray, pairs: np.ndarray, gap_steps: int):
    """EC `[K]` u8, RMS differences `[K,4]` and margins `[K]` of index pairs `[K,2]`
    (plan now, plan before); the frames are `gap_steps` apart."""
    now = extended_comfort_features(sim[:, : sim.shape[1] - gap_steps])[pairs[:, 0]]
    before = extended_comfort_features(prev_sim[:, gap_steps:])[pairs[:, 1]]
    rms = np.sqrt(np.mean((now - before) ** 2, axis=-1))
    okay = (rms <= EC_LIMITS).all(axis=-1).astype(np.uint8)
    return okay, rms, np.abs((EC_LIMITS - rms).min(axis=-1))
