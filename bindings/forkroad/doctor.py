"""What this build and this machine offer."""

from __future__ import annotations

import importlib.metadata
import os
import platform

from forkroad._core import num_cuda_devices, usable_lane_kernels, version

_PACKAGES = ("numpy", "pyarrow", "matplotlib", "safetensors", "click", "tqdm")


def usable_cores() -> int:
    """Cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _package_version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def describe_machine() -> list[tuple[str, str]]:
    """Label and value, one line each."""
    kernels = usable_lane_kernels()
    gpus = num_cuda_devices()
    return [
        ("forkroad", version),
        ("python", platform.python_version()),
        *[(name, _package_version(name)) for name in _PACKAGES],
        ("platform", f"{platform.system()} {platform.machine()}"),
        ("cores", f"{usable_cores()} usable of {os.cpu_count()}"),
        ("lane kernels", ", ".join(kernels)),
        ("CUDA devices", str(gpus) if gpus else "0 (none found, or a build without CUDA)"),
    ]
