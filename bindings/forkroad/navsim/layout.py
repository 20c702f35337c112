"""The arrays of a NAVSIM scene file: name, dtype, shape, whether it must be there.

Dimensions are numbers or letters; a letter means the same size wherever it stands:
S scenes, N plans per scene, P polygons, V polygon vertices, C centerline vertices, A tracks,
F frames, L plan poses, R red connectors, J plans of the previous frame, H history rows, E and G
events, B poses of the human trajectory. `S+1` is one more. Ragged data are concatenated; item i
has the rows offset[i] .. offset[i+1]-1. A dtype `S` is a fixed-length byte string.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np


class LayoutError(ValueError):
    """An array of a scene file is absent or not what the layout says."""

    def __init__(self, file: str | os.PathLike, array: str, got: object, expected: object):
        super().__init__(f"{file}: array {array}: got {got}, expected {expected}")
        self.file, self.array = str(file), array


REQUIRED = {
    "scene_name": ("S", "S"),
    "ego_state": ("f8", "S 11"),
    "ego_time_us": ("i8", "S"),
    "has_history": ("u1", "S"),
    "history_state": ("f8", "S 4 11"),
    "history_time_us": ("i8", "S 4"),
    "centerline_xy": ("f8", "C 2"),
    "centerline_offset": ("i4", "S+1"),
    "poly_xy": ("f8", "V 2"),
    "poly_vertex_offset": ("i4", "P+1"),
    "poly_offset": ("i4", "S+1"),
    "poly_type": ("u1", "P"),
    "poly_on_route": ("u1", "P"),
    "track_offset": ("i4", "S+1"),
    "track_state": ("f8", "A F 5"),
    "track_valid": ("u1", "A F"),
    "track_size": ("f8", "A 2"),
    "track_type": ("u1", "A"),
}

OPTIONAL = {
    "meta_key": ("S", "K"),
    "meta_value": ("S", "K"),
    "poly_type_name": ("S", "5"),
    "track_type_name": ("S", "D"),
    "plan_family_name": ("S", "Q"),
    "collision_class_name": ("S", "5"),
    "comfort_name": ("S", "6"),
    "scene_shape": ("S", "S"),
    "poly_token": ("S", "P"),
    "track_token": ("S", "A"),
    "track_removed": ("u1", "A"),
    "red_offset": ("i4", "S+1"),
    "red_poly": ("i4", "R"),
    "red_on": ("u1", "R 41"),
    "plan_local": ("f8", "L 3"),
    "plan_local_offset": ("i4", "SN+1"),
    "plan_interval": ("f8", "S N"),
    "plan_family": ("u1", "S N"),
    "plan": ("f8", "S N 41 3"),
    "ref_plan": ("f8", "S 41 3"),
    "human_local": ("f8", "S B 3"),
    "human_plan": ("f8", "S 41 3"),
    "prev_ego_state": ("f8", "S 11"),
    "prev_time_us": ("i8", "S"),
    "ec_gap_steps": ("i4", "S"),
    "prev_plan": ("f8", "S J 41 3"),
    "ec_pair": ("i4", "S N"),
}

_TERMS = ("nc", "dac", "ddc", "tlc", "ttc", "lk", "hc")
_PER_PLAN = (
    *(*_TERMS, "ep", "comfort_score", "progress_raw", "mult_prod", "score_pair", "score_ec"),
    *(f"filtered_{name}" for name in (*_TERMS, "ep", "mult_prod", "score", "score_ec")),
)
_PER_SCENE = (*_TERMS, "comfort_score", "progress_raw")

EXPECTED = {
    **dict.fromkeys(_PER_PLAN, ("f8", "S N")),
    **{f"{who}_{name}": ("f8", "S") for who in ("ref", "human") for name in _PER_SCENE},
    **{f"{who}_at_fault_idx": ("i4", "S") for who in ("ref", "human")},
    **{f"{who}_ttc_idx": ("i4", "S") for who in ("ref", "human")},
    "sim": ("f8", "S N 41 11"),
    "at_fault_idx": ("i4", "S N"),
    "ttc_idx": ("i4", "S N"),
    "area": ("u1", "S N 41 3"),
    "comfort_ok": ("u1", "S N 6"),
    "comfort_ok_rollout": ("u1", "S N 6"),
    "ref_sim": ("f8", "S 41 11"),
    "human_sim": ("f8", "S 41 11"),
    "prev_sim": ("f8", "S J 41 11"),
    "ec": ("u1", "S N J"),
    "ec_rms": ("f8", "S N J 4"),
    "padded_history": ("f8", "H 11"),
    "padded_history_offset": ("i4", "S+1"),
    "nc_event": ("i2", "E 6"),
    "ttc_event": ("i2", "G 9"),
}

MARGINS = {
    "term_name": ("S", "T"),
    "margin": ("f8", "S N T"),
    "borderline": ("u1", "S N T"),
    "borderline_any": ("u1", "S N"),
    "ref_margin": ("f8", "S T"),
    "ref_borderline": ("u1", "S T"),
    "human_margin": ("f8", "S T"),
    "human_borderline": ("u1", "S T"),
    "ec_margin": ("f8", "S N J"),
    "ec_borderline": ("u1", "S N J"),
    "rollout_check_error": ("f8", "S N 2"),
    "rollout_extended_error": ("f8", "S N 2"),
    "ill_conditioned": ("u1", "S N"),
    "tolerance_name": ("S", "O"),
    "tolerance_abs": ("f8", "O"),
}
MARGINS_REQUIRED = ("term_name", "margin", "borderline", "borderline_any")

# offset array, array whose rows it cuts, letters of the items
OFFSETS = (
    ("centerline_offset", "centerline_xy"),
    ("poly_vertex_offset", "poly_xy"),
    ("poly_offset", "poly_type"),
    ("track_offset", "track_type"),
    ("red_offset", "red_poly"),
    ("plan_local_offset", "plan_local"),
    ("padded_history_offset", "padded_history"),
)


def _dtype_word(dtype: np.dtype) -> str:
    return "S" if dtype.kind == "S" else dtype.str.lstrip("<|>=")


def _size_of(token: str, sizes: dict[str, int]) -> int | None:
    """Size that a dimension token stands for, None if a letter in it is not known yet."""
    extra = token.endswith("+1")
    letters = token.removesuffix("+1")
    if letters.isdigit():
        return int(letters)
    size = 1
    for letter in letters:
        if letter not in sizes:
            return None
        size *= sizes[letter]
    return size + extra


def check_array(file, name: str, array: np.ndarray, spec, sizes: dict[str, int]) -> None:
    """Compare one array with its spec; letters met for the first time are noted in `sizes`."""
    word, shape = spec
    tokens = shape.split()
    if _dtype_word(array.dtype) != word:
        raise LayoutError(file, name, f"dtype {array.dtype}", f"dtype {word}")
    if array.ndim != len(tokens):
        raise LayoutError(file, name, f"shape {array.shape}", f"[{', '.join(tokens)}]")
    for token, size in zip(tokens, array.shape, strict=True):
        expected = _size_of(token, sizes)
        if expected is None and len(token.removesuffix("+1")) == 1:
            sizes[token[0]] = expected = size - token.endswith("+1")
            expected += token.endswith("+1")
        if expected is not None and expected != size:
            raise LayoutError(
                file,
                name,
                f"shape {array.shape}",
                f"[{', '.join(tokens)}] with {token} = {expected}",
            )
    if array.dtype.kind == "f" and word == "f8" and name not in MARGINS:
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            raise LayoutError(file, name, f"a value that is not finite at {bad[0]}", "numbers")


def check_offsets(file, arrays: dict[str, np.ndarray]) -> None:
    """Offset arrays start at 0, never fall, and end at the number of rows that they cut."""
    for offsets, rows in OFFSETS:
        if offsets not in arrays:
            continue
        if rows not in arrays:
            raise LayoutError(file, rows, "no such array", f"the rows that {offsets} cuts")
        values, num_rows = arrays[offsets], len(arrays[rows])
        if len(values) == 0 or values[0] != 0:
            raise LayoutError(file, offsets, f"first value {values[:1]}", "0")
        if (np.diff(values) < 0).any():
            at = int(np.argmax(np.diff(values) < 0))
            raise LayoutError(file, offsets, f"a falling value at {at + 1}", "rising values")
        if values[-1] != num_rows:
            raise LayoutError(file, offsets, f"last value {values[-1]}", f"{num_rows} ({rows})")


def read_arrays(path: Path, byte_strings: set[str]) -> dict[str, np.ndarray]:
    """Arrays of an .npz or .safetensors file; byte strings of the latter, stored as u8 matrices,
    get their dtype back."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    if path.suffix == ".safetensors":
        from safetensors.numpy import load_file

        arrays = load_file(path)
        for name in byte_strings & arrays.keys():
            matrix = np.ascontiguousarray(arrays[name])
            if matrix.dtype == np.uint8 and matrix.ndim >= 1 and matrix.shape[-1] > 0:
                arrays[name] = matrix.view(f"S{matrix.shape[-1]}")[..., 0]
        return arrays
    raise ValueError(f"{path}: suffix: got {path.suffix!r}, expected .npz or .safetensors")
