"""Numbers for a page: whole multiples of a stated unit, small enough to travel as text.

`values / unit` is rounded to int32, differenced along the last axis, folded to even (positive) and
odd (negative) numbers, split into byte planes, compressed (zlib) and written in base64. Smooth
motion has small second differences, so a pose costs about a byte. `unpack.js` undoes it.
"""

from __future__ import annotations

import base64
import zlib

import numpy as np


def pack(values: np.ndarray, unit: float = 1.0, order: int = 0) -> dict:
    """`values` [..., n] as a JSON object; they come back as float32 within half a unit.

    `order`: how often differences are taken along the last axis. Raises ValueError for values that
    are not finite or beyond 2^30 units.
    """
    values = np.atleast_1d(np.asarray(values, np.float64))
    counts = np.rint(values / unit)
    if not (np.abs(counts) < 2**30).all():  # also false for NaN
        raise ValueError(f"pack: got values beyond 2^30 units of {unit}, or not finite")
    counts = counts.astype(np.int64)
    for _ in range(order):
        counts = np.diff(counts, axis=-1, prepend=0)
    folded = np.where(counts < 0, -2 * counts - 1, 2 * counts).astype("<u8")
    most = int(folded.max(initial=0))
    planes = max(1, (most.bit_length() + 7) // 8)
    # [number, byte] -> all first bytes, then all second bytes, ...
    split = folded.reshape(-1, 1).view(np.uint8)[:, :planes].T
    data = zlib.compress(np.ascontiguousarray(split).tobytes(), 9)
    return {
        "shape": list(values.shape),
        "unit": unit,
        "order": order,
        "planes": planes,
        "data": base64.b64encode(data).decode("ascii"),
    }


def hold_gaps(values: np.ndarray) -> np.ndarray:
    """[..., n] with every NaN replaced by the value before it (at the start: after it, else 0), so
    that gaps cost nothing; who is there when is told apart."""
    known = np.isfinite(values)
    at = np.where(known, np.arange(values.shape[-1]), -1)
    at = np.maximum.accumulate(at, axis=-1)
    first = np.argmax(known, axis=-1)[..., None]
    held = np.take_along_axis(values, np.where(at < 0, first, at), axis=-1)
    return np.where(np.isfinite(held), held, 0.0)
