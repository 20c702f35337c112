"""From terms to scores: EP of a batch, totals, human-penalty filter.

The filter and the totals with EC are the compiled score card's. EP and the totals without EC are
formed here as well, because NAVSIM's scorer class measures progress against a whole batch;
`tests/navsim_card_test.py` holds them to the bits of the compiled scorer.

Arrays are `[N]` by term name: nc, dac, ddc, tlc, ep, ttc, lk, hc (v2) or comfort_score (v1.1),
progress_raw [m], mult_prod.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from forkroad import _core

VERSIONS = ("v1.1", "v2")
WEIGHTS = {
    "v1.1": {"ep": 5.0, "ttc": 5.0, "comfort_score": 2.0},
    "v2": {"ep": 5.0, "ttc": 5.0, "lk": 2.0, "hc": 2.0},
}
EC_WEIGHT = 2.0
HUMAN_FILTERS = {"off": "epdms", "current": "epdms_human", "legacy": "epdms_human_legacy"}
"""Mode -> score card."""
PROGRESS_THRESHOLD = 5.0
"""Metres of progress below which EP does not compare."""


def check_version(version: str) -> str:
    """`version` itself, or a ValueError."""
    if version not in VERSIONS:
        raise ValueError(f"version: got {version!r}, expected one of {', '.join(VERSIONS)}")
    return version


def ego_progress(
    progress_raw: np.ndarray, mult_prod: np.ndarray, norm: np.ndarray | float, version: str
) -> np.ndarray:
    """EP `[N]` for raw progress [m] and the normaliser `norm` [m], the largest progress times
    product of the proposals compared."""
    check_version(version)
    progress_raw = np.asarray(progress_raw, np.float64)
    norm = np.broadcast_to(np.asarray(norm, np.float64), progress_raw.shape)
    far = norm > PROGRESS_THRESHOLD
    divisor = np.where(far, norm, 1.0)
    if version == "v2":
        return np.where(far, np.clip(progress_raw / divisor, 0.0, 1.0), 1.0)
    masked = progress_raw * mult_prod
    return np.where(far, masked / divisor, np.where(mult_prod == 0, 0.0, 1.0))


def weighted_total(
    terms: Mapping[str, np.ndarray],
    version: str,
    extended_comfort: np.ndarray | None = None,
    has_previous: np.ndarray | bool = True,
) -> np.ndarray:
    """PDMS (v1.1), or the v2 score: without `extended_comfort` EC is left out (divisor 14), with it
    EC `[N]`, 0 or 1, counts (divisor 16) where `has_previous`."""
    weights = WEIGHTS[check_version(version)]
    total = sum(weight * terms[name] for name, weight in weights.items())
    plain = terms["mult_prod"] * total / sum(weights.values())
    if extended_comfort is None:
        return plain
    if version != "v2":
        raise ValueError(f"extended_comfort: got it with version {version!r}, expected v2")
    comfort = np.asarray(extended_comfort)
    if not np.isin(comfort, (0, 1)).all():
        raise ValueError("extended_comfort: got values besides 0 and 1")
    has_previous = np.broadcast_to(has_previous, comfort.shape)
    return _core.total_pdm({**terms, "score": plain}, comfort, has_previous)


def pdm_human_filter(
    terms: Mapping[str, np.ndarray], human: Mapping[str, np.ndarray], mode: str = "current"
) -> dict[str, np.ndarray]:
    """The v2 human-penalty filter: where a term of the logged human is 0, the plan's becomes 1.

    `current` forms mult_prod and score again; `legacy` changes the columns only, product and score
    stay unfiltered; `off` changes nothing. `human` holds the same terms of one plan."""
    if mode not in HUMAN_FILTERS:
        raise ValueError(f"mode: got {mode!r}, expected one of {', '.join(HUMAN_FILTERS)}")
    if mode == "off":
        return dict(terms)
    return _core.filter_pdm(dict(terms), dict(human), HUMAN_FILTERS[mode])
