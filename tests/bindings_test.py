"""The compiled module: arrays, lifetimes, errors, and results that depend on nothing hidden."""

import gc
import threading

import forkroad
import numpy as np
import pytest
from forkroad import PlanSet, RolloutSpec, SceneBatch, ScoreCard, Simulator, Snapshot

LAYOUT = {"dt": 0.1, "first_time": 0.1, "frame": "ego", "reference": "rear_axle"}
FACTS = [field.name for field in forkroad.Facts.fields()]
PARKED = 5  # track of the parked car in the generated scene


def straight(speeds, num_steps=40):
    """Ego-frame poses [K, T, 3] of constant speeds [m/s]."""
    times = LAYOUT["dt"] * np.arange(1, num_steps + 1)
    values = np.zeros((len(speeds), num_steps, 3), np.float32)
    values[..., 0] = np.asarray(speeds)[:, None] * times
    return values


def assert_same_facts(first, second):
    for name in FACTS:
        for prefix in ("", "log_"):
            left, right = getattr(first, prefix + name), getattr(second, prefix + name)
            np.testing.assert_array_equal(left, right, err_msg=prefix + name)


def test_scene_arrays_have_the_documented_shapes(scene):
    tracks, steps = len(scene.tracks), scene.num_steps
    assert scene.positions.shape == scene.sizes.shape == (tracks, steps, 3)
    assert scene.velocities.shape == (tracks, steps, 2)
    assert scene.headings.shape == scene.valid.shape == (tracks, steps)
    assert scene.valid.dtype == bool
    assert scene.track_ids.tolist() == [track.id for track in scene.tracks]
    assert scene.kinds[:3] == ["vehicle", "vehicle", "pedestrian"]
    for index, track in enumerate(scene.tracks):
        np.testing.assert_array_equal(track.positions, scene.positions[index])
        np.testing.assert_array_equal(track.valid, scene.valid[index])
    assert {feature.points.shape[1] for feature in scene.features} == {3}
    assert len(scene.signals) == steps


def test_views_of_a_scene_outlive_it_and_refuse_writing():
    points = forkroad.generated_scene().features[0].points
    expected = points.copy()
    gc.collect()
    np.testing.assert_array_equal(points, expected)
    with pytest.raises(ValueError, match="read-only"):
        points[0, 0] = 1


def test_a_simulator_keeps_its_batch_and_facts_arrays_keep_their_facts(agents):
    simulator = Simulator(SceneBatch([forkroad.generated_scene()]))
    gc.collect()
    snapshot = Snapshot.of_log(simulator.batch)
    facts = simulator.rollout(snapshot, PlanSet(straight([5.0]), **LAYOUT), agents)
    progress = facts.progress
    expected = progress.copy()
    del facts, simulator
    gc.collect()
    np.testing.assert_array_equal(progress, expected)


def test_a_batch_is_a_sequence_of_its_scenes(batch):
    assert [scene.id for scene in batch] == ["two_lane_road"]
    assert batch[-1].id == batch[0].id
    with pytest.raises(IndexError):
        batch[1]


def test_facts_speak_dlpack(batch, agents):
    plans = PlanSet(straight([5.0, 6.0]), **LAYOUT)
    facts = Simulator(batch).rollout(Snapshot.of_log(batch), plans, agents)
    np.testing.assert_array_equal(np.from_dlpack(facts.progress), facts.progress)


def test_facts_fields_name_every_array_with_its_type_unit_and_meaning(batch, agents):
    plans = PlanSet(straight([5.0, 6.0]), **LAYOUT)
    facts = Simulator(batch).rollout(Snapshot.of_log(batch), plans, agents)
    for field in forkroad.Facts.fields():
        assert getattr(facts, field.name).shape == (1, 2)
        assert getattr(facts, "log_" + field.name).shape == (1,)
        assert getattr(facts, field.name).dtype == field.dtype
        assert field.meaning
    assert {field.name: field.unit for field in forkroad.Facts.fields()}["progress"] == "m"


