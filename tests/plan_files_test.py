"""Plan files: what they must say, and the errors when they do not."""

import numpy as np
import pytest
from forkroad import PlanSet
from forkroad.plan_files import PlanFileLayout, load_plans, save_plans
from safetensors.numpy import save_file

LAYOUT = PlanFileLayout(dt=0.5, first_time=0.5, frame="ego", reference="rear_axle", kind="poses")


@pytest.fixture
def values():
    return np.random.default_rng(1).normal(size=(4, 6, 3)).astype(np.float32)


def test_npy_plans_load_with_their_layout_as_arguments(tmp_path, values):
    np.save(tmp_path / "plans.npy", values.astype(np.float64))
    plans = load_plans(tmp_path / "plans.npy", LAYOUT)
    np.testing.assert_array_equal(plans.poses()[0], values)
    assert (plans.dt, plans.first_time, plans.frame) == (0.5, 0.5, "ego")


def test_plans_per_world_load_from_four_axes(tmp_path, values):
    np.save(tmp_path / "plans.npy", np.stack([values, values + 1]))
    plans = load_plans(tmp_path / "plans.npy", LAYOUT)
    assert (plans.num_worlds, plans.num_plans) == (2, 4)


@pytest.mark.parametrize("missing", ["dt", "first_time", "frame", "reference", "kind"])
def test_a_missing_statement_names_its_flag(tmp_path, values, missing):
    np.save(tmp_path / "plans.npy", values)
    stated = {name: value for name, value in vars(LAYOUT).items() if name != missing}
    flag = "--plan-" + missing.replace("_", "-")
    with pytest.raises(ValueError, match=rf"plans\.npy: .* does not state {missing} .*{flag}"):
        load_plans(tmp_path / "plans.npy", PlanFileLayout(**stated))


def test_saved_plans_load_without_any_flag(tmp_path, values):
    plans = PlanSet(
        np.stack([values, values]),
        dt=0.1,
        first_time=0.2,
        frame="scene",
        reference="box_center",
        ids=[3, 1, 4, 15],
        mask=[[True, True, False, True], [True] * 4],
    )
    save_plans(plans, tmp_path / "plans.safetensors")
    loaded = load_plans(tmp_path / "plans.safetensors")
    np.testing.assert_array_equal(loaded.poses(), plans.poses())
    np.testing.assert_array_equal(loaded.ids, plans.ids)
    np.testing.assert_array_equal(loaded.mask, plans.mask)
    for name in ("dt", "first_time", "frame", "reference", "kind"):
        assert getattr(loaded, name) == getattr(plans, name)
    assert [path.name for path in tmp_path.iterdir()] == ["plans.safetensors"]


def test_saved_controls_load_without_any_flag(tmp_path):
    plans = PlanSet(np.ones((2, 5, 2)), dt=0.1, first_time=0, kind="controls")
    save_plans(plans, tmp_path / "plans.safetensors")
    loaded = load_plans(tmp_path / "plans.safetensors")
    assert loaded.kind == "controls"
    np.testing.assert_array_equal(loaded.values(), plans.values())


def test_a_statement_that_contradicts_the_file_is_refused(tmp_path, values):
    save_file({"plans": values}, tmp_path / "plans.safetensors", metadata={"dt": "0.1"})
    with pytest.raises(ValueError, match=r"states dt 0\.1, --plan-dt states 0\.5"):
        load_plans(tmp_path / "plans.safetensors", LAYOUT)


def test_flags_state_what_the_metadata_leaves_out(tmp_path, values):
    save_file({"plans": values}, tmp_path / "plans.safetensors", metadata={"dt": "0.5"})
    assert load_plans(tmp_path / "plans.safetensors", LAYOUT).num_plans == 4


def test_a_value_that_is_not_finite_names_file_plan_and_step(tmp_path, values):
    values[2, 3, 1] = np.nan
    np.save(tmp_path / "plans.npy", values)
    with pytest.raises(ValueError, match=r"plans\.npy: .*y of world 0, plan 2 .*step 3 is nan"):
        load_plans(tmp_path / "plans.npy", LAYOUT)


def test_files_that_hold_no_plans_say_what_they_hold(tmp_path, values):
    (tmp_path / "text.npy").write_text("plans")
    (tmp_path / "text.safetensors").write_text("plans")
    np.save(tmp_path / "ints.npy", np.ones((2, 3, 3), np.int64))
    save_file({"paths": values}, tmp_path / "paths.safetensors")
    for name, text in (
        ("text.npy", "not a readable .npy array"),
        ("text.safetensors", "not a readable .safetensors file"),
        ("ints.npy", "got values of type int64, expected floats"),
        ("paths.safetensors", r"got the tensors \['paths'\], expected one named 'plans'"),
        ("plans.csv", "expected .npy or .safetensors"),
    ):
        with pytest.raises(ValueError, match=text):
            load_plans(tmp_path / name, LAYOUT)
    with pytest.raises(OSError):
        load_plans(tmp_path / "absent.npy", LAYOUT)


def test_metadata_that_is_no_number_or_another_version_is_refused(tmp_path, values):
    path = tmp_path / "plans.safetensors"
    save_file({"plans": values}, path, metadata={"dt": "fast"})
    with pytest.raises(ValueError, match="metadata dt: got 'fast', expected the seconds"):
        load_plans(path)
    save_file({"plans": values}, path, metadata={"format_version": "9"})
    with pytest.raises(ValueError, match="got format_version 9, expected 1"):
        load_plans(path)
