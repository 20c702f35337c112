"""Term matrices of a vocabulary of plans, computed once per scene, and two-frame comfort.

Extended comfort (EC) compares a plan now with a plan of the frame before.
`matched_extended_comfort` takes the pairs that matter; `ComfortFeatures` is the factored form: four
signals per plan, so that any pair costs one difference and no table of all pairs is ever stored.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np

from forkroad.navsim.evaluate import core_module, make_pdm_scene
from forkroad.navsim.files import NavsimScene
from forkroad.navsim.poses import to_world_poses
from forkroad.navsim.terms import check_version, pdm_human_filter
from forkroad.whole_files import replace_when_whole

TERMS = {
    "v1.1": (
        *("nc", "dac", "ddc", "ep", "ttc", "comfort_score"),
        *("progress_raw", "mult_prod", "score"),
    ),
    "v2": (
        *("nc", "dac", "ddc", "tlc", "ep", "ttc", "lk", "hc"),
        *("progress_raw", "mult_prod", "score"),
    ),
}
MOTION_COLUMNS = (2, 5, 6)
"""State columns that EC reads: heading, ax, ay."""
EC_LIMITS = np.array([0.7, 0.5, 0.1, 0.1])
"""RMS limits of acceleration, jerk, yaw rate, yaw acceleration (SI), inclusive."""
NUM_STATES, STEP = 41, 0.1
FORMAT = 1


@dataclasses.dataclass
class TermMatrix:
    """Terms of every plan of a vocabulary in one scene."""

    version: str
    names: tuple[str, ...]
    values: np.ndarray
    """`[N,T]` float64."""
    motion: np.ndarray | None = None
    """`[N,41,3]` heading, ax, ay of the roll-outs, for EC; None if not kept."""

    def __getitem__(self, name: str) -> np.ndarray:
        """One column `[N]`."""
        return self.values[:, self.names.index(name)]

    def states(self) -> np.ndarray:
        """Roll-outs `[N,41,11]` in which only the columns of `motion` are filled."""
        if self.motion is None:
            raise ValueError("motion: got None, expected a term matrix made with keep_motion")
        states = np.zeros((*self.motion.shape[:2], 11))
        states[..., MOTION_COLUMNS] = self.motion
        return states


def term_matrix(
    scene: NavsimScene,
    vocabulary: np.ndarray,
    interval: float,
    version: str = "v2",
    *,
    human_filter: str = "off",
    keep_motion: bool = True,
    core: ModuleType | None = None,
    **options,
) -> TermMatrix:
    """Score a vocabulary `[N,P,3]` (ego frame; poses at interval, 2*interval, ... [s]) in a scene,
    each plan in the official pair with the scene's reference plan.

    `human_filter` (v2: off, current, legacy) needs the scene's human plan; `options` (precision,
    num_threads, lanes) go to the scorer."""
    core = core or core_module()
    plans = to_world_poses(vocabulary, interval, scene.ego_state, scene.ego_time_us)
    pdm_scene = make_pdm_scene(scene, core)
    pair = {}
    if scene.reference_plan is not None:
        reference = core.score_pdm(
            pdm_scene, scene.reference_plan[None], version=version, **options
        )
        pair["reference_progress"] = float(reference["progress_raw"][0])
        pair["reference_product"] = float(reference["mult_prod"][0])
    terms = core.score_pdm(pdm_scene, plans, version=check_version(version), **pair, **options)
    if human_filter != "off":
        terms = pdm_human_filter(terms, _human_terms(scene, core, version, options), human_filter)
    values = np.stack([terms[name] for name in TERMS[version]], axis=-1)
    motion = terms["sim"][..., MOTION_COLUMNS].copy() if keep_motion else None
    return TermMatrix(version, TERMS[version], values, motion)


def _human_terms(scene: NavsimScene, core, version: str, options: dict) -> dict:
    if version != "v2":
        raise ValueError(f"human_filter: got version {version!r}, expected v2")
    if scene.human_plan is None:
        raise ValueError(f"scene {scene.name}: got no human plan, expected one for the filter")
    alone = make_pdm_scene(scene, core, history_state=None, history_time_us=None)
    return core.score_pdm(alone, scene.human_plan[None], version="v2", **options)


class TermMatrixCache:
    """Term matrices in a folder, one file per scene, vocabulary, version and settings.

    The key is a hash of their contents: a changed scene, vocabulary or setting is a new file, and
    the same ones are never computed twice. Files appear whole or not at all."""

    def __init__(self, folder: str | os.PathLike, suffix: str = ".npz"):
        if suffix not in (".npz", ".safetensors"):
            raise ValueError(f"suffix: got {suffix!r}, expected .npz or .safetensors")
        self.folder, self.suffix = Path(folder), suffix

    def path(self, scene: NavsimScene, vocabulary, interval, version, **settings) -> Path:
        """Where the matrix lies."""
        digest = hashlib.sha256(repr((FORMAT, version, float(interval))).encode())
        digest.update(repr(sorted(settings.items())).encode())
        arguments = {**scene.pdm_arguments(), "reference": scene.reference_plan}
        arguments |= {"human": scene.human_plan, "vocabulary": np.asarray(vocabulary, np.float64)}
        for name, value in sorted(arguments.items()):
            digest.update(name.encode())
            digest.update(_bytes(value))
        return self.folder / f"{scene.name}_{digest.hexdigest()[:24]}{self.suffix}"

    def get(
        self, scene: NavsimScene, vocabulary, interval, version="v2", *, core=None, **settings
    ) -> TermMatrix:
        """The stored matrix, or a new one that is stored; `settings` as in `term_matrix`."""
        keyed = {
            name: value for name, value in settings.items() if name not in ("num_threads", "lanes")
        }
        path = self.path(scene, vocabulary, interval, version, **keyed)
        if path.is_file():
            return self._read(path, version)
        made = term_matrix(scene, vocabulary, interval, version, core=core, **settings)
        self.folder.mkdir(parents=True, exist_ok=True)
        arrays = {"values": np.ascontiguousarray(made.values)}
        if made.motion is not None:
            arrays["motion"] = np.ascontiguousarray(made.motion)
        with replace_when_whole(path) as part:
            self._write(part, arrays)
        return made

    def _read(self, path: Path, version: str) -> TermMatrix:
        if self.suffix == ".npz":
            with np.load(path, allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
        else:
            from safetensors.numpy import load_file

            arrays = load_file(path)
        return TermMatrix(version, TERMS[version], arrays["values"], arrays.get("motion"))

    def _write(self, path: Path, arrays: dict) -> None:
        if self.suffix == ".npz":
            with path.open("wb") as stream:
                np.savez_compressed(stream, **arrays)
        else:
            from safetensors.numpy import save_file

            save_file(arrays, path)


def _bytes(value) -> bytes:
    """Contents, dtype and shape of a value as bytes."""
    if value is None or isinstance(value, str | int | float):
        return repr(value).encode()
    array = np.ascontiguousarray(value)
    return repr((array.dtype.str, array.shape)).encode() + array.tobytes()


def matched_extended_comfort(
    now: np.ndarray,
    before: np.ndarray,
    gap_steps: int,
    pairs: np.ndarray | None = None,
    *,
    core: ModuleType | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """EC `[K]` u8 and RMS differences `[K,4]` of roll-outs now `[N,41,11]` and before `[M,41,11]`,
    `gap_steps` of 0.1 s apart, for index pairs `[K,2]` (now, before).

    Without `pairs` plan i meets plan i, or the only plan before if M is 1."""
    if pairs is None:
        pairs = matched_pairs(len(now), len(before))
    pairs = np.ascontiguousarray(pairs, np.int32)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError(f"pairs: got shape {pairs.shape}, expected [K, 2]")
    core = core or core_module()
    ec, rms = core.pdm_extended_comfort(now, before, pairs, gap_steps)
    return np.asarray(ec), np.asarray(rms)


def matched_pairs(num_now: int, num_before: int) -> np.ndarray:
    """Pairs `[N,2]`: plan i with plan i, or every plan with the only one before."""
    if num_before not in (1, num_now):
        raise ValueError(f"before: got {num_before} plans, expected 1 or {num_now}")
    index = np.arange(num_now, dtype=np.int32)
    return np.stack([index, index if num_before == num_now else np.zeros_like(index)], axis=-1)


@cache
def _filter_matrix(length: int, window: int, order: int, derivative: int) -> np.ndarray:
    """Savitzky-Golay filter of `length` samples as a matrix; the ends evaluate the fit of the first
    (last) window, an even window the point half a sample after its middle's left neighbour."""
    half, scale = window // 2, (1.0, 1.0, 2.0)[derivative] / STEP**derivative
    matrix = np.zeros((length, length))
    for row in range(length):
        interior = half <= row < length - half
        first = row - (window - 1) // 2 if interior else (0 if row < half else length - window)
        at = (window - 1) / 2 if interior else row - first
        powers = np.vander(np.arange(window) - at, order + 1, increasing=True)
        matrix[row, first : first + window] = np.linalg.pinv(powers)[derivative] * scale
    return matrix


