"""Opening logs by content: which reader a file goes to, compression, and every real log."""

import gzip
import lzma
import pickle

import forkroad
import numpy as np
import pytest
from argoverse_logs import write_forecasting, write_sensor_log
from click.testing import CliRunner
from data_page import data_page_snippet
from forkroad.cli import main
from forkroad.readers import log_content
from reading import only
from scenarionet_scenario import scenario
from shared_logs import find_logs

FORMATS = {
    "av2_motion_forecasting": "av2_motion_forecasting/*",
    "av2_sensor": "av2_sensor/*",
    "scenarionet": "scenarionet_pkl/*/*",
    "waymax": "waymax_pkl/*",
}


@pytest.fixture
def pickled(tmp_path):
    file = tmp_path / "log.bin"
    file.write_bytes(pickle.dumps(scenario()))
    return file


def test_the_name_of_a_file_says_nothing(pickled, tmp_path):
    for name in ("x.tfrecord", "x.json", "x"):
        assert only(pickled.rename(tmp_path / name)).provenance.format == "scenarionet"
        (tmp_path / name).rename(pickled)
    file = write_forecasting(tmp_path / "log")
    assert only(file.rename(file.with_suffix(".txt"))).provenance.format == "av2_motion_forecasting"


def test_what_python_does_not_read_goes_to_the_readers_in_cpp(tmp_path, womd_files):
    assert only(womd_files[0]).provenance.format == "womd_scenario"
    for content in (b"", b"no log at all, whatever it is", b"\x80"):
        (tmp_path / "x").write_bytes(content)
        item = only(tmp_path / "x")
        assert item.code in ("empty", "unsupported_format")
    assert only(tmp_path / "absent").code == "cannot_open"


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_compressed_pickles_are_the_same_scene(pickled, tmp_path, compress):
    plain = only(pickled)
    file = tmp_path / "packed"
    file.write_bytes(compress(pickled.read_bytes()))
    packed = only(file)
    np.testing.assert_array_equal(packed.positions, plain.positions)
    assert packed.provenance.file == str(file)


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress])
def test_a_compressed_file_that_is_cut_off_or_damaged_is_named(pickled, tmp_path, compress):
    data = compress(pickled.read_bytes())
    file = tmp_path / "packed"
    file.write_bytes(data[: len(data) * 2 // 3])
    item = only(file)
    assert item.code == "truncated"
    assert "the compressed stream has no end" in item.message
    damaged = bytearray(data)
    damaged[len(data) * 2 // 3] ^= 0xFF
    file.write_bytes(damaged)
    assert only(file).code in ("bad_encoding", "truncated")


@pytest.mark.parametrize("compress", [bytes, gzip.compress, lzma.compress])
def test_what_unpacks_to_more_than_the_limit_is_refused(tmp_path, compress):
    file = tmp_path / "bomb"
    file.write_bytes(compress(b"\x80\x04" + bytes(3_000_000)))
    with pytest.raises(log_content.ReadError) as caught:
        log_content.read_content(file, limit=1_000_000)
    assert caught.value.code == "too_large"


def test_paths_of_all_kinds_open_a_log(pickled):
    for path in (pickled, str(pickled)):
        assert only(path).id == "small"
        assert forkroad.load_scenes(path)[0].id == "small"


def test_load_scenes_raises_the_located_error(tmp_path):
    (tmp_path / "x").write_bytes(b"\x80\x04cos\nsystem\n.")
    with pytest.raises(RuntimeError, match=r"x: record 0, byte 2: wrong_content: .*'os.system'"):
        forkroad.load_scenes(tmp_path / "x")


@pytest.mark.parametrize("name", FORMATS)
def test_every_real_log_is_a_scene(name):
    for log in find_logs(FORMATS[name]):
        scene = only(log)
        assert isinstance(scene, forkroad.Scene), scene.text()
        assert scene.provenance.format == name
        assert scene.valid[scene.ego, scene.current_step]


def score(log, out):
    options = ["score", str(log), "--plans", "64", "-o", str(out), "--no-figure"]
    result = CliRunner().invoke(main, options)
    assert result.exit_code == 0, result.output
    assert (out / "scores.parquet").exists()
    return result.output


@pytest.mark.parametrize("name", FORMATS)
def test_one_real_log_of_every_format_is_scored(name, tmp_path):
    (log, *_) = find_logs(FORMATS[name])
    assert "64 plans" in score(log, tmp_path)


def test_small_logs_of_every_format_are_scored_and_inspected(pickled, tmp_path):
    # the last step of a log leaves nothing to fork into, so it must not be the current one
    logs = [pickled, write_forecasting(tmp_path / "a"), write_sensor_log(tmp_path / "b")]
    for number, log in enumerate(logs):
        assert "64 plans" in score(log, tmp_path / f"out{number}")
    result = CliRunner().invoke(main, ["inspect", *map(str, logs)])
    assert result.exit_code == 0
    for name in ("scenarionet", "av2_motion_forecasting", "av2_sensor"):
        assert f"source       {name}, " in result.output


def test_bad_logs_are_reported_and_skipped(pickled, tmp_path):
    bad = tmp_path / "bad.pkl"
    bad.write_bytes(b"\x80\x04cos\nsystem\n.")
    result = CliRunner().invoke(main, ["inspect", str(bad), str(pickled)])
    assert result.exit_code == 0
    assert "'os.system', which is no plain data" in result.output
    assert "small" in result.output


def test_the_snippet_of_the_data_page_runs():
    snippet = data_page_snippet("Logs of your own")
    steps = np.arange(20.0)
    scope = {"xy": np.stack([steps, steps], axis=1), "heading": 0 * steps,
             "velocity": np.ones((20, 2)), "forkroad": forkroad}  # fmt: skip
    exec(compile(snippet, "data.md", "exec"), scope)
    assert scope["scene"].num_steps == 20
