"""Plain fp64 reference of NAVSIM's plan conversion, tracker and kinematic bicycle (tests only).

SI units, radians. State columns (11): x, y, heading, vx, vy, ax, ay, steer, steer_rate, yaw_rate,
yaw_accel; pose = rear axle, velocities and accelerations in the body frame.
"""

from __future__ import annotations

import numpy as np

DT = 0.1  # [s]
NUM_STEPS = 40
WHEEL_BASE = 3.089  # [m]
LOOK_AHEAD = 10  # steps
STOP_SPEED = 0.2  # [m/s]
MAX_STEER = np.pi / 3  # [rad]
COUPLING = 1e-2 / DT**2  # weight of curvature changes


def wrap_half_open(angle):
    """Angle in [-pi, pi) by modulo [rad]."""
    return (angle + np.pi) % (2 * np.pi) - np.pi


def wrap_atan2(angle):
    """Angle in (-pi, pi] by atan2(sin, cos) [rad]."""
    return np.arctan2(np.sin(angle), np.cos(angle))


def _microseconds(seconds: float) -> int:
    return int(seconds * 1e6)


def plan_poses(
    ego_state: np.ndarray, ego_time_us: int, local: np.ndarray, interval: float
) -> np.ndarray:
    """World poses `[41,3]` (x, y, heading) of a plan given in the ego frame `[P,3]`, one pose every
    `interval` [s]; knots and samples are truncated to whole microseconds, the last pose is held."""
    x0, y0, heading0 = ego_state[:3]
    c, s = np.cos(heading0), np.sin(heading0)
    rotation = np.array([[c, -s], [s, c]])
    xy = local[:, :2] @ rotation.T + (x0, y0)
    c1, s1 = np.cos(local[:, 2]), np.sin(local[:, 2])
    heading = np.arctan2(s * c1 + c * s1, c * c1 - s * s1)
    knots = np.vstack([ego_state[None, :3], np.column_stack([xy, heading])])

    start = ego_time_us * 1e-6
    # the grouping of the sum matters, because the product is truncated
    knot_us = [ego_time_us] + [
        _microseconds(start + (interval + pose * interval)) for pose in range(len(local))
    ]
    sample_us = [_microseconds(start + DT * step) for step in range(NUM_STEPS + 1)]
    knot = np.array(knot_us, np.float64)
    sample = np.clip(np.array(sample_us, np.float64), knot[0], knot[-1])
    out = np.empty((NUM_STEPS + 1, 3))
    for column in range(2):
        out[:, column] = np.interp(sample, knot, knots[:, column])
    out[:, 2] = wrap_half_open(np.interp(sample, knot, np.unwrap(knots[:, 2])))
    return out


def _speed_gain() -> np.ndarray:
    """Constant matrix `[40,40]` from forward displacements [m] to (v0, a_0 .. a_38)."""
    rows = np.arange(NUM_STEPS)
    travel = np.where(rows[None, :] <= rows[:, None], DT * DT, 0.0)
    travel[:, 0] = DT
    # the reference overwrites its own +1 band: only the last row is a difference
    penalty = np.zeros((NUM_STEPS - 2, NUM_STEPS))
    for row in range(NUM_STEPS - 2):
        penalty[row, row + 1] = -1.0
    penalty[-1, -1] = 1.0
    normal = travel.T @ travel + 1e-4 * penalty.T @ penalty
    return np.linalg.solve(normal, travel.T)


def speed_profile(plans: np.ndarray) -> np.ndarray:
    """Reference speeds `[N,40]` [m/s] of plans `[N,41,3]`."""
    step = np.diff(plans[..., :2], axis=1)
    heading = plans[:, :-1, 2]
    forward = step[..., 0] * np.cos(heading) + step[..., 1] * np.sin(heading)
    solution = forward @ _speed_gain().T
    speed = np.repeat(solution[:, :1], NUM_STEPS, axis=1)
    speed[:, 1:] += DT * np.cumsum(solution[:, 1:], axis=1)
    return speed


