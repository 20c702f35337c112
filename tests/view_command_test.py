"""`forkroad view`: what it writes, which scene it takes, how it fails."""

import forkroad
import matplotlib.image
import pytest
from click.testing import CliRunner
from forkroad.cli import main
from view_scenes import lone_ego, scene_without_map


def view(*arguments):
    return CliRunner().invoke(main, ["view", *(str(argument) for argument in arguments)])


@pytest.fixture
def shard(tmp_path):
    path = tmp_path / "scenes.safetensors"
    writer = forkroad.ShardWriter(str(path))
    for scene in (lone_ego(), scene_without_map("no/ego", ego=None), scene_without_map("two")):
        writer.add(scene)
    writer.finish()
    return path


def test_view_writes_one_page_named_after_the_scene(tmp_path):
    result = view("generated", "--plans", 50, "-o", tmp_path / "new" / "folder")
    assert result.exit_code == 0, result.output
    (page,) = (tmp_path / "new" / "folder").iterdir()
    assert page.name == "two_lane_road.html"
    assert str(page) in result.output and " kB)" in result.output
    assert "50 plans for the ego" in page.read_text()


def test_view_writes_the_file_that_is_named_and_a_picture_beside_it(tmp_path):
    out = tmp_path / "replay.html"
    result = view("generated:merge:2", "--plans", 40, "--png", "-o", out)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["replay.html", "replay.png"]
    assert matplotlib.image.imread(tmp_path / "replay.png").shape[1] == 1600


@pytest.mark.parametrize(
    ("word", "name"), [("0", "alone"), ("2", "two"), ("two", "two"), ("alone", "alone")]
)
def test_view_takes_the_scene_of_an_id_or_a_record(shard, tmp_path, word, name):
    result = view(shard, "--scene", word, "--plans", 5, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert [path.name for path in (tmp_path / "out").iterdir()] == [f"{name}.html"]


def test_view_of_a_scene_without_an_ego_wants_a_focal_track(shard, tmp_path):
    options = ("--scene", "no/ego", "--plans", 5, "-o", tmp_path / "out")
    result = view(shard, *options)
    assert result.exit_code == 1
    assert "no/ego" in result.output and "--focal" in result.output
    assert not (tmp_path / "out").exists()
    for focal in ("auto", "12"):
        assert view(shard, *options, "--focal", focal).exit_code == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["no_ego.html"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("generated", "--scene", "5"), "expected an id or a record below 1: two_lane_road"),
        (("generated", "--scene", "absent"), "got --scene 'absent'"),
        (("generated", "--agents", "absent"), "unknown agent model 'absent'"),
        (("generated", "--agents", "log", "--agents", "absent"), "unknown agent model 'absent'"),
        (("generated", "--card", "absent"), "absent"),
        (("generated", "--focal", "4711"), "expected ego, auto or a track's id"),
        (("no_such_file",), "cannot_open"),
    ],
)
def test_view_names_what_is_wrong_and_writes_nothing(tmp_path, arguments, words):
    result = view(*arguments, "-o", tmp_path / "out")
    assert result.exit_code in (1, 2)
    assert words in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_view_says_where_it_cannot_write(tmp_path):
    (tmp_path / "file").write_text("in the way")
    result = view("generated", "--plans", 5, "-o", tmp_path / "file" / "page.html")
    assert result.exit_code == 1
    assert "cannot write" in result.output and "page.html" in result.output


def test_a_model_that_is_named_twice_is_shown_once(tmp_path):
    out = tmp_path / "page.html"
    result = view("generated", "--plans", 5, "--agents", "log", "--agents", "log", "-o", out)
    assert result.exit_code == 0, result.output
    assert out.read_text().count('"sentence":') == 1


def test_view_skips_bad_records_unless_one_of_them_is_asked_for(shard, tmp_path):
    whole = shard.read_bytes()
    at = whole.index(b"alone")
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(whole[:at] + b"A" + whole[at + 1 :])
    result = view(damaged, "--plans", 5, "-o", tmp_path / "out", "--focal", "auto")
    assert result.exit_code == 0, result.output
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["no_ego.html"]
    result = view(damaged, "--scene", "0", "-o", tmp_path / "none")
    assert result.exit_code == 1
    assert "bad_checksum" in result.output and "record 0" in result.output
