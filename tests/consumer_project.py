"""Builds projects against an installed forkroad, as someone else's project would."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
BUILD = REPOSITORY / os.environ.get("FORKROAD_BUILD_DIR", "build/cpu")


def run(*command, timeout=300, **options):
    """Run a command to its end and return what it printed; its errors fail the test."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=timeout, **options
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@dataclass(frozen=True)
class Installed:
    """An installation of this build in a folder of its own."""

    prefix: Path

    @property
    def include(self) -> Path:
        return self.prefix / "include" / "forkroad"

    def configure(self, source: Path, build: Path, *options) -> str:
        """Configure the project `source` in `build`."""
        launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
        where = [f"-DCMAKE_PREFIX_PATH={self.prefix}", *launcher]
        return run("cmake", "-S", source, "-B", build, "-G", "Ninja", *where, *options)

    def build(self, source: Path, build: Path, *options) -> Path:
        """Configure and build the project `source`; returns its folder of programs."""
        self.configure(source, build, *options)
        run("cmake", "--build", build)
        return build


def install(prefix: Path) -> Installed:
    """Install the build into `prefix`; skips the test where there is no build."""
    if not (BUILD / "cmake_install.cmake").exists() or not (BUILD / "sim/libforkroad.a").exists():
        pytest.skip(f"library absent: {BUILD} holds no finished build")
    run("cmake", "--install", BUILD, "--prefix", prefix)
    return Installed(prefix)
