"""What the NAVSIM tests share: goldens, generated files, the scorers under test."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import navsim_scenes
import navsim_stand_in
import pytest
from forkroad import _core
from forkroad.navsim import read_navsim
from shared_logs import shared_folder


def golden(name: str) -> Path:
    """A golden file, or a skip."""
    path = shared_folder() / "golden" / "navsim" / name
    if not path.is_file():
        pytest.skip(f"golden absent: $FORKROAD_SHARED/golden/navsim/{name}")
    return path


@cache
def golden_file(name: str):
    """A golden file, read."""
    return read_navsim(golden(name))


def scorers():
    """Parameters: the stand-in and the compiled scorer."""
    return [
        pytest.param(navsim_stand_in, id="stand-in"),
        pytest.param(_core, id="compiled"),
    ]


def write_generated(folder: Path, version: str, seed: int, num_scenes=2, num_plans=8) -> Path:
    """A generated scene file with its margins beside it."""
    path = folder / f"navsim_{seed}_{version}.npz"
    navsim_scenes.write(path, *navsim_scenes.generate(num_scenes, num_plans, seed, version))
    return path
