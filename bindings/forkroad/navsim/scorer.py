"""A scorer with the interface of NAVSIM's `PDMScorer`.

    from forkroad.navsim import PDMScorer
    scorer = PDMScorer(proposal_sampling)

It takes NAVSIM's objects, fills the attributes that NAVSIM's evaluation reads, and returns what
that version returns: an array of scores (v1.1) or one frame per proposal (v2).
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

from forkroad.navsim import navsim_objects
from forkroad.navsim.evaluate import core_module
from forkroad.navsim.terms import (
    EC_WEIGHT,
    WEIGHTS,
    check_version,
    ego_progress,
    pdm_human_filter,
    weighted_total,
)

__all__ = ["PDMScorer", "pdm_human_filter"]

NUM_POSES, STEP = 40, 0.1
MULTI_ROWS = {"v1.1": ("nc", "dac"), "v2": ("nc", "dac", "tlc", "ddc")}
WEIGHTED_ROWS = {
    "v1.1": ("ep", "ttc", "comfort_score", "ddc"),
    "v2": ("ep", "ttc", "lk", "hc"),
}
# settings of the shipped configuration that the terms are compiled with
FIXED_SETTINGS = {
    "progress_weight": 5.0,
    "ttc_weight": 5.0,
    "comfortable_weight": 2.0,
    "driving_direction_weight": 0.0,
    "lane_keeping_weight": 2.0,
    "history_comfort_weight": 2.0,
    "two_frame_extended_comfort_weight": 2.0,
    "driving_direction_horizon": 1.0,
    "driving_direction_compliance_threshold": 2.0,
    "driving_direction_violation_threshold": 6.0,
    "stopped_speed_threshold": 5e-3,
    "future_collision_horizon_window": 1.0,
    "progress_distance_threshold": 5.0,
    "lane_keeping_deviation_limit": 0.5,
    "lane_keeping_horizon_window": 2.0,
}
VEHICLE = {"width": 2.297, "front_length": 4.049, "rear_length": 1.127, "wheel_base": 3.089}
COLUMNS = {
    "no_at_fault_collisions": "nc",
    "drivable_area_compliance": "dac",
    "driving_direction_compliance": "ddc",
    "traffic_light_compliance": "tlc",
    "ego_progress": "ep",
    "time_to_collision_within_bound": "ttc",
    "lane_keeping": "lk",
    "history_comfort": "hc",
    "multiplicative_metrics_prod": "mult_prod",
}


def _check_settings(owner: Any, fixed: dict[str, float], what: str) -> None:
    for name, expected in fixed.items():
        got = getattr(owner, name, expected)
        if abs(float(got) - expected) > 1e-9:
            raise ValueError(f"{what}.{name}: got {got}, expected {expected} (it is fixed)")


class PDMScorer:
    """Scores simulated proposals as NAVSIM does.

    EP is normalised over the batch, as NAVSIM's class does; the official pair is the batch
    {reference proposal, plan}. With `official_pairs` proposal 0 is the reference and every other
    one is paired with it alone, so that one call scores a whole vocabulary."""

    def __init__(
        self,
        proposal_sampling: Any,
        config: Any = None,
        vehicle_parameters: Any = None,
        *,
        version: str = "v2",
        official_pairs: bool = False,
        precision: str = "float",
        num_threads: int = 1,
        lanes: int = 0,
        core: ModuleType | None = None,
    ):
        if proposal_sampling.num_poses != NUM_POSES or (
            abs(proposal_sampling.interval_length - STEP) > 1e-9
        ):
            raise ValueError(
                f"proposal_sampling: got {proposal_sampling.num_poses} poses of "
                f"{proposal_sampling.interval_length} s, expected {NUM_POSES} of {STEP} s"
            )
        if config is not None:
            _check_settings(config, FIXED_SETTINGS, "config")
        if vehicle_parameters is not None:
            _check_settings(vehicle_parameters, VEHICLE, "vehicle_parameters")
        self.proposal_sampling = proposal_sampling
        self.version = check_version(version)
        self._official_pairs = official_pairs
        self._options = {"precision": precision, "num_threads": num_threads, "lanes": lanes}
        self._core = core
        self.terms: dict[str, np.ndarray] = {}
        """Terms of the last call by name, `[N]` and more."""

    def score_proposals(
        self,
        states: np.ndarray,
        observation: Any,
        centerline: Any,
        route_lane_ids: list[str],
        drivable_area_map: Any,
        map_parameters: Any = None,
        simulated_agent_detections_tracks: Any = None,
        human_past_trajectory: Any = None,
    ):
        """Score simulated states `[N,41,11]`; see NAVSIM's method of this name.

        Returns an array of scores `[N]` (v1.1) or N one-row pandas frames (v2)."""
        if simulated_agent_detections_tracks is not None:
            observation.update_detections_tracks(detection_tracks=simulated_agent_detections_tracks)
        states = np.ascontiguousarray(states, np.float64)
        if states.ndim != 3 or states.shape[1:] != (NUM_POSES + 1, 11) or len(states) == 0:
            raise ValueError(f"states: got shape {states.shape}, expected [N, 41, 11]")
        core = self._core or core_module()
        arguments = scene_arguments(
            self.version,
            states,
            observation,
            centerline,
            route_lane_ids,
            drivable_area_map,
            human_past_trajectory,
        )
        terms = core.score_pdm(
            core.PdmScene(**arguments), None, version=self.version, sim=states, **self._options
        )
        self._fill(dict(terms))
        return self.terms["score"] if self.version == "v1.1" else self._frames()

    def time_to_at_fault_collision(self, proposal_idx: int) -> float:
        """Seconds to the first at-fault collision, inf without one."""
        return self._collision_time_idcs[proposal_idx] * STEP

    def time_to_ttc_infraction(self, proposal_idx: int) -> float:
        """Seconds to the first TTC infraction, inf without one."""
        return self._ttc_time_idcs[proposal_idx] * STEP

    def _fill(self, terms: dict[str, np.ndarray]) -> None:
        """Normalise EP, form the score, and set the attributes that NAVSIM's evaluation reads."""
        masked = terms["progress_raw"] * terms["mult_prod"]
        norm = np.maximum(masked, masked[0]) if self._official_pairs else masked.max()
        terms["ep"] = ego_progress(terms["progress_raw"], terms["mult_prod"], norm, self.version)
        terms["score"] = weighted_total(terms, self.version)
        self.terms = terms
        self._multi_metrics = np.stack([terms[name] for name in MULTI_ROWS[self.version]])
        weighted = [terms[name] for name in WEIGHTED_ROWS[self.version]]
        if self.version == "v2":
            weighted.append(np.zeros_like(terms["ep"]))  # two-frame comfort, filled by the caller
        self._weighted_metrics = np.stack(weighted)
        self._progress_raw = terms["progress_raw"]
        self._ego_areas = terms["area"].astype(bool)
        self._collision_time_idcs = _event_steps(terms["at_fault_idx"])
        self._ttc_time_idcs = _event_steps(terms["ttc_idx"])

    def _frames(self) -> list:
        """One pandas frame per proposal, with the columns of NAVSIM's results."""
        import pandas as pd

        weights = np.array([*WEIGHTS["v2"].values(), EC_WEIGHT])
        frames = []
        for plan in range(len(self.terms["score"])):
            row = {column: self.terms[name][plan] for column, name in COLUMNS.items()}
            row["weighted_metrics"] = self._weighted_metrics[:, plan].copy()
            row["weighted_metrics_array"] = weights.copy()
            row["pdm_score"] = self.terms["score"][plan]
            frames.append(pd.DataFrame([row]))
        return frames


