"""The layouts of a score file hold the same scores, and say how they are coded."""

import json
import re

import forkroad
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_page import data_page_section, data_page_snippet
from forkroad.candidates import GivenPlans, Vocabulary
from forkroad.score_identity import hash_candidates
from forkroad.score_job import ScoreJob, score_files
from forkroad.score_terms import LayoutError, TermCoding, find_codings
from scoring import NUM_SCENES, WORDS, run_score

EGO_LAYOUT = {"dt": 0.1, "first_time": 0.1, "frame": "ego", "reference": "rear_axle"}


def score(path, *files, candidates=None, **options):
    score_files(ScoreJob(files=files, candidates=candidates or Vocabulary(40), **options), path)
    metadata = {key.decode(): value for key, value in pq.read_metadata(path).metadata.items()}
    return pq.read_table(path), metadata


def decoded(table, name):
    """Values [scenes, plans] of a list column, NaN where null."""
    column = table[name].combine_chunks()
    flat = column.flatten().to_numpy(zero_copy_only=False).astype(np.float64)
    scale = float((table.field(name).metadata or {}).get(b"scale", 1))
    return flat.reshape(len(column), -1) * scale


def scores_of(table):
    return [name for name in table.column_names if name.startswith("term_") or name == "total"]


def test_vocab_rows_hold_the_scores_of_long_rows(tmp_path):
    long, _ = score(tmp_path / "long.parquet", *WORDS)
    vocab, metadata = score(tmp_path / "vocab.parquet", *WORDS, layout="vocab")
    assert vocab.num_rows == NUM_SCENES
    assert scores_of(vocab) == scores_of(long)
    for name in scores_of(long):
        assert vocab.field(name).type.list_size == 40
        expected = long[name].to_numpy().reshape(NUM_SCENES, 40)
        np.testing.assert_array_equal(decoded(vocab, name), expected)
    for name in ("scene_id", "file", "record", "num_steps", "dt_s", "log_total"):
        assert vocab[name].to_pylist() == long[name].to_pylist()[::40]
    assert json.loads(metadata["forkroad.plan_ids"]) == list(range(40))


def test_terms_that_are_yes_or_no_are_bytes_and_the_others_floats(tmp_path):
    table, metadata = score(tmp_path / "scores.parquet", "generated", layout="vocab")
    types = {name: table.field(name).type.value_type for name in scores_of(table)}
    assert types["term_no_fault"] == types["term_on_road"] == pa.uint8()
    assert types["term_no_red_light"] == pa.uint8()
    assert types["term_progress"] == types["total"] == pa.float32()
    columns = json.loads(metadata["forkroad.columns"])
    for name, kind in types.items():
        assert ("scale" in columns[name]) == (kind == pa.uint8())
    assert columns["dt_s"]["unit"] == "s"


def test_codings_are_found_for_the_terms_of_a_card_not_for_their_names():
    card = forkroad.ScoreCard.named("drive")
    codings = find_codings(card.name, "log")
    assert set(codings) < set(card.terms)
    assert "total" not in codings


def test_codes_hold_their_values_exactly_or_refuse_them(scene):
    halves, ones = TermCoding("t", 0.5), TermCoding("t", 1.0)
    values = np.array([0, 0.5, 1], np.float32)
    np.testing.assert_array_equal(halves.encode(values, scene), [0, 1, 2])
    np.testing.assert_array_equal(ones.encode(values[::2], scene), [0, 1])
    for coding, bad in ((ones, 0.5), (halves, 0.25), (ones, 2), (ones, -1), (halves, np.nan)):
        with pytest.raises(LayoutError, match=f"term t: got {bad:g}, expected one of 0,"):
            coding.encode(np.array([1, bad], np.float32), scene)
    with pytest.raises(LayoutError):
        ones.encode(np.array([np.nextafter(np.float32(1), np.float32(0))]), scene)


def test_a_value_without_a_code_ends_the_job_and_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "forkroad.score_layouts.find_codings",
        lambda card, agents: {"progress": TermCoding("progress", 1.0)},
    )
    result = run_score("generated", out=tmp_path, layout="vocab")
    assert result.exit_code == 1
    assert "term progress: got 0." in result.output
    assert "--layout long" in result.output
    assert result.output.count("Error") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("top", [1, 7, 1000])
