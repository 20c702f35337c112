"""Score the scenes of a NAVSIM file and name the results as the file names them."""

from __future__ import annotations

from types import ModuleType

import numpy as np

from forkroad.navsim.files import NavsimScene
from forkroad.navsim.poses import to_world_poses
from forkroad.navsim.terms import pdm_human_filter, weighted_total

REFERENCE_TERMS = (
    *("nc", "dac", "ddc", "tlc", "ttc", "lk", "hc", "comfort_score"),
    *("progress_raw", "at_fault_idx", "ttc_idx"),
)


def core_module() -> ModuleType:
    """The compiled module, or an ImportError that says what it lacks."""
    from forkroad import _core

    if not hasattr(_core, "score_pdm"):
        raise ImportError("forkroad._core: got a build without score_pdm, expected one with it")
    return _core


def make_pdm_scene(scene: NavsimScene, core: ModuleType | None = None, **changes):
    """The scorer's input of a scene; `changes` replaces single arguments."""
    core = core or core_module()
    return core.PdmScene(**{**scene.pdm_arguments(), **changes})


def evaluate_scene(
    scene: NavsimScene, version: str, *, core: ModuleType | None = None, **options
) -> dict[str, np.ndarray]:
    """Everything that a scene file can hold as expected output, as far as the scene has the inputs.

    Plans are scored in official pairs with `reference_plan` (with themselves where it is absent).
    `options` (precision, num_threads, lanes) go to the scorer."""
    core = core or core_module()
    if scene.plans is None:
        raise ValueError(f"scene {scene.name}: got no plans, expected an array plan")
    pdm_scene = make_pdm_scene(scene, core)
    out: dict[str, np.ndarray] = {}
    pair = {}
    if scene.reference_plan is not None:
        reference = core.score_pdm(
            pdm_scene, scene.reference_plan[None], version=version, **options
        )
        pair["reference_progress"] = float(reference["progress_raw"][0])
        pair["reference_product"] = float(reference["mult_prod"][0])
        out |= _single("ref", reference)
    terms = core.score_pdm(pdm_scene, scene.plans, version=version, **pair, **options)
    out |= {name: value for name, value in terms.items() if name not in ("score", "margin")}
    out["score_pair"] = terms["score"]
    if scene.plan_local is not None:
        out["plan"] = _converted(scene)
    if version == "v2":
        filtered = _human(scene, core, terms, out, options)
        _extended_comfort(scene, core, terms, filtered, out)
    return out


def _single(who: str, terms: dict) -> dict[str, np.ndarray]:
    """Values of a one-plan call, without the plan axis."""
    out = {f"{who}_{name}": terms[name][0] for name in REFERENCE_TERMS if name in terms}
    out[f"{who}_sim"] = terms["sim"][0]
    return out


def _converted(scene: NavsimScene) -> np.ndarray:
    """World poses `[N,41,3]` of the model output, in groups of one shape."""
    plans = np.empty((len(scene.plan_local), 41, 3))
    groups: dict[tuple, list[int]] = {}
    for plan, (local, interval) in enumerate(
        zip(scene.plan_local, scene.plan_interval, strict=True)
    ):
        groups.setdefault((len(local), float(interval)), []).append(plan)
    for (_, interval), members in groups.items():
        local = np.stack([scene.plan_local[plan] for plan in members])
        plans[members] = to_world_poses(local, interval, scene.ego_state, scene.ego_time_us)
    return plans


def _human(scene: NavsimScene, core, terms: dict, out: dict, options: dict) -> dict | None:
    """Add human_* and filtered_* values; returns the filtered terms."""
    if scene.human_plan is None:
        return None
    alone = make_pdm_scene(scene, core, history_state=None, history_time_us=None)
    human = core.score_pdm(alone, scene.human_plan[None], version="v2", **options)
    out |= _single("human", human)
    filtered = pdm_human_filter(terms, human)
    names = ("nc", "dac", "ddc", "tlc", "ep", "ttc", "lk", "hc", "mult_prod", "score")
    out |= {f"filtered_{name}": filtered[name] for name in names}
    return filtered


def _extended_comfort(
    scene: NavsimScene, core, terms: dict, filtered: dict | None, out: dict
) -> None:
    """Add the previous frame's roll-outs, EC of all pairs, and the scores with EC."""
    previous = scene.previous
    if previous is None:
        return
    before = make_pdm_scene(
        scene, core, ego_state=previous.ego_state, history_state=None, history_time_us=None
    )
    prev_sim = core.simulate_pdm(before, previous.plans)
    num_plans, num_prev = len(scene.plans), len(prev_sim)
    pairs = np.indices((num_plans, num_prev)).reshape(2, -1).T.astype(np.int32)
    ec, rms = core.pdm_extended_comfort(
        terms["sim"], prev_sim, np.ascontiguousarray(pairs), previous.gap_steps
    )
    out["prev_sim"] = prev_sim
    out["ec"] = np.asarray(ec).reshape(num_plans, num_prev)
    out["ec_rms"] = np.asarray(rms).reshape(num_plans, num_prev, 4)
    if scene.ec_pair is None:
        return
    has_previous = scene.ec_pair >= 0
    own = out["ec"][np.arange(num_plans), np.maximum(scene.ec_pair, 0)]
    out["score_ec"] = weighted_total(terms, "v2", own, has_previous)
    if filtered is not None:
        out["filtered_score_ec"] = weighted_total(filtered, "v2", own, has_previous)