def _event_steps(index: np.ndarray) -> np.ndarray:
    return np.where(index < 0, np.inf, index)


def scene_arguments(
    version: str,
    states: np.ndarray,
    observation: Any,
    centerline: Any,
    route_lane_ids: list[str],
    drivable_area_map: Any,
    human_past_trajectory: Any = None,
) -> dict[str, Any]:
    """Keyword arguments of `_core.PdmScene` from NAVSIM's objects and simulated states
    `[N,41,11]`."""
    polygons = navsim_objects.map_arrays(drivable_area_map, route_lane_ids)
    tracks = navsim_objects.track_arrays(observation, version)
    tokens, _ = polygons.pop("tokens"), tracks.pop("tokens")
    out = {
        "name": "",
        "ego_state": states[0, 0],
        "ego_time_us": 0,
        "history_state": None,
        "history_time_us": None,
        "centerline": navsim_objects.centerline_vertices(centerline),
        **polygons,
        **tracks,
        "red_polygon": None,
        "red_on": None,
    }
    if version == "v2":
        positions = states[..., :2].reshape(-1, 2)
        out |= navsim_objects.red_light_arrays(
            observation, tokens, polygons["polygon_type"], positions
        )
        if human_past_trajectory is not None:
            history = navsim_objects.history_arrays(human_past_trajectory)
            out["history_state"], out["history_time_us"] = history
            out["ego_time_us"] = int(history[1][-1])
    return out
