"""What forkroad says of real roads, in the tables that docs/fidelity.md quotes.

    python tools/road_fidelity.py [SET...] [--pictures DIR]

Reads the logs below $FORKROAD_SHARED/data (default ../shared/data), at most 60 files of a set,
evenly spaced. Random places are seeded by the name of the file: the tables do not change from run
to run. `--pictures` draws every scene and event that is listed; the pictures show the data sets'
own maps, whose licences forbid to publish them.
"""

from __future__ import annotations

import argparse
import os
import sys
import zlib
from collections import Counter
from pathlib import Path

import forkroad
import numpy as np
from forkroad.focal_track import AUTO, find_focal_track
from road_peers import SCENES, compare
from road_picture import draw_place
from road_samples import (
    RoadMap,
    beside_lanes,
    far_places,
    moving_poses,
    off_road,
    on_lanes,
    people_beside,
    points_off_road,
)
from road_truth import compare_with_ground

MAX_FILES, MAX_PLACES, MAX_POSES = 60, 1000, 40
ENOUGH = 0.95  # scenes below are listed
SETS = {
    "womd_tfrecord": "womd_tfrecord/*.tfrecord",
    "gpudrive_v2": "gpudrive_json/v2/*",
    "gpudrive_v2_tl": "gpudrive_json/v2_tl/*",
    "gpudrive_v1": "gpudrive_json/v1*/*",
    "gpudrive_v0": "gpudrive_json/v0*/*",
    "gpudrive_old": "unified_json/gpudrive_old/*",
    "pufferdrive": "pufferdrive_bin/*",
    "scenarionet_waymo": "scenarionet_pkl/waymo/*",
    "scenarionet_nuscenes": "scenarionet_pkl/nuscenes/*",
    "waymax_native": "waymax_pkl/*",
    "waymax": "unified_json/waymax/*",
    "trajdata": "unified_json/trajdata_waymo/*",
    "av2_forecasting": "av2_motion_forecasting/*",
    "av2_sensor": "av2_sensor/*",
    "commonroad_ngsim": "commonroad_xml/NGSIM/*",
    "commonroad_sind": "commonroad_xml/SinD/*",
    "commonroad_highd": "commonroad_xml/highD/*",
}
EVENTS = (
    "off_road", "contact", "fault", "opposite_lane", "off_route", "bike_lane", "red_light",
    "stop_sign", "crosswalk", "stuck", "discomfort",
)  # fmt: skip
PEERS = "gpudrive_examples"
SHORT_TIME = 0.95  # [s] to collision
say = sys.stdout.write


def shared_data() -> Path:
    default = Path(__file__).resolve().parent.parent.parent / "shared"
    return Path(os.environ.get("FORKROAD_SHARED", default)) / "data"


