"""Compare scores with the outputs stored in a NAVSIM scene file.

A decision is borderline, and not compared, where its margin is below a limit (1e-6 in the unit of
the test) or below ten times the error that an independent double-precision tracker makes on the
plan's roll-out.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping

import numpy as np

from forkroad.navsim.files import NavsimFile, NavsimScene

MARGIN_LIMIT = 1e-6
TRACKER_FACTOR = 10.0

# name -> margin terms that decide it; every plan axis is the first axis
DISCRETE = {
    "nc": ("nc",),
    "at_fault_idx": ("nc",),
    "dac": ("dac",),
    "ddc": ("ddc",),
    "tlc": ("tlc",),
    "ttc": ("ttc",),
    "ttc_idx": ("ttc",),
    "lk": ("lk",),
    "hc": ("comfort",),
    "comfort_score": ("comfort",),
    "comfort_ok": ("comfort",),
    "area": ("area",),
    "mult_prod": ("nc", "dac", "ddc", "tlc"),
    "ec": (),
}
PER_SCENE = ("nc", "dac", "ddc", "tlc", "ttc", "lk", "hc", "comfort_score")
INDEX_TERMS = {"at_fault_idx": ("nc",), "ttc_idx": ("ttc",)}
FILTERED = ("nc", "dac", "ddc", "tlc", "ttc", "lk", "hc", "mult_prod")
# continuous name -> tolerance name
CONTINUOUS = {
    "plan": "plan",
    "progress_raw": "progress_raw",
    "ep": "ep",
    "filtered_ep": "ep",
    "score_pair": "score",
    "score_ec": "score",
    "filtered_score": "score",
    "filtered_score_ec": "score",
    "ref_progress_raw": "progress_raw",
    "human_progress_raw": "progress_raw",
    "ec_rms": "ec_rms",
}
ROLLOUTS = ("sim", "ref_sim", "human_sim", "prev_sim")


@dataclasses.dataclass
class TermReport:
    """Comparison of one term over all scenes and plans."""

    compared: int = 0
    equal: int = 0
    borderline: int = 0
    largest_error: float = 0.0
    """Largest absolute difference of the values compared."""
    mismatches: list[tuple[str, str, int]] = dataclasses.field(default_factory=list)
    """(file, scene, plan); plan -1 for a value per scene."""

    def add(self, file: str, scene: str, error: np.ndarray, limit, skip: np.ndarray) -> None:
        """Count plans; `error` and `limit` `[N]` absolute, `skip` `[N]` the borderline plans."""
        keep = ~skip
        within = error <= limit
        self.borderline += int(skip.sum())
        self.compared += int(keep.sum())
        self.equal += int((keep & within).sum())
        if keep.any():
            self.largest_error = float(np.fmax(self.largest_error, np.max(error[keep])))
        self.mismatches += [(file, scene, int(plan)) for plan in np.nonzero(keep & ~within)[0]]


@dataclasses.dataclass
class ParityReport:
    """Comparison of files, by term."""

    terms: dict[str, TermReport] = dataclasses.field(default_factory=dict)
    num_scenes: int = 0
    num_plans: int = 0
    rollout_error: float = 0.0
    """Largest pose error of all roll-outs compared [m, rad], ill-conditioned plans aside."""
    ill_conditioned_error: float = 0.0
    """The same for the ill-conditioned plans."""
    absent: list[str] = dataclasses.field(default_factory=list)
    """Stored outputs that the results do not hold; each counts as a mismatch."""

    @property
    def num_mismatches(self) -> int:
        """Number of values that differ, and of outputs that are missing."""
        return len(self.absent) + sum(len(term.mismatches) for term in self.terms.values())

    def term(self, name: str) -> TermReport:
        """The report of a term, a new one at first use."""
        return self.terms.setdefault(name, TermReport())

    def to_json(self) -> str:
        """The report as a JSON object."""
        content = dataclasses.asdict(self)
        content["num_mismatches"] = self.num_mismatches
        return json.dumps(content, indent=1)

    def to_text(self, num_ids: int = 6) -> str:
        """A table, one line per term; at most `num_ids` mismatches are named per term."""
        head = f"{'term':<20}{'compared':>9}{'equal':>9}{'borderline':>11}{'mismatch':>9}  largest"
        lines = [head]
        for name, term in self.terms.items():
            lines.append(
                f"{name:<20}{term.compared:>9}{term.equal:>9}{term.borderline:>11}"
                f"{len(term.mismatches):>9}  {term.largest_error:.1e}"
            )
            ids = [f"{scene}/{plan}" if plan >= 0 else scene for _, scene, plan in term.mismatches]
            if ids:
                more = f" and {len(ids) - num_ids} more" if len(ids) > num_ids else ""
                lines.append(f"    differs: {', '.join(ids[:num_ids])}{more}")
        lines += [f"{name:<20}stored, not computed" for name in self.absent]
        lines.append(
            f"{self.num_scenes} scenes, {self.num_plans} plans; largest roll-out error "
            f"{self.rollout_error:.1e} (ill-conditioned plans {self.ill_conditioned_error:.1e}); "
            f"{self.num_mismatches} mismatches"
        )
        return "\n".join(lines)


def compare(
    file: NavsimFile,
    results: list[Mapping[str, np.ndarray]],
    *,
    margin_limit: float = MARGIN_LIMIT,
    report: ParityReport | None = None,
) -> ParityReport:
    """Compare results, one mapping per scene of the file (see `evaluate_scene`), with what is
    stored; the counts are added to `report` if one is given."""
    if len(results) != len(file.scenes):
        raise ValueError(f"results: got {len(results)} scenes, expected {len(file.scenes)}")
    report = report or ParityReport()
    for scene, result in zip(file.scenes, results, strict=True):
        report.num_scenes += 1
        report.num_plans += 0 if scene.plans is None else len(scene.plans)
        _Comparison(file, scene, result, margin_limit, report).run()
    return report


class _Comparison:
    """Comparison of one scene."""

    def __init__(self, file: NavsimFile, scene, result, margin_limit, report):
        self.file, self.scene, self.result = str(file.path), scene, result
        self.terms, self.limit = file.margin_terms, margin_limit
        self.tolerances, self.report = file.tolerances, report
        self.num_plans = 0 if scene.plans is None else len(scene.plans)
        self.tracker = self._tracker_error(scene)

    def _tracker_error(self, scene: NavsimScene) -> np.ndarray:
        """Accepted extra error of ill-conditioned plans, `[N,2]`: pose, all columns."""
        check = scene.margins.get("rollout_check_error")
        ill = scene.margins.get("ill_conditioned")
        if check is None or ill is None:
            return np.zeros((self.num_plans, 2))
        return np.where(ill[:, None] != 0, TRACKER_FACTOR * check, 0.0)

    def run(self) -> None:
        """Compare everything that is stored."""
        for name, deciding in DISCRETE.items():
            self._per_plan(name, self._borderline(deciding), name)
        for name in FILTERED:
            stored = f"filtered_{name}"
            skip = self._borderline(DISCRETE[name]) | self._human_borderline(DISCRETE[name])
            self._per_plan(stored, skip, stored)
        for who, margin in (("ref", "ref_margin"), ("human", "human_margin")):
            for name in (*PER_SCENE, *INDEX_TERMS):
                self._per_scene(f"{who}_{name}", DISCRETE[name], margin)
        for name, tolerance in CONTINUOUS.items():
            self._continuous(name, tolerance)
        for name in ROLLOUTS:
            self._rollout(name)

    def _pair(self, name: str):
        """(stored, computed) as float arrays; None where nothing is stored."""
        stored = self._stored(name)
        if stored is None:
            return None
        if name not in self.result:
            if name not in self.report.absent:
                self.report.absent.append(name)
            return None
        computed = np.asarray(self.result[name], np.float64)
        stored = np.asarray(stored, np.float64)
        if computed.shape != stored.shape:
            raise ValueError(
                f"{self.scene.name}: {name}: got shape {computed.shape}, expected {stored.shape}"
            )
        return stored, computed

    def _stored(self, name: str):
        return self.scene.plans if name == "plan" else self.scene.expected.get(name)

    def _error(self, pair) -> np.ndarray:
        """Largest difference per leading index; NaN counts as infinite."""
        stored, computed = pair
        error = np.abs(stored - computed)
        error = np.where(np.isnan(error), np.inf, error)
        return error.reshape(len(error), -1).max(axis=1) if error.ndim > 1 else error

    def _borderline(self, deciding) -> np.ndarray:
        """Plans `[N]` with a margin below the limit in any of the terms."""
        margin, flags = self.scene.margins.get("margin"), self.scene.margins.get("borderline")
        skip = np.zeros(self.num_plans, bool)
        if margin is None:
            return skip
        floor = np.maximum(self.limit, self.tracker[:, 0])
        for column, term in enumerate(self.terms):
            if term in deciding:
                skip |= (margin[:, column] < floor) | (flags[:, column] != 0)
        return skip

    def _scene_borderline(self, deciding, margin_name: str) -> bool:
        margin = self.scene.margins.get(margin_name)
        if margin is None:
            return False
        return any(
            term in deciding and margin[column] < self.limit
            for column, term in enumerate(self.terms)
        )

    def _human_borderline(self, deciding) -> bool:
        return self._scene_borderline(deciding, "human_margin")

    def _any_borderline(self, name: str) -> np.ndarray:
        skip = self._borderline(self.terms)
        flags = self.scene.margins.get("borderline_any")
        if flags is not None:
            skip = skip | (flags != 0)
        if name.startswith("filtered"):
            skip = skip | self._human_borderline(self.terms)
        return skip

    def _per_plan(self, name: str, skip: np.ndarray, row: str) -> None:
        pair = self._pair(name)
        if pair is None:
            return
        if name == "ec":
            self._extended_comfort(pair)
            return
        term = self.report.term(row)
        term.add(self.file, self.scene.name, self._error(pair), 0.0, skip)

    def _extended_comfort(self, pair) -> None:
        """EC is counted in pairs; a plan with a wrong pair is named once per pair."""
        stored, computed = pair
        margin = self.scene.margins.get("ec_margin")
        skip = np.zeros(stored.shape, bool)
        if margin is not None:
            skip = margin < np.maximum(self.limit, 100 * self.tracker[:, 1:])
        term = self.report.term("ec")
        for before in range(stored.shape[1]):
            error = np.abs(stored[:, before] - computed[:, before])
            term.add(self.file, self.scene.name, error, 0.0, skip[:, before])

    def _per_scene(self, name: str, deciding, margin: str) -> None:
        pair = self._pair(name)
        if pair is None:
            return
        skip = np.array([self._scene_borderline(deciding, margin)])
        error = np.abs(np.atleast_1d(pair[0] - pair[1]))
        self._add_scene(name, error, 0.0, skip)

    def _add_scene(self, name: str, error: np.ndarray, limit: float, skip: np.ndarray) -> None:
        term = self.report.term(name)
        before = len(term.mismatches)
        term.add(self.file, self.scene.name, error, limit, skip)
        term.mismatches[before:] = [
            (file, scene, -1) for file, scene, _ in term.mismatches[before:]
        ]

    def _continuous(self, name: str, tolerance: str) -> None:
        pair = self._pair(name)
        if pair is None:
            return
        limit = self.tolerances[tolerance]
        if np.ndim(pair[0]) == 0:
            error = np.abs(np.atleast_1d(pair[0] - pair[1]))
            self._add_scene(name, error, limit, np.array([False]))
            return
        skip = np.zeros(self.num_plans, bool)
        if name not in ("plan", "progress_raw", "ec_rms"):
            skip = self._any_borderline(name)
        extra = np.zeros(self.num_plans)
        if name != "plan":
            # derivatives magnify what the roll-out's error does to a comfort signal
            extra = 100 * self.tracker[:, 1] if name == "ec_rms" else self.tracker[:, 0]
        term = self.report.term(name)
        term.add(self.file, self.scene.name, self._error(pair), limit + extra, skip)

    def _rollout(self, name: str) -> None:
        """Poses and the other state columns, each with its own tolerance."""
        pair = self._pair(name)
        if pair is None:
            return
        stored, computed = (np.atleast_3d(part) for part in pair)
        own = name == "sim"
        if np.ndim(pair[0]) == 2:
            stored, computed = pair[0][None], pair[1][None]
        parts = (("pose", slice(0, 3), "sim_pose"), ("rates", slice(3, 11), "sim_other"))
        for column, (part, columns, tolerance) in enumerate(parts):
            difference = stored[..., columns] - computed[..., columns]
            if part == "pose":
                difference[..., 2] = (difference[..., 2] + np.pi) % (2 * np.pi) - np.pi
            error = np.nan_to_num(np.abs(difference), nan=np.inf).max(axis=(1, 2))
            extra = self.tracker[:, column] if own else np.zeros(len(error))
            limit = self.tolerances[tolerance] + extra
            term = self.report.term(f"{name} {part}")
            term.add(self.file, self.scene.name, error, limit, np.zeros(len(error), bool))
            if part == "pose":
                self._note_rollout(error, extra > 0)

    def _note_rollout(self, error: np.ndarray, ill: np.ndarray) -> None:
        for name, chosen in (("rollout_error", ~ill), ("ill_conditioned_error", ill)):
            if chosen.any():
                worst = max(getattr(self.report, name), float(error[chosen].max()))
                setattr(self.report, name, worst)
