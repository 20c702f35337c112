"""Scoring jobs that are killed, interrupted, repeated, or run out of disk: whole files only."""

import contextlib
import os
import random
import resource
import signal
import subprocess
import time

import forkroad
import pyarrow.parquet as pq
import pytest
from scoring import (
    NUM_PLANS,
    NUM_SCENES,
    WORDS,
    files_in,
    run_score,
    score_bytes,
    start_score,
    stop_score,
    wait_until,
    write_shard,
)

SEED = 20
MANY_PLANS = 4000  # enough to be caught while it writes


def parts_in(folder):
    return list(folder.glob(".*.part"))


def kill_once(choice, longest_pause, out, **options):
    """Start a job and kill it, while it starts or while it scores; whether it was killed."""
    process = start_score(*WORDS, out=out, **options)
    if choice.random() < 0.7:
        before = set(parts_in(out)) if out.exists() else set()
        wait_until(
            lambda: process.poll() is not None or (out.exists() and set(parts_in(out)) - before)
        )
    time.sleep(choice.uniform(0, longest_pause))
    return stop_score(process)[0] == -signal.SIGKILL


@pytest.mark.parametrize("kills", [6, pytest.param(20, marks=pytest.mark.slow)])
def test_a_killed_job_leaves_whole_files_and_its_repetition_the_same_bytes(tmp_path, kills):
    shards = ("0/2", "1/2")
    options = {"plans": MANY_PLANS, "threads": 2}
    for shard in shards:
        score_bytes(*WORDS, out=tmp_path / "whole", shard=shard, **options)
    expected = files_in(tmp_path / "whole")
    choice = random.Random(SEED)
    out = tmp_path / "out"
    killed = caught_writing = turns = 0
    longest_pause = 0.8
    while killed < kills or caught_writing < kills // 3:
        assert turns < 10 * kills, f"{killed} killed, {caught_writing} while they wrote"
        if kill_once(choice, longest_pause, out, shard=shards[turns % 2], **options):
            killed += 1
        else:  # it ended first, as a job does sooner on a quicker machine
            longest_pause /= 2
        turns += 1
        found = files_in(out) if out.exists() else {}
        caught_writing += any(name.endswith(".part") for name in found)
        for name, data in found.items():
            assert name.endswith(".part") or data == expected[name]
        # so that later turns have something to do
        for path in out.glob("*.parquet"):
            path.unlink()
    for shard in shards:
        assert start_score(*WORDS, out=out, shard=shard, **options).wait() == 0
    assert files_in(out) == expected


def test_ctrl_c_ends_a_job_with_one_line_and_no_file(tmp_path):
    process = start_score(*WORDS, out=tmp_path, plans=MANY_PLANS)
    assert wait_until(lambda: parts_in(tmp_path))
    code, output, errors = stop_score(process, signal.SIGINT)
    assert code == 130
    path = tmp_path / "scores.parquet"
    assert errors.splitlines()[-1] == f"interrupted: {path} was not written"
    assert "Traceback" not in output + errors
    assert files_in(tmp_path) == {}


def test_a_done_file_is_left_as_it_is(tmp_path):
    score_bytes(*WORDS, out=tmp_path)
    path = tmp_path / "scores.parquet"
    before = path.stat().st_mtime_ns
    # rows depend neither on the order nor on threads and lanes
    again = run_score(*WORDS[::-1], out=tmp_path, threads=1, lanes=1)
    assert again.exit_code == 0
    assert f"is done: {NUM_SCENES} scenes, {NUM_SCENES * NUM_PLANS} plans" in again.output
    assert path.stat().st_mtime_ns == before
    forced = run_score(*WORDS, out=tmp_path, overwrite=True)
    assert forced.exit_code == 0
    assert "is done" not in forced.output
    assert path.stat().st_mtime_ns > before


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"plans": NUM_PLANS + 1}, "another plans"),
        ({"top": 3}, "another number of best plans (all, now 3)"),
        ({"layout": "vocab"}, "another layout (long, now vocab)"),
        ({"focal": "auto"}, "another focal track (ego, now auto)"),
    ],
)
def test_a_file_of_another_job_is_replaced_and_that_is_said(tmp_path, options, reason):
    assert run_score("generated", out=tmp_path / "new", **options).exit_code == 0
    assert run_score("generated", out=tmp_path / "old").exit_code == 0
    result = run_score("generated", out=tmp_path / "old", **options)
    assert result.exit_code == 0
    assert f"scores.parquet is replaced: {reason}" in result.output
    assert files_in(tmp_path / "old") == files_in(tmp_path / "new")


