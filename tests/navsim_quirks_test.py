"""What NAVSIM's plans, tracker, comfort and totals do where one would expect something else.

Each test shows the value that the obvious rule gives, so that it fails if the rule is tidied up.
"""

import numpy as np
import pytest
from forkroad import _core
from forkroad.navsim import pdm_human_filter, to_world_poses
from navsim_tiny import (
    CONE,
    REAR_AXLE_TO_CENTER,
    STEPS,
    WIDE_ROAD,
    area,
    ego,
    scene,
    score,
    states,
    straight_plan,
    track,
)

DT = 0.1
LON_ACCEL, LAT_ACCEL, JERK, LON_JERK, YAW_ACCEL, YAW_RATE = range(6)
VERSIONS = ("v1.1", "v2")


def speed_profile(plan, penalty):
    """Reference speeds `[40]` of a straight plan `[1,41,3]` under a penalty `[K,40]`."""
    travel = np.tril(np.full((40, 40), DT * DT))
    travel[:, 0] = DT
    normal = travel.T @ travel + 1e-4 * penalty.T @ penalty
    solution = np.linalg.solve(normal, travel.T @ np.diff(plan[0, :, 0]))
    return solution[0] + DT * np.append(0.0, np.cumsum(solution[1:]))


def simulate(plan, **initial):
    """States `[41,11]` of a plan."""
    return _core.simulate_pdm(scene(ego_state=ego(**initial)), plan)[0]


def commanded(plan, **initial):
    """The tracker's first acceleration, undone from the actuator's lag."""
    return 3.0 * simulate(plan, **initial)[1, 5]


def test_the_jerk_penalty_is_the_broken_one():
    plan = straight_plan(8.0)
    plan[0, :, 0] += 0.3 * np.sin(0.35 * STEPS)
    difference = np.eye(38, 40, 2) - np.eye(38, 40, 1)  # a_{i+1} - a_i as documented
    broken = -np.eye(38, 40, 1)  # -a_i, but for the last row
    broken[-1] = difference[-1]
    target = 8.0 + commanded(plan, vx=8.0) * 11 / 10
    assert target == pytest.approx(speed_profile(plan, broken)[10], abs=1e-9)
    assert abs(target - speed_profile(plan, difference)[10]) > 1e-2


def test_stopping_needs_both_speeds_at_most_at_the_threshold():
    cases = {(0.19, 0.1): 0.5, (0.19, 0.2): 0.5, (0.19, 0.21): 10 / 11, (0.21, 0.1): 10 / 11}
    for (target, speed), gain in cases.items():
        plan = straight_plan(target)
        plan[0, :, 1] = 0.5  # beside the ego, so that the tracker would steer
        out = simulate(plan, vx=speed)
        assert 3.0 * out[1, 5] == pytest.approx(-gain * (speed - target), abs=1e-9)
        assert (out[1, 8] == 0.0) == (gain == 0.5)


def test_the_simulated_lateral_acceleration_is_zero():
    out = simulate(straight_plan(8.0, turn=0.4), vx=8.0, vy=0.3, ay=6.0)
    assert (out[0, 4], out[0, 6]) == (0.3, 6.0)
    assert (out[1:, [4, 6]] == 0.0).all()
    assert np.abs(out[:, 3] * out[:, 9]).max() > 2.5  # a real car would feel this


def test_a_car_may_reverse():
    out = simulate(straight_plan(-2.0), vx=1.0)
    assert out[-1, 3] == pytest.approx(-2.0, abs=0.3)
    assert out[-1, 0] < -3.0
    assert score(scene(), plans=straight_plan(-2.0))["progress_raw"] == 0.0


def test_yaw_acceleration_starts_from_a_yaw_rate_of_zero():
    plan = straight_plan(8.0, turn=0.4)
    out = simulate(plan, vx=8.0, steer=0.1)
    assert out[1, 10] == pytest.approx(out[1, 9] / DT, rel=1e-9)
    turning = 8.0 * np.tan(0.1) / 3.089  # what the wheels say at k = 0
    assert abs(out[1, 10] - (out[1, 9] - turning) / DT) > 2.0
    moving = simulate(plan, vx=8.0, steer=0.1, yaw_rate=turning)
    assert moving[1, 10] == pytest.approx((out[1, 9] - turning) / DT, rel=1e-9)


def comfort(version="v2", given=None, **columns):
    """Flags `[6]` of given states, by default without history."""
    return score(given or scene(), states(**columns), version=version)["comfort_ok"]


