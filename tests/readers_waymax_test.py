"""Waymax pickles: states behind jax classes, padding, lamps that change lanes, points to lines."""

import io
import pickle
import struct
import sys
import types

import forkroad
import numpy as np
import pytest
from reading import only

T, N = 91, 4
ORIGIN = np.float32([11656.75, 9193.5, 89.75])


class JaxArray:
    """Pickles as jax's arrays do: a numpy array and how to make it."""

    def __init__(self, values):
        self.values = np.asarray(values)


def install(monkeypatch, module, name, value):
    """Make a module offer a value, as pickle demands of what it names."""
    words = module.split(".")
    for count in range(1, len(words) + 1):
        package = ".".join(words[:count])
        if package not in sys.modules:
            monkeypatch.setitem(sys.modules, package, types.ModuleType(package))
    value.__module__, value.__qualname__, value.__name__ = module, name, name
    monkeypatch.setattr(sys.modules[module], name, value, raising=False)
    return value


def record(monkeypatch, module, name, fields):
    """An object of a class of Waymax."""
    value = install(monkeypatch, f"waymax.datatypes.{module}", name, type(name, (), {}))()
    value.__dict__.update(fields)
    return value


def dump(content, monkeypatch):
    """The bytes that Waymax would have written."""

    def reconstruct_array(function, arguments, state, aval):
        raise AssertionError("never called")

    install(monkeypatch, "jax._src.array", "_reconstruct_array", reconstruct_array)

    class Pickler(pickle.Pickler):
        def reducer_override(self, value):
            if not isinstance(value, JaxArray):
                return NotImplemented
            function, arguments, state = value.values.__reduce__()
            return reconstruct_array, (function, arguments, state, {"weak_type": False})

    out = io.BytesIO()
    Pickler(out, 4).dump(content)
    return out.getvalue()


def trajectory():
    steps = np.arange(T)
    values = {
        "x": ORIGIN[0] + np.add.outer(np.arange(N) * 10, steps * 0.5),
        "y": np.full((N, T), ORIGIN[1]),
        "z": np.full((N, T), ORIGIN[2]),
        "vel_x": np.full((N, T), 5.0),
        "vel_y": np.zeros((N, T)),
        "yaw": np.full((N, T), 0.25),
        "length": np.full((N, T), 4.5),
        "width": np.full((N, T), 2.0),
        "height": np.full((N, T), 1.5),
    }
    values = {name: value.astype(np.float32) for name, value in values.items()}
    valid = np.ones((N, T), bool)
    valid[1, 20:] = valid[3] = False
    for value in values.values():
        value[~valid] = -1
    times = np.where(valid, steps * 99_990, -1).astype(np.int32)
    return values | {"valid": valid, "timestamp_micros": times}


def metadata():
    return {
        "ids": np.array([637, 640, 642, -1], np.int32),
        "object_types": np.array([1, 2, 3, -1], np.int32),
        "is_sdc": np.array([0, 0, 1, 0], bool),
        "is_modeled": np.array([1, 0, 1, 0], bool),
        "is_valid": np.array([1, 1, 1, 0], bool),
        "objects_of_interest": np.array([0, 1, 0, 0], bool),
    }


def lights():
    lanes = np.full((2, T), -1, np.int32)
    states = np.full((2, T), -1, np.int32)
    lanes[0], states[0] = 100, 4
    lanes[0, 50:], states[0, 50:] = 101, 6  # the same row, another lane
    place = np.full((2, T), ORIGIN[0], np.float32)
    return {"lane_ids": lanes, "state": states, "valid": lanes >= 0, "x": place,
            "y": np.full((2, T), ORIGIN[1], np.float32),
            "z": np.full((2, T), ORIGIN[2], np.float32)}  # fmt: skip


