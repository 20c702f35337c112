"""Quality figures: of the built-in scene, and of every example scene whose reader exists."""

import json
import warnings
from collections import Counter

import forkroad
import pytest
from click.testing import CliRunner
from forkroad.cli import main
from forkroad.scene_quality import measure_quality
from shared_logs import index_rows, shared_data

# what the last printed digit allows, and the 1 mm to which some files are rounded
TOLERANCES = {
    "dt": 1e-4,
    "seconds": 0.051,
    "heading_err": 0.0011,
    "lane_dist": 0.0015,
    "speed_ratio": 0.0011,
    "max_speed": 0.061,
}

# what the index counts and the file does not hold: lights of lanes that trajdata cut in pieces of
# other names, without a stop point
EXCUSED = {("trajdata_waymo", "tl_lanes_known")}

# the same scenes in the format they were converted from
TWINS = {"womd_tfrecord": "womd_tfrecord/*scen*.tfrecord"}


def find_differences(quality, row):
    """The columns in which a scene is not as its row says."""
    differences = []
    for name, value in quality.to_dict().items():
        stated = row[name]
        if value is None or stated == "":
            same = value in (None, "") and stated == ""
        elif name in TOLERANCES:
            same = abs(value - float(stated)) <= TOLERANCES[name]
        else:
            same = str(value) == stated or (row["set"], name) in EXCUSED
        if not same:
            differences.append(f"{name}: got {value}, expected {stated or 'nothing'}")
    return differences


def test_example_scenes_have_the_figures_of_their_index():
    data, rows = shared_data(), index_rows().values()
    files = [(row, data / row["file"]) for row in rows if (data / row["file"]).exists()]
    for name, pattern in TWINS.items():
        by_id = {row["scenario_id"]: row for row in rows if row["set"] == name}
        for path in sorted(data.glob(pattern)):
            files += [(by_id[scene.id], path) for scene in forkroad.load_scenes(path)]
    checked, skipped, wrong = Counter(), Counter(), []
    for row, path in files:
        (item,) = forkroad.open_scenes(path)
        if not isinstance(item, forkroad.ParseError):
            checked[row["set"]] += 1
            wrong += [f"{path}: {text}" for text in find_differences(measure_quality(item), row)]
        elif item.code == "unsupported_format":
            skipped[row["set"]] += 1
        else:
            wrong.append(item.text())
    warnings.warn(f"checked {dict(checked)}; no reader opens {dict(skipped)}", stacklevel=1)
    assert not wrong, "\n".join(wrong[:40])
    assert checked["womd_tfrecord"] >= 2


def test_the_generated_scene_has_consistent_figures(scene):
    quality = measure_quality(scene)
    assert quality.objects == quality.vehicles + quality.pedestrians + quality.cyclists
    assert quality.speed_ratio == pytest.approx(1.0, abs=0.02)
    assert quality.heading_err < 0.05
    assert quality.flags == ""


def test_short_and_slow_scenes_have_no_figures_but_flags():
    quality = measure_quality(forkroad.generated_scene(num_steps=3, current_step=0))
    assert quality.flags == "short no_fast_vehicle"
    assert quality.heading_err is None
    assert quality.max_speed is None


def test_inspect_shows_figures_as_a_table_and_as_json(tmp_path):
    table = CliRunner().invoke(main, ["inspect", "--quality", "generated", str(tmp_path / "no")])
    assert table.exit_code == 0
    header, row = table.stdout.splitlines()
    assert header.split()[0] == "scenario_id"
    assert row.split()[:2] == ["two_lane_road", "91"]
    assert "cannot_open" in table.stderr
    lines = CliRunner().invoke(main, ["inspect", "--quality", "--json", "generated", "generated"])
    first, second = (json.loads(line) for line in lines.stdout.splitlines())
    assert first == second
    assert first["file"] == "generated"
    assert first["T"] == 91
    alone = CliRunner().invoke(main, ["inspect", "--json", "generated"])
    assert alone.exit_code == 2
    assert "--json without --quality" in alone.output
