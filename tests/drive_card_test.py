"""The card drive on plans that do one thing wrong, and on the log of real drives."""

import forkroad
import numpy as np
import pytest
from shared_logs import find_logs

DT = 0.1
REAL_DRIVES = (
    "womd_tfrecord/*scen*.tfrecord",
    "gpudrive_json/v2/*",
    "unified_json/scenarionet_waymo/*",
    "unified_json/waymax/*",
    "av2_sensor/*",
)


@pytest.fixture(scope="module")
def made():
    """Scene, batch and snapshot of a road whose log drives on freely."""
    scene = forkroad.generate_scene(layout="multi_lane", seed=3)
    batch = forkroad.SceneBatch([scene])
    return scene, batch, forkroad.Snapshot.of_log(batch)


def logged_poses(scene, steps):
    rows = slice(scene.current_step, scene.current_step + steps + 1)
    poses = np.column_stack([scene.positions[scene.ego, rows, :2], scene.headings[scene.ego, rows]])
    return poses.astype(np.float64)


def score(made, poses):
    _, batch, snapshot = made
    plans = forkroad.PlanSet(
        np.asarray(poses, np.float32)[None], dt=DT, first_time=0.0, frame="scene",
        reference="box_center",
    )  # fmt: skip
    simulator = forkroad.Simulator(batch)
    card = forkroad.ScoreCard.drive()
    table = card.score(
        simulator.rollout(snapshot, plans, forkroad.make_agent_model("log"), card.spec())
    )
    return dict(zip(table.terms, table.values[0, 0], strict=True)), table


def turned(poses, angle):
    """The whole plan turned about its start."""
    cos, sin = np.cos(angle), np.sin(angle)
    ahead = (poses[:, :2] - poses[0, :2]) @ np.array([[cos, sin], [-sin, cos]])
    return np.column_stack([ahead + poses[0, :2], poses[:, 2] + angle])


def test_the_log_as_a_plan_loses_nothing(made):
    scene = made[0]
    terms, table = score(made, logged_poses(scene, 60))
    assert terms["total"] == table.log_values[0, -1] == 1


def test_a_plan_that_is_turned_by_a_right_angle_leaves_the_road(made):
    terms, _ = score(made, turned(logged_poses(made[0], 60), np.pi / 2))
    assert terms["on_road"] == terms["total"] == 0
    assert terms["progress"] < 0.5


def test_standing_still_loses_progress_and_little_else(made):
    poses = np.repeat(logged_poses(made[0], 0), 61, axis=0)
    terms, _ = score(made, poses)
    assert terms["progress"] == 0
    assert terms["on_road"] == terms["no_red_light"] == terms["direction"] == 1
    assert terms["total"] < 0.7


def test_driving_in_reverse_loses_direction_and_progress(made):
    poses = logged_poses(made[0], 60)
    backwards = poses.copy()
    backwards[:, :2] = 2 * poses[0, :2] - poses[:, :2]
    terms, _ = score(made, backwards)
    assert terms["progress"] == 0
    assert terms["direction"] < 1


def test_ramming_a_parked_car_is_the_plan_s_fault():
    scene = forkroad.generated_scene()
    parked = 5
    batch = forkroad.SceneBatch([scene])
    target = scene.positions[parked, scene.current_step, :2].astype(np.float64)
    heading = float(scene.headings[parked, scene.current_step])
    behind = np.linspace(-9, 0, 61)[:, None]
    poses = np.column_stack(
        [target + behind * [np.cos(heading), np.sin(heading)], np.full(61, heading)]
    )
    terms, table = score((scene, batch, forkroad.Snapshot.of_log(batch)), poses)
    assert terms["no_fault"] == terms["total"] == 0
    assert table.lost_track[0, 0, 0] == parked
    assert 0 < table.lost_step[0, 0, 0] <= 60


def test_running_a_red_light_loses_the_light():
    for seed in range(12):
        scene = forkroad.generate_scene(layout="signalised_crossing", seed=seed)
        batch = forkroad.SceneBatch([scene])
        made = scene, batch, forkroad.Snapshot.of_log(batch)
        poses = logged_poses(scene, 60)
        heading = poses[0, 2]
        along = 12.0 * DT * np.arange(61)[:, None]
        straight = np.column_stack(
            [poses[0, :2] + along * [np.cos(heading), np.sin(heading)], np.full(61, heading)]
        )
        terms, table = score(made, straight)
        if terms["no_red_light"] == 0:
            light = table.terms.index("no_red_light")
            assert terms["total"] == 0 and table.lost_step[0, 0, light] > 0
            assert table.log_values[0, light] == 1
            return
    pytest.fail("no generated crossing was red ahead of its ego")


def test_logs_of_real_drives_score_well():
    totals, lost = [], []
    for pattern in REAL_DRIVES:
        for path in find_logs(pattern)[:12]:
            for scene in forkroad.open_scenes(str(path)):
                if isinstance(scene, forkroad.ParseError) or scene.ego < 0:
                    continue
                batch = forkroad.SceneBatch([scene])
                table = forkroad.Simulator(batch).score(
                    forkroad.vocabulary(batch, 1),
                    forkroad.make_agent_model("log"),
                    forkroad.ScoreCard.drive(),
                )
                totals.append(float(table.log_values[0, -1]))
                lost += [
                    f"{path.name}: {term} at step {step}"
                    for term, step in zip(table.terms[:-1], table.log_lost_step[0], strict=False)
                    if step >= 0
                ]
    assert len(totals) >= 10
    assert np.median(totals) >= 0.9, lost
