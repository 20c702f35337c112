"""A stand-in for the compiled NAVSIM scorer, made of `navsim_reference` (tests only)."""

from __future__ import annotations

import itertools

import navsim_reference
import numpy as np
from navsim_reference_comfort import extended_comfort
from navsim_reference_rollout import simulate


class PdmScene:
    """Takes the arguments of `forkroad._core.PdmScene`."""

    def __init__(self, *, polygon_xy, polygon_offset, polygon_type, polygon_on_route, **rest):
        rings = [polygon_xy[first:last] for first, last in itertools.pairwise(polygon_offset)]
        self.reference = navsim_reference.Scene(
            polygons=rings,
            polygon_type=polygon_type,
            polygon_on_route=polygon_on_route,
            **rest,
        )


def score_pdm(
    scene,
    plans,
    *,
    version,
    reference_progress=None,
    reference_product=None,
    precision="float",
    num_threads=1,
    lanes=0,
    sim=None,
):
    """As `forkroad._core.score_pdm`."""
    assert precision in ("float", "double")
    assert num_threads >= 1
    assert lanes >= 0
    out = navsim_reference.score(
        scene.reference,
        plans,
        version=version,
        reference_progress=reference_progress,
        reference_product=reference_product,
        sim=sim,
    )
    return {
        name: value
        for name, value in out.items()
        if name not in ("margins", "nc_event", "ttc_event")
    }


def simulate_pdm(scene, plans, **_):
    """As `forkroad._core.simulate_pdm`."""
    return simulate(scene.reference.ego_state, plans)[0]


def pdm_extended_comfort(sim, prev_sim, pairs, gap_steps):
    """As `forkroad._core.pdm_extended_comfort`."""
    okay, rms, _ = extended_comfort(sim, prev_sim, np.asarray(pairs), gap_steps)
    return okay, rms
