"""What NAVSIM does to contacts, areas and lines where one would expect something else.

Each test shows the value that the obvious rule gives, so that it fails if the rule is tidied up.
"""

from types import SimpleNamespace

import numpy as np
import pytest
from forkroad.navsim.navsim_objects import track_arrays
from navsim_tiny import (
    CONE,
    INTERSECTION,
    LANE,
    LANE_CONNECTOR,
    REAR_AXLE_TO_CENTER,
    ROADBLOCK,
    STEPS,
    VEHICLE,
    WIDE_ROAD,
    area,
    scene,
    score,
    states,
    track,
)

FRONT = {"x": 5.0, "y": 0.3}  # overlaps the front edge, ahead
BESIDE = {"x": 1.0, "y": 2.0}  # overlaps the left side, neither ahead nor behind
TWO_LANES = (  # the ego of y = 0 has two corners in each: "multiple lanes"
    area(ROADBLOCK, (-300, 300), (-50, 50)),
    area(LANE, (-300, 300), (-50, 0)),
    area(LANE, (-300, 300), (0, 50)),
)


def test_the_speed_of_a_track_is_that_of_its_first_sight():
    frames = np.arange(51)
    x = np.where(frames < 10, 100.0, -3.0)  # touches the ego's back from frame 10

    def nc(first, later):
        speed = np.where(frames == 5, first, later)
        behind = track(x, 0.5, speed, (4.0, 2.0), frames=range(5, 51))
        return score(scene([behind]), states(vx=5.0))["nc"]

    assert nc(first=0.0, later=4.0) == 0.0  # a stopped track; by its speed then a rear hit: 1
    assert nc(first=4.0, later=0.0) == 1.0  # a rear hit; by its speed then a stopped track: 0
    assert (nc(0.0, 0.0), nc(4.0, 4.0)) == (0.0, 1.0)


def test_the_type_of_a_track_is_that_of_its_first_sight():
    ring = [(6.0, 1.3), (4.0, 1.3), (4.0, -0.7), (6.0, -0.7), (6.0, 1.3)]
    shape = SimpleNamespace(
        geom_type="Polygon", interiors=(), exterior=SimpleNamespace(coords=np.array(ring))
    )

    def nc(kind):
        first = SimpleNamespace(tracked_object_type=kind)  # what NAVSIM keeps of a token
        frames = [SimpleNamespace(tokens=["a"], _geometries=[shape])] * 41
        source = FakeObservation(frames)
        source.unique_objects, source.red_light_token = {"a": first}, "red_light"
        found = track_arrays(source, "v2")
        del found["tokens"]
        return score(scene(**found), states(vx=1.0))["nc"]

    assert nc("TRAFFIC_CONE") == 0.5
    assert nc("VEHICLE") == 0.0  # the same shapes in every frame: only the kept object tells


class FakeObservation(list):
    """Frames that also hold attributes."""


BORDERS = {
    "left": ((1.461 - 2.588, 50), (-50, 50)),
    "right": ((-50, 1.461 + 2.588), (-50, 50)),
    "bottom": ((-50, 50), (-1.1485, 50)),
    "top": ((-50, 50), (-50, 1.1485)),
}
SIDES = ["left", "right", "bottom", "top"]


@pytest.mark.parametrize("side", SIDES)
def test_a_corner_on_a_border_is_outside(side):
    x, y = BORDERS[side]
    on = score(scene(polygons=[area(ROADBLOCK, x, y)]), states())
    wider = area(ROADBLOCK, (x[0] - 1e-6, x[1] + 1e-6), (y[0] - 1e-6, y[1] + 1e-6))
    assert score(scene(polygons=[wider]), states())["dac"] == 1.0
    assert on["dac"] == 0.0  # an inclusive rule gives 1


@pytest.mark.parametrize("side", SIDES)
def test_a_centre_on_a_border_is_off_route(side):
    x, y = {
        "left": ((1.461, 50), (-50, 50)),
        "right": ((-50, 1.461), (-50, 50)),
        "bottom": ((-50, 50), (0, 50)),
        "top": ((-50, 50), (-50, 0)),
    }[side]
    on = score(scene(polygons=[area(LANE, x, y)]), states())
    wider = area(LANE, (x[0] - 1e-6, x[1] + 1e-6), (y[0] - 1e-6, y[1] + 1e-6))
    assert score(scene(polygons=[wider]), states())["area"][0, 2] == 0
    assert on["area"][0, 2] == 1


