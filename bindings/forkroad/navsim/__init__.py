"""NAVSIM scoring: scene files, parity, a scorer with NAVSIM's interface, term matrices.

`read_navsim` reads scene files, `evaluate_scene` and `compare` check them, `PDMScorer` stands in
for NAVSIM's class of that name, `term_matrix` scores a vocabulary of plans once per scene.
Versions are `v1.1` (PDMS) and `v2` (EPDMS). World frame, SI units, radians, rear axle.
"""

from forkroad.navsim.evaluate import evaluate_scene, make_pdm_scene
from forkroad.navsim.files import NavsimFile, NavsimScene, PreviousFrame, read_navsim
from forkroad.navsim.layout import LayoutError
from forkroad.navsim.parity import ParityReport, TermReport, compare
from forkroad.navsim.poses import to_world_poses
from forkroad.navsim.scorer import PDMScorer, pdm_human_filter
from forkroad.navsim.terms import ego_progress, weighted_total
from forkroad.navsim.vocabulary import (
    ComfortFeatures,
    TermMatrix,
    TermMatrixCache,
    matched_extended_comfort,
    term_matrix,
)

__all__ = [
    "ComfortFeatures",
    "LayoutError",
    "NavsimFile",
    "NavsimScene",
    "PDMScorer",
    "ParityReport",
    "PreviousFrame",
    "TermMatrix",
    "TermMatrixCache",
    "TermReport",
    "compare",
    "ego_progress",
    "evaluate_scene",
    "make_pdm_scene",
    "matched_extended_comfort",
    "pdm_human_filter",
    "read_navsim",
    "term_matrix",
    "to_world_poses",
    "weighted_total",
]