def roadgraph():
    """Two lanes whose points are mixed up, a stop sign, a crosswalk, padding."""
    ids = [7, 8, 7, 8, 7, 30, 40, 40, 40, 40, -1]
    kinds = [2, 1, 2, 1, 2, 17, 18, 18, 18, 18, -1]
    x = [0, 0, 1, 1, 2, 5, 0, 4, 4, 0, -1]
    y = [0, 4, 0, 4, 0, 5, 9, 9, 12, 12, -1]
    place = np.float32(x) + ORIGIN[0], np.float32(y) + ORIGIN[1], np.full(11, ORIGIN[2], np.float32)
    return {"x": place[0], "y": place[1], "z": place[2], "ids": np.int32(ids),
            "types": np.int32(kinds), "valid": np.int32(ids) >= 0}  # fmt: skip


def parts(**changes):
    values = {
        "log_trajectory": trajectory(),
        "sim_trajectory": {"x": np.zeros(3)},
        "log_traffic_light": lights(),
        "object_metadata": metadata(),
        "roadgraph_points": roadgraph(),
    }
    return values | changes


def state(monkeypatch, timestep=0, **changes):
    fields = {
        name: record(
            monkeypatch,
            name,
            name.title().replace("_", ""),
            {key: JaxArray(value) for key, value in values.items()},
        )
        for name, values in parts(**changes).items()
    }
    fields |= {"timestep": JaxArray(np.int32(timestep)), "sdc_paths": None}
    return record(monkeypatch, "simulator_state", "SimulatorState", fields)


@pytest.fixture
def read(tmp_path, monkeypatch):
    def read_state(**changes):
        file = tmp_path / "waymax_scenario_11c5.pkl"
        file.write_bytes(dump(state(monkeypatch, **changes), monkeypatch))
        return only(file)

    return read_state


def test_a_simulator_state_becomes_a_scene_without_jax(read):
    scene = read()
    assert isinstance(scene, forkroad.Scene), scene.text()
    assert (scene.id, scene.num_steps, scene.dt, scene.ego) == ("waymax_scenario_11c5", T, 0.1, 2)
    assert scene.kinds == ["vehicle", "pedestrian", "cyclist"], "the fourth row is padding"
    assert scene.track_ids.tolist() == [637, 640, 642]
    assert scene.valid.sum(axis=1).tolist() == [91, 20, 91]
    np.testing.assert_array_equal(
        scene.origin + scene.positions[0, 3], [trajectory()["x"][0, 3], *ORIGIN[1:]]
    )
    assert scene.sizes[0, 0].tolist() == [4.5, 2.0, 1.5]
    assert (scene.objects_of_interest, scene.tracks_to_predict) == ([640], [0, 2])
    np.testing.assert_allclose(scene.timestamps, np.arange(T) * 0.09999, atol=1e-9)


def test_the_current_step_is_the_datasets_before_the_simulation_starts(read):
    scene = read()
    assert scene.current_step == 10
    assert any("the dataset's current step 10 is taken" in text for text in scene.assumptions)
    assert read(timestep=37).current_step == 37


def test_points_of_one_id_are_one_feature(read):
    first, second, sign, crosswalk = read().features
    assert (first.id, first.kind, first.type) == (7, "lane", 2)
    assert np.diff(first.points[:, 0]).tolist() == [1, 1]
    assert (second.id, second.type, len(second.points)) == (8, 1, 2)
    assert (sign.kind, len(sign.points)) == ("stop_sign", 1)
    assert (crosswalk.kind, len(crosswalk.points)) == ("crosswalk", 4)


def test_a_lamps_row_may_serve_several_lanes_in_turn(read):
    signals = read().signals
    assert [(signal.lane_id, signal.state) for signal in signals[49]] == [(100, "stop")]
    assert [(signal.lane_id, signal.state) for signal in signals[50]] == [(101, "go")]


