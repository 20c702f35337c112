"""Plans in files: .npy and .safetensors.

A plan file holds float values [K, T, 3] or [B, K, T, 3] (2 columns for controls). What the numbers
mean (dt, first time, frame, reference point, kind) is never guessed: a .safetensors file may state
it in its metadata, a .npy file cannot, and what neither file nor caller states is an error.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forkroad._core import PlanSet
from forkroad.whole_files import replace_when_whole

FORMAT_VERSION = "1"

# tensor names inside a .safetensors file
VALUES = "plans"
IDS = "plan_ids"
MASK = "mask"


@dataclass(frozen=True)
class PlanFileLayout:
    """What the numbers of a plan file mean; None: not stated. Times in seconds."""

    dt: float | None = None
    first_time: float | None = None
    frame: str | None = None  # 'ego' or 'scene'
    reference: str | None = None  # 'rear_axle' or 'box_center'
    kind: str | None = None  # 'poses' or 'controls'


_EXPECTED = {
    "dt": "the seconds between plan steps",
    "first_time": "the seconds from the start to the first plan step",
    "frame": "'ego' or 'scene'",
    "reference": "'rear_axle' or 'box_center'",
    "kind": "'poses' or 'controls'",
}


def flag_of(name: str) -> str:
    """The command line flag that states a layout's field."""
    return "--plan-" + name.replace("_", "-")


def load_plans(path: str | os.PathLike, layout: PlanFileLayout | None = None) -> PlanSet:
    """Load a plan file as a PlanSet.

    `layout` states what the file does not. Raises ValueError that names the file and: what is
    missing and the flag that states it, what file and caller state differently, world, plan, step
    and column of a value that is not finite, or what is wrong with the file. Raises OSError if the
    file cannot be read.
    """
    path = Path(path)
    if path.suffix == ".npy":
        tensors, stated = {VALUES: _read_npy(path)}, PlanFileLayout()
    elif path.suffix == ".safetensors":
        tensors, stated = _read_safetensors(path)
    else:
        raise ValueError(
            f"{path}: got a file ending in '{path.suffix}', expected .npy or .safetensors"
        )
    merged = _merge(path, stated, layout or PlanFileLayout())
    try:
        return PlanSet(
            tensors[VALUES],
            dt=merged.dt,
            first_time=merged.first_time,
            frame=merged.frame,
            reference=merged.reference,
            kind=merged.kind,
            ids=tensors[IDS].tolist() if IDS in tensors else None,
            mask=tensors.get(MASK),
        )
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error


def save_plans(plans: PlanSet, path: str | os.PathLike) -> None:
    """Write a PlanSet to a .safetensors file with its layout as metadata; `load_plans` needs no
    flags for it. The file appears whole or not at all."""
    from safetensors.numpy import save_file

    path = Path(path)
    if path.suffix != ".safetensors":
        raise ValueError(f"{path}: got a file ending in '{path.suffix}', expected .safetensors")
    metadata = {
        "format": "forkroad_plans",
        "format_version": FORMAT_VERSION,
        "kind": plans.kind,
        "dt": repr(plans.dt),
        "first_time": repr(plans.first_time),
    }
    if plans.kind == "poses":
        metadata |= {"frame": plans.frame, "reference": plans.reference}
    tensors = {VALUES: plans.values(), IDS: plans.ids}
    if not plans.mask.all():
        tensors[MASK] = plans.mask
    with replace_when_whole(path) as part:
        save_file(tensors, part, metadata=metadata)


def _check_values(path: Path, values: np.ndarray) -> np.ndarray:
    if not np.issubdtype(values.dtype, np.floating):
        raise ValueError(f"{path}: got values of type {values.dtype}, expected floats")
    return values


def _read_npy(path: Path) -> np.ndarray:
    try:
        values = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path}: not a readable .npy array: {error}") from error
    return _check_values(path, values)


def _read_safetensors(path: Path) -> tuple[dict[str, np.ndarray], PlanFileLayout]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as file:
            names = list(file.keys())
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in (VALUES, IDS, MASK) if name in names}
    except SafetensorError as error:
        raise ValueError(f"{path}: not a readable .safetensors file: {error}") from error
    if VALUES not in tensors:
        raise ValueError(f"{path}: got the tensors {sorted(names)}, expected one named '{VALUES}'")
    _check_values(path, tensors[VALUES])
    version = metadata.get("format_version", FORMAT_VERSION)
    if version != FORMAT_VERSION:
        raise ValueError(f"{path}: got format_version {version}, expected {FORMAT_VERSION}")
    stated = {name: metadata[name] for name in _EXPECTED if name in metadata}
    for name in ("dt", "first_time"):
        if name in stated:
            try:
                stated[name] = float(stated[name])
            except ValueError:
                raise ValueError(
                    f"{path}: metadata {name}: got '{stated[name]}', expected {_EXPECTED[name]}"
                ) from None
    return tensors, PlanFileLayout(**stated)


def _merge(path: Path, stated: PlanFileLayout, given: PlanFileLayout) -> PlanFileLayout:
    merged = {}
    for name in _EXPECTED:
        in_file, by_caller = getattr(stated, name), getattr(given, name)
        if in_file is not None and by_caller is not None and in_file != by_caller:
            raise ValueError(
                f"{path}: the file states {name} {in_file}, {flag_of(name)} states {by_caller}"
            )
        merged[name] = by_caller if in_file is None else in_file
    kind = merged["kind"]
    for name, expected in _EXPECTED.items():
        # controls move the rear axle from where it is
        needless = kind == "controls" and name in ("frame", "reference")
        if merged[name] is None and not needless:
            raise ValueError(
                f"{path}: the file does not state {name} ({expected}); state it with "
                f"{flag_of(name)}"
            )
    return PlanFileLayout(**merged)
