"""Scoring jobs that several test files start: through the command, in this process or another."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import forkroad
from click.testing import CliRunner
from forkroad.cli import main
from shared_logs import REPOSITORY

# 12 scenes of several sources, few plans: quick
WORDS = ("generated", "generated:merge:3:4", "generated:roundabout:5:4", "generated:curve:1:3")
NUM_SCENES = 12
NUM_PLANS = 24


def score_arguments(*sources, out, plans=NUM_PLANS, **options):
    """Arguments of `forkroad score` without pictures; options by their long names."""
    arguments = ["score", *sources, "-o", out, "--plans", plans, "--no-figure"]
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        arguments += [flag] if value is True else [flag, value]
    return [str(argument) for argument in arguments]


def run_score(*sources, **options):
    """The command in this process; the result must be looked at."""
    return CliRunner().invoke(main, score_arguments(*sources, **options))


def score_bytes(*sources, out, **options):
    """What the command writes, by the names of the files."""
    result = run_score(*sources, out=out, **options)
    assert result.exit_code == 0, result.output
    return files_in(out)


def files_in(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def start_score(*sources, preexec_fn=None, **options):
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "forkroad", *score_arguments(*sources, **options)],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY / "bindings")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=preexec_fn,
    )


def wait_until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.001)
    return condition()


def stop_score(process, number=signal.SIGKILL):
    """Send a signal and wait for the end; (exit code, stdout, stderr)."""
    process.send_signal(number)
    output, errors = process.communicate()
    return process.returncode, output, errors


def write_shard(path, words):
    """A shard of the scenes that words stand for."""
    with forkroad.ShardWriter(path) as writer:
        for word in words:
            for scene in forkroad.load_scenes(word):
                writer.add(scene)
    return path