def test_boxes_that_touch_intersect():
    # the ego's box is centred at the origin, the track has the ego's size: no rounding
    sim, length, width = states(x=-REAR_AXLE_TO_CENTER, vx=1.0), 5.176, 2.297
    for x, y, kind, hit in ((length, 0.25, VEHICLE, 0.0), (0.5, width, CONE, 0.5)):
        touching = track(x, y, size=(length, width), kind=kind)
        assert score(scene([touching]), sim)["nc"] == hit  # a strict rule gives 1
        apart = track(x * (1 + 1e-9), y * (1 + 1e-9), size=(length, width), kind=kind)
        assert score(scene([apart]), sim)["nc"] == 1.0


def test_a_red_light_that_is_touched_counts_also_where_the_ego_starts():
    ahead = (*WIDE_ROAD, area(LANE_CONNECTOR, (1.461 + 2.588, 20), (-2, 2)))
    around = (*WIDE_ROAD, area(LANE_CONNECTOR, (-20, 20), (-5, 5)))
    near = (*WIDE_ROAD, area(LANE_CONNECTOR, (1.461 + 2.588 + 1e-6, 20), (-2, 2)))
    red = {"red_polygon": [2], "red_on": np.eye(1, 41, 0, np.uint8)}  # in frame 0 only
    assert score(scene(polygons=ahead, **red), states())["tlc"] == 0.0
    assert score(scene(polygons=around, **red), states())["tlc"] == 0.0  # nuPlan would excuse it
    assert score(scene(polygons=near, **red), states())["tlc"] == 1.0


def test_a_harmless_first_contact_immunises_the_track():
    sim = states(vx=np.where(STEPS < 5, 0.0, 1.0))  # the ego starts to move at step 5
    assert score(scene([track(**FRONT)]), sim)["nc"] == 1.0
    # judged by step alone the contacts from step 5 on are at fault
    late = score(scene([track(**FRONT, frames=range(5, 51))]), sim)
    assert late["nc"] == 0.0
    assert late["at_fault_idx"] == 5


def test_a_harmless_contact_immunises_one_track_only():
    sim = states(vx=np.where(STEPS < 5, 0.0, 1.0))
    both = [track(**FRONT), track(**FRONT, frames=range(7, 51))]
    assert score(scene(both), sim)["at_fault_idx"] == 7


def test_collisions_and_ttc_keep_separate_lists():
    # listed by the collisions (the ego stands), not by TTC
    sim = states(vx=np.where(STEPS < 5, 0.0, 1.0))
    out = score(scene([track(**FRONT)]), sim)
    assert (out["nc"], out["ttc"], out["ttc_idx"]) == (1.0, 0.0, 5)
    # listed by TTC (36.9 degrees off, lane kept), not by the collisions; ahead from frame 20
    y = np.where(np.arange(51) < 20, 3.0, 1.0)
    size = (4.0, 4.0)
    out = score(scene([track(4.0, y, size=size)]), states(vx=1.0))
    assert (out["nc"], out["ttc"]) == (0.0, 1.0)  # a shared list gives nc 1 or ttc 0
    late = score(scene([track(4.0, y, size=size, frames=range(20, 51))]), states(vx=1.0))
    assert (late["nc"], late["ttc"]) == (0.0, 0.0)  # not listed without the first contact


def test_any_number_of_static_hits_stays_at_half():
    cones = [track(5.0, y, kind=CONE) for y in (-0.8, 0.3, 0.9)]
    assert score(scene(cones), states(vx=1.0))["nc"] == 0.5  # nuPlan gives 0 at two
    assert score(scene([*cones, track(**FRONT)]), states(vx=1.0))["nc"] == 0.0