def curvature_profile(plans: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """Reference curvatures `[N,40]` [1/m].

    The tridiagonal system is eliminated from the last row up; the pivots less the coupling weight
    are then sums of positive terms and keep their accuracy where the speed is near zero."""
    turn = wrap_atan2(np.diff(plans[..., 2], axis=1))
    travel = speed * DT
    pivot, rhs = travel**2, travel * turn
    for row in range(NUM_STEPS - 2, -1, -1):
        share = COUPLING / (COUPLING + pivot[:, row + 1])
        pivot[:, row] += share * pivot[:, row + 1]
        rhs[:, row] += share * rhs[:, row + 1]
    curvature = np.empty_like(rhs)
    curvature[:, 0] = rhs[:, 0] / (pivot[:, 0] + 1e-10)
    for row in range(1, NUM_STEPS):
        carried = rhs[:, row] + COUPLING * curvature[:, row - 1]
        curvature[:, row] = carried / (COUPLING + pivot[:, row])
    return curvature


def textbook_curvature_profile(plans: np.ndarray, speed: np.ndarray) -> np.ndarray:
    """The same by plain forward elimination, which loses about six digits near zero speed."""
    turn = wrap_atan2(np.diff(plans[..., 2], axis=1))
    travel = speed * DT
    neighbours = np.full(NUM_STEPS, 2.0)
    neighbours[[0, -1]] = 1.0
    diagonal, rhs = travel**2 + COUPLING * neighbours, travel * turn
    diagonal[:, 0] += 1e-10
    for row in range(1, NUM_STEPS):
        factor = -COUPLING / diagonal[:, row - 1]
        diagonal[:, row] += factor * COUPLING
        rhs[:, row] -= factor * rhs[:, row - 1]
    curvature = np.empty_like(rhs)
    curvature[:, -1] = rhs[:, -1] / diagonal[:, -1]
    for row in range(NUM_STEPS - 2, -1, -1):
        curvature[:, row] = (rhs[:, row] + COUPLING * curvature[:, row + 1]) / diagonal[:, row]
    return curvature


def _control(state, pose, speed_ref, curvature, margin):
    """Acceleration [m/s^2] and steering rate [rad/s], each `[N]`; lowers `margin` in place.

    `curvature` is `[N,10]`, the references of the ten look-ahead steps."""
    speed = state[:, 3]
    stopping = (speed_ref <= STOP_SPEED) & (speed <= STOP_SPEED)
    np.minimum(margin, np.abs(np.maximum(speed_ref, speed) - STOP_SPEED), out=margin)
    gain = np.where(stopping, 0.5, 10.0 / 11.0)
    acceleration = -gain * (speed - speed_ref)

    dx, dy = state[:, 0] - pose[:, 0], state[:, 1] - pose[:, 1]
    lateral = -dx * np.sin(pose[:, 2]) + dy * np.cos(pose[:, 2])
    angle = wrap_atan2(state[:, 2] - pose[:, 2])
    np.minimum(margin, np.pi - np.abs(angle), out=margin)
    steer = state[:, 7]
    gain_e, gain_h, gain_d = np.zeros_like(speed), np.zeros_like(speed), 0.0
    for ahead in range(LOOK_AHEAD):
        travel = (speed + acceleration * DT * ahead) * DT
        lateral = lateral + travel * angle
        angle = angle + travel * steer / WHEEL_BASE - travel * curvature[:, ahead]
        gain_e = gain_e + travel * gain_h
        gain_h = gain_h + travel * gain_d / WHEEL_BASE
        gain_d += DT
    np.minimum(margin, np.abs(np.pi - np.abs(angle)), out=margin)
    angle = wrap_atan2(angle)
    steer_rate = -(gain_e * lateral + 10 * gain_h * angle) / (gain_e**2 + 10 * gain_h**2 + 1)
    return acceleration, np.where(stopping, 0.0, steer_rate)


def _bicycle(state, acceleration, steer_rate):
    """One 0.1 s step of the bicycle, states `[N,11]`."""
    x, y, heading, vx, _, ax, _, steer, _, yaw_rate, _ = state.T
    new_ax = ax + DT / (DT + 0.2) * (acceleration - ax)
    free_steer = steer + DT / (DT + 0.05) * DT * steer_rate
    new_steer = np.clip(free_steer, -MAX_STEER, MAX_STEER)
    new_vx = vx + new_ax * DT
    new_yaw_rate = new_vx * np.tan(new_steer) / WHEEL_BASE
    zero = np.zeros_like(x)
    return np.column_stack(
        [
            x + vx * np.cos(heading) * DT,
            y + vx * np.sin(heading) * DT,
            wrap_half_open(heading + vx * np.tan(steer) / WHEEL_BASE * DT),
            new_vx,
            zero,
            new_ax,
            zero,
            new_steer,
            (free_steer - steer) / DT,
            new_yaw_rate,
            (new_yaw_rate - yaw_rate) / DT,
        ]
    )


def simulate(ego_state: np.ndarray, plans: np.ndarray, solve=curvature_profile):
    """Roll-out `[N,41,11]` of world poses `[N,41,3]` from `ego_state` `[11]`, and the smallest
    distance of a tracker decision from its threshold `[N]` (m/s or rad)."""
    plans = np.asarray(plans, np.float64)
    speed = speed_profile(plans)
    curvature = solve(plans, speed)
    margin = np.full(len(plans), np.inf)
    states = np.empty((len(plans), NUM_STEPS + 1, 11))
    states[:, 0] = ego_state
    for step in range(NUM_STEPS):
        last = min(step + LOOK_AHEAD, NUM_STEPS - 1)
        ahead = np.minimum(step + np.arange(LOOK_AHEAD), last)
        command = _control(
            states[:, step], plans[:, step], speed[:, last], curvature[:, ahead], margin
        )
        states[:, step + 1] = _bicycle(states[:, step], *command)
    return states, margin