def scenes_of(name: str):
    """(label, scene) of a set's scenes, evenly spaced over its files."""
    files = sorted(shared_data().glob(SETS[name]))
    for file in files[:: max(1, -(-len(files) // MAX_FILES))]:
        for scene in forkroad.load_scenes(file):
            yield f"{file.name.split('.json')[0]} {scene.id}", scene


class Report:
    """Gathers what the tables say of one set."""

    def __init__(self, name: str, pictures: Path | None) -> None:
        self.name, self.pictures = name, pictures
        self.scenes = self.unknown = 0
        self.shares: dict[str, list[tuple[float, int, str]]] = {}
        self.moving = Counter()
        self.events = Counter()
        self.listed: list[str] = []

    def add(self, label: str, scene: forkroad.Scene) -> None:
        self.scenes += 1
        try:
            track = find_focal_track(scene, AUTO)
        except ValueError:
            return
        self._log_events(label, scene, track)
        road = RoadMap(scene)
        rng = np.random.default_rng(zlib.crc32(label.encode()))
        if not road.lanes:
            return
        far = far_places(road, MAX_PLACES, rng)
        answer = points_off_road(road, track, far)
        if answer is None:
            self.unknown += 1
            return
        self._share("far", label, road, far, answer)
        people = people_beside(road)
        self._share("people", label, road, people, points_off_road(road, track, people))
        lanes = on_lanes(road, track)
        self._share("lanes", label, road, lanes, ~points_off_road(road, track, lanes))
        compared = compare_with_ground(scene, track, MAX_PLACES, rng)
        if compared is not None:
            xy, off_ground, judged = compared
            self._share("outside", label, road, xy[off_ground], judged[off_ground])
            self._share("inside", label, road, xy[~off_ground], ~judged[~off_ground])
        if road.edges:
            beside, crossed = beside_lanes(road, track, MAX_PLACES, rng)
            off = points_off_road(road, track, beside)
            self._share("beyond", label, road, beside[crossed == 1], off[crossed == 1])
            self._share("before", label, road, beside[crossed == 0], ~off[crossed == 0])
        self._moving_vehicles(label, road)

    def _share(self, kind, label, road, xy, right) -> None:
        """Which of the places are judged as they should be."""
        if not len(xy):
            return
        share = float(right.mean())
        self.shares.setdefault(kind, []).append((share, len(xy), label))
        if share >= ENOUGH or len(xy) < 20:
            return
        self.listed.append(f"  {kind:7} {share:6.1%} of {len(xy):4}  {label}")
        if self.pictures:
            wrong = xy[~right]
            middle = np.median(wrong, axis=0)
            half = float(np.clip(1.2 * np.abs(wrong - middle).max(), 40, 250))
            draw_place(
                road.scene, middle, half, f"{kind} {share:.1%} {label}",
                self._picture(kind, label), points=[(xy[right], "#a0d0a0"), (wrong, "red")],
            )  # fmt: skip

    def _picture(self, kind: str, label: str) -> Path:
        return self.pictures / self.name / f"{kind}_{label.split()[0]}.png"

    def _moving_vehicles(self, label, road) -> None:
        vehicles = [t for t, kind in enumerate(road.scene.kinds) if kind == "vehicle"]
        asked = [(t, moving_poses(road, t, MAX_POSES), road.sizes[t].max(0)[:2]) for t in vehicles]
        asked = [item for item in asked if len(item[1]) and item[2].min() > 0.0]
        corners = off_road(road, asked)
        middles = off_road(road, [(t, poses, (0.02, 0.02)) for t, poses, _ in asked])
        for (track, poses, _), corner, middle in zip(asked, corners, middles, strict=True):
            self.moving.update(
                vehicles=1, poses=len(poses), corner=int(corner.sum()), middle=int(middle.sum()),
                vehicles_corner=int(corner.any()), vehicles_middle=int(middle.any()),
            )  # fmt: skip
            if not middle.any():
                continue
            self.listed.append(
                f"  vehicle {track}: middle off the road in {middle.sum()} of {len(poses)}  {label}"
            )
            if self.pictures:
                at = poses[middle][0]
                draw_place(
                    road.scene, at[:2], 40, f"vehicle {track} {label}",
                    self._picture(f"vehicle{track}", label), track=track,
                    points=[(poses[~middle][:, :2], "green"), (poses[middle][:, :2], "red")],
                )  # fmt: skip

    def _log_events(self, label, scene, track) -> None:
        facts, start = log_facts(scene, track)
        steps = {event: int(getattr(facts, f"log_{event}_step")[0]) for event in EVENTS}
        if facts.log_time_to_collision[0] < SHORT_TIME:
            steps["short_time"] = int(facts.log_time_to_collision_step[0])
        if steps["off_road"] == -2:
            self.events["map says nothing"] += 1
        self.events["egos"] += scene.ego >= 0
        self.events["focal"] += 1
        for event, step in steps.items():
            if step < 0:
                continue
            self.events[event] += 1
            waited = f" for {facts.log_stuck_time[0]:.1f} s" if event == "stuck" else ""
            self.listed.append(f"  {event} @{step + start} of {scene.num_steps}{waited}  {label}")
            if self.pictures:
                at = min(step + start, scene.num_steps - 1)
                draw_place(
                    scene, scene.positions[track, at, :2], 30, f"{event} @{at} {label}",
                    self._picture(event, label), step=at, track=track,
                )  # fmt: skip

    def show(self) -> None:
        say(f"\n{self.name}: {self.scenes} scenes, {self.unknown} maps say nothing\n")
        for kind, shares in self.shares.items():
            values = np.array([share for share, count, _ in shares if count >= 20])
            if len(values):
                total = sum(s * n for s, n, _ in shares) / sum(n for _, n, _ in shares)
                say(
                    f"  {kind:7} scenes {len(values):3}  all {total:6.1%}  median "
                    f"{np.median(values):6.1%}  worst {values.min():6.1%}  below 95 %: "
                    f"{(values < ENOUGH).sum()}\n"
                )
        say(f"  moving vehicles {dict(self.moving)}\n")
        say(f"  events of the log {dict(self.events)}\n")
        say("".join(line + "\n" for line in self.listed))


def log_facts(scene: forkroad.Scene, track: int) -> tuple[forkroad.Facts, int]:
    """Facts of the track's whole log and the step at which it begins."""
    valid = np.flatnonzero(scene.valid[track])
    start, steps = int(valid[0]), int(valid[-1] - valid[0])
    batch = forkroad.SceneBatch([scene])
    snapshot = forkroad.Snapshot.of_log(
        batch,
        scene=np.zeros(1, np.int32),
        step=np.array([start], np.int32),
        focal_track=np.array([track], np.int32),
    )
    plan = forkroad.PlanSet(
        np.zeros((1, steps + 1, 3), np.float32),
        dt=scene.dt, first_time=0.0, frame="ego", reference="box_center",
    )  # fmt: skip
    model = forkroad.make_agent_model("log")
    return forkroad.Simulator(batch).rollout(snapshot, plan, model), start


def show_peers() -> None:
    say("\nGPUDrive's examples, whole logs\n")
    for name in SCENES:
        file = shared_data() / f"gpudrive_json/v2/tfrecord-{name}.json.gz"
        say(compare(name, forkroad.load_scenes(file)[0]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="*", metavar="SET", help=", ".join([*SETS, PEERS]))
    parser.add_argument("--pictures", type=Path, metavar="DIR")
    arguments = parser.parse_args()
    for name in arguments.sets or [*SETS, PEERS]:
        if name == PEERS:
            show_peers()
            continue
        report = Report(name, arguments.pictures)
        for label, scene in scenes_of(name):
            report.add(label, scene)
        report.show()
    return 0


if __name__ == "__main__":
    sys.exit(main())