def test_a_map_that_was_cut_is_said(read):
    count = 20_000
    along = np.arange(count, dtype=np.float32) / 100
    along[count // 2 :] += 50  # a gap
    full = {"x": ORIGIN[0] + along, "y": np.full(count, ORIGIN[1]), "z": np.full(count, ORIGIN[2]),
            "ids": np.full(count, 5, np.int32), "types": np.full(count, 15, np.int32),
            "valid": np.ones(count, bool)}  # fmt: skip
    said = "\n".join(read(roadgraph_points=full).assumptions)
    assert "the map is cut at 20000 points" in said
    assert "1 lines or lanes have gaps of more than 10 m" in said


def test_steps_at_which_nobody_is_seen_have_the_datasets_times(read):
    log = trajectory()
    log["valid"][:, 40] = False
    scene = read(log_trajectory=log)
    np.testing.assert_allclose(scene.timestamps, np.arange(T) * 0.1)
    assert any("1 steps have no time" in text for text in scene.assumptions)


UNEQUAL = np.arange(N * T).reshape(N, T)


def changed(fields, **changes):
    return fields | changes


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"object_metadata": changed(metadata(), is_sdc=np.zeros(N, bool))}, "inconsistent",
         "0 objects are the ego"),
        ({"object_metadata": changed(metadata(), ids=np.array([5, 5, 6, 7]))}, "inconsistent",
         "two tracks have the id 5"),
        ({"object_metadata": changed(metadata(), is_valid=np.ones(3, bool))}, "inconsistent",
         "is_valid has shape [3], expected [4]"),
        ({"log_trajectory": changed(trajectory(), yaw=np.zeros((N, T + 1)))}, "inconsistent",
         "yaw has shape [4, 92], expected [4, 91]"),
        ({"log_trajectory": changed(trajectory(), x=np.zeros(N))}, "inconsistent",
         "expected [objects, steps]"),
        ({"log_trajectory": changed(trajectory(), x=np.full((N, T), np.nan, np.float32))},
         "value_out_of_range", "tracks[2].positions[10] is nan"),
        ({"log_trajectory": changed(trajectory(), length=np.full((N, T), "a"))}, "wrong_content",
         "expected numbers"),
        ({"log_trajectory": {"x": np.zeros((N, T))}}, "missing_field", "is absent"),
        ({"log_trajectory": changed(trajectory(), timestamp_micros=UNEQUAL)}, "inconsistent",
         "differs between objects"),
        ({"log_traffic_light": changed(lights(), state=np.full((2, T), 9))}, "value_out_of_range",
         "expected a light state of 0 to 8"),
        ({"log_traffic_light": changed(lights(), state=np.zeros((2, 5)))}, "inconsistent",
         "has 5 steps, expected 91"),
        ({"roadgraph_points": changed(roadgraph(), types=np.full(11, 4))}, "value_out_of_range",
         "map feature 7 has type 4"),
        ({"roadgraph_points": changed(roadgraph(), types=np.arange(11))}, "inconsistent",
         "points of several types"),
        ({"timestep": T}, "inconsistent", "current_step is 91"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(read, changes, code, text):
    error = read(**changes)
    assert isinstance(error, forkroad.ParseError)
    assert (error.code, text in error.message) == (code, True), error.text()


def test_an_inert_class_is_not_a_state(tmp_path):
    file = tmp_path / "x.pkl"
    name = b"waymax.x"
    file.write_bytes(b"\x80\x04\x8c" + bytes([len(name)]) + name + b"\x8c\x01Y\x93)\x81.")
    error = only(file)
    assert (error.code, "'waymax.x.Y'" in error.message) == ("wrong_content", True)


def test_a_tfrecord_that_begins_like_a_pickle_goes_to_its_reader(tmp_path):
    google_crc32c = pytest.importorskip("google_crc32c")
    length = struct.pack("<Q", 0x0580)  # the bytes 80 05: a pickle of protocol 5
    crc = google_crc32c.value(length)
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    file = tmp_path / "log"
    file.write_bytes(length + struct.pack("<I", masked) + bytes(100))
    error = only(file)
    assert error.code == "truncated"
    assert "pickle" not in error.message
