"""From model output to world poses."""

import numpy as np
import pytest
from forkroad.navsim import to_world_poses
from navsim_reference_rollout import plan_poses

EGO = np.array([664_430.39, 3_997_619.2, 2.9, 5.0, 0, 0, 0, 0, 0, 0, 0])
TIMES = [0, 10_000_000, 1_631_234_567_350_217, 1_628_000_111_000_000]


@pytest.mark.parametrize("time_us", TIMES)
@pytest.mark.parametrize(("num_poses", "interval"), [(40, 0.1), (8, 0.5), (3, 0.5), (1, 0.1)])
def test_poses_equal_the_plain_reference(time_us, num_poses, interval):
    rng = np.random.default_rng(num_poses)
    local = np.cumsum(rng.normal(0, 0.7, (5, num_poses, 3)), axis=1)
    poses = to_world_poses(local, interval, EGO, time_us)
    for plan in range(5):
        expected = plan_poses(EGO, time_us, local[plan], interval)
        turn = poses[plan, :, 2] - expected[:, 2]
        assert np.abs(poses[plan, :, :2] - expected[:, :2]).max() < 2e-8
        assert np.abs((turn + np.pi) % (2 * np.pi) - np.pi).max() < 1e-12


@pytest.mark.parametrize(
    ("local", "interval", "words"),
    [
        (np.zeros((2, 3)), 0.1, "local"),
        (np.zeros((2, 0, 3)), 0.1, "local"),
        (np.zeros((2, 4, 3)), 0.0, "interval"),
        (np.zeros((2, 4, 3)), np.nan, "interval"),
    ],
)
def test_bad_plans_are_refused(local, interval, words):
    with pytest.raises(ValueError, match=words):
        to_world_poses(local, interval, EGO, 0)