def _smooth(values: np.ndarray, window: int, order: int, derivative: int = 0) -> np.ndarray:
    matrix = _filter_matrix(values.shape[-1], window, order, derivative)
    return np.round(values @ matrix.T, 8)


@dataclasses.dataclass
class ComfortFeatures:
    """The factored form of EC: signals `[N,4,K]` (acceleration, jerk, yaw rate, yaw acceleration)
    of one frame's plans on the steps that both frames share."""

    signals: np.ndarray

    @classmethod
    def of_now(cls, sim: np.ndarray, gap_steps: int) -> ComfortFeatures:
        """Of the current frame's roll-outs `[N,41,11]`."""
        return cls(_signals(sim[:, : NUM_STATES - gap_steps]))

    @classmethod
    def of_before(cls, sim: np.ndarray, gap_steps: int) -> ComfortFeatures:
        """Of the previous frame's roll-outs `[M,41,11]`."""
        return cls(_signals(sim[:, gap_steps:]))

    def rms(self, before: ComfortFeatures, pairs: np.ndarray) -> np.ndarray:
        """RMS differences `[K,4]` of index pairs `[K,2]` (own, before)."""
        difference = self.signals[pairs[:, 0]] - before.signals[pairs[:, 1]]
        return np.sqrt(np.mean(difference**2, axis=-1))

    def rms_rows(self, before: ComfortFeatures, rows: np.ndarray | slice) -> np.ndarray:
        """RMS differences `[R,M,4]` of some own plans to all plans before, by inner products: the
        memory grows with the rows asked for, not with all pairs."""
        own, other = self.signals[rows], before.signals
        cross = np.einsum("rsk,msk->rms", own, other, optimize=True)
        square = (own**2).sum(-1)[:, None] + (other**2).sum(-1)[None] - 2 * cross
        return np.sqrt(np.maximum(square, 0.0) / own.shape[-1])


def _signals(rows: np.ndarray) -> np.ndarray:
    heading = rows[..., 2].copy()
    turns = np.cumsum(np.round(np.diff(heading) / (2 * np.pi)), axis=-1)
    heading[..., 1:] -= 2 * np.pi * turns
    acceleration = _smooth(np.hypot(rows[..., 5], rows[..., 6]), 8, 2)
    jerk = _smooth(acceleration, 15, 2, 1)
    return np.stack(
        [acceleration, jerk, _smooth(heading, 5, 2, 1), _smooth(heading, 5, 2, 2)], axis=1
    )


def extended_comfort(rms: np.ndarray) -> np.ndarray:
    """EC `[...]` u8 of RMS differences `[...,4]`."""
    return (rms <= EC_LIMITS).all(axis=-1).astype(np.uint8)