def test_the_shift_to_the_centre_keeps_its_signs():
    # a + 1.461 (w^2 + dw/dt) in v2: right would be a - 1.461 w^2, without dw/dt
    for columns, shifted, right in (
        ({"yaw_rate": 1.5}, REAR_AXLE_TO_CENTER * 2.25, -REAR_AXLE_TO_CENTER * 2.25),
        ({"yaw_accel": 1.7}, REAR_AXLE_TO_CENTER * 1.7, 0.0),
        ({"yaw_accel": -1.7, "ax": 3.0}, 3.0 - REAR_AXLE_TO_CENTER * 1.7, 3.0),
        ({"yaw_rate": 1.5, "ax": -6.0}, -6 + REAR_AXLE_TO_CENTER * 2.25, -6.0),
    ):
        assert comfort(**columns)[LON_ACCEL] == (-4.05 < shifted < 2.40)
        assert comfort("v1.1", **columns)[LON_ACCEL] == (-4.05 < columns.get("ax", 0.0) < 2.40)
        assert (-4.05 < shifted < 2.40) != (-4.05 < right < 2.40)
    assert comfort(ay=4.8, yaw_rate=1.0, yaw_accel=1.0)[LAT_ACCEL] == 1  # not shifted


@pytest.mark.parametrize("version", VERSIONS)
def test_bounds_are_strict(version):
    assert comfort(version, ax=2.40)[LON_ACCEL] == 0  # inclusive: 1
    assert comfort(version, ax=2.40 - 1e-7)[LON_ACCEL] == 1
    assert comfort(version, ax=-4.05)[LON_ACCEL] == 0
    assert comfort(version, ay=4.89)[LAT_ACCEL] == 0
    assert comfort(version, heading=0.095 * STEPS)[YAW_RATE] == 0
    assert comfort(version, heading=(0.095 - 1e-8) * STEPS)[YAW_RATE] == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_signals_are_rounded_to_eight_decimals(version):
    below = 2.40 - 1e-9
    assert comfort(version, ax=below)[LON_ACCEL] == 0  # unrounded it is within (-4.05, 2.40)
    assert comfort(version, ax=2.40 - 1e-8)[LON_ACCEL] == 1
    assert comfort(version, heading=(0.095 - 1e-10) * STEPS)[YAW_RATE] == 0


def smoothing_matrix(length, first_offset):
    """SG(8, 2) as a matrix: the interior weighs offsets first_offset .. first_offset + 7, the ends
    evaluate the fit of the first (last) eight samples at their own places."""
    kernel = np.array([-3, 3, 7, 9, 9, 7, 3, -3]) / 32
    matrix = np.zeros((length, length))
    for row in range(4, length - 4):
        matrix[row, row + first_offset : row + first_offset + 8] = kernel
    powers = np.vander(np.arange(8.0), 3)
    fit = powers @ np.linalg.pinv(powers)
    matrix[:4, :8], matrix[-4:, -8:] = fit[:4], fit[4:]
    return matrix


def pair(gap=5, **columns):
    """RMS `[4]` of given states against zeros."""
    return _core.pdm_extended_comfort(states(**columns), states(), [[0, 0]], gap)[1][0]


def test_the_even_window_looks_four_samples_ahead_and_three_back():
    for at in (4, 5, 20, 29, 30, 31):
        impulse = np.where(at == STEPS, 1.0, 0.0)
        found = pair(ax=impulse)[0]
        expected = smoothing_matrix(36, -3) @ impulse[:36]
        assert found == pytest.approx(np.sqrt(np.mean(expected**2)), abs=1e-8)
        mirrored = smoothing_matrix(36, -4) @ impulse[:36]
        differs = abs(found - np.sqrt(np.mean(mirrored**2))) > 1e-4
        assert differs == (at != 20)  # far from the ends only the place differs


def test_the_ends_evaluate_the_fit_of_the_end_windows():
    ramp = 0.05 * (STEPS - 10.0) ** 2
    found = pair(ax=ramp)[0]
    expected = smoothing_matrix(36, -3) @ ramp[:36]
    assert found == pytest.approx(np.sqrt(np.mean(expected**2)), abs=1e-7)
    held = np.pad(ramp[:36], (3, 4), mode="edge")  # scipy's mode "nearest"
    kernel = np.array([-3, 3, 7, 9, 9, 7, 3, -3]) / 32
    nearest = np.convolve(held, kernel, mode="valid")
    assert abs(found - np.sqrt(np.mean(nearest**2))) > 1e-2


