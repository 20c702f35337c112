"""Plain fp64 reference of NAVSIM's PDM scorer, v1.1 (PDMS) and v2 (EPDMS) (tests only).

Written from the formulas alone: no code shared with the C++ scorer. Roll-outs are `[N,41,11]`
(see `navsim_reference_rollout`), world frame, SI units, radians. Every term has a margin `[N]`:
the smallest distance of a decision behind it from its threshold, inf without a decision.
"""

from __future__ import annotations

import numpy as np
from navsim_reference_comfort import comfort_v1, comfort_v2, padded_history, with_history
from navsim_reference_contacts import (
    INTERSECTION,
    Areas,
    Scene,
    corners_of,
    ego_areas,
    no_collision,
    time_to_collision,
)
from navsim_reference_geometry import ego_center
from navsim_reference_rollout import simulate

BORDERLINE = 1e-6
DDC_WINDOW = 11  # entries
LANE_DISTANCE, LANE_STEPS = 0.5, 20  # [m], steps
MIN_PROGRESS = 5.0  # [m]
HUMAN_TERMS = ("nc", "dac", "ddc", "tlc", "ttc", "lk")
MARGIN_TERMS = {"v1.1": ("tracker", "area", "nc", "dac", "ddc", "ep", "ttc", "comfort")}
MARGIN_TERMS["v2"] = (*MARGIN_TERMS["v1.1"], "tlc", "lk")
MULTIPLIERS = {"v1.1": ("nc", "dac"), "v2": ("nc", "dac", "ddc", "tlc")}
WEIGHTS = {"v1.1": {"ep": 5, "ttc": 5, "comfort_score": 2}}
WEIGHTS["v2"] = {"ep": 5, "ttc": 5, "lk": 2, "hc": 2}
EC_WEIGHT = 2


def driving_direction(sim: np.ndarray, areas: Areas, version: str):
    """DDC and margins, `[N]` each."""
    center = ego_center(sim)
    step = np.zeros(sim.shape[:2])
    step[:, 1:] = np.linalg.norm(np.diff(center, axis=1), axis=-1)
    step[~areas.off_route] = 0.0
    border = areas.route_border.min(axis=1)
    if version == "v2":
        step[areas.center_in_intersection] = 0.0
        border = np.minimum(border, areas.center_border.min(axis=1))
    count = sim.shape[1]
    sums = [step[:, max(0, t - DDC_WINDOW + 1) : t + 1].sum(axis=1) for t in range(count)]
    worst = np.max(sums, axis=0)
    ddc = np.where(worst < 2.0, 1.0, np.where(worst < 6.0, 0.5, 0.0))
    return ddc, np.minimum(border, np.minimum(np.abs(worst - 2.0), np.abs(worst - 6.0)))


def traffic_lights(scene: Scene, sim: np.ndarray):
    """TLC and margins, `[N]` each."""
    tlc, margin = np.ones(len(sim)), np.full(len(sim), np.inf)
    if scene.red_polygon is None:
        return tlc, margin
    corners = corners_of(sim)
    for polygon, on in zip(scene.red_polygon, scene.red_on, strict=True):
        steps = np.nonzero(on)[0]
        boxes = corners[:, steps].reshape(-1, 4, 2)
        touch, gap = scene.shapes[polygon].box_touches(boxes)
        if len(steps):
            tlc[touch.reshape(len(sim), -1).any(axis=1)] = 0.0
            margin = np.minimum(margin, gap.reshape(len(sim), -1).min(axis=1))
    return tlc, margin


def lane_keeping(scene: Scene, sim: np.ndarray, areas: Areas):
    """LK and margins, `[N]` each; steps inside an intersection neither count nor reset."""
    distance = scene.line.distance(ego_center(sim))
    lk, run = np.ones(len(sim)), np.zeros(len(sim), int)
    for step in range(sim.shape[1]):
        counted = ~areas.center_in_intersection[:, step]
        far = distance[:, step] > LANE_DISTANCE
        run = np.where(counted, np.where(far, run + 1, 0), run)
        lk[run >= LANE_STEPS] = 0.0
    outside = ~areas.center_in_intersection
    gap = np.where(outside, np.abs(distance - LANE_DISTANCE), np.inf).min(axis=1)
    return lk, np.minimum(gap, areas.center_border.min(axis=1))


def raw_progress(scene: Scene, sim: np.ndarray):
    """Progress along the centerline [m] and margins, `[N]` each."""
    center = ego_center(sim[:, [0, -1]])
    first, gap_first = scene.line.project(center[:, 0])
    last, gap_last = scene.line.project(center[:, 1])
    return np.maximum(0.0, last - first), np.minimum(gap_first, gap_last)


def ego_progress(raw, product, version: str, reference_progress=None, reference_product=None):
    """EP of the official pair and margins, `[N]` each: normalised by the larger masked progress of
    the reference proposal and the plan itself (the plan alone without a reference)."""
    masked = raw * product
    norm = masked
    if reference_progress is not None:
        norm = np.maximum(masked, reference_progress * reference_product)
    far = norm > MIN_PROGRESS
    safe = np.where(far, norm, 1.0)
    if version == "v2":
        ep = np.where(far, np.clip(raw / safe, 0.0, 1.0), 1.0)
    else:
        ep = np.where(far, masked / safe, np.where(product == 0, 0.0, 1.0))
    return ep, np.abs(norm - MIN_PROGRESS)


