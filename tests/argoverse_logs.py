"""Small Argoverse 2 logs, written with pyarrow as the dataset's own files are."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

ORIGIN = np.array([5000.0, 2400.0, 60.0])
START = 315_968_075_709_863_000  # [ns]


def points(*rows):
    return [dict(zip("xyz", (ORIGIN + row).tolist(), strict=True)) for row in rows]


def segment(number, shift=0.0, backwards=False, **changes):
    """A lane of 3 m between two bounds, 10 m long, along +x."""
    left = points([0, shift + 1.5, 0], [4, shift + 1.5, 0], [10, shift + 1.5, 1])
    right = points([0, shift - 1.5, 0], [10, shift - 1.5, 1])
    if backwards:
        left, right = right[::-1], left[::-1]
    values = {
        "id": number,
        "is_intersection": False,
        "lane_type": "VEHICLE",
        "left_lane_boundary": left,
        "left_lane_mark_type": "DASHED_WHITE",
        "right_lane_boundary": right,
        "right_lane_mark_type": "NONE",
        "predecessors": [],
        "successors": [],
        "left_neighbor_id": None,
        "right_neighbor_id": None,
    }
    return values | changes


def map_content(**lanes):
    lanes = lanes or {"10": segment(10, successors=[11]), "11": segment(11, predecessors=[10])}
    ring = points([0, 0, 0], [9, 0, 0], [9, 9, 0], [0, 0, 0])
    return {
        "lane_segments": lanes,
        "drivable_areas": {"70": {"id": 70, "area_boundary": ring}},
        "pedestrian_crossings": {
            "80": {
                "id": 80,
                "edge1": points([0, 0, 0], [4, 0, 0]),
                "edge2": points([0, 2, 0], [4, 2, 0]),
            }
        },
    }


def write_map(folder, content=None):
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "log_map_archive_x.json"
    file.write_text(json.dumps(map_content() if content is None else content))
    return file


def forecasting_rows(num_steps=6, observed=3):
    """Columns of a vehicle that is seen throughout, a pedestrian that is not, and the AV."""
    rows = []
    for name, kind, category, steps in (
        ("7001", "vehicle", 3, range(num_steps)),
        ("7002", "pedestrian", 0, [1, 3]),
        ("7003", "bus", 2, [0]),
        ("AV", "vehicle", 1, range(num_steps)),
    ):
        for step in steps:
            rows.append(
                {
                    "observed": step < observed,
                    "track_id": name,
                    "object_type": kind,
                    "object_category": category,
                    "timestep": step,
                    "position_x": ORIGIN[0] + step,
                    "position_y": ORIGIN[1] + 0.5,
                    "heading": 0.25,
                    "velocity_x": 10.0,
                    "velocity_y": 0.0,
                }
            )
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    count = len(rows)
    return columns | {
        "scenario_id": ["scenario"] * count,
        "start_timestamp": [float(START)] * count,
        "end_timestamp": [float(START + (num_steps - 1) * 100_000_000)] * count,
        "num_timestamps": [num_steps] * count,
        "focal_track_id": ["7001"] * count,
        "city": ["pittsburgh"] * count,
    }


def write_forecasting(folder, columns=None, map_json=None):
    write_map(folder, map_json)
    file = folder / "scenario_x.parquet"
    table = pa.table(forecasting_rows() if columns is None else columns)
    pa.parquet.write_table(table, file, compression="snappy")
    return file


def quaternion(heading):
    return {"qw": np.cos(heading / 2), "qx": 0.0, "qy": 0.0, "qz": np.sin(heading / 2)}


def poses(num=5, heading=np.pi / 2, spacing=50_000_000):
    """The ego drives along +y, 1 m in each 50 ms; every second pose has an annotation's time."""
    rows = [
        {"timestamp_ns": START + index * spacing, **quaternion(heading)}
        | dict(zip(("tx_m", "ty_m", "tz_m"), ORIGIN + np.array([0, index, 0]), strict=True))
        for index in range(num)
    ]
    return {name: [row[name] for row in rows] for name in rows[0]}


def annotations(steps=3, with_ego=False):
    """A car 10 m ahead of the ego and turned by 0.1, a cone at one step."""
    rows = []
    for step in range(steps):
        boxes = [("c4", "REGULAR_VEHICLE", (10.0, 2.0, 0.5), 0.1)]
        if step == 1:
            boxes.append(("d5", "CONSTRUCTION_CONE", (5.0, -3.0, 0.0), 0.0))
        if with_ego:
            boxes.append(("e6", "EGO_VEHICLE", (0.0, 0.0, 0.0), 0.0))
        for name, category, place, heading in boxes:
            rows.append(
                {
                    "timestamp_ns": START + step * 100_000_000,
                    "track_uuid": name,
                    "category": category,
                    "length_m": 4.5,
                    "width_m": 1.9,
                    "height_m": 1.6,
                    **quaternion(heading),
                    **dict(zip(("tx_m", "ty_m", "tz_m"), place, strict=True)),
                    "num_interior_pts": 5,
                }
            )
    return {name: [row[name] for row in rows] for name in rows[0]}


def write_sensor_log(folder, boxes=None, path=None, map_json=None, name="annotations.feather"):
    write_map(folder / "map", map_json)
    for file, columns in (
        (name, annotations() if boxes is None else boxes),
        ("city_SE3_egovehicle.feather", poses() if path is None else path),
    ):
        pa.feather.write_feather(pa.table(columns), folder / file, compression="zstd")
    return folder
