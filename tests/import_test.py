"""forkroad import: the same shards whatever the order, the workers and the interruptions."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import forkroad
import numpy as np
import pytest
from click.testing import CliRunner
from forkroad.cli import main
from forkroad.import_job import find_sources
from scoring import wait_until
from shared_logs import REPOSITORY

NUM_SOURCES = 12
SCENES_PER_SOURCE = 4
SCENES_PER_SHARD = 5
SEED = 7


def run_import(*arguments, out, jobs=1, scenes_per_shard=SCENES_PER_SHARD):
    options = ["-o", out, "--jobs", jobs, "--scenes-per-shard", scenes_per_shard]
    return CliRunner().invoke(main, ["import", *map(str, [*arguments, *options])])


def shards_of(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.safetensors"))}


def write_log(path, *num_steps):
    """A log of several records: a shard is one, too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with forkroad.ShardWriter(path) as writer:
        for steps in num_steps:
            writer.add(forkroad.generated_scene(num_steps=steps, current_step=0))


def damage_record(path, record):
    """Flip a bit in one scene of a log."""
    dt = np.float64(0.1).tobytes()
    data = bytearray(path.read_bytes())
    at = data.index(dt) + 8 * record
    assert data[at : at + 8] == dt
    data[at] ^= 1
    path.write_bytes(data)


@pytest.fixture
def logs(tmp_path):
    """A folder of logs, all scenes of different lengths."""
    folder = tmp_path / "logs"
    for source in range(NUM_SOURCES):
        first = 20 + SCENES_PER_SOURCE * source
        steps = range(first, first + SCENES_PER_SOURCE)
        write_log(folder / f"part{source % 3}" / f"log{source:02d}", *steps)
    return folder


def lengths_in(folder):
    """Numbers of steps of all scenes in the shards of a folder, in order."""
    return [
        scene.num_steps
        for path in sorted(folder.glob("*.safetensors"))
        for scene in forkroad.load_scenes(path)
    ]


