"""Scoring jobs: what the score file holds, and that it is whole or absent."""

import json

import forkroad
import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from forkroad.candidates import CandidatesError, GivenPlans, LogPerturbations, Vocabulary
from forkroad.score_job import ScoreJob, score_files, score_scene

EGO_LAYOUT = {"dt": 0.1, "first_time": 0.1, "frame": "ego", "reference": "rear_axle"}


def score(tmp_path, *files, candidates=None, **options):
    job = ScoreJob(files=files, candidates=candidates or Vocabulary(300), **options)
    path = tmp_path / "scores.parquet"
    return score_files(job, path), pq.read_table(path) if path.exists() else None


def test_the_score_file_holds_one_row_per_scene_and_plan(tmp_path):
    report, table = score(tmp_path, "generated")
    assert (report.num_scenes, report.num_plans, report.num_bad) == (1, 300, 0)
    assert table.num_rows == 300
    assert table["plan_id"].to_pylist() == list(range(300))
    assert set(table["scene_id"].to_pylist()) == {"two_lane_road"}
    assert set(table["file"].to_pylist()) == {"generated"}
    assert pc.min_max(table["total"]).as_py() == {"min": 0.0, "max": 1.0}


def test_the_score_file_says_what_the_simulator_says(tmp_path):
    _, table = score(tmp_path, "generated")
    scored = score_scene(forkroad.generated_scene(), "generated", Vocabulary(300))
    facts, scene = scored.facts, scored.scene
    contact = facts.contact_step[0] >= 0
    np.testing.assert_array_equal(table["progress_m"].to_numpy(), facts.progress[0])
    np.testing.assert_array_equal(table["clearance_m"].to_numpy(), facts.clearance[0])
    np.testing.assert_array_equal(table["contact_time_s"].is_null().to_numpy(), ~contact)
    times = table["contact_time_s"].drop_null().to_numpy()
    np.testing.assert_array_equal(times, facts.contact_time[0][contact])
    for row, track in enumerate(facts.contact_track[0]):
        expected = None if track < 0 else (scene.tracks[track].id, scene.tracks[track].kind)
        got = table["contact_track_id"][row].as_py(), table["contact_track_kind"][row].as_py()
        assert got == (expected or (None, None))
    for fact in forkroad.Facts.fields():
        if fact.name.endswith("_step") and fact.invalid == "-1":
            happened = getattr(facts, fact.name)[0] >= 0
            np.testing.assert_array_equal(table[fact.name].is_null().to_numpy(), ~happened)
            np.testing.assert_array_equal(
                table[fact.name].drop_null().to_numpy(), getattr(facts, fact.name)[0][happened]
            )
    names = [forkroad.ContactClass(code).name.lower() for code in facts.contact_class[0]]
    assert table["contact_class"].to_pylist() == names
    np.testing.assert_array_equal(table["total"].to_numpy(), scored.scores.totals[0])
    np.testing.assert_array_equal(table["term_no_fault"].to_numpy(), scored.scores.values[0, :, 0])
    assert set(table["log_total"].to_pylist()) == {1.0}
    assert set(table["log_contact_class"].to_pylist()) == {"none"}
    assert set(table["log_progress_m"].to_pylist()) == {facts.log_progress[0]}


def test_the_score_file_carries_what_it_was_made_with(tmp_path):
    score(tmp_path, "generated", candidates=LogPerturbations(5, seed=9))
    metadata = pq.read_schema(tmp_path / "scores.parquet").metadata
    assert metadata[b"forkroad.format_version"] == b"1"
    assert metadata[b"forkroad.version"].decode() == forkroad.__version__
    assert metadata[b"forkroad.card"] == b"drive"
    assert metadata[b"forkroad.agent_model"] == b"log"
    assert json.loads(metadata[b"forkroad.spec"])["contact"]["substeps"] == 4
    # every field of the spec, whatever they are
    spec = forkroad.ScoreCard.drive().spec()
    stated = json.loads(metadata[b"forkroad.spec"])
    assert set(stated) == {name for name in dir(spec) if not name.startswith("_")}
    plans = {"source": "log_perturbations", "num_plans": 5, "seed": 9}
    assert json.loads(metadata[b"forkroad.plans"]) == plans
    field = pq.read_schema(tmp_path / "scores.parquet").field("contact_time_s")
    assert field.metadata[b"unit"] == b"s"