def test_ttc_ends_at_step_31_in_v2_and_40_in_v1():
    def only(frame, x):
        return scene([track(x, 0.3, size=(1.0, 1.0), frames=[frame])])

    sim = states(vx=20.0)  # reaches 18 m further at the last offset
    inside = 3.9  # met at offset 0 only
    assert score(only(31, inside), sim)["ttc_idx"] == 31
    out = score(only(32, inside), sim)
    assert (out["ttc"], out["nc"]) == (1.0, 0.0)
    assert score(only(32, inside), sim, version="v1.1")["ttc_idx"] == 32
    assert score(only(40, 20.0), sim)["ttc_idx"] == 31
    assert score(only(49, 20.0), sim, version="v1.1")["ttc_idx"] == 40
    assert score(only(50, 20.0), sim, version="v1.1")["ttc"] == 1.0


def test_a_creeping_ego_is_stopped_for_collisions_and_moving_for_ttc():
    creeping = scene([track(**FRONT)])
    for speed, nc, ttc in ((0.004, 1, 1), (0.005, 1, 0), (0.05, 1, 0), (0.051, 0, 0)):
        out = score(creeping, states(vx=speed))
        assert (out["nc"], out["ttc"]) == (nc, ttc), speed


def test_speed_has_no_sign_and_ttc_looks_forward_when_reversing():
    reversing = states(vx=-5.0)
    assert score(scene([track(**FRONT)]), reversing)["nc"] == 0.0  # -5 <= 0.05 would be stopped
    assert score(scene([track(8.0, 0.3)]), reversing)["ttc"] == 0.0
    # along the motion it would be this one
    assert score(scene([track(-5.0, 0.3)], polygons=TWO_LANES), reversing)["ttc"] == 1.0
    assert score(scene([track(**FRONT)]), states(vy=0.06))["nc"] == 0.0


def test_bearings_start_at_the_rear_axle():
    def degrees(target, origin):
        return np.degrees(np.arctan2(target[1], target[0] - origin))

    ahead = (4.5, 2.2)
    assert degrees(ahead, 0.0) < 30 < degrees(ahead, REAR_AXLE_TO_CENTER)
    wide = {"size": (2.0, 3.0)}
    assert score(scene([track(*ahead, **wide)]), states(vx=1.0))["ttc"] == 0.0
    # as far off as the first is from the centre
    assert score(scene([track(3.0, 2.2, **wide)]), states(vx=1.0))["ttc"] == 1.0
    behind = (-2.0, 1.5)
    assert degrees(behind, 0.0) < 150 < degrees(behind, REAR_AXLE_TO_CENTER)
    hit = score(scene([track(*behind)], polygons=TWO_LANES), states(vx=1.0))
    assert hit["nc"] == 0.0  # a lateral hit across two lanes; from the centre a rear hit
    rear = score(scene([track(-2.0, 1.1)], polygons=TWO_LANES), states(vx=1.0))
    assert rear["nc"] == 1.0


def test_a_lateral_contact_is_at_fault_across_lanes_only():
    beside = [track(**BESIDE)]
    assert score(scene(beside), states(vx=1.0))["nc"] == 1.0
    out = score(scene(beside, polygons=TWO_LANES), states(vx=1.0))
    assert (out["nc"], out["ttc"]) == (0.0, 0.0)


def test_ttc_asks_for_the_rear_axle_and_lanes_for_the_centre():
    # the ego faces +y and slides along x: rear axle at y = 0, centre at y = 1.461
    sliding = states(x=0.6 * STEPS, heading=np.pi / 2, vx=1.0)
    off_route = area(LANE, (-300, 300), (-50, 50), on_route=False)
    beside = track(np.append(0.6 * STEPS, [24.0] * 10) + 2.0, 0.5)
    found = {}
    for name, y in {"axle": (-0.5, 0.5), "centre": (1.0, 2.0)}.items():
        polygons = (WIDE_ROAD[0], off_route, area(INTERSECTION, (-300, 300), y))
        out = score(scene([beside], polygons=polygons), sliding)
        found[name] = (out["ttc"], out["ddc"], out["lk"])
    assert found["axle"] == (0.0, 0.0, 0.0)
    assert found["centre"] == (1.0, 1.0, 1.0)


