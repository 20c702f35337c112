"""--focal: whom the plans are for."""

import forkroad
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from forkroad.cli import main
from forkroad.focal_track import find_focal_track


def make_scene(ego=None):
    """Three tracks: a pedestrian who walks far, a car that leaves early, a car that stays."""
    steps = np.arange(21)

    def track(name, kind, speed, y, last=20):
        x = np.minimum(steps, last) * 0.1 * speed
        return {
            "id": name,
            "kind": kind,
            "positions": np.stack([x, np.full(21, float(y))], -1),
            "headings": np.zeros(21),
            "velocities": np.stack([np.full(21, float(speed)), np.zeros(21)], -1),
            "sizes": [4.0, 1.8, 1.5],
            "valid": steps <= last,
        }

    return forkroad.build_scene(
        id="three",
        dt=0.1,
        ego=ego,
        tracks=[
            track(11, "pedestrian", 12, 0),
            track(12, "vehicle", 20, 6, last=4),
            track(13, "vehicle", 9, 12),
        ],
    )


def test_the_ego_is_the_focal_track_unless_another_is_named():
    assert find_focal_track(make_scene(ego=1), "ego") == 1
    assert find_focal_track(make_scene(ego=1), "auto") == 1
    assert find_focal_track(make_scene(ego=1), "13") == 2


def test_without_an_ego_auto_takes_the_vehicle_that_goes_furthest_while_it_is_seen():
    assert find_focal_track(make_scene(), "auto") == 2


@pytest.mark.parametrize(
    "word, text", [("ego", "no ego"), ("99", "got '99'"), ("car", "expected ego, auto or")]
)
def test_a_track_that_is_not_there_is_named(word, text):
    with pytest.raises(ValueError, match=text):
        find_focal_track(make_scene(), word)


def test_a_log_without_ego_is_scored_for_the_chosen_track(tmp_path):
    shard = tmp_path / "three.safetensors"
    with forkroad.ShardWriter(str(shard)) as writer:
        writer.add(make_scene())
    out = tmp_path / "out"
    arguments = ["score", str(shard), "--plans", "16", "-o", str(out)]
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 1
    assert "--focal" in refused.output
    done = CliRunner().invoke(main, [*arguments, "--focal", "auto"])
    assert done.exit_code == 0, done.output
    assert pq.read_table(out / "scores.parquet").num_rows == 16
    assert (out / "three.png").exists()