def test_scores_do_not_depend_on_threads_and_lanes(tmp_path):
    _, expected = score(tmp_path, "generated")
    for num_threads, lanes in ((2, 0), (1, 1), (2, 8)):
        _, table = score(tmp_path, "generated", num_threads=num_threads, lanes=lanes)
        assert table.equals(expected)


def test_an_interrupted_job_leaves_no_half_file(tmp_path):
    path = tmp_path / "scores.parquet"
    job = ScoreJob(files=("generated", "generated"), candidates=Vocabulary(50))

    def interrupt(scored):
        assert [file.suffix for file in tmp_path.iterdir()] == [".part"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_files(job, path, on_scene=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_job_leaves_the_earlier_file_as_it_was(tmp_path):
    score(tmp_path, "generated")
    path = tmp_path / "scores.parquet"
    before = path.read_bytes()

    def interrupt(scored):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_files(ScoreJob(("generated",), Vocabulary(9)), path, on_scene=interrupt)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_bad_records_are_handed_over_and_the_rest_is_scored(tmp_path):
    (tmp_path / "broken").write_bytes(b"no log at all")
    job = ScoreJob(files=(str(tmp_path / "broken"), "generated"), candidates=Vocabulary(9))
    bad = []
    report = score_files(job, tmp_path / "scores.parquet", on_bad=bad.append)
    assert (report.num_scenes, report.num_bad) == (1, 1)
    assert len(bad) == 1
    assert bad[0].text.startswith(str(tmp_path / "broken"))
    assert "unsupported_format" in bad[0].text


def test_a_job_that_scores_nothing_writes_nothing(tmp_path):
    report, table = score(tmp_path, str(tmp_path / "absent"))
    assert (report.num_scenes, report.num_bad, table) == (0, 1, None)
    assert list(tmp_path.iterdir()) == []


def test_masked_plans_have_no_row(tmp_path):
    values = np.zeros((3, 20, 3), np.float32)
    plans = forkroad.PlanSet(values, ids=[5, 6, 7], mask=[True, False, True], **EGO_LAYOUT)
    report, table = score(tmp_path, "generated", candidates=GivenPlans(plans))
    assert table["plan_id"].to_pylist() == [5, 7]
    assert report.num_plans == 2


def test_plans_per_world_belong_to_the_records_in_order(tmp_path):
    values = np.zeros((2, 1, 20, 3), np.float32)
    values[1, 0, :, 0] = 0.5 * np.arange(1, 21)
    plans = GivenPlans(forkroad.PlanSet(values, **EGO_LAYOUT))
    _, table = score(tmp_path, "generated", "generated", candidates=plans)
    progress = table["progress_m"].to_numpy()
    assert progress[0] == 0
    assert progress[1] > 9
    for files in (("generated",), ("generated",) * 3):
        with pytest.raises(CandidatesError, match="holds plans for 2 worlds"):
            score(tmp_path, *files, candidates=plans)


def test_a_scene_without_a_future_is_scored_over_no_steps(tmp_path, monkeypatch):
    ended = forkroad.generated_scene(num_steps=1, current_step=0)
    monkeypatch.setattr("forkroad.score_sources.generated_scene", lambda: ended)
    report, table = score(tmp_path, "generated")
    assert report.num_scenes == 1
    assert set(table["num_steps"].to_pylist()) == {0}


def test_real_logs_are_scored(tmp_path, womd_files):
    report, table = score(tmp_path, *womd_files)
    assert report.num_bad == 0
    assert table.num_rows == 300 * report.num_scenes
    assert set(table["log_contact_class"].to_pylist()) == {"none"}
    kinds = set(table["contact_track_kind"].drop_null().to_pylist())
    assert kinds <= {"vehicle", "pedestrian", "cyclist", "other", "unset"}
    for file in womd_files:
        ids = {int(track) for scene in forkroad.load_scenes(file) for track in scene.track_ids}
        rows = table.filter(pc.equal(table["file"].cast("string"), file))
        assert set(rows["contact_track_id"].drop_null().to_pylist()) <= ids
