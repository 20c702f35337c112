"""A wheel holds the whole package and runs in an environment that has nothing else of ours."""

import ast
import os
import re
import subprocess
import sys
import zipfile

import pytest
import tomllib
from consumer_project import REPOSITORY, run

PACKAGE = REPOSITORY / "bindings" / "forkroad"
SCORES = """
import forkroad
batch = forkroad.SceneBatch([forkroad.generated_scene()])
plans = forkroad.vocabulary(batch, 256)
table = forkroad.Simulator(batch).score(
    plans, forkroad.make_agent_model("log"), forkroad.ScoreCard.drive()
)
print(forkroad.__file__)
print(table.values.tobytes().hex())
"""


def imported_packages():
    """Top-level names that the package imports and that are neither ours nor Python's."""
    names = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - {"forkroad"}


def test_the_wheel_asks_for_what_the_package_imports():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    extras = [item for group in project["optional-dependencies"].values() for item in group]
    declared = {re.match(r"[\w.-]+", item)[0] for item in [*project["dependencies"], *extras]}
    assert imported_packages() == declared


@pytest.mark.slow
def test_a_wheel_scores_in_a_fresh_environment_with_the_same_bits(tmp_path):
    run(REPOSITORY / "run", "wheel", tmp_path / "dist", timeout=1200)
    (wheel,) = (tmp_path / "dist").iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    tracked = run("git", "ls-files", "bindings/forkroad", cwd=REPOSITORY).split()
    assert {name.removeprefix("bindings/") for name in tracked} <= set(names)
    assert len([name for name in names if name.startswith("forkroad/_core")]) == 1
    # the licence of each library that it carries, and of the headers compiled in
    libraries = {name.split("/")[1].split("-")[0] for name in names if ".libs/lib" in name}
    texts = {name.rsplit("/", 1)[1] for name in names if "/licenses/third_party/" in name}
    assert all(any(text.startswith(library) for text in texts) for library in libraries)
    assert {"libeigen3-dev.txt", "pybind11.txt"} <= texts

    run(sys.executable, "-m", "venv", tmp_path / "fresh")
    python = tmp_path / "fresh" / "bin" / "python"
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", wheel]
    done = subprocess.run(install, capture_output=True, text=True, timeout=600)
    if "No matching distribution" in done.stderr:
        pytest.skip(f"package index absent: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr

    bare = {"PATH": os.defpath, "HOME": str(tmp_path)}
    options = {"cwd": tmp_path, "env": bare}
    doctor = run(python.parent / "forkroad", "doctor", **options)
    assert re.search(r"numpy +\d", doctor)
    assert "not installed" not in doctor
    scores = ["score", "generated", "--plans", "64", "-o", "out"]
    assert "best plan" in run(python.parent / "forkroad", *scores, **options)
    place, values = run(python, "-c", SCORES, **options).split()
    assert place.startswith(str(tmp_path / "fresh"))
    here = run(sys.executable, "-c", SCORES, env={**bare, "PYTHONPATH": str(PACKAGE.parent)})
    assert here.split()[1] == values
