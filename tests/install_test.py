"""An installed forkroad serves a project of someone else: find_package, headers, the same bits."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import forkroad
import numpy as np
import pytest
from consumer_project import REPOSITORY, run

CONSUMER = REPOSITORY / "examples" / "consumer"
# how others compile must not reach into the library's arithmetic
FLAGS = {"optimised": "-O2 -Wall -Wextra -Werror", "contracted": "-O0 -mfma -ffp-contract=fast"}


def scores_of(scenes):
    """What the consumer prints, by the Python interface."""
    batch = forkroad.SceneBatch(scenes)
    table = forkroad.Simulator(batch).score(
        forkroad.vocabulary(batch, 256),
        forkroad.make_agent_model("log"),
        forkroad.ScoreCard.drive(),
    )
    return table.totals, [table.best_plan(world) for world in range(len(scenes))]


def read_output(text, scenes):
    """Totals float32 [B, 256] and best plans of the consumer's output."""
    rows = [line.rsplit(" ", 2) for line in text.splitlines()]
    assert [row[0] for row in rows] == [scene.id for scene in scenes for _ in range(257)]
    rows = np.array(rows).reshape(len(scenes), 257, 3)
    assert (rows[:, :256, 1] == np.arange(256).astype(str)).all()
    return rows[:, :256, 2].astype(np.float32), rows[:, 256, 2].astype(int).tolist()


@pytest.mark.parametrize("flags", FLAGS.values(), ids=FLAGS)
def test_a_consumer_gets_the_bits_that_python_gets(installed, flags, tmp_path):
    program = installed.build(CONSUMER, tmp_path, f"-DCMAKE_CXX_FLAGS={flags}") / "consumer"
    scenes = [forkroad.generated_scene()]
    totals, best = read_output(run(program), scenes)
    expected, expected_best = scores_of(scenes)
    assert totals.tobytes() == expected.tobytes()
    assert len(np.unique(totals)) > 10
    assert best == expected_best

    scenes = forkroad.load_scenes("generated:merge:7:2")
    totals, best = read_output(run(program, "generated:merge:7:2"), scenes)
    assert (totals.tobytes(), best) == (scores_of(scenes)[0].tobytes(), scores_of(scenes)[1])


def test_an_installed_header_compiles_alone(installed, tmp_path):
    headers = sorted(
        path.relative_to(installed.include) for path in installed.include.rglob("*.hpp")
    )
    assert len(headers) > 40

    def errors(header):
        source = tmp_path / f"{header.stem}.cpp"
        source.write_text(f'#include "{header}"\n')
        command = ["c++", "-std=c++20", "-fsyntax-only", "-I", installed.include, source]
        return subprocess.run(command, capture_output=True, text=True, timeout=120).stderr

    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(headers, pool.map(errors, headers), strict=True))
    assert not {header: text for header, text in found.items() if text}


def test_no_installed_header_instantiates_a_lane_type(installed):
    for path in installed.include.rglob("*.hpp"):
        assert not re.search(r"_(avx2|avx512|instance|block)$|lane_pair", path.stem), path
        assert "immintrin.h" not in path.read_text(), path


def test_an_installation_holds_no_path_of_the_build_and_no_python(installed):
    scripts = list(installed.prefix.rglob("*.cmake"))
    assert len(scripts) >= 4
    for path in scripts:
        assert str(REPOSITORY) not in path.read_text(), path
    assert not list(installed.prefix.rglob("*.so"))
    assert sorted(path.name for path in installed.prefix.iterdir()) == ["include", "lib", "share"]


def test_another_minor_version_is_refused(installed, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.22)\nproject(other LANGUAGES CXX)\n"
        "find_package(forkroad ${WANTED} CONFIG REQUIRED)\n"
    )
    major, minor, _ = forkroad.__version__.split(".")
    installed.configure(tmp_path, tmp_path / "same", f"-DWANTED={major}.{minor}")
    with pytest.raises(AssertionError, match=r"compatible\s+with\s+requested"):
        installed.configure(tmp_path, tmp_path / "next", f"-DWANTED={major}.{int(minor) + 1}")