def test_small_signals_round_to_nothing():
    assert pair(ax=np.where(STEPS == 20, 1e-8, 0.0))[0] == 0.0  # unrounded 9/32 e-8 at most
    assert pair(ax=np.where(STEPS == 20, 1e-7, 0.0))[0] > 1e-9


def test_yaw_acceleration_fits_a_cubic_in_hc_and_a_quadratic_in_ec():
    time = DT * STEPS
    slope = 0.082  # second derivative 6 * slope * t; a quadratic stops at the window's middle
    assert 6 * slope * 3.8 < 1.93 < 6 * slope * 4.0
    for version in VERSIONS:
        assert comfort(version, heading=slope * time**3)[YAW_ACCEL] == 0
        assert comfort(version, heading=slope * 0.97 * time**3)[YAW_ACCEL] == 1
    found = pair(heading=slope * time**3)[3]
    cubic = 6 * slope * time[:36]
    quadratic = np.concatenate([cubic[[2, 2]], cubic[2:-2], cubic[[-3, -3]]])
    assert found == pytest.approx(np.sqrt(np.mean(quadratic**2)), abs=1e-6)
    assert abs(found - np.sqrt(np.mean(cubic**2))) > 1e-3


def test_extended_comfort_includes_its_limits():
    # over 1 .. 26 steps of gap some sums of squares give 0.7 without rounding
    found = [
        (rms[0, 0], okay[0])
        for gap in range(1, 27)
        for okay, rms in [_core.pdm_extended_comfort(states(ax=0.7), states(), [[0, 0]], gap)]
    ]
    assert any(rms == 0.7 for rms, _ in found)
    assert all(okay == (rms <= 0.7) for rms, okay in found)  # rms < 0.7 differs at 0.7 itself
    above = _core.pdm_extended_comfort(states(ax=0.7 + 1e-6), states(), [[0, 0]], 5)
    assert above[0][0] == 0


def history(span_us, yaw_rate):
    """A scene whose past `span_us` [us] turned at `yaw_rate` [rad/s] up to heading 0."""
    times = 10_000_000 - np.array([span_us, 1_000_000, 500_000, 0])
    past = np.zeros((4, 11))
    past[:, 2] = yaw_rate * (times - times[-1]) * 1e-6
    return scene(history_state=past, history_time_us=times)


def test_a_history_of_exactly_one_and_a_half_seconds_leaves_a_gap():
    rate = 0.8
    turning = {"heading": rate * DT * STEPS}
    # 14 rows, -1.5 .. -0.2 s, then 0: the step of 0.16 rad across it counts as 0.1 s
    heading = rate * DT * np.append(np.arange(-15.0, -1.0), STEPS)
    kernel = np.array([2.0, 1.0, 0.0, -1.0, -2.0]) / (10 * DT)
    assert np.convolve(heading, kernel, mode="valid").max() > 0.95
    assert comfort(given=history(1_500_000, rate), **turning)[YAW_RATE] == 0
    assert comfort(given=history(1_500_001, rate), **turning)[YAW_RATE] == 1  # 15 rows, no gap
    assert comfort(given=history(1_499_999, rate), **turning)[YAW_RATE] == 0
    assert comfort(**turning)[YAW_RATE] == 1
    # v1.1 knows no history
    assert comfort("v1.1", given=history(1_500_000, rate), **turning)[YAW_RATE] == 1


def test_history_comfort_is_one_without_history():
    harsh = states(ax=5.0)
    out = score(scene(), harsh)
    assert (out["hc"], out["comfort_ok"][LON_ACCEL]) == (1.0, 0)
    assert score(history(1_500_000, 0.0), harsh)["hc"] == 0.0
    assert score(scene(), harsh, version="v1.1")["comfort_score"] == 0.0


def drive(metres):
    """States `[1,41,11]` that advance by `metres`."""
    return states(x=metres * STEPS / 40, vx=metres / 4)


def test_progress_is_measured_against_the_proposal_and_the_plan_itself():
    both = np.concatenate([drive(30.0), drive(10.0)])
    settings = {"reference_progress": 20.0, "reference_product": 1.0}
    for version in VERSIONS:
        ep = _core.score_pdm(scene(), sim=both, version=version, **settings)["ep"]
        np.testing.assert_allclose(ep, [1.0, 0.5])  # over the batch 10 / 30
        np.testing.assert_allclose(_core.score_pdm(scene(), sim=both, version=version)["ep"], 1.0)


