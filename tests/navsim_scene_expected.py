"""Expected values and margins of generated NAVSIM scenes, from `navsim_reference` (tests)."""

from __future__ import annotations

import numpy as np
from navsim_reference import (
    BORDERLINE,
    MARGIN_TERMS,
    Scene,
    human_filter,
    scene_history,
    score,
    total,
)
from navsim_reference_comfort import comfort_v2, extended_comfort
from navsim_reference_rollout import plan_poses, simulate, textbook_curvature_profile

NAMES = {"v1": "v1.1", "v2": "v2"}
CONTINUOUS = ("ep", "progress_raw", "mult_prod")
INDICES = ("at_fault_idx", "ttc_idx")
TERMS = {
    "v1": ("nc", "dac", "ddc", "ttc", "comfort_score"),
    "v2": ("nc", "dac", "ddc", "tlc", "ttc", "lk", "hc"),
}
TOLERANCES = {
    "plan": 2e-8,
    "sim_pose": 1e-8,
    "sim_other": 1e-7,
    "progress_raw": 1e-8,
    "ep": 1e-9,
    "score": 1e-9,
    "ec_rms": 1e-8,
    "discrete": 0.0,
}
ILL_CONDITIONED = 1e-9  # [m]


def _margin_row(result: dict, version: str, ec: np.ndarray | None = None) -> np.ndarray:
    """Margins `[N,T]` in the order of the term names."""
    columns = [result["margins"][name] for name in MARGIN_TERMS[NAMES[version]]]
    if version == "v2":
        columns.append(np.full(len(columns[0]), np.inf) if ec is None else ec)
    return np.stack(columns, axis=-1)


def append_expected(out: dict, index: int, raw: dict, scene: Scene, version: str) -> None:
    """Append one scene's values to lists by array name; keys with a leading `_` are for
    `margin_arrays`."""

    def put(key, value):
        out.setdefault(key, []).append(value)

    name = NAMES[version]
    reference = score(scene, raw["plan"][:1], version=name)
    result = score(
        scene,
        raw["plan"],
        version=name,
        reference_progress=float(reference["progress_raw"][0]),
        reference_product=float(reference["mult_prod"][0]),
    )
    for key in ("sim", "area", "comfort_ok", *CONTINUOUS, *INDICES, *TERMS[version]):
        put(key, result[key])
    put("score_pair", result["score"])
    put("ref_plan", raw["plan"][0])
    for key in ("sim", "progress_raw", *INDICES, *TERMS[version]):
        put(f"ref_{key}", reference[key][0])
    for key in ("nc_event", "ttc_event"):
        rows = result[key]
        put(key, np.insert(rows, 0, index, axis=1).astype(np.int16))
    put("_ref_margin", _margin_row(reference, version)[0])
    plain, _ = simulate(scene.ego_state, raw["plan"], textbook_curvature_profile)
    error = np.abs(plain - result["sim"])
    put("_check", np.stack([error[..., :3].max((1, 2)), error.max((1, 2))], axis=-1))
    if version == "v2":
        ec_margin = _append_v2(put, raw, scene, result)
    put("_margin", _margin_row(result, version, ec_margin if version == "v2" else None))


def _append_v2(put, raw: dict, scene: Scene, result: dict) -> np.ndarray:
    """History, human filter and two-frame comfort; returns the EC margin of the pair, `[N]`."""
    history = scene_history(scene)
    put("padded_history", np.zeros((0, 11)) if history is None else history)
    put("comfort_ok_rollout", comfort_v2(result["sim"])[0])
    human_plan = plan_poses(scene.ego_state, scene.ego_time_us, raw["human_local"], 0.5)
    human = score(scene, human_plan[None], version="v2", with_past=False)
    put("human_plan", human_plan)
    for key in ("sim", "progress_raw", *INDICES, *TERMS["v2"]):
        put(f"human_{key}", human[key][0])
    put("_human_margin", _margin_row(human, "v2")[0])
    filtered = human_filter(result, human)
    for key in (*TERMS["v2"], "ep", "mult_prod", "score"):
        put(f"filtered_{key}", filtered[key])

    num_plans, num_prev = len(raw["plan"]), len(raw["prev_plan"])
    prev_sim, _ = simulate(raw["prev_ego_state"], raw["prev_plan"])
    pairs = np.indices((num_plans, num_prev)).reshape(2, -1).T
    ec, rms, margin = extended_comfort(result["sim"], prev_sim, pairs, raw["ec_gap_steps"])
    ec, margin = ec.reshape(num_plans, num_prev), margin.reshape(num_plans, num_prev)
    put("prev_sim", prev_sim)
    put("ec", ec)
    put("ec_rms", rms.reshape(num_plans, num_prev, 4))
    put("_ec_margin", margin)
    pair = raw["ec_pair"]
    row = np.arange(num_plans)
    own = ec[row, np.maximum(pair, 0)].astype(float)
    put("score_ec", np.where(pair >= 0, total(result, "v2", own), result["score"]))
    put("filtered_score_ec", np.where(pair >= 0, total(filtered, "v2", own), filtered["score"]))
    return np.where(pair >= 0, margin[row, np.maximum(pair, 0)], np.inf)


def margin_arrays(collected: dict[str, list], version: str) -> dict[str, np.ndarray]:
    """Take the `_` entries out of `collected` and form the arrays of a margins file."""
    hidden = {key: np.array(collected.pop(key)) for key in list(collected) if key[0] == "_"}
    names = list(MARGIN_TERMS[NAMES[version]]) + (["ec"] if version == "v2" else [])
    margin, check = hidden["_margin"], hidden["_check"]
    out = {
        "term_name": np.array([name.encode() for name in names], "S7"),
        "margin": margin,
        "borderline": (margin < BORDERLINE).astype(np.uint8),
        "ref_margin": hidden["_ref_margin"],
        "ref_borderline": (hidden["_ref_margin"] < BORDERLINE).astype(np.uint8),
        "rollout_check_error": check,
        "rollout_extended_error": np.zeros_like(check),
        "ill_conditioned": (check[..., 0] > ILL_CONDITIONED).astype(np.uint8),
        "tolerance_name": np.array([name.encode() for name in TOLERANCES], "S12"),
        "tolerance_abs": np.array(list(TOLERANCES.values())),
    }
    out["borderline"][..., 0] |= (check[..., 0] > BORDERLINE).astype(np.uint8)
    out["borderline_any"] = out["borderline"].max(axis=-1)
    if version == "v2":
        out["human_margin"] = hidden["_human_margin"]
        out["human_borderline"] = (hidden["_human_margin"] < BORDERLINE).astype(np.uint8)
        out["ec_margin"] = hidden["_ec_margin"]
        out["ec_borderline"] = (hidden["_ec_margin"] < BORDERLINE).astype(np.uint8)
    return out
