"""The notebook "what if the ego had braked a second earlier" runs and says what it shows."""

import notebooks
import numpy as np
import pytest

NOTEBOOK = "02_what_if_braked_a_second_earlier"


@pytest.fixture(scope="module")
def names():
    return notebooks.run(NOTEBOOK)


def test_outputs_are_cleared():
    assert not notebooks.has_outputs(NOTEBOOK)


def test_its_text_is_true_of_its_scene(names):
    facts, partner = names["facts"], names["partner"]
    assert (facts.contact_step[0] >= 0).tolist() == [False, False, True]
    assert facts.contact_relative_speed[0, 2] == pytest.approx(6.3, abs=0.05)
    others = [list(names["closest"](plan))[1] for plan in range(3)]
    assert len({partner(track) for track in others}) == 3
    ego = names["scene"].positions[names["scene"].ego, -1, 0]
    behind = names["scene"].positions[others[1], -1, 0]
    in_front = names["scene"].positions[others[2], -1, 0]
    forward = np.sign(np.diff(names["log"][[0, -1], 0])[0])
    assert forward * behind < forward * ego < forward * in_front


def test_braking_moves_by_the_time_asked_for_and_the_path_stays(names):
    log, begin, dt = names["log"], names["begin"], names["scene"].dt
    for later in (-1.0, 0.0, 0.5, 1.0):
        moved = names["with_braking_moved"](log, begin, dt, later)
        steps = round(later / dt)
        speed, expected = names["speeds"](moved, dt), names["speeds"](log, dt)
        first, second = max(begin + steps, begin), max(begin - steps, begin)
        shared = len(speed) - abs(steps)
        np.testing.assert_allclose(
            speed[begin + steps : begin + steps + 20], expected[begin : begin + 20], atol=0.02
        )
        assert len(moved) == len(log) and shared > first and second >= begin
        along = np.interp(moved[:, 0], np.sort(log[:, 0]), log[np.argsort(log[:, 0]), 1])
        inside = (moved[:, 0] >= log[:, 0].min()) & (moved[:, 0] <= log[:, 0].max())
        np.testing.assert_allclose(moved[inside, 1], along[inside], atol=1e-6)
    np.testing.assert_allclose(names["with_braking_moved"](log, begin, dt, 0.0), log, atol=1e-9)
    with pytest.raises(ValueError, match="too soon"):
        names["with_braking_moved"](log, 3, dt, -1.0)


def test_it_works_on_another_scene():
    program = notebooks.source(NOTEBOOK)
    assert "generated:unsignalised_t:1:20" in program
    names = notebooks.run(NOTEBOOK, program.replace("unsignalised_t:1:20", "parking_lot:90"))
    assert names["facts"].contact_step[0, 2] >= 0
