"""Facts per step: each step by itself, and what the plan's facts make of them."""

import forkroad
import numpy as np
import pytest

LAYOUTS = ["signalised_crossing", "roundabout", "parking_lot", "merge"]
# fact of a plan: the first step at which the flag is set
FIRST = {
    "contact_step": "step_contact",
    "off_road_step": "step_off_road",
    "off_route_step": "step_off_route",
    "bike_lane_step": "step_on_bike_lane",
    "emergency_lane_step": "step_on_emergency_lane",
    "red_light_step": "step_red_light",
    "stop_sign_step": "step_stop_sign",
    "crosswalk_step": "step_crosswalk",
    "stuck_step": "step_stuck",
}


def steps_of(facts):
    traces = facts.traces
    return {name: getattr(traces, name) for name in dir(traces) if name.startswith("step_")}


@pytest.fixture(scope="module")
def rolled():
    """Facts with steps of generated scenes, by lanes."""
    scenes = [forkroad.generate_scene(layout=name, seed=4) for name in LAYOUTS]
    batch = forkroad.SceneBatch(scenes)
    snapshot = forkroad.Snapshot.of_log(batch)
    plans = forkroad.vocabulary(batch, 96)
    agents = forkroad.make_agent_model("log")
    return {
        lanes: forkroad.Simulator(batch, lanes=lanes).rollout(
            snapshot, plans, agents, step_facts=True
        )
        for lanes in (1, 8, 16)
    }


def test_every_lane_width_gives_the_same_bits(rolled):
    reference = steps_of(rolled[1])
    assert len(reference) > 20
    for lanes in (8, 16):
        for name, values in steps_of(rolled[lanes]).items():
            np.testing.assert_array_equal(values, reference[name], err_msg=f"{name}, {lanes} lanes")


def test_the_first_step_that_is_flagged_is_the_fact_of_the_plan(rolled):
    facts = rolled[1]
    happened = set()
    for fact, flag in FIRST.items():
        flags = steps_of(facts)[flag]
        expected = getattr(facts, fact)
        first = np.where(flags.any(-1), flags.argmax(-1), -1)
        known = expected != -2
        np.testing.assert_array_equal(first[known], expected[known], err_msg=fact)
        if (expected >= 0).any():
            happened.add(fact)
    assert {"contact_step", "off_road_step", "off_route_step"} <= happened


def test_extremes_over_the_steps_are_the_facts_of_the_plan(rolled):
    facts, steps = rolled[1], steps_of(rolled[1])
    np.testing.assert_array_equal(steps["step_time_to_collision"].min(-1), facts.time_to_collision)
    # a contact between steps can be deeper after the first one than the plan's clearance knows
    assert (steps["step_clearance"].min(-1) <= facts.clearance).all()
    judged = {name: values[..., 1:] for name, values in steps.items()}
    for step, fact, reduce in (
        ("step_acceleration", "max_acceleration", np.max),
        ("step_acceleration", "min_acceleration", np.min),
        ("step_jerk", "max_jerk", np.max),
    ):
        np.testing.assert_array_equal(reduce(judged[step], axis=-1), getattr(facts, fact))
    for step, fact in (
        ("step_lateral_acceleration", "max_lateral_acceleration"),
        ("step_yaw_rate", "max_yaw_rate"),
        ("step_yaw_acceleration", "max_yaw_acceleration"),
        ("step_longitudinal_jerk", "max_longitudinal_jerk"),
    ):
        np.testing.assert_array_equal(np.abs(judged[step]).max(-1), getattr(facts, fact))


def test_the_last_step_is_where_the_plan_ends(rolled):
    facts, steps = rolled[1], steps_of(rolled[1])
    for name in ("lane_feature", "lane_offset", "lane_heading_error", "progress"):
        np.testing.assert_array_equal(steps[f"step_{name}"][..., -1], getattr(facts, name))


def test_steps_are_there_only_when_asked_for():
    batch = forkroad.SceneBatch([forkroad.generated_scene()])
    facts = forkroad.Simulator(batch).rollout(
        forkroad.Snapshot.of_log(batch),
        forkroad.vocabulary(batch, 4),
        forkroad.make_agent_model("log"),
        traces=True,
    )
    assert not facts.traces.with_steps
    with pytest.raises(ValueError, match="step_facts=True"):
        _ = facts.traces.step_off_road