@pytest.mark.parametrize("num_threads", [1, 2])
@pytest.mark.parametrize("lanes", [1, 8, 16])
def test_facts_are_the_same_for_any_lanes_and_threads(batch, agents, lanes, num_threads):
    plans = forkroad.vocabulary(batch, 777)
    snapshot = Snapshot.of_log(batch)
    expected = Simulator(batch).rollout(snapshot, plans, agents)
    simulator = Simulator(batch, num_threads=num_threads, lanes=lanes)
    assert_same_facts(simulator.rollout(snapshot, plans, agents), expected)


def test_threads_that_share_a_simulator_get_their_own_results(batch, agents):
    simulator, snapshot = Simulator(batch), Snapshot.of_log(batch)
    sets = [PlanSet(straight(np.linspace(0, 5 + k, 300)), **LAYOUT) for k in range(4)]
    expected = [simulator.rollout(snapshot, plans, agents) for plans in sets]
    results = [None] * len(sets)

    def run(index):
        for _ in range(5):
            results[index] = simulator.rollout(snapshot, sets[index], agents)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(sets))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result, facts in zip(results, expected, strict=True):
        assert_same_facts(result, facts)


def test_one_plan_set_for_all_worlds_equals_one_per_world(agents):
    other = forkroad.generated_scene(current_step=20)
    batch = SceneBatch([forkroad.generated_scene(), other, other])
    values = straight(np.linspace(0, 12, 33))
    simulator, snapshot = Simulator(batch), Snapshot.of_log(batch)
    shared = simulator.rollout(snapshot, PlanSet(values, **LAYOUT), agents)
    own = simulator.rollout(snapshot, PlanSet(np.stack([values] * 3), **LAYOUT), agents)
    assert_same_facts(shared, own)
    assert not np.array_equal(shared.contact_time[0], shared.contact_time[1])
    np.testing.assert_array_equal(shared.contact_time[1], shared.contact_time[2])


def test_masked_plans_do_not_exist_and_change_nothing_else(batch, agents):
    values = straight([2.0, 4.0, 6.0])
    values[1] = np.nan
    simulator, snapshot = Simulator(batch), Snapshot.of_log(batch)
    plans = PlanSet(values, mask=[True, False, True], ids=[7, 8, 9], **LAYOUT)
    facts = simulator.rollout(snapshot, plans, agents)
    table = ScoreCard.drive().score(facts)
    assert facts.exists.tolist() == [[True, False, True]]
    assert np.isnan(table.totals[0, 1])
    assert table.best_plan() in (0, 2)
    whole = simulator.rollout(snapshot, PlanSet(values[[0, 2]], **LAYOUT), agents)
    np.testing.assert_array_equal(facts.progress[:, [0, 2]], whole.progress)
    assert facts.plan_ids.tolist() == [7, 8, 9]


def test_log_perturbation_0_is_the_log(batch, agents):
    snapshot = Snapshot.of_log(batch)
    plans = forkroad.log_perturbations(batch, snapshot, 50, seed=3)
    facts = Simulator(batch).rollout(snapshot, plans, agents)
    for name in FACTS:
        assert getattr(facts, name)[0, 0] == getattr(facts, "log_" + name)[0], name


