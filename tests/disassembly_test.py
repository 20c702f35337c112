"""The lane kernels' machine code: packed arithmetic only, and nothing that other units share.

Reads the objects of a build (FORKROAD_BUILD_DIR, default build/cpu). Scalar conversions of loop
counters (vcvtsi2ss), moves and broadcasts of one value are allowed: they are no lane arithmetic.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ.get("FORKROAD_BUILD_DIR", "build/cpu")
OBJECTS = BUILD / "sim/CMakeFiles/forkroad.dir"

SCALAR_ARITHMETIC = re.compile(
    r"\bv?(add|sub|mul|div|sqrt|rsqrt\w*|rcp\w*|min|max|round|rndscale|fn?m(add|sub)\w*"
    r"|u?comi|cmp\w*)s[sd]\b"
)
PACKED_FMA = re.compile(r"\bvfn?m(add|sub)\d+p[sd]\b.*%(ymm|zmm)")
WIDE_REGISTER = re.compile(r"%zmm|%k[0-7]|%[xyz]mm(1[6-9]|2[0-9]|3[01])\b")

UNITS = {
    "lane_kernels_avx2": "avx2",
    "lane_kernels_avx512": "avx512",
    "pdm_kernels_avx2": "avx2",
    "pdm_kernels_avx512": "avx512",
}
# An edge or a piece of a line is the same for all lanes and much is reckoned of it once; its
# arithmetic has no fused steps, so that rasters are the same for all lane types.
RASTER_UNITS = {"raster_kernels_avx2": "avx2", "raster_kernels_avx512": "avx512"}
ALL_UNITS = UNITS | RASTER_UNITS
# What is the same for all lanes (the start state, an edge's bounds, the sum of two radii) is
# reckoned once as a scalar before it is broadcast; several lane types share a unit.
UNIFORM = {
    "lane_kernels_avx2": 144,
    "lane_kernels_avx512": 72,
    "pdm_kernels_avx2": 48,
    "pdm_kernels_avx512": 24,
}


def object_of(unit):
    path = OBJECTS / f"{unit}.cpp.o"
    if shutil.which("objdump") is None:
        pytest.skip("objdump is not installed")
    if not path.exists():
        pytest.skip(f"{path} is not built")
    return path


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def instructions(unit):
    lines = run("objdump", "-d", "--no-show-raw-insn", str(object_of(unit))).splitlines()
    return [line for line in lines if re.match(r"\s+[0-9a-f]+:\t", line)]


@pytest.mark.parametrize("unit", UNITS)
def test_lanes_use_no_scalar_arithmetic(unit):
    found = [line.strip() for line in instructions(unit) if SCALAR_ARITHMETIC.search(line)]
    assert len(found) <= UNIFORM.get(unit, 0), f"{len(found)} scalar operations: {found[:5]}"


@pytest.mark.parametrize("unit, instruction_set", UNITS.items())
def test_lanes_use_packed_fma(unit, instruction_set):
    register = {"avx2": "ymm", "avx512": "zmm"}[instruction_set]
    found = [
        match.group(2)
        for line in instructions(unit)
        if (match := PACKED_FMA.search(line)) is not None
    ]
    assert found.count(register) > 100, f"{found.count(register)} packed fma on {register}"


@pytest.mark.parametrize("unit", [unit for unit in ALL_UNITS if unit.endswith("avx2")])
def test_avx2_lanes_use_nothing_beyond_avx2(unit):
    found = [line.strip() for line in instructions(unit) if WIDE_REGISTER.search(line)]
    assert not found, f"AVX-512 in the AVX2 unit: {found[:5]}"


@pytest.mark.parametrize(
    "unit", [*ALL_UNITS, "lane_kernels_scalar", "pdm_kernels_scalar", "raster_kernels_scalar"]
)
def test_lanes_do_not_call_the_mathematics_library(unit):
    calls = run("nm", "--undefined-only", str(object_of(unit)))
    found = re.findall(r"\b(fmaf?|sqrtf?|rintf?|sinf?|cosf?|fminf?|fmaxf?)$", calls, re.MULTILINE)
    assert not found, f"{unit} calls {found}"


@pytest.mark.parametrize("unit, instruction_set", ALL_UNITS.items())
def test_lanes_share_no_symbol_with_other_units(unit, instruction_set):
    """A weak symbol may be linked from any unit: an AVX-512 copy could reach an old processor."""
    lines = run("nm", "--defined-only", str(object_of(unit))).splitlines()
    weak = [line.split()[-1] for line in lines if line.split()[-2] in "WVu"]
    shared = [name for name in weak if instruction_set not in name]
    assert not shared, f"weak symbols without '{instruction_set}' in their names: {shared[:5]}"


@pytest.mark.parametrize("unit, instruction_set", ALL_UNITS.items())
def test_the_one_strong_symbol_is_the_table(unit, instruction_set):
    lines = run("nm", "--defined-only", str(object_of(unit))).splitlines()
    strong = [line.split()[-1] for line in lines if line.split()[-2] in "TDBR"]
    table = f"{instruction_set}_{unit.split('_')[0]}_kernels"
    assert len(strong) == 1 and table in strong[0], strong


@pytest.mark.parametrize("unit", RASTER_UNITS)
def test_rasters_fuse_no_arithmetic(unit):
    found = [line.strip() for line in instructions(unit) if PACKED_FMA.search(line)]
    assert not found, found[:5]