def test_top_keeps_the_best_plans_in_both_layouts(tmp_path, top):
    whole, _ = score(tmp_path / "whole.parquet", *WORDS)
    totals = whole["total"].to_numpy().reshape(NUM_SCENES, 40)
    # of equal totals the least index
    best = np.array([sorted(range(40), key=lambda k, t=row: (-t[k], k))[:top] for row in totals])
    kept = best.shape[1]
    long, metadata = score(tmp_path / "long.parquet", *WORDS, top=top)
    assert metadata["forkroad.top"].decode() == str(top)
    np.testing.assert_array_equal(long["plan_id"].to_numpy().reshape(NUM_SCENES, kept), best)
    rows = (np.arange(NUM_SCENES)[:, None] * 40 + best).ravel()
    taken = whole.take(pa.array(rows))
    for name in whole.column_names:
        assert long[name].to_pylist() == taken[name].to_pylist(), name
    vocab, metadata = score(tmp_path / "vocab.parquet", *WORDS, top=top, layout="vocab")
    assert "forkroad.plan_ids" not in metadata
    np.testing.assert_array_equal(decoded(vocab, "plan_id"), best)
    for name in scores_of(whole):
        expected = taken[name].to_numpy().reshape(NUM_SCENES, kept)
        np.testing.assert_array_equal(decoded(vocab, name), expected)


def test_plans_that_do_not_exist_are_null_in_vocab_rows(tmp_path):
    values = np.zeros((3, 20, 3), np.float32)
    plans = forkroad.PlanSet(values, ids=[5, 6, 7], mask=[True, False, True], **EGO_LAYOUT)
    table, metadata = score(
        tmp_path / "all.parquet", "generated", candidates=GivenPlans(plans), layout="vocab"
    )
    assert json.loads(metadata["forkroad.plan_ids"]) == [5, 6, 7]
    for name in scores_of(table):
        assert [value is None for value in table[name][0].as_py()] == [False, True, False]
    table, _ = score(
        tmp_path / "top.parquet", "generated", candidates=GivenPlans(plans), layout="vocab", top=3
    )
    assert table["plan_id"].to_pylist() == [[5, 7, None]]
    assert table["total"][0].as_py()[2] is None


def test_the_hash_of_a_vocabulary_is_that_of_its_content():
    values = np.zeros((2, 20, 3), np.float32)

    def given(source, **options):
        return GivenPlans(forkroad.PlanSet(values, **(EGO_LAYOUT | options)), source=source)

    first = hash_candidates(given("here"))
    assert hash_candidates(given("there")) == first
    assert hash_candidates(given("here", dt=0.2)) != first
    assert hash_candidates(given("here", ids=[1, 0])) != first
    assert hash_candidates(given("here", mask=[True, False])) != first
    values[1, 3, 0] = 1e-3
    assert hash_candidates(given("here")) != first
    assert hash_candidates(Vocabulary(9)) != hash_candidates(Vocabulary(8))


def test_the_snippet_of_the_docs_reads_a_vocab_file(tmp_path, monkeypatch):
    snippet = data_page_snippet("Score files")
    long, _ = score(tmp_path / "long.parquet", *WORDS, top=1)
    score(tmp_path / "scores.parquet", *WORDS, layout="vocab")
    monkeypatch.chdir(tmp_path)
    scope: dict = {}
    exec(compile(snippet, "data.md", "exec"), scope)
    frame = scope["frame"]
    assert frame["scene_id"].tolist() == long["scene_id"].to_pylist()
    assert frame["best_plan"].tolist() == long["plan_id"].to_pylist()
    assert frame["progress"].tolist() == long["term_progress"].to_pylist()
    assert frame["log_total"].tolist() == long["log_total"].to_pylist()
    assert scope["values"]("term_no_fault").max() == 1


def test_every_key_of_the_metadata_is_documented(tmp_path):
    table = (
        data_page_section("Score files").split("| key `forkroad.` | meaning |")[1].split("```")[0]
    )
    documented = set(re.findall(r"`(\w+)`(?=[,\w` ]*\|)", table))
    _, metadata = score(tmp_path / "scores.parquet", "generated", layout="vocab")
    stored = {key.removeprefix("forkroad.") for key in metadata if key.startswith("forkroad.")}
    assert stored <= documented


def test_row_groups_gather_scenes(tmp_path):
    score(tmp_path / "scores.parquet", *WORDS, layout="vocab")
    assert pq.read_metadata(tmp_path / "scores.parquet").num_row_groups == 1
    score(tmp_path / "top.parquet", *WORDS, top=1)
    metadata = pq.read_metadata(tmp_path / "top.parquet")
    assert (metadata.num_row_groups, metadata.num_rows) == (1, NUM_SCENES)