def test_log_perturbations_depend_on_the_seed_alone(batch):
    snapshot = Snapshot.of_log(batch)
    first, again, other = (
        forkroad.log_perturbations(batch, snapshot, 9, seed=seed).poses() for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def assert_traces_are_the_log(scene):
    """The log's plan and agent model "log" give back the stored log bit for bit."""
    batch = SceneBatch([scene])
    snapshot = Snapshot.of_log(batch)
    start = scene.current_step
    steps = scene.num_steps - 1 - start
    plan = forkroad.log_plan(batch, snapshot, dt=scene.dt, num_steps=steps)
    agents = forkroad.make_agent_model("log")
    spec = RolloutSpec(num_steps=steps)
    traces = Simulator(batch).rollout(snapshot, plan, agents, spec, traces=True).traces
    seen = scene.valid[:, start:]
    positions, headings = scene.positions[:, start:], scene.headings[:, start:]
    ego = seen[scene.ego]
    assert ego.any()
    for name, stored in (
        ("x", positions[..., 0]),
        ("y", positions[..., 1]),
        ("heading", headings),
    ):
        moved = getattr(traces, "ego_" + name)[0, 0]
        np.testing.assert_array_equal(moved[ego], stored[scene.ego][ego], err_msg=name)
        tracks = traces.agent_track(0)
        replayed = getattr(traces, "agent_" + name)(0).T
        expected = np.where(seen[tracks], stored[tracks], np.float32(np.nan))
        np.testing.assert_array_equal(replayed, expected, err_msg=name)


def test_log_replay_gives_back_the_stored_log_bit_for_bit(scene):
    assert_traces_are_the_log(scene)


def test_log_replay_gives_back_real_logs_bit_for_bit(womd_files):
    for file in womd_files:
        for scene in forkroad.load_scenes(file):
            assert_traces_are_the_log(scene)


def parked_snapshot(batch, gap=8.0):
    """The ego `gap` metres behind the parked car, driving 8 m/s at it."""
    scene = batch[0]
    parked = scene.tracks[PARKED]
    vehicle = np.array([[4.8, 1.9, 2.9, 1.4]], np.float32)
    x, y, _ = parked.positions[scene.current_step]
    nose_to_center = (parked.sizes[scene.current_step, 0] + vehicle[0, 0]) / 2
    history = np.array([[[x - nose_to_center - gap, y, 0, 8, 0]]], np.float32)
    return Snapshot.from_arrays(
        batch, scene=[0], step=[10], vehicle=vehicle, history=history, history_dt=0.1
    )


def test_a_plan_that_rams_the_parked_car_touches_that_track(batch, agents):
    plans = PlanSet(straight([8.0, 1.0], num_steps=15), **LAYOUT)
    facts = Simulator(batch).rollout(parked_snapshot(batch), plans, agents)
    assert facts.contact_track[0].tolist() == [PARKED, -1]
    assert facts.contact_class[0, 0] == forkroad.ContactClass.STOPPED_AGENT
    assert facts.contact_time[0, 0] == pytest.approx(1.0, abs=0.03)  # to the sub-step
    assert facts.contact_relative_speed[0, 0] == pytest.approx(8.0, abs=1e-4)
    assert ScoreCard.drive().score(facts).totals[0, 0] == 0


def test_a_snapshot_is_restored_from_its_arrays_to_the_bit(batch, agents):
    snapshot = Snapshot.of_log(batch).fork(3).select([2, 0])
    arrays = snapshot.to_arrays()
    restored = Snapshot.from_arrays(batch, **arrays)
    for name, values in restored.to_arrays().items():
        np.testing.assert_array_equal(values, arrays[name], err_msg=name)
    assert restored.num_worlds == len(restored) == 2
    plans = PlanSet(straight([3.0, 9.0]), **LAYOUT)
    simulator = Simulator(batch)
    assert_same_facts(
        simulator.rollout(restored, plans, agents), simulator.rollout(snapshot, plans, agents)
    )


def test_snapshots_start_at_any_step_and_track(batch):
    snapshot = Snapshot.of_log(batch, scene=[0, 0], step=[0, 30], focal_track=[-1, 1])
    assert snapshot.to_arrays()["focal_track"].tolist() == [0, 1]
    assert snapshot.speed(0) == pytest.approx(11.0)
    with pytest.raises(ValueError, match="got scene 3"):
        Snapshot.of_log(batch, scene=[3], step=[0])


def test_a_plan_set_gives_back_what_it_was_made_of():
    values = np.random.default_rng(5).normal(size=(2, 67, 5, 3)).astype(np.float32)
    plans = PlanSet(values, **LAYOUT)
    np.testing.assert_array_equal(plans.poses(), values)
    np.testing.assert_array_equal(PlanSet(values[1], **LAYOUT).poses(), values[1:])
    assert (plans.num_worlds, plans.num_plans, plans.num_steps) == (2, 67, 5)
    assert (plans.dt, plans.first_time) == (0.1, 0.1)
    assert (plans.frame, plans.reference, plans.kind) == ("ego", "rear_axle", "poses")
    assert plans.ids.tolist() == list(range(67))
    assert plans.mask.shape == (2, 67)
    assert plans.mask.all()
    assert plans.end_time == pytest.approx(0.5)


def test_controls_need_neither_frame_nor_reference(batch, agents):
    controls = np.zeros((2, 30, 2), np.float32)
    controls[1, :, 0] = -4.0
    plans = PlanSet(controls, dt=0.1, first_time=0.0, kind="controls")
    facts = Simulator(batch).rollout(Snapshot.of_log(batch), plans, agents)
    assert facts.progress[0, 1] < facts.progress[0, 0]
    with pytest.raises(ValueError, match="got controls"):
        plans.poses()
    with pytest.raises(ValueError, match="frame 'scene'"):
        PlanSet(controls, dt=0.1, first_time=0.0, kind="controls", frame="scene")


@pytest.mark.parametrize("missing", ["dt", "first_time", "frame", "reference"])
def test_what_plans_mean_is_never_guessed(missing):
    layout = {name: value for name, value in LAYOUT.items() if name != missing}
    with pytest.raises(TypeError, match=f"PlanSet: {missing} is missing"):
        PlanSet(straight([1.0]), **layout)


def test_a_broken_plan_is_named_with_its_step_and_column():
    values = straight([1.0, 2.0])
    values[1, 7, 2] = np.nan
    with pytest.raises(ValueError, match=r"heading of world 0, plan 1 \(id 31\), step 7 is nan"):
        PlanSet(values, ids=[30, 31], **LAYOUT)


def test_errors_say_what_was_got_and_what_was_expected(batch, agents):
    with pytest.raises(ValueError, match=r"shape \[2, 3\], expected \[K, T, 3\]"):
        PlanSet(np.zeros((2, 3)), **LAYOUT)
    with pytest.raises(ValueError, match="frame: got 'world', expected 'ego' or 'scene'"):
        PlanSet(straight([1.0]), **{**LAYOUT, "frame": "world"})
    with pytest.raises(ValueError, match=r"mask of shape \[3\], expected \[1, 2\]"):
        PlanSet(straight([1.0, 2.0]), mask=[True] * 3, **LAYOUT)
    with pytest.raises(ValueError, match="unknown agent model 'nobody', expected one of: log"):
        forkroad.make_agent_model("nobody")
    with pytest.raises(ValueError, match="unknown card 'x', expected one of: drive"):
        ScoreCard.named("x")
    with pytest.raises(ValueError, match="got width 3"):
        Simulator(batch, lanes=3)
    with pytest.raises(ValueError, match="needs swept contact"):
        spec = RolloutSpec(contact=forkroad.ContactRule(substeps=1))
        plans = PlanSet(straight([1.0]), **LAYOUT)
        facts = Simulator(batch).rollout(Snapshot.of_log(batch), plans, agents, spec)
        ScoreCard.drive().score(facts)
    with pytest.raises(ValueError, match="precision: got 'half'"):
        RolloutSpec(precision="half")


def test_readers_yield_errors_instead_of_raising(tmp_path):
    items = list(forkroad.open_scenes(tmp_path / "absent"))
    assert len(items) == 1
    assert isinstance(items[0], forkroad.ParseError)
    assert items[0].code == "cannot_open"
    assert items[0].text() == str(items[0])
    with pytest.raises(RuntimeError, match="cannot_open"):
        forkroad.load_scenes(tmp_path / "absent")


def test_double_lanes_agree_with_float_lanes_on_contact(batch, agents):
    plans = forkroad.vocabulary(batch, 200)
    simulator, snapshot = Simulator(batch), Snapshot.of_log(batch)
    fine = simulator.rollout(snapshot, plans, agents, RolloutSpec(precision="double"))
    coarse = simulator.rollout(snapshot, plans, agents)
    # a plan within float rounding of a touch may be decided either way
    assert np.mean(fine.contact_track == coarse.contact_track) > 0.99
    np.testing.assert_allclose(fine.progress, coarse.progress, atol=1e-3)
