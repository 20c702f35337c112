"""A small ScenarioNet scenario as plain Python values: what real converters write, in little."""

import numpy as np

T = 4
ORIGIN = np.array([3672.5, -1461.25, -30.0])


def track(kind="VEHICLE", offset=0.0, **state):
    steps = np.arange(T, dtype=np.float32)
    positions = ORIGIN + np.stack([steps + offset, 2 * steps, 0 * steps], axis=1)
    values = {
        "position": positions.astype(np.float32),
        "length": np.full(T, 4.5, np.float32),
        "width": np.full(T, 1.9, np.float32),
        "height": np.full(T, 1.5, np.float32),
        "heading": np.full(T, 0.5, np.float32),
        "velocity": np.full((T, 2), 3.0, np.float32),
        "valid": np.ones(T, bool),
    }
    return {"type": kind, "state": values | state, "metadata": {"type": kind, "track_length": T}}


def polyline(count=5, shift=0.0):
    along = np.arange(count, dtype=np.float32)
    return (ORIGIN + np.stack([along, 0 * along + shift, 0 * along], axis=1)).astype(np.float32)


def lane(kind="LANE_SURFACE_STREET", **changes):
    values = {
        "type": kind,
        "polyline": polyline(),
        "speed_limit_mph": 25.0,
        "interpolating": False,
        "entry_lanes": [],
        "exit_lanes": [],
        "left_neighbor": [],
        "right_neighbor": [],
        "left_boundaries": [],
        "right_boundaries": [],
    }
    return values | changes


def light(states, **changes):
    values = {
        "type": "TRAFFIC_LIGHT",
        "state": {"object_state": states},
        "lane": "100",
        "stop_point": (ORIGIN + 1).astype(np.float32),
        "metadata": {"type": "TRAFFIC_LIGHT"},
    }
    return values | changes


def scenario(**changes):
    """A fresh scenario; `changes` replace its top-level entries."""
    values = {
        "id": "small",
        "version": "MetaDrive v0.3.0.1",
        "length": T,
        "tracks": {"11": track(), "12": track("PEDESTRIAN", 5.0), "13": track("CYCLIST", 9.0)},
        "map_features": {
            "100": lane(exit_lanes=[101]),
            "101": lane(entry_lanes=[100], polyline=polyline(shift=4.0)),
            "7": {"type": "ROAD_EDGE_BOUNDARY", "polyline": polyline(shift=8.0)},
        },
        "dynamic_map_states": {"100": light(["LANE_STATE_GO", None, "LANE_STATE_STOP", None])},
        "metadata": {
            "dataset": "waymo",
            "ts": np.arange(T, dtype=np.float32) / 10,
            "sdc_id": "11",
            "current_time_index": 1,
            "tracks_to_predict": {"13": {"track_index": 55, "track_id": "13"}},
            "objects_of_interest": ["12"],
        },
    }
    return values | changes
