"""Reader of NAVSIM scene files."""

import numpy as np
import pytest

pytest.importorskip("shapely", reason="the NAVSIM scene generator needs shapely")

from forkroad.navsim import LayoutError, read_navsim
from navsim_scenes import generate, margins_path
from navsim_shared import golden_file, write_generated


@pytest.fixture(scope="module")
def arrays():
    return generate(2, 4, 1, "v2")[0]


def saved(tmp_path, arrays, **changes):
    """The arrays with changes, on disk; None takes an array away."""
    changed = {**arrays, **changes}
    path = tmp_path / "navsim_changed.npz"
    np.savez(path, **{name: value for name, value in changed.items() if value is not None})
    return path


def test_scene_holds_what_the_file_holds(arrays, tmp_path):
    file = read_navsim(saved(tmp_path, arrays))
    assert file.version == "v2"
    assert len(file.scenes) == 2
    scene = file.scenes[1]
    np.testing.assert_array_equal(scene.plans, arrays["plan"][1])
    np.testing.assert_array_equal(scene.expected["nc"], arrays["nc"][1])
    offset = arrays["poly_offset"]
    assert len(scene.polygon_type) == offset[2] - offset[1]
    assert scene.polygon_offset[0] == 0
    assert scene.polygon_offset[-1] == len(scene.polygon_xy)
    assert len(scene.plan_local) == 4
    assert scene.previous.plans.shape == (8, 41, 3)
    assert scene.margins == {}


def test_margins_file_beside_is_found(tmp_path):
    path = write_generated(tmp_path, "v2", seed=2)
    file = read_navsim(path)
    assert file.margin_terms[0] == "tracker"
    assert file.scenes[0].margins["margin"].shape == (8, len(file.margin_terms))
    assert file.tolerances["sim_pose"] == 1e-8
    margins_path(path).unlink()
    assert read_navsim(path).margin_terms == []


def test_npz_and_safetensors_say_the_same():
    one, two = golden_file("navsim_v2.npz"), golden_file("navsim_v2.safetensors")
    for first, second in zip(one.scenes, two.scenes, strict=True):
        assert first.name == second.name
        assert first.polygon_token == second.polygon_token
        np.testing.assert_array_equal(first.plans, second.plans)
        np.testing.assert_array_equal(first.expected["ec_rms"], second.expected["ec_rms"])


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("poly_xy", lambda array: None, "no such array"),
        ("poly_xy", lambda array: array.astype(np.float32), "dtype f8"),
        ("plan", lambda array: array[:, :, :40], "[S, N, 41, 3] with 41 = 41"),
        ("plan", lambda array: array[0], "[S, N, 41, 3]"),
        ("nc", lambda array: array[:, :3], "with N = 4"),
        ("track_size", lambda array: array[1:], "[A, 2]"),
        ("track_size", lambda array: array * 0, "a positive size"),
        ("track_offset", lambda array: array + 1, "first value"),
        ("track_offset", lambda array: array[[0, 2, 1]], "falling"),
        ("poly_vertex_offset", lambda array: np.r_[0, 2, array[2:]].astype("i4"), "3 or more"),
        ("poly_type", lambda array: array + 9, "0 .. 4"),
        ("red_poly", lambda array: array + 10_000, "red_poly"),
        ("centerline_xy", lambda array: array * np.nan, "not finite"),
        ("meta_value", lambda array: np.where(array == b"v2", b"v3", array), "v1, v1.1 or v2"),
        ("track_state", lambda array: array[:, :30], "track_"),
    ],
)
def test_a_wrong_array_is_named(arrays, tmp_path, name, change, words):
    if name == "red_poly" and len(arrays["red_poly"]) == 0:
        pytest.skip("no red connector in the generated scenes")
    path = saved(tmp_path, arrays, **{name: change(arrays[name])})
    with pytest.raises(LayoutError) as caught:
        read_navsim(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_of_inputs_alone_is_enough(arrays, tmp_path):
    from forkroad.navsim.layout import REQUIRED

    path = tmp_path / "inputs.npz"
    np.savez(path, **{name: arrays[name] for name in REQUIRED})
    file = read_navsim(path)
    assert file.version == "v2"
    assert file.scenes[0].plans is None
    assert file.scenes[0].expected == {}


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.npz or \.safetensors"):
        read_navsim(tmp_path / "scenes.parquet")
