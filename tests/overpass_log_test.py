"""A real log on and below a bridge: in the plane eight of its vehicles cross a road edge, on their
own level two do, parked lorries that stand on the edge of their bays."""

import forkroad
import numpy as np
import pytest
from shared_logs import find_logs

LOG = "scenarionet_pkl/waymo/*eb4b91b10ca94ff2*"
LORRIES_ON_THE_EDGE = [16, 23]


@pytest.fixture(scope="module")
def overpass():
    (scene,) = forkroad.load_scenes(find_logs(LOG)[0])
    return scene


def flattened(scene):
    """The same log on a map without heights."""
    tracks = [
        {
            "id": int(track_id),
            "kind": scene.kinds[track],
            "positions": scene.positions[track][:, :2],
            "headings": scene.headings[track],
            "velocities": scene.velocities[track],
            "sizes": scene.sizes[track],
            "valid": scene.valid[track],
        }
        for track, track_id in enumerate(scene.track_ids)
    ]
    features = [
        {"id": feature.id, "kind": feature.kind, "points": feature.points[:, :2]}
        for feature in scene.features
    ]
    return forkroad.build_scene(
        id="flat", dt=scene.dt, ego=scene.ego, tracks=tracks, features=features, origin=[0, 0, 0]
    )


def log_facts(scene):
    """Facts of every track's whole log, one world per track."""
    tracks = np.arange(len(scene.kinds), dtype=np.int32)
    batch = forkroad.SceneBatch([scene])
    snapshot = forkroad.Snapshot.of_log(
        batch,
        scene=np.zeros_like(tracks),
        step=np.asarray(scene.valid).argmax(axis=1).astype(np.int32),
        focal_track=tracks,
    )
    still = np.zeros((1, scene.num_steps, 3), np.float32)
    plans = forkroad.PlanSet(
        still, dt=scene.dt, first_time=0.0, frame="ego", reference="box_center"
    )
    return forkroad.Simulator(batch).rollout(snapshot, plans, forkroad.make_agent_model("log"))


def test_no_event_is_invented_on_or_below_the_bridge(overpass):
    assert (overpass.num_steps, len(overpass.kinds)) == (199, 45)
    facts = log_facts(overpass)
    for fact in ("contact", "fault", "opposite_lane", "off_route", "crosswalk", "stop_sign"):
        assert (getattr(facts, f"log_{fact}_step") == -1).all(), fact
    assert np.flatnonzero(facts.log_off_road_step != -1).tolist() == LORRIES_ON_THE_EDGE
    # they stand
    for track in LORRIES_ON_THE_EDGE:
        moved = overpass.positions[track][overpass.valid[track]][:, :2]
        assert np.ptp(moved, axis=0).max() < 1.0
    assert facts.log_red_light_step[overpass.ego] == -1


def test_without_heights_the_same_log_leaves_the_road_many_times(overpass):
    facts = log_facts(flattened(overpass))
    off = np.flatnonzero(facts.log_off_road_step != -1)
    assert set(LORRIES_ON_THE_EDGE) < set(off)
    assert len(off) >= 8


def plan_facts(scene, paths):
    """Facts of plans of the ego's size along paths [K, T, 3] from the start of its log."""
    batch = forkroad.SceneBatch([scene])
    snapshot = forkroad.Snapshot.of_log(
        batch, scene=np.zeros(1, np.int32), step=np.zeros(1, np.int32)
    )
    plans = forkroad.PlanSet(
        np.ascontiguousarray(paths[None], np.float32),
        dt=scene.dt,
        first_time=0.0,
        frame="scene",
        reference="box_center",
    )
    return forkroad.Simulator(batch).rollout(snapshot, plans, forkroad.make_agent_model("log"))


def test_plans_go_over_the_bridge_ahead_of_the_log_and_not_onto_the_motorway_below(overpass):
    # the log ends at y = -58, the bridge is beyond; the motorway below it runs along x
    steps = overpass.num_steps
    over = np.linspace(-90.0, -145.0, steps)
    bridge = [np.stack([np.full(steps, x), over, np.full(steps, -np.pi / 2)], 1) for x in (0, 15)]
    below = np.linspace(40.0, 95.0, steps)
    motorway = [np.stack([below, np.full(steps, y), np.zeros(steps)], 1) for y in (-104.0, -135.0)]
    facts = plan_facts(overpass, np.stack(bridge + motorway))
    assert (facts.off_road_step[0, :2] == -1).all()
    assert (facts.off_road_step[0, 2:] == 0).all()
