"""The replay's page in a browser: playing, choosing, explaining, at a desk and on a phone."""

from types import SimpleNamespace

import forkroad
import numpy as np
import pytest
from browser import Page, start_browser
from forkroad.candidates import GivenPlans, Vocabulary
from forkroad.figure_view import View
from forkroad.lost_points import find_lost_points, first_lost
from forkroad.replay import replay_page
from forkroad.score_job import ScoredScene, score_scene
from view_scenes import crowded_scene, scene_without_map

DESK, PHONE = (1280, 800), (390, 844)
SIZES = [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone")]


@pytest.fixture(scope="module")
def browser():
    driver = start_browser()
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def scored():
    return score_scene(forkroad.generated_scene(), "generated", Vocabulary(300))


@pytest.fixture
def show(browser, tmp_path):
    """Opens replays, one after the other; none of them may complain."""
    pages = []

    def assert_silent() -> None:
        for page in pages[-1:]:
            assert page.complaints() == []

    def open_page(*scored, size=DESK, top=None) -> Page:
        assert_silent()
        path = tmp_path / f"{len(pages)}.html"
        path.write_text(replay_page(scored, top), encoding="utf-8")
        pages.append(Page(browser, path, size))
        return pages[-1]

    yield open_page
    assert_silent()


def expected_rows(scored, plan) -> list[str]:
    """The panel's table for a plan, -1: the log, as the Python table has it."""
    scores = scored.scores
    log = [f"{value:.3f}" for value in scores.log_values[0]]
    own = log if plan < 0 else [f"{value:.3f}" for value in scores.values[0, plan]]
    best = [f"{value:.3f}" for value in scores.values[0, scores.best_plan()]]
    silent = find_lost_points(scored.facts, scores).not_said
    terms = [term + " (the map does not say)" * (term in silent) for term in scores.terms]
    return [" ".join(row) for row in zip(terms, own, best if plan < 0 else log, strict=True)]


def expected_verdict(scored, plan) -> list[str]:
    lost, values = find_lost_points(scored.facts, scored.scores), scored.scores.values[0, plan]
    lines = []
    for at in np.argsort(lost.step[plan], kind="stable"):
        step, track = lost.step[plan, at], lost.track[plan, at]
        if step >= 0:
            left = f"down to {values[at]:.3f}" if values[at] > 0 else "lost"
            line = f"{scored.scores.terms[at]} {left} at {step * scored.facts.dt[0]:.1f} s"
            whom = scored.scene.tracks[track]
            lines.append(line + (f": {whom.kind} #{whom.id}" if track >= 0 else ""))
    return lines or ["keeps every point"]


def expected_nearest(scored, plan) -> list[str]:
    facts, texts = scored.facts, []
    for name, suffix in (("clearance", "m"), ("time_to_collision", "s")):
        value, step, track = (
            getattr(facts, name + end)[0, plan] for end in ("", "_step", "_track")
        )
        whom = scored.scene.tracks[track]
        near = f"{value:.2f} {suffix}, {whom.kind} #{whom.id} at {step * facts.dt[0]:.1f} s"
        texts.append(near if track >= 0 else f"nobody within {value:g} {suffix}")
    return texts


def assert_shown(page, scored, plan) -> None:
    name = "Log" if plan < 0 else f"Plan #{scored.facts.plan_ids[plan]}"
    assert page.text("#plan-name") == name
    rows = [" ".join(row.split()) for row in page.texts("#terms tbody tr")]
    assert rows == expected_rows(scored, plan)
    if plan >= 0:
        assert page.texts("#verdict li") == expected_verdict(scored, plan)
        assert page.text("#total") == f"{scored.scores.totals[0, plan]:.2f}"
        assert page.texts("#facts dd")[2:] == expected_nearest(scored, plan)


def go_to(page, step: int) -> None:
    """Pause at a whole step, by keys."""
    page.press("Home")
    for _ in range(step):
        page.press("ArrowRight")
    assert page.run("[replay.time, replay.playing]") == [step, False]


def lonely_plan(scored, step: int) -> tuple[int, np.ndarray]:
    """The plan that loses a point after a step and is furthest from all others at it, and where
    it is, in the ego's frame."""
    view = View(scored)
    traces = scored.facts.traces
    points = np.stack([traces.ego_x[0, :, step], traces.ego_y[0, :, step]], -1)
    apart = np.linalg.norm(points[:, None] - points, axis=-1) + np.diag(np.full(len(points), 1e9))
    gone = first_lost(find_lost_points(scored.facts, scored.scores).gone_step)
    plan = int(np.argmax(np.where(gone > step, apart.min(axis=1), -1)))
    assert apart[plan].min() > 0.2
    return plan, view.to_ego(points[plan].astype(np.float64))


@pytest.mark.parametrize("size", SIZES)
def test_a_replay_opens_playing_and_comes_to_its_moment(show, scored, size):
    page = show(scored, size=size)
    assert page.run("replay.playing")
    opening = page.run("replay.plans.model.opening")
    assert opening["step"] > 15
    first = page.run("replay.time")
    assert opening["step"] - 15.001 <= first < opening["step"] + 10
    page.wait(f"replay.time > {first} + 3")
    assert page.text("#clock").endswith("/ 8.0 s")
    assert_shown(page, scored, opening["plan"])
    assert page.text("#plan-name") != "Log"
    assert "300 plans for the ego" in page.text("#sentence")


@pytest.mark.parametrize("size", SIZES)
def test_a_click_on_a_plan_tells_what_it_lost_and_to_whom(show, scored, size):
    page = show(scored, size=size)
    go_to(page, 30)
    plan, (x, y) = lonely_plan(scored, 30)
    box = page.run("replay.canvas.getBoundingClientRect().toJSON()")
    px, py = page.run("replay.camera.toScreen(arguments[0], arguments[1])", float(x), float(y))
    page.point(box["left"] + px, box["top"] + py)
    assert_shown(page, scored, plan)
    words = expected_verdict(scored, plan)[0]
    assert "#" in words
    assert words in page.texts("#marks b")
    whom = words.split(": ")[1]
    rows = page.run("replay.plans.lost(replay.plan).map(lost => lost.to)")
    assert whom in [page.run(f"replay.agents[0].name({row})") for row in rows if row >= 0]
    # shortly before it, playing
    page.click("#verdict button")
    page.wait("replay.playing && replay.time > 0")


@pytest.mark.parametrize("size", SIZES)
def test_buttons_slider_and_keys_do_what_they_say(show, scored, size):
    page = show(scored, size=size)
    page.click("#play")
    assert page.run("replay.playing") is False
    page.press("l")
    assert_shown(page, scored, -1)
    page.click("#pick-best")
    assert_shown(page, scored, scored.scores.best_plan())
    page.click("#pick-log")
    assert_shown(page, scored, -1)
    page.click("#pick-telling")
    assert_shown(page, scored, page.run("replay.plans.model.opening.plan"))
    slider = page.run("document.querySelector('#time').getBoundingClientRect().toJSON()")
    page.point(slider["left"] + slider["width"] / 2, slider["top"] + slider["height"] / 2)
    page.wait("Math.abs(replay.time - 40) < 1")
    page.press("ArrowRight")
    at = page.run("replay.time")
    assert at == int(at)
    page.press("ArrowLeft", modifiers=8)
    assert page.run("replay.time") == at - 10
    page.run("document.activeElement.blur()")
    page.press(" ")
    assert page.run("replay.playing") is True
    page.press("End")
    page.wait("replay.time < 20")  # starts over
    page.click("#theme")
    assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"


def test_wheel_and_drag_move_the_view_and_fit_brings_it_back(show, scored):
    page = show(scored)
    home = page.run("[replay.camera.scale, replay.camera.x]")
    box = page.run("replay.canvas.getBoundingClientRect().toJSON()")
    at = {"x": box["left"] + 200, "y": box["top"] + 200}
    under = page.run("replay.camera.toWorld(200, 200)")
    wheel = {"type": "mouseWheel", "deltaX": 0, "deltaY": -400, **at}
    page.browser.execute_cdp_cmd("Input.dispatchMouseEvent", wheel)
    page.wait(f"replay.camera.scale > {home[0]} * 1.5")
    pixel = 1 / home[0]  # the window's pixels are whole, the canvas may start between two
    assert page.run("replay.camera.toWorld(200, 200)") == pytest.approx(under, abs=pixel)
    for kind, shift in (("mousePressed", 0), ("mouseMoved", 60), ("mouseReleased", 60)):
        event = {"type": kind, "button": "left", "buttons": 1, "clickCount": 1, **at}
        event["x"] += shift
        page.browser.execute_cdp_cmd("Input.dispatchMouseEvent", event)
    assert page.run("replay.camera.toWorld(260, 200)") == pytest.approx(under, abs=pixel)
    page.click("#fit")
    assert page.run("[replay.camera.scale, replay.camera.x]") == pytest.approx(home)


def test_two_fingers_zoom_and_choose_nothing(show, scored):
    page = show(scored, size=PHONE)
    before = page.run("[replay.camera.scale, replay.plan]")
    box = page.run("replay.canvas.getBoundingClientRect().toJSON()")
    x, y = box["left"] + 150, box["top"] + 150
    page.touch("touchStart", [(x - 20, y), (x + 20, y)])
    page.touch("touchMove", [(x - 60, y), (x + 60, y)])
    page.touch("touchEnd", [])
    scale, plan = page.run("[replay.camera.scale, replay.plan]")
    assert scale == pytest.approx(3 * before[0], rel=0.2)
    assert plan == before[1]


@pytest.mark.parametrize("size", SIZES)
def test_nothing_sticks_out_sideways(show, scored, size):
    page = show(scored, size=size)
    assert page.run("document.documentElement.scrollWidth") == size[0]
    outside = page.run(
        "[...document.querySelectorAll('body *')].filter(one => {"
        "  const box = one.getBoundingClientRect();"
        "  return box.width > 0 && (box.right > innerWidth + 0.5 || box.left < -0.5);"
        "}).map(one => one.id || one.tagName)"
    )
    assert outside == []
    panel = "document.querySelector('#panel')"
    assert page.run(f"{panel}.scrollWidth <= {panel}.clientWidth")
    # the scene keeps a good part of the screen
    assert page.run("document.querySelector('#stage').clientHeight") > 0.35 * size[1]


def test_two_agent_models_can_be_switched(show, scored):
    values = np.array(scored.scores.values)
    values[..., -1] = 0.25
    table = {
        name: getattr(scored.scores, name)
        for name in ("terms", "log_values", "lost_step", "lost_track")
    }
    table |= {name: getattr(scored.scores, name) for name in ("log_lost_step", "log_lost_track")}
    scores = SimpleNamespace(**table, values=values, totals=values[..., -1], best_plan=lambda: 7)
    names = [name for name in dir(scored.facts) if not name.startswith("_")]
    facts = SimpleNamespace(**{name: getattr(scored.facts, name) for name in names})
    facts.agent_model = "other <b>model</b>"
    other = ScoredScene(scored.scene, scored.file, scored.focal_track, scored.plans, facts, scores)
    page = show(scored, other)
    assert page.texts("#models button") == ["log", "other <b>model</b>"]
    page.click("#pick-best")
    assert page.text("#total") == "1.00"
    page.click("#models button:nth-child(2)")
    assert page.text("#total") == "0.25"
    page.click("#pick-best")
    assert page.text("#plan-name") == "Plan #7"
    page.click("#models button:nth-child(1)")
    assert_shown(page, scored, 7)


def test_names_are_text_and_never_markup(show):
    name = "</script><script>window.hacked = 1</script><!--<img src=x onerror='hacked=1'>{{data}}"
    scene = scene_without_map(name)
    page = show(score_scene(scene, "<b>generated</b>", Vocabulary(20)))
    assert page.run("document.querySelector('#title').textContent") == name
    assert page.run("document.title").startswith("</script>")
    assert page.run("window.hacked === undefined")


def test_masked_single_and_top_plans_of_bare_scenes_are_shown(show):
    scene = scene_without_map("bare", ego=None)
    nothing = forkroad.PlanSet(
        np.zeros((3, 20, 3), np.float32),
        dt=0.1,
        first_time=0.1,
        frame="ego",
        reference="box_center",
        mask=[False] * 3,
    )
    page = show(score_scene(scene, "bare", GivenPlans(nothing), focal="11"))
    assert page.text("#plan-name") == "Log"
    assert page.run("document.querySelector('#pick-best').disabled")
    assert "0 plans for vehicle #11" in page.text("#sentence")
    page = show(score_scene(scene, "bare", Vocabulary(1), focal="auto"))
    page.click("#pick-best")
    assert page.text("#plan-name") == "Plan #0"
    scored = score_scene(scene, "bare", Vocabulary(40), focal="auto")
    page = show(scored, top=5)
    best = np.sort(scored.scores.totals[0])[-5:]
    shown = page.run("[...replay.plans.totals].sort((a, b) => a - b)")
    np.testing.assert_allclose(shown, best, atol=1e-5)
    assert "Shown: 5 of them." in page.text("#sentence")


@pytest.mark.parametrize("size", SIZES)
def test_8192_plans_among_300_agents_play_and_are_picked(show, size):
    scored = score_scene(crowded_scene(300), "crowd", Vocabulary(8192))
    page = show(scored, size=size)
    assert len(page.run("replay.plans.lines")) == 2400
    assert page.run("replay.agents[0].number") == 300
    now = page.run("replay.time")
    page.wait(f"Math.abs(replay.time - {now}) > 2")
    go_to(page, 25)
    box = page.run("replay.canvas.getBoundingClientRect().toJSON()")
    view, traces = View(scored), scored.facts.traces
    points = view.to_ego(
        np.stack([traces.ego_x[0, :, 25], traces.ego_y[0, :, 25]], -1).astype(np.float64)
    )
    gone = first_lost(find_lost_points(scored.facts, scored.scores).gone_step)
    running = np.flatnonzero((gone < 0) | (gone >= 25))
    x, y = points[running[np.argmax(points[running, 0])]]
    px, py = page.run("replay.camera.toScreen(arguments[0], arguments[1])", x, y)
    page.point(round(box["left"] + px), round(box["top"] + py))
    world = page.run(
        "replay.camera.toWorld(arguments[0], arguments[1])",
        round(box["left"] + px) - box["left"],
        round(box["top"] + py) - box["top"],
    )
    chosen = page.run("replay.plan")
    nearest = np.linalg.norm(points[running] - world, axis=1).min()
    # as near as any within what the page rounds to
    assert np.linalg.norm(points[chosen] - world) <= nearest + 0.02
    assert_shown(page, scored, chosen)
