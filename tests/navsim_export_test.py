"""Export of metric caches, with stand-ins of NAVSIM's objects."""

import importlib.util
import lzma
import pickle
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("shapely", reason="stand-ins of NAVSIM's objects need shapely")

import navsim_objects_stand_in as objects
import navsim_stand_in
from forkroad.navsim import evaluate_scene, read_navsim
from navsim_shared import write_generated
from shared_logs import REPOSITORY


def load_tool():
    """The exporter as a module."""
    path = REPOSITORY / "tools" / "navsim_export.py"
    spec = importlib.util.spec_from_file_location("navsim_export", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


navsim_export = load_tool()


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    return {
        version: read_navsim(write_generated(folder, version, seed=51, num_scenes=3, num_plans=4))
        for version in ("v1", "v2")
    }


def write_cache(folder: Path, token: str, cache) -> None:
    """A metric cache where NAVSIM puts it."""
    path = folder / "log" / "unknown" / token / "metric_cache.pkl"
    path.parent.mkdir(parents=True)
    path.write_bytes(lzma.compress(pickle.dumps(cache), preset=0))


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_exported_scene_gives_the_same_terms(sources, version, tmp_path):
    source = sources[version]
    for scene in source.scenes:
        write_cache(tmp_path / "cache", scene.name, objects.metric_cache(scene, version))
    counts = navsim_export.export(tmp_path / "cache", tmp_path / "out")
    assert counts == (3, 0, 0)
    for scene in source.scenes:
        file = read_navsim(tmp_path / "out" / f"{scene.name}.npz")
        assert file.version == source.version
        made = file.scenes[0]
        assert np.abs(made.reference_plan - scene.reference_plan)[:, :2].max() < 1e-8
        made.plans = scene.plans
        terms = evaluate_scene(made, file.version, core=navsim_stand_in)
        keep = scene.margins["borderline_any"] == 0
        names = ("nc", "dac", "ddc", "ttc", "score_pair", "progress_raw", "at_fault_idx", "ttc_idx")
        for name in names:
            stored = scene.expected[name][keep]
            np.testing.assert_allclose(terms[name][keep], stored, atol=1e-7, err_msg=name)
        if version == "v2":
            check_v2(scene, made, terms, keep)


def check_v2(scene, made, terms, keep):
    """What only v2 caches hold."""
    for name in ("tlc", "lk", "hc"):
        np.testing.assert_array_equal(terms[name][keep], scene.expected[name][keep], name)
    seen = scene.track_valid.any(axis=1)
    assert made.track_removed.sum() == scene.track_removed[seen].sum()
    assert np.abs(made.human_plan - scene.human_plan)[:, :2].max() < 1e-7
    assert (made.history_state is None) == (scene.history_state is None)


def test_done_tokens_are_skipped_and_bad_caches_reported(sources, tmp_path):
    scene = sources["v2"].scenes[0]
    good, bad = objects.metric_cache(scene, "v2"), objects.metric_cache(scene, "v2")
    del bad.centerline
    write_cache(tmp_path / "cache", "good", good)
    write_cache(tmp_path / "cache", "bad", bad)
    lines = []
    out = tmp_path / "out"
    first = navsim_export.export(tmp_path / "cache", out, report=lines.append)
    assert first == (1, 0, 1)
    assert "bad" in lines[0]
    assert "centerline" in lines[0]
    assert [path.name for path in out.iterdir()] == ["good.npz"]
    stamp = (out / "good.npz").stat().st_mtime_ns
    assert navsim_export.export(tmp_path / "cache", out, report=lines.append) == (0, 1, 1)
    assert (out / "good.npz").stat().st_mtime_ns == stamp


def test_shards_cover_every_cache_once(sources, tmp_path):
    cache = objects.metric_cache(sources["v2"].scenes[0], "v2")
    for token in ("a", "b", "c"):
        write_cache(tmp_path / "cache", token, cache)
    out = tmp_path / "out"
    written = [navsim_export.export(tmp_path / "cache", out, (part, 2))[0] for part in (0, 1)]
    assert written == [2, 1]
    assert sorted(path.stem for path in out.iterdir()) == ["a", "b", "c"]


def test_command_line_returns_the_result(sources, tmp_path, capsys):
    write_cache(tmp_path / "cache", "a", objects.metric_cache(sources["v2"].scenes[0], "v2"))
    arguments = [str(tmp_path / "cache"), str(tmp_path / "out")]
    assert navsim_export.main(arguments) == 0
    assert capsys.readouterr().out == "1 written, 0 skipped, 0 failed\n"
    with pytest.raises(SystemExit):
        navsim_export.main([*arguments, "--shard", "2/2"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda cache: setattr(cache, "observation", objects.Observation([], {})), "0 frames"),
        (lambda cache: cache.observation.unique_objects.clear(), "unique_objects"),
        (lambda cache: setattr(cache.drivable_area_map, "tokens", ["one"]), "as tokens"),
        (lambda cache: delattr(cache.ego_state, "rear_axle"), "rear_axle"),
        (lambda cache: setattr(cache, "trajectory", 3), "_trajectory"),
    ],
)
def test_a_cache_that_is_not_navsims_is_an_error(sources, change, words):
    cache = objects.metric_cache(sources["v2"].scenes[0], "v2")
    change(cache)
    with pytest.raises(navsim_export.ExportError, match=words):
        navsim_export.scene_arrays(cache, "token")