def test_the_lane_keeping_count_survives_intersections():
    def keep(far, polygon_steps):
        low, high = (REAR_AXLE_TO_CENTER + 0.5 * (step - 0.5) for step in polygon_steps)
        polygons = (*WIDE_ROAD, area(INTERSECTION, (low, high), (-9, 9)))
        sim = states(x=0.5 * STEPS, y=np.where(far, 1.0, 0.0), vx=5.0)
        return score(scene(polygons=polygons), sim)["lk"]

    always = STEPS >= 0
    assert keep(always, (15, 25)) == 0.0  # a reset gives runs of 15 and 16: 1
    assert keep((STEPS < 15) | (STEPS >= 25), (15, 25)) == 0.0  # on the line inside: no reset
    assert keep((STEPS < 34), (10, 25)) == 1.0  # 19 outside; counted inside it is 34: 0
    assert keep((STEPS < 35), (10, 25)) == 0.0
    assert keep((STEPS < 15) | (STEPS >= 25), (80, 90)) == 1.0


def test_driving_direction_sums_eleven_entries():
    off_route = (WIDE_ROAD[0], area(LANE, (-300, 300), (-50, 50), on_route=False))
    for step, ddc, ten in ((0.18, 1.0, 1.0), (0.19, 0.5, 1.0), (0.55, 0.0, 0.5)):
        out = score(scene(polygons=off_route), states(x=step * STEPS, vx=10 * step))
        assert out["ddc"] == ddc
        obvious = 1.0 if 10 * step < 2 else 0.5 if 10 * step < 6 else 0.0  # one second
        assert obvious == ten


def test_driving_direction_excuses_intersections_in_v2_only():
    polygons = (
        WIDE_ROAD[0],
        area(LANE, (-300, 300), (-50, 50), on_route=False),
        area(INTERSECTION, (-300, 300), (-50, 50)),
    )
    sim = states(x=0.4 * STEPS, vx=4.0)
    assert score(scene(polygons=polygons), sim)["ddc"] == 1.0
    assert score(scene(polygons=polygons[:2]), sim)["ddc"] == 0.5
    old = score(scene(polygons=polygons), sim, version="v1.1")
    assert old["ddc"] == 0.5
    assert old["mult_prod"] == 1.0  # and v1.1 gives it no weight


def test_driving_direction_is_about_the_route_and_not_about_the_direction():
    backwards = states(x=-0.8 * STEPS, heading=np.pi, vx=8.0)
    assert score(scene(), backwards)["ddc"] == 1.0  # against the lane, on the route
    forwards = states(x=0.8 * STEPS, vx=8.0)
    off_route = (WIDE_ROAD[0], area(LANE, (-300, 300), (-50, 50), on_route=False))
    assert score(scene(polygons=off_route), forwards)["ddc"] == 0.0  # along it, off the route


def test_tracks_that_touch_the_ego_at_the_start_go_in_v2_only():
    removed = scene([track(**FRONT)], track_removed=[1])
    kept = scene([track(**FRONT)], track_removed=[0])
    sim = states(vx=1.0)
    assert (score(removed, sim)["nc"], score(kept, sim)["nc"]) == (1.0, 0.0)
    assert (score(removed, sim)["ttc"], score(kept, sim)["ttc"]) == (1.0, 0.0)
    assert score(removed, sim, version="v1.1")["nc"] == 0.0


def test_tracks_on_the_heading_ray_are_ahead_and_behind():
    # the one known deviation: NAVSIM's unclamped arccos gives NaN, neither, for some of these
    lost = 0
    for heading in np.random.default_rng(3).uniform(-np.pi, np.pi, 40):
        unit = np.array([np.cos(heading), np.sin(heading)])
        turned = states(heading=heading, vx=1.0)
        assert score(scene([track(*(3.7 * unit))]), turned)["ttc"] == 0.0
        # off the road a contact that is not behind would be at fault
        assert score(scene([track(*(-1.7 * unit))], polygons=()), turned)["nc"] == 1.0
        toward = 3.7 * unit / np.linalg.norm(3.7 * unit)
        lost += np.dot(unit, toward) > 1.0
    assert lost > 0