def test_every_scene_is_imported_in_the_order_of_the_files(logs, tmp_path):
    result = run_import(logs, out=tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "48 scenes in 10 shards" in result.stdout
    assert "0 records or files" in result.stdout
    expected = [
        scene.num_steps
        for path in find_sources([str(logs)], tmp_path)
        for scene in forkroad.load_scenes(path)
    ]
    assert lengths_in(tmp_path / "out") == expected
    assert sorted(expected) == list(range(20, 68))
    counts = [len(forkroad.ShardReader(path)) for path in sorted((tmp_path / "out").glob("*.saf*"))]
    assert counts == [5] * 9 + [3]
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["manifest.json"] + [f"shard-{shard:05d}.safetensors" for shard in range(10)]


def test_shards_do_not_depend_on_workers_or_the_order_of_arguments(logs, tmp_path):
    assert run_import(logs, out=tmp_path / "one").exit_code == 0
    parts = [logs / "part2", str(logs / "part0" / "*"), logs / "part1", logs / "part1" / "log01"]
    assert run_import(*parts, out=tmp_path / "two", jobs=2).exit_code == 0
    assert shards_of(tmp_path / "one") == shards_of(tmp_path / "two")
    assert (tmp_path / "one" / "manifest.json").read_bytes() == (
        tmp_path / "two" / "manifest.json"
    ).read_bytes()


def test_done_sources_are_skipped_and_new_ones_follow(logs, tmp_path):
    out = tmp_path / "out"
    assert run_import(logs, out=out).exit_code == 0
    before = {path: path.stat().st_mtime_ns for path in out.glob("*.safetensors")}
    again = run_import(logs, out=out)
    assert again.exit_code == 0
    assert "12 of them done before" in again.stdout
    assert "0 scenes in 0 shards" in again.stdout
    write_log(logs / "a_new_log", 99)
    more = run_import(logs, out=out)
    assert more.exit_code == 0
    assert "1 scene in 1 shard" in more.stdout
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert lengths_in(out)[-1] == 99


@pytest.mark.parametrize("jobs", [1, 2])
def test_bad_records_are_reported_counted_and_not_fatal(logs, tmp_path, jobs):
    damage_record(logs / "part0" / "log00", 1)
    (logs / "notes.txt").write_text("no log, but text of some length")
    result = run_import(logs, tmp_path / "absent", out=tmp_path / "out", jobs=jobs)
    assert result.exit_code == 0, result.output
    assert "log00: record 1, byte" in result.stderr
    assert "bad_checksum" in result.stderr
    assert "notes.txt: byte 0: unsupported_format" in result.stderr
    assert "absent: cannot_open" in result.stderr
    assert "3 records or files, see the errors above" in result.stdout
    assert "2 without a scene" in result.stdout
    assert sorted(lengths_in(tmp_path / "out")) == [20, *range(22, 68)]
    again = run_import(logs, tmp_path / "absent", out=tmp_path / "out", jobs=jobs)
    assert again.exit_code == 0
    assert "2 records or files, see the errors above; 1 in earlier runs" in again.stdout


def test_an_import_without_a_scene_exits_with_1(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    result = run_import(tmp_path / "empty", tmp_path / "absent", out=tmp_path / "out")
    assert result.exit_code == 1
    assert "empty" in result.stderr
    assert "2 records or files" in result.stderr
    assert shards_of(tmp_path / "out") == {}
    (tmp_path / "nothing").mkdir()
    assert run_import(tmp_path / "nothing", out=tmp_path / "out").exit_code == 1


def test_a_source_that_was_bad_is_tried_again(tmp_path):
    source = tmp_path / "log"
    source.write_bytes(b"not yet a log, but it will be")
    assert run_import(source, out=tmp_path / "out").exit_code == 1
    write_log(source, 33)
    assert run_import(source, out=tmp_path / "out").exit_code == 0
    assert lengths_in(tmp_path / "out") == [33]


def test_a_folder_that_does_not_fit_is_explained(logs, tmp_path):
    out = tmp_path / "out"
    assert run_import(logs, out=out).exit_code == 0
    other = run_import(logs, out=out, scenes_per_shard=7)
    assert other.exit_code == 1
    assert "begun with --scenes-per-shard 5, got 7" in other.output
    write_log(logs / "part0" / "log00", 20, 21)
    changed = run_import(logs, out=out)
    assert changed.exit_code == 1
    assert "import it into another folder" in changed.output
    (out / "shard-00003.safetensors").unlink()
    missing = run_import(logs / "part1", out=out)
    assert missing.exit_code == 1
    assert "shard-00003.safetensors: expected the shard of" in missing.output
    (out / "manifest.json").write_text("{}")
    assert "not a manifest" in run_import(logs, out=out).output


def test_find_sources_takes_files_folders_and_patterns(tmp_path, monkeypatch):
    for name in ("b", "sub/c", "sub/.hidden", ".git/d", "out/shard", "a"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    out = Path("out")
    assert find_sources(["."], out) == ["a", "b", "sub/c"]
    assert find_sources(["sub", "sub/c", "./sub/c"], out) == ["./sub/c"]
    assert find_sources(["*"], out) == ["a", "b", "sub/c"]
    assert find_sources(["**/c", "absent*", "generated"], out) == ["absent*", "generated", "sub/c"]


def start_import(logs, out, jobs):
    command = [sys.executable, "-m", "forkroad", "import", logs, "-o", out]
    command += ["--jobs", str(jobs), "--scenes-per-shard", str(SCENES_PER_SHARD)]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "bindings")}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def children_of(process):
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    try:
        return [int(child) for child in path.read_text().split()]
    except OSError:
        return []


def kill_import(logs, out, jobs, choice, longest_pause):
    """Start an import and kill it within the next few shards; whether it was still running."""
    process = start_import(logs, out, jobs)
    # some more shards appear, then a moment passes within the next
    goal = len(list(out.glob("*.safetensors"))) + choice.randrange(3)
    wait_until(lambda: process.poll() is not None or len(list(out.glob("*.safetensors"))) >= goal)
    time.sleep(choice.uniform(0, longest_pause))
    workers = children_of(process)
    process.send_signal(signal.SIGKILL)
    killed = process.wait() == -signal.SIGKILL
    # no worker outlives its parent
    assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    return killed


def test_files_that_are_part_of_another_log_are_no_sources(tmp_path):
    for name in ("scenario_a.parquet", "log_map_archive_a.json", "annotations.feather",
                 "city_SE3_egovehicle.feather", "a___img_Sim2_city.json"):  # fmt: skip
        (tmp_path / name).touch()
    found = find_sources([str(tmp_path)], tmp_path / "out")
    assert [Path(path).name for path in found] == ["annotations.feather", "scenario_a.parquet"]
    named = str(tmp_path / "log_map_archive_a.json")
    assert find_sources([named], tmp_path / "out") == [named]


def test_a_killed_import_leaves_whole_shards_and_goes_on(logs, tmp_path):
    assert run_import(logs, out=tmp_path / "whole").exit_code == 0
    expected = shards_of(tmp_path / "whole")
    out = tmp_path / "out"
    choice = random.Random(SEED)
    kills = turns = 0
    longest_pause = 0.6
    while kills < 6:
        assert turns < 60, f"{kills} of {turns} imports were killed"
        killed = kill_import(logs, out, 1 + turns % 2, choice, longest_pause)
        kills += killed
        turns += 1
        found = shards_of(out) if out.exists() else {}
        assert all(expected[name] == data for name, data in found.items())
        if (out / "manifest.json").exists():
            listed = json.loads((out / "manifest.json").read_text())["shards"]
            assert {shard["file"] for shard in listed} <= set(found)
        if not killed:  # it ended first: the next begins again, and is killed sooner
            longest_pause /= 2
            shutil.rmtree(out)
    assert start_import(logs, out, jobs=2).wait() == 0
    assert shards_of(out) == expected
    manifests = [(folder / "manifest.json").read_bytes() for folder in (out, tmp_path / "whole")]
    assert manifests[0] == manifests[1]
    assert sorted(path.name for path in out.iterdir()) == ["manifest.json", *expected]


def test_two_imports_into_one_folder_do_not_meet(logs, tmp_path):
    import fcntl

    out = tmp_path / "out"
    out.mkdir()
    other = os.open(out, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    try:
        result = run_import(logs, out=out)
    finally:
        os.close(other)
    assert result.exit_code == 1
    assert "another import writes into" in result.output
    assert run_import(logs, out=out).exit_code == 0