def test_progress_counts_raw_in_v2_and_masked_in_v1():
    cone = scene([track(10.0, 0.3, kind=CONE)])
    settings = {"reference_progress": 16.0, "reference_product": 1.0}
    new = score(cone, drive(20.0), **settings)
    old = score(cone, drive(20.0), version="v1.1", **settings)
    assert (new["mult_prod"], old["mult_prod"]) == (0.5, 0.5)
    assert new["ep"] == 1.0  # 20 / max(16, 10), clipped
    assert old["ep"] == pytest.approx(10 / 16)
    # the proposal counts times its own product
    blocked = {"reference_progress": 40.0, "reference_product": 0.5}
    assert score(scene(), drive(10.0), **blocked)["ep"] == pytest.approx(10 / 20)


def test_progress_of_five_metres_or_less_is_not_compared():
    settings = {"reference_progress": 5.0, "reference_product": 1.0}
    blocked = scene([track(3.0, 0.0, 0.0)])  # a stopped car: product 0
    for version, with_fault in (("v2", 1.0), ("v1.1", 0.0)):
        assert score(scene(), drive(1.0), version=version, **settings)["ep"] == 1.0  # not 0.2
        assert score(blocked, drive(1.0), version=version, **settings)["ep"] == with_fault
        more = {"reference_progress": 5.001, "reference_product": 1.0}
        assert score(scene(), drive(1.0), version=version, **more)["ep"] < 0.21


def test_the_score_leaves_extended_comfort_out():
    far = scene(centerline=np.array([(-200.0, 5.0), (200.0, 5.0)]))  # lk 0
    out = score(far, drive(20.0))
    assert (out["lk"], out["ep"], out["ttc"], out["hc"]) == (0.0, 1.0, 1.0, 1.0)
    assert out["score"] == pytest.approx(12 / 14)  # 12 / 16 with EC in the divisor
    assert score(far, drive(20.0), version="v1.1")["score"] == 1.0


def test_the_human_filter_has_three_forms():
    narrow = scene([track(10.0, 0.3, kind=CONE)], [area(0, (-50, 50), (-1, 1)), WIDE_ROAD[1]])
    terms = _core.score_pdm(narrow, sim=drive(20.0))
    human = _core.score_pdm(narrow, sim=drive(18.0))
    assert (human["dac"][0], human["nc"][0]) == (0.0, 0.5)
    found = {mode: pdm_human_filter(terms, human, mode) for mode in ("off", "current", "legacy")}
    assert found["off"]["dac"][0] == 0.0
    for mode in ("current", "legacy"):
        assert (found[mode]["dac"][0], found[mode]["nc"][0]) == (1.0, 0.5)  # a half is no excuse
    assert found["current"]["mult_prod"][0] == 0.5
    assert found["current"]["score"][0] > 0.0
    assert (found["legacy"]["mult_prod"][0], found["legacy"]["score"][0]) == (0.0, 0.0)


def test_sample_times_are_truncated_to_microseconds():
    speed, start = 15.0, 1_631_234_567_350_217
    local = np.zeros((1, 8, 3))
    local[0, :, 0] = speed * 0.5 * np.arange(1, 9)
    late = to_world_poses(local, 0.5, np.zeros(11), start)[0, :, 0] - speed * DT * STEPS
    early = np.abs(late) > 0.9e-6 * speed
    assert early.any()
    assert np.abs(late).max() < 2.1e-6 * speed
    small = to_world_poses(local, 0.5, np.zeros(11), 10_000_000)[0, :, 0] - speed * DT * STEPS
    assert np.abs(small).max() < 1e-9  # without truncation both are like this


def test_a_short_plan_holds_its_last_pose():
    local = np.array([[(4.0, 0.0, 0.0), (8.0, 0.0, 0.0)]])
    poses = to_world_poses(local, 0.5, ego(vx=8.0), 10_000_000)
    np.testing.assert_allclose(poses[0, 10:, 0], 8.0)
    held = simulate(poses, vx=8.0)
    assert held[-1, 3] < 0.5  # it brakes; a plan that goes on keeps 8 m/s
    assert simulate(straight_plan(8.0), vx=8.0)[-1, 3] == pytest.approx(8.0, abs=1e-6)
