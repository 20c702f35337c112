"""Which track of a scene the plans are for."""

from __future__ import annotations

import numpy as np

from forkroad._core import Scene

EGO, AUTO = "ego", "auto"


def find_focal_track(scene: Scene, word: str) -> int:
    """Index of the focal track.

    `ego`: the scene's ego, a ValueError if the log has none. `auto`: the ego, or of the vehicles
    (of all tracks, if none is one) that are there at the current step the one that goes furthest
    until it is first unseen; the first of equals. Else the id of a track.
    """
    if word == EGO:
        if scene.ego < 0:
            raise ValueError(
                "the log has no ego: name a track by its id with --focal, or --focal auto"
            )
        return scene.ego
    if word == AUTO:
        return scene.ego if scene.ego >= 0 else _furthest(scene)
    index = scene.find_track(int(word)) if _is_number(word) else -1
    if index < 0:
        known = ", ".join(str(track.id) for track in scene.tracks[:8])
        raise ValueError(
            f"--focal: got {word!r}, expected ego, auto or a track's id: {known}"
            + (", ..." if len(scene.tracks) > 8 else "")
        )
    if not scene.valid[index, scene.current_step]:
        raise ValueError(f"track {word} is not observed at the current step {scene.current_step}")
    return index


def _is_number(word: str) -> bool:
    return word.removeprefix("-").isdecimal()


def _furthest(scene: Scene) -> int:
    valid = np.asarray(scene.valid)[:, scene.current_step :].astype(bool)
    seen = np.logical_and.accumulate(valid, axis=1)
    steps = np.diff(np.asarray(scene.positions)[:, scene.current_step :, :2], axis=1)
    way = np.where(seen[:, 1:], np.linalg.norm(steps, axis=-1), 0.0).sum(axis=1)
    vehicles = np.array([kind == "vehicle" for kind in scene.kinds], dtype=bool)
    for group in (vehicles & seen[:, 0], seen[:, 0]):
        if group.any():
            return int(np.argmax(np.where(group, way, -1.0)))
    raise ValueError(f"no track is observed at the current step {scene.current_step}")
