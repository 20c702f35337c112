"""The car that recorded Argoverse 2.

Its pose is that of the middle of the rear axle: turning, that point does not slip sideways. The
box is the one that the dataset's own EGO_VEHICLE annotations give it; its middle lies 1.422 m
ahead of the axle and 0.25 m above.
"""

from __future__ import annotations

import numpy as np

SIZE = (4.877, 2.0, 1.473)  # [m]
AXLE_TO_CENTER = (1.422, 0.0, 0.25)  # [m] forward, left, up

ASSUMPTION = (
    f"the ego is taken as {SIZE[0]} x {SIZE[1]} x {SIZE[2]} m; its positions are those of its rear "
    f"axle: moved {AXLE_TO_CENTER[0]} m forward, to the middle of its box"
)


def centers_of_axles(axles: np.ndarray, headings: np.ndarray) -> np.ndarray:
    """[T, 2] box centres [m] of [T, 2] rear axles [m] and [T] headings [rad], on level ground."""
    return axles + AXLE_TO_CENTER[0] * np.stack([np.cos(headings), np.sin(headings)], axis=1)
