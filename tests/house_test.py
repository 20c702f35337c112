"""The rules of the house that a script can check: layers, sizes, names, kernel bodies, paths."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# folder -> folders that it may include
LAYERS = {
    "scenarios": set(),
    "kernels": set(),
    "worldmodel": {"kernels", "scenarios"},
    "sim": {"kernels", "worldmodel", "scenarios"},
    "bindings": {"sim", "worldmodel", "scenarios", "kernels"},
}
SOURCES = (".cpp", ".hpp", ".cu", ".py")


def tracked(*suffixes: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if name.endswith(suffixes) and (ROOT / name).exists()]


@pytest.mark.parametrize("folder", LAYERS)
def test_a_layer_includes_only_what_lies_below_it(folder):
    for path in (ROOT / folder).glob("*.[ch]*"):
        for target in re.findall(r'#include "(\w+)/', path.read_text()):
            assert target == folder or target in LAYERS[folder], f"{path.name} includes {target}/"


def test_files_stay_within_400_lines():
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked(*SOURCES)
        if (count := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_no_file_is_a_drawer_for_everything():
    names = [path.stem for path in tracked(*SOURCES)]
    drawer = re.compile(r"util|common(?!road)|misc|helper|manager", re.I)
    assert not [name for name in names if drawer.search(name)]


def test_kernel_bodies_hold_no_cuda_words():
    for path in (ROOT / "kernels").glob("*_block.hpp"):
        found = re.findall(
            r"threadIdx|blockIdx|__shared__|cg::|asm\b|__syncthreads", path.read_text()
        )
        assert not found, f"{path.name}: {found}"


def test_no_tracked_text_names_a_place_on_a_machine():
    for path in tracked(*SOURCES, ".md", ".txt", ".toml", ".json", ".cmake"):
        found = re.findall(r"(?:^|[^A-Za-z0-9_.])/(?:work|farm|root|home)/", path.read_text())
        assert not found or path.name == "house_test.py", f"{path.relative_to(ROOT)}: {found}"


def test_every_test_file_names_a_unit_in_a_sentence():
    for path in tracked("_test.cpp"):
        for name in re.findall(r'TEST_CASE\(\s*"([^"]+)"', path.read_text()):
            assert len(name.split()) >= 3, f"{path.name}: '{name}' is no sentence"
