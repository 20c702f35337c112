"""Shards seen from Python: the module's reader and writer, stock safetensors, the command line."""

import forkroad
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from forkroad.cli import main
from safetensors import safe_open
from safetensors.numpy import load_file, save_file


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def scenes():
    return [forkroad.generated_scene(num_steps=steps) for steps in (91, 20, 50)]


@pytest.fixture
def shard(tmp_path, scenes):
    path = tmp_path / "shard.safetensors"
    with forkroad.ShardWriter(path) as writer:
        for scene in scenes:
            writer.add(scene)
    return path


def assert_same_scene(scene, expected):
    assert (scene.id, scene.dt, scene.ego) == (expected.id, expected.dt, expected.ego)
    for name in ("positions", "headings", "velocities", "sizes", "valid", "track_ids", "origin"):
        np.testing.assert_array_equal(getattr(scene, name), getattr(expected, name), name)
    assert [feature.id for feature in scene.features] == [f.id for f in expected.features]
    for feature, wanted in zip(scene.features, expected.features, strict=True):
        np.testing.assert_array_equal(feature.points, wanted.points)
    assert scene.assumptions == expected.assumptions


def test_a_shard_gives_scenes_by_index_and_in_order(shard, scenes):
    reader = forkroad.ShardReader(shard)
    assert len(reader) == 3
    for index in (2, 0, 1):
        assert_same_scene(reader[index], scenes[index])
    for scene, expected in zip(forkroad.open_scenes(shard), scenes, strict=True):
        assert_same_scene(scene, expected)
    assert sum(1 for _ in reader) == 3
    with pytest.raises(IndexError, match="expected 0 to 2"):
        reader.scene(3)


def test_stock_safetensors_reads_every_tensor_of_a_shard(shard, scenes):
    with safe_open(shard, framework="np") as file:
        metadata = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    assert metadata["format"] == "forkroad-shard"
    assert metadata["format_version"] == "1"
    assert metadata["num_scenes"] == "3"
    rows = forkroad.ShardReader(shard).num_rows
    for index, scene in enumerate(scenes):
        begin, end = tensors["state_offsets"][index : index + 2]
        shape = (len(scene.kinds), scene.num_steps)
        np.testing.assert_array_equal(
            tensors["state_x"][begin:end].reshape(shape), scene.positions[..., 0]
        )
        np.testing.assert_array_equal(
            tensors["state_valid"][begin:end].reshape(shape) != 0, scene.valid
        )
        begin, end = tensors["feature_offsets"][index : index + 2]
        points = tensors["point_xyz"][
            tensors["point_offsets"][begin] : tensors["point_offsets"][begin + 1]
        ]
        np.testing.assert_array_equal(points, scene.features[0].points)
        begin, end = tensors["scene_id_offsets"][index : index + 2]
        assert tensors["scene_id"][begin:end].tobytes().decode() == scene.id
    assert tensors["track_id"].shape == (rows["track"],)
    assert tensors["scene_origin"].dtype == np.float64
    assert tensors["state_x"].dtype == np.float32


def test_a_shard_that_safetensors_wrote_again_is_the_same_shard(shard, scenes, tmp_path):
    """Another program may change a shard's tensors: order and alignment are not part of it."""
    with safe_open(shard, framework="np") as file:
        metadata = file.metadata()
    tensors = {k: v for k, v in load_file(shard).items() if not k.startswith("padding_")}
    tensors["embedding"] = np.zeros((3, 16), np.float16)
    save_file(tensors, tmp_path / "again", metadata=metadata)
    assert (tmp_path / "again").read_bytes() != shard.read_bytes()
    reader = forkroad.ShardReader(tmp_path / "again")
    for index, scene in enumerate(scenes):
        assert_same_scene(reader[index], scene)


def test_errors_of_shards_are_python_errors(shard, tmp_path, scenes):
    with pytest.raises(FileNotFoundError):
        forkroad.ShardWriter(tmp_path / "absent" / "shard")
    with pytest.raises(RuntimeError, match="no scene"):
        forkroad.ShardWriter(tmp_path / "empty").finish()
    with pytest.raises(RuntimeError, match="cannot_open"):
        forkroad.ShardReader(tmp_path / "absent")
    damaged = bytearray(shard.read_bytes())
    with safe_open(shard, framework="np") as file:
        assert file.get_tensor("scene_dt")[1] == scenes[1].dt
    at = bytes(damaged).index(np.float64(scenes[1].dt).tobytes())
    damaged[at + 8] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    reader = forkroad.ShardReader(tmp_path / "damaged")
    assert_same_scene(reader[0], scenes[0])
    with pytest.raises(RuntimeError, match=r"damaged: record 1, byte \d+: bad_checksum"):
        reader[1]
    assert forkroad.ShardReader(tmp_path / "damaged", checksums=False)[1].dt != scenes[1].dt


def test_a_writer_whose_block_raises_leaves_nothing(tmp_path, scene):
    with pytest.raises(KeyError), forkroad.ShardWriter(tmp_path / "shard") as writer:
        writer.add(scene)
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_scores_of_a_shard_are_the_scores_of_its_sources(womd_files, tmp_path):
    result = run("import", *womd_files, "-o", tmp_path / "shards", "--jobs", 1)
    assert result.exit_code == 0, result.output
    (shard,) = (tmp_path / "shards").glob("*.safetensors")
    options = ("--perturb", 30, "--no-figure", "-o")
    for name, files in (("logs", sorted(womd_files)), ("shard", [shard])):
        assert run("score", *files, *options, tmp_path / name).exit_code == 0
    logs, scored = (pq.read_table(tmp_path / name / "scores.parquet") for name in ("logs", "shard"))
    assert logs.num_rows == 60
    assert scored.equals(logs)


def test_inspect_sums_up_a_shard(shard):
    result = run("inspect", shard, "--max-scenes", 1)
    assert result.exit_code == 0, result.output
    for text in ("3 scenes", "generated 3", "two_lane_road", "the first 1 of 3 scenes"):
        assert text in result.stdout
    assert result.stdout.count("log contact") == 1
