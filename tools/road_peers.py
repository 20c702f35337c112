"""The four GPUDrive example scenes as an edge-touching check sees them and as forkroad does."""

from __future__ import annotations

import forkroad
import numpy as np
import shapely
from road_samples import RoadMap, off_road

SCENES = ("00000-of-01000_325", "00000-of-01000_4", "00000-of-01000_402", "00002-of-01000_407")
SHRUNK = 0.7  # of GPUDrive's boxes


def boxes_at(road: RoadMap, track: int, share: float = 1.0) -> np.ndarray:
    """The boxes of a track as shapely polygons, [T], None where it is not observed."""
    xy, heading = road.positions[track, :, None, :2], road.headings[track, :, None]
    length, width = share * road.sizes[track, :, None, 0], share * road.sizes[track, :, None, 1]
    along, left = np.array([1, 1, -1, -1]) * length / 2, np.array([1, -1, -1, 1]) * width / 2
    cos, sin = np.cos(heading), np.sin(heading)
    corners = np.stack([along * cos - left * sin, along * sin + left * cos], axis=-1) + xy
    boxes = shapely.polygons(corners)
    boxes[~road.valid[track]] = None
    return boxes


def touching_edges(road: RoadMap, vehicles: list[int], share: float) -> int:
    """Vehicles whose box meets a road edge, in the plane, at some step."""
    count = 0
    for track in vehicles:
        boxes = boxes_at(road, track, share)
        count += len(road.edge_tree.query(boxes[road.valid[track]], predicate="intersects")[0]) > 0
    return count


def overlapping_pairs(road: RoadMap, vehicles: list[int], share: float) -> int:
    """Pairs of vehicles whose boxes overlap at some step."""
    boxes = np.stack([boxes_at(road, track, share) for track in vehicles])
    pairs = set()
    for step in range(boxes.shape[1]):
        seen = np.flatnonzero(road.valid[vehicles, step])
        tree = shapely.STRtree(boxes[seen, step])
        one, other = tree.query(boxes[seen, step], predicate="intersects")
        pairs |= {(seen[a], seen[b]) for a, b in zip(one, other, strict=True) if a < b}
    return len(pairs)


def judged_by_forkroad(road: RoadMap, vehicles: list[int]) -> dict[str, int]:
    """Vehicles with a corner off the road at some step, all and those that move there, vehicles
    whose middle is, and pairs with a swept contact (of each vehicle only the first partner)."""
    sizes = [road.sizes[track].max(axis=0)[:2] for track in vehicles]
    poses = [
        np.column_stack([road.positions[t][:, :2], road.headings[t]])[road.valid[t]]
        for t in vehicles
    ]
    corners = off_road(road, list(zip(vehicles, poses, sizes, strict=True)))
    middles = off_road(road, [(t, p, (0.02, 0.02)) for t, p in zip(vehicles, poses, strict=True)])
    moving = [
        (off & (road.speeds[t][road.valid[t]] > 1.0)).any()
        for t, off in zip(vehicles, corners, strict=True)
    ]
    return {
        "corner": sum(bool(off.any()) for off in corners),
        "moving": sum(map(bool, moving)),
        "middle": sum(bool(off.any()) for off in middles),
        "pairs": len(_contact_pairs(road.scene, road, vehicles)),
    }


def _contact_pairs(scene: forkroad.Scene, road: RoadMap, vehicles: list[int]) -> set:
    batch = forkroad.SceneBatch([scene])
    snapshot = forkroad.Snapshot.of_log(
        batch,
        scene=np.zeros(len(vehicles), np.int32),
        step=road.valid[vehicles].argmax(axis=1).astype(np.int32),
        focal_track=np.array(vehicles, np.int32),
    )
    still = np.zeros((1, scene.num_steps, 3), np.float32)
    plans = forkroad.PlanSet(
        still, dt=scene.dt, first_time=0.0, frame="ego", reference="box_center"
    )
    facts = forkroad.Simulator(batch).rollout(snapshot, plans, forkroad.make_agent_model("log"))
    partners = facts.log_contact_track
    return {
        frozenset((track, int(partner)))
        for track, partner in zip(vehicles, partners, strict=True)
        if partner in vehicles
    }


def compare(name: str, scene: forkroad.Scene) -> str:
    """One row of the table."""
    road = RoadMap(scene)
    vehicles = [t for t, kind in enumerate(scene.kinds) if kind == "vehicle"]
    touch = [touching_edges(road, vehicles, share) for share in (1.0, SHRUNK)]
    pairs = [overlapping_pairs(road, vehicles, share) for share in (1.0, SHRUNK)]
    ours = judged_by_forkroad(road, vehicles)
    return (
        f"  {name:20} vehicles {len(vehicles):3}  touch an edge {touch[0]:3} (0.7: {touch[1]})  "
        f"overlap {pairs[0]} (0.7: {pairs[1]})  forkroad: corner off {ours['corner']}, moving "
        f"{ours['moving']}, middle off {ours['middle']}, pairs {ours['pairs']}\n"
    )
