"""Comparison of scores with stored outputs, and the command around it."""

import dataclasses
import json

import numpy as np
import pytest

pytest.importorskip("shapely", reason="the NAVSIM reference needs shapely")

import navsim_stand_in
from click.testing import CliRunner
from forkroad.navsim import compare, evaluate_scene, read_navsim
from forkroad.navsim import evaluate as evaluate_module
from forkroad.parity_command import parity
from navsim_shared import golden, write_generated


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """A generated v2 file and its results."""
    file = read_navsim(write_generated(tmp_path_factory.mktemp("parity"), "v2", seed=21))
    results = [evaluate_scene(scene, file.version, core=navsim_stand_in) for scene in file.scenes]
    return file, results


def changed(results, name, value):
    """Results in which plan 3 of scene 1 has another value."""
    out = [dict(result) for result in results]
    array = out[1][name].astype(np.float64).copy()
    array[3] = value
    out[1][name] = array
    return out


def test_equal_results_have_no_mismatch(scored):
    report = compare(*scored)
    assert report.num_mismatches == 0, report.to_text()
    assert report.terms["nc"].compared + report.terms["nc"].borderline == 16
    assert report.num_scenes == 2
    assert report.num_plans == 16


@pytest.mark.parametrize("name", ["nc", "ttc_idx", "area", "lk", "comfort_ok", "filtered_dac"])
def test_a_wrong_decision_is_named(scored, name):
    file, results = scored
    report = compare(file, changed(results, name, 7.0))
    assert report.terms[name].mismatches == [(str(file.path), file.scenes[1].name, 3)]
    assert report.num_mismatches == 1
    assert f"{file.scenes[1].name}/3" in report.to_text()


@pytest.mark.parametrize("name", ["ep", "score_pair", "progress_raw", "score_ec", "plan"])
def test_a_wrong_number_is_named(scored, name):
    file, results = scored
    wrong = changed(results, name, results[1][name][3] + 1e-6)
    assert len(compare(file, wrong).terms[name].mismatches) == 1


@pytest.mark.parametrize("name", ["nc", "ep", "sim", "ec_rms"])
def test_nan_is_a_mismatch(scored, name):
    file, results = scored
    assert compare(file, changed(results, name, np.nan)).num_mismatches >= 1


def test_a_moved_rollout_is_named_and_measured(scored):
    file, results = scored
    sim = results[1]["sim"].copy()
    sim[3, 20, 0] += 1e-6
    report = compare(file, changed(results, "sim", sim[3]))
    assert report.terms["sim pose"].mismatches == [(str(file.path), file.scenes[1].name, 3)]
    assert 0.9e-6 < report.rollout_error < 1.1e-6


def test_a_borderline_decision_is_not_compared(scored):
    file, results = scored
    scenes = list(file.scenes)
    margin = scenes[1].margins["margin"].copy()
    margin[3, file.margin_terms.index("nc")] = 1e-7
    scenes[1] = dataclasses.replace(scenes[1], margins={**scenes[1].margins, "margin": margin})
    report = compare(dataclasses.replace(file, scenes=scenes), changed(results, "nc", 7.0))
    assert report.num_mismatches == 0
    assert report.terms["nc"].borderline == 1


def test_a_stored_output_that_is_not_computed_is_a_mismatch(scored):
    file, results = scored
    fewer = [{name: value for name, value in result.items() if name != "lk"} for result in results]
    report = compare(file, fewer)
    assert report.absent == ["lk"]
    assert report.num_mismatches == 1


def test_json_report_has_the_counts(scored):
    content = json.loads(compare(*scored).to_json())
    assert content["num_mismatches"] == 0
    assert content["terms"]["nc"]["equal"] == content["terms"]["nc"]["compared"]


def test_command_reports_and_exits_by_the_result(scored, tmp_path, monkeypatch):
    file, _ = scored
    monkeypatch.setattr(evaluate_module, "core_module", lambda: navsim_stand_in)
    out = tmp_path / "report.json"
    runner = CliRunner()
    done = runner.invoke(parity, ["navsim", str(file.path), "--json", str(out)])
    assert done.exit_code == 0, done.output
    assert "0 mismatches" in done.output
    assert json.loads(out.read_text())["num_scenes"] == 2

    with np.load(file.path) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays["dac"] = 1.0 - arrays["dac"]
    wrong = tmp_path / "navsim_wrong.npz"
    np.savez(wrong, **arrays)
    assert runner.invoke(parity, ["navsim", str(wrong)]).exit_code == 1


def test_command_says_what_is_wrong_with_a_file(tmp_path):
    path = tmp_path / "navsim_empty.npz"
    np.savez(path, nothing=np.zeros(1))
    done = CliRunner().invoke(parity, ["navsim", str(path)])
    assert done.exit_code == 1
    assert "scene_name" in done.output


@pytest.mark.parametrize("precision", ["float", "double"])
@pytest.mark.parametrize("name", ["navsim_v2.npz", "navsim_v1.npz"])
def test_compiled_scorer_equals_the_golden_file(name, precision):
    path = str(golden(name))
    done = CliRunner().invoke(parity, ["navsim", path, "--precision", precision])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("precision", ["float", "double"])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_compiled_scorer_equals_the_plain_reference(version, precision, tmp_path):
    path = write_generated(tmp_path, version, seed=101, num_scenes=6, num_plans=33)
    done = CliRunner().invoke(parity, ["navsim", str(path), "--precision", precision])
    assert done.exit_code == 0, done.output