def total(terms: dict, version: str, ec: np.ndarray | None = None) -> np.ndarray:
    """PDMS or the v2 column `pdm_score` (EC left out), or with `ec` the full EPDMS, `[N]`."""
    weights = dict(WEIGHTS[version])
    if ec is not None:
        weights["ec"], terms = EC_WEIGHT, {**terms, "ec": ec}
    weighted = sum(weight * terms[name] for name, weight in weights.items())
    return terms["mult_prod"] * weighted / sum(weights.values())


def scene_history(scene: Scene) -> np.ndarray | None:
    """History rows of a scene, None without history."""
    if scene.history_state is None:
        return None
    return padded_history(scene.history_state, scene.history_time_us)


def _terms(scene: Scene, sim: np.ndarray, version: str, with_past: bool):
    """All terms but EP and the score, the margins by term, and the events."""
    areas = ego_areas(scene, sim)
    out, margin = {}, {"area": areas.border.min(axis=1)}
    out["area"] = np.stack(
        [areas.multiple_lanes, areas.non_drivable, areas.off_route], axis=-1
    ).astype(np.uint8)
    out["nc"], out["at_fault_idx"], margin["nc"], nc_event = no_collision(scene, sim, areas)
    times = sim.shape[1] - 9 if version == "v2" else sim.shape[1]
    out["ttc"], out["ttc_idx"], margin["ttc"], ttc_event = time_to_collision(
        scene, sim, areas, times
    )
    out["dac"] = 1.0 - areas.non_drivable.any(axis=1)
    margin["dac"] = areas.drivable_border.min(axis=1)
    out["ddc"], margin["ddc"] = driving_direction(sim, areas, version)
    out["progress_raw"], margin["ep"] = raw_progress(scene, sim)
    if version == "v2":
        out["tlc"], margin["tlc"] = traffic_lights(scene, sim)
        out["lk"], margin["lk"] = lane_keeping(scene, sim, areas)
        history = scene_history(scene) if with_past else None
        okay, margin["comfort"] = comfort_v2(with_history(history, sim))
        out["hc"] = okay.all(axis=1).astype(float) if history is not None else np.ones(len(sim))
    else:
        okay, margin["comfort"] = comfort_v1(sim)
        out["comfort_score"] = okay.all(axis=1).astype(float)
    out["comfort_ok"] = okay
    out["mult_prod"] = np.prod([out[name] for name in MULTIPLIERS[version]], axis=0)
    return out, margin, {"nc_event": nc_event, "ttc_event": ttc_event}


def score(
    scene: Scene,
    plans: np.ndarray | None,
    *,
    version: str,
    reference_progress: float | None = None,
    reference_product: float | None = None,
    sim: np.ndarray | None = None,
    with_past: bool = True,
) -> dict:
    """Score plans `[N,41,3]` (world poses), or given roll-outs `sim` `[N,41,11]`.

    Returns the arrays of the golden layout, `sim`, `margins` by term (`[N]` each), `margin` (their
    minimum, `[N]`) and the event lists; `with_past` False scores HC as without history."""
    if version not in WEIGHTS:
        raise ValueError(f"version: got {version!r}, expected one of {sorted(WEIGHTS)}")
    if sim is None:
        sim, tracker = simulate(scene.ego_state, plans)
    else:
        sim, tracker = np.asarray(sim, np.float64), np.full(len(sim), np.inf)
    out, margins, events = _terms(scene, sim, version, with_past)
    margins["tracker"] = tracker
    out["ep"], threshold = ego_progress(
        out["progress_raw"], out["mult_prod"], version, reference_progress, reference_product
    )
    margins["ep"] = np.minimum(margins["ep"], threshold)
    out["score"] = total(out, version)
    smallest = np.min([margins[name] for name in MARGIN_TERMS[version]], axis=0)
    return {**out, **events, "sim": sim, "margins": margins, "margin": smallest}


def human_filter(terms: dict, human: dict, version: str = "v2") -> dict:
    """Columns after the human-penalty filter: a term whose human value is 0 becomes 1, then
    product and score are formed again. `human` holds one value per term (0-d or `[1]`)."""
    out = dict(terms)
    for name in HUMAN_TERMS:
        if float(np.reshape(human[name], ())) == 0.0:
            out[name] = np.ones_like(terms[name])
    out["mult_prod"] = np.prod([out[name] for name in MULTIPLIERS[version]], axis=0)
    out["score"] = total(out, version)
    return out


def human_filter_legacy(terms: dict, human: dict, version: str = "v2") -> dict:
    """As `human_filter`, but product and score stay unfiltered: the behaviour before the fix."""
    out = human_filter(terms, human, version)
    return {**out, "mult_prod": terms["mult_prod"], "score": terms["score"]}


__all__ = [
    "BORDERLINE",
    "HUMAN_TERMS",
    "INTERSECTION",
    "MARGIN_TERMS",
    "Scene",
    "ego_progress",
    "human_filter",
    "human_filter_legacy",
    "score",
    "total",
]