def test_other_inputs_are_another_job(tmp_path):
    log = write_shard(tmp_path / "log", ["generated:merge:1:2"])
    out = tmp_path / "out"
    assert run_score(log, out=out).exit_code == 0
    assert "is done" in run_score(log, out=out).output
    assert "another input files" in run_score(log, "generated", out=out).output
    assert "another input files" in run_score(log, out=out).output
    # as many bytes as before
    data = log.read_bytes()
    write_shard(log, ["generated:merge:1:2"])
    log.write_bytes(data)
    os.utime(log, ns=(1, 1))
    assert "another input files" in run_score(log, out=out).output


def test_what_is_no_score_file_is_replaced_and_that_is_said(tmp_path):
    path = tmp_path / "scores.parquet"
    expected = score_bytes("generated", out=tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    result = run_score("generated", out=tmp_path)
    assert "is replaced: it is no whole Parquet file" in result.output
    assert files_in(tmp_path) == expected
    table = pq.read_table(path).replace_schema_metadata(None)
    pq.write_table(table, path)
    assert "is replaced: it is no score file" in run_score("generated", out=tmp_path).output


def test_a_corrupt_shard_among_good_ones_is_reported_counted_and_skipped(tmp_path):
    logs = [write_shard(tmp_path / f"log{at}", [f"generated:merge:{at}:3"]) for at in range(4)]
    good = score_bytes(logs[0], logs[3], out=tmp_path / "good")
    logs[1].write_bytes(logs[1].read_bytes()[:-100])
    data = bytearray(logs[2].read_bytes())
    # a place within the last scene's states
    for at in range(len(data) // 2, len(data) // 2 + 64):
        data[at] ^= 0xFF
    logs[2].write_bytes(data)
    bad = [item for log in logs[1:3] for item in forkroad.open_scenes(log)
           if isinstance(item, forkroad.ParseError)]  # fmt: skip
    assert len(bad) >= 2
    result = run_score(*logs, out=tmp_path / "out")
    assert result.exit_code == 0, result.output
    for error in bad:
        assert f"error: {error.text()}" in result.stderr
    kinds = {kind: sum(error.code == kind for error in bad) for kind in {e.code for e in bad}}
    for kind, count in kinds.items():
        assert f"{kind} {count}" in result.stdout
    assert f"not scored {len(bad)} records" in result.stdout
    table = pq.read_table(tmp_path / "out" / "scores.parquet")
    scored = set(table["scene_id"].to_pylist())
    whole = set(pq.read_table(tmp_path / "good" / "scores.parquet")["scene_id"].to_pylist())
    assert good
    assert whole <= scored
    assert "records (" in run_score(*logs, out=tmp_path / "out").output
    # the same in shards, each error once
    errors = []
    for index in range(3):
        result = run_score(*logs, out=tmp_path / "shards", shard=f"{index}/3")
        errors += [line for line in result.stderr.splitlines() if not line.startswith("error: not")]
    assert sorted(errors) == sorted(f"error: {error.text()}" for error in bad)
    rows = sum(pq.read_metadata(path).num_rows for path in (tmp_path / "shards").iterdir())
    assert rows == table.num_rows


@contextlib.contextmanager
def small_disk(folder):
    """Mount a small file system; skips, and says so, where that is not allowed."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a tmpfs: the limit on file sizes alone is tested")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def check_full(process, folder, reason):
    """The job ends with one error that names its file, and leaves none."""
    output, errors = process.communicate()
    assert process.returncode == 1
    assert errors == f"Error: cannot write {folder / 'scores.parquet'}: {reason}\n"
    assert "Traceback" not in output
    assert files_in(folder) == {}


@pytest.mark.parametrize("layout", ["long", "vocab"])
def test_a_full_disk_is_one_error_and_leaves_no_file(tmp_path, layout):
    with small_disk(tmp_path / "disk") as folder:
        options = {"plans": MANY_PLANS, "layout": layout}
        check_full(start_score(*WORDS, out=folder, **options), folder, "No space left on device")


@pytest.mark.parametrize("layout", ["long", "vocab"])
def test_a_limit_on_the_size_of_files_is_one_error_and_leaves_no_file(tmp_path, layout):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))

    options = {"plans": MANY_PLANS, "layout": layout, "preexec_fn": limit}
    check_full(start_score(*WORDS, out=tmp_path, **options), tmp_path, "File too large")


def test_a_job_that_fails_leaves_the_earlier_file_as_it_was(tmp_path):
    before = score_bytes("generated", out=tmp_path)
    result = run_score(tmp_path / "absent", out=tmp_path)
    assert result.exit_code == 1
    assert files_in(tmp_path) == before
