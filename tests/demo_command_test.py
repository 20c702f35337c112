"""`forkroad demo`: what it leaves and what it claims."""

import forkroad
import pytest
from click.testing import CliRunner
from forkroad.cli import main
from forkroad.demo_command import describe_scene, lane_widths


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo")
    return out, CliRunner().invoke(main, ["demo", "-o", str(out)])


def test_the_demo_leaves_three_files_and_names_them(shown):
    out, result = shown
    assert result.exit_code == 0, result.output
    files = {path.name for path in out.iterdir()}
    assert files == {"scores.parquet", "two_lane_road.png", "replay.html"}
    last = result.output.split("look at:")[1].split()
    assert {path.rsplit("/", 1)[1] for path in last} == files


def test_the_demo_says_what_it_computed(shown):
    text = shown[1].output
    assert "scene 'two_lane_road': " in text and "m/s" in text
    assert " = ".join(map(str, lane_widths())) + " lanes" in text
    assert "compared byte by byte" in text
    assert "plans/s, every fact" in text
    for word in ("no_fault", "log ", "best plan"):
        assert word in text


def test_lanes_that_differ_are_named_and_fail_the_demo(tmp_path, monkeypatch):
    from forkroad import demo_command

    runs = []
    run = demo_command._Rollout._run

    class Changed:
        def __init__(self, facts):
            self._facts = facts

        def __getattr__(self, name):
            value = getattr(self._facts, name)
            return value + 1 if name == "clearance" else value

    def changed(self, simulator):
        runs.append(simulator)
        facts = run(self, simulator)
        return Changed(facts) if len(runs) == 2 else facts

    monkeypatch.setattr(demo_command._Rollout, "_run", changed)
    result = CliRunner().invoke(main, ["demo", "-o", str(tmp_path)])
    assert result.exit_code == 1
    assert "lanes differ in clearance" in result.output


def test_an_empty_road_is_described_too():
    scene = forkroad.generate_scene(layout="signalised_crossing", seed=1)
    assert "with lights" in describe_scene(scene)
