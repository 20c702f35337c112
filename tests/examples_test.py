"""The examples run without data and with it, and C++ and Python say the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from shared_logs import REPOSITORY


def run(*command):
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "bindings")}
    done = subprocess.run(
        [str(part) for part in command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def run_python(name, *arguments):
    return run(sys.executable, REPOSITORY / "examples" / f"{name}.py", *arguments)


@pytest.fixture
def run_cpp():
    build = Path(os.environ.get("FORKROAD_BUILD_DIR", "build/cpu"))
    program = REPOSITORY / build / "examples" / "01_score_a_scene"
    if not program.exists():
        pytest.skip(f"C++ example absent: {build}/examples/01_score_a_scene is not built")
    return lambda *arguments: run(program, *arguments)


def test_the_python_example_scores_the_generated_scene():
    code, output, errors = run_python("01_score_a_scene")
    assert (code, errors) == (0, "")
    assert output.startswith("two_lane_road: best plan ")


def test_the_cpp_example_says_what_the_python_example_says(run_cpp):
    assert run_cpp() == run_python("01_score_a_scene")


def test_both_examples_agree_on_real_logs(run_cpp, womd_files):
    for file in womd_files:
        code, output, _ = run_cpp(file)
        assert code == 0
        assert run_python("01_score_a_scene", file)[1] == output


def test_the_cpp_example_reports_a_file_that_is_no_log(run_cpp):
    code, output, errors = run_cpp(__file__)
    assert (code, output) == (1, "")
    assert errors.startswith("error: ")
    assert "unsupported_format" in errors
