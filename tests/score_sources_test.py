"""Shards of a scoring job: every record once, whatever the order, the workers and the number."""

import itertools
import random
from pathlib import Path

import forkroad
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from forkroad.candidates import GivenPlans, Vocabulary
from forkroad.score_job import ScoreJob, score_files
from forkroad.score_sources import ALL_RECORDS, Share, read_records, sort_sources
from scoring import NUM_PLANS, NUM_SCENES, WORDS, run_score, score_bytes, write_shard

KEY = [(name, "ascending") for name in ("scene_id", "file", "record", "plan_id")]


def rows_of(*paths):
    """All rows of score files, sorted, as plain columns."""
    tables = [pq.read_table(path) for path in paths]
    plain = pa.schema(
        [
            pa.field(field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type)
            for field in tables[0].schema
        ]
    )
    return pa.concat_tables([table.cast(plain) for table in tables]).sort_by(KEY)


@pytest.fixture
def sources(tmp_path):
    """Words, shards of several scenes and one file of one scene, in no order."""
    folder = tmp_path / "logs"
    folder.mkdir()
    write_shard(folder / "b", ["generated:merge:1:5"])
    write_shard(folder / "a", ["generated:curve:2:3"])
    return [str(folder / "b"), "generated:roundabout:1:2", "generated", str(folder / "a")]


@pytest.mark.parametrize("count", [1, 3, 8, 13])
@pytest.mark.parametrize("layout", ["long", "vocab"])
def test_the_shards_together_hold_the_rows_of_the_whole(sources, tmp_path, count, layout):
    assert run_score(*sources, out=tmp_path / "whole", layout=layout).exit_code == 0
    paths = []
    for index in range(count):
        result = run_score(*sources, out=tmp_path / "out", shard=f"{index}/{count}", layout=layout)
        assert result.exit_code == 0, result.output
        paths.append(tmp_path / "out" / f"scores-{index:05d}-of-{count:05d}.parquet")
    assert sorted(paths) == sorted((tmp_path / "out").iterdir())
    whole = pq.read_table(tmp_path / "whole" / "scores.parquet")
    assert whole.num_rows == 11 * (NUM_PLANS if layout == "long" else 1)
    if layout == "long":
        assert rows_of(*paths).equals(rows_of(tmp_path / "whole" / "scores.parquet"))
    else:
        union = pa.concat_tables([pq.read_table(path) for path in paths])
        assert union.sort_by("scene_id").equals(whole.sort_by("scene_id"))
    counts = [int(pq.read_metadata(path).metadata[b"forkroad.num_scenes"]) for path in paths]
    assert sum(counts) == 11
    if count <= 3:
        assert max(counts) - min(counts) <= 2


@pytest.mark.parametrize("layout", ["long", "vocab"])
def test_bytes_do_not_depend_on_the_order_of_files_and_the_workers(sources, tmp_path, layout):
    expected = score_bytes(*sources, out=tmp_path / "first", layout=layout, threads=1)
    orders = list(itertools.permutations(sources))
    for turn, order in enumerate(random.Random(3).sample(orders, 3)):
        options = {"layout": layout, "threads": 1 + turn, "lanes": (0, 1, 8)[turn]}
        assert score_bytes(*order, out=tmp_path / f"turn{turn}", **options) == expected
    shards = [
        score_bytes(*order, out=tmp_path / f"shard{threads}", shard="1/3", threads=threads)
        for threads, order in enumerate((sources, sources[::-1]), start=1)
    ]
    assert shards[0] == shards[1]


def test_rows_stand_in_the_order_of_the_sources_and_their_records(sources, tmp_path):
    words = sorted(word for word in sources if word.startswith("generated"))
    logs = sorted(set(sources) - set(words))
    expected = [scene.id for file in [*logs, *words[1:]] for scene in forkroad.load_scenes(file)]
    expected.insert(8, forkroad.generated_scene().id)
    for turn, order in enumerate((sources, sources[::-1])):
        job = ScoreJob(tuple(order), Vocabulary(4), layout="vocab", num_threads=1 + turn)
        score_files(job, tmp_path / "scores.parquet")
        ids = pq.read_table(tmp_path / "scores.parquet")["scene_id"].to_pylist()
        assert ids == expected


def test_a_source_that_is_named_twice_is_scored_once(sources, tmp_path):
    expected = score_bytes(*sources, out=tmp_path / "once")
    twice = score_bytes(*sources, sources[0], "generated", out=tmp_path / "twice")
    assert twice == expected


def test_folders_and_patterns_stand_for_their_files(sources, tmp_path):
    expected = score_bytes(sources[0], sources[3], out=tmp_path / "files")
    assert score_bytes(tmp_path / "logs", out=tmp_path / "folder") == expected
    assert score_bytes(tmp_path / "logs" / "*", out=tmp_path / "pattern") == expected


def test_records_of_other_shards_are_not_decoded_where_the_format_allows_it(sources, monkeypatch):
    files = sort_sources(sources)
    opened = []
    monkeypatch.setattr(
        "forkroad.score_sources.open_scenes",
        lambda file: opened.append(file) or forkroad.open_scenes(file),
    )
    every = list(read_records(files))
    assert [record.position for record in every] == list(range(11))
    opened.clear()
    for count in (2, 5):
        shares = [list(read_records(files, Share(index, count))) for index in range(count)]
        for records in zip(*shares, every, strict=True):
            *shared, whole = records
            held = [record for record in shared if record.item is not None]
            assert len(held) == 1
            assert held[0].position == whole.position
            assert held[0].item.id == whole.item.id
            assert held[0].file == whole.file
    assert not opened


def test_plans_per_world_belong_to_the_records_of_all_shards(tmp_path):
    plans = forkroad.vocabulary(forkroad.SceneBatch(forkroad.load_scenes("generated:merge:1:5")), 4)
    assert plans.num_worlds == 5
    whole = ScoreJob(("generated:merge:1:5",), GivenPlans(plans))
    score_files(whole, tmp_path / "whole.parquet")
    paths = []
    for index in range(2):
        job = ScoreJob(whole.files, whole.candidates, share=Share(index, 2))
        paths.append(tmp_path / f"{index}.parquet")
        score_files(job, paths[-1])
    assert rows_of(*paths).equals(rows_of(tmp_path / "whole.parquet"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8/8", "expected 0/8 to 7/8: shards count from 0"),
        ("0/0", "at least one shard"),
        ("1", "expected i/N"),
        ("-1/3", "expected i/N"),
        ("a/3", "expected i/N"),
        ("1/3x", "expected i/N"),
        ("1/", "expected i/N"),
    ],
)
def test_a_shard_that_is_none_is_explained(tmp_path, text, expected):
    result = run_score("generated", out=tmp_path / "out", shard=text)
    assert result.exit_code == 2
    assert f"got '{text}'" in result.output
    assert expected in " ".join(result.output.split())
    assert not (tmp_path / "out").exists()


def test_a_shard_is_an_index_from_0_of_a_count():
    assert Share.parse("2/3") == Share(2, 3)
    assert str(Share(2, 3)) == "2/3"
    assert ALL_RECORDS.has(5, 7)


def test_shards_of_another_division_are_not_put_beside_each_other(tmp_path):
    assert run_score("generated", out=tmp_path, shard="0/2").exit_code == 0
    for options in ({"shard": "0/3"}, {}):
        result = run_score("generated", out=tmp_path, **options)
        assert result.exit_code == 2
        assert "another division" in result.output
    assert run_score("generated", out=tmp_path, shard="1/2").exit_code == 0


def test_a_shard_without_records_leaves_a_file_without_rows(tmp_path):
    result = run_score("generated", out=tmp_path, shard="2/3")
    assert result.exit_code == 0
    assert "no record belongs to shard 2/3" in result.output
    table = pq.read_table(tmp_path / "scores-00002-of-00003.parquet")
    assert table.num_rows == 0
    assert "total" in table.column_names
    again = run_score("generated", out=tmp_path, shard="2/3")
    assert "is done: 0 scenes" in again.output


@pytest.mark.slow
def test_many_random_divisions_hold_every_row_once(tmp_path):
    choice = random.Random(11)
    words = [f"generated:{layout}:{choice.randrange(99)}:{choice.randrange(1, 9)}"
             for layout in forkroad.layouts]  # fmt: skip
    assert run_score(*words, *WORDS, out=tmp_path / "whole").exit_code == 0
    expected = rows_of(tmp_path / "whole" / "scores.parquet")
    assert expected.num_rows > NUM_SCENES * NUM_PLANS
    for turn, count in enumerate((2, 5, 9)):
        for index in choice.sample(range(count), count):
            order = choice.sample([*words, *WORDS], len(words) + len(WORDS))
            options = {"shard": f"{index}/{count}", "threads": choice.randrange(1, 5)}
            assert run_score(*order, out=tmp_path / str(turn), **options).exit_code == 0
        assert rows_of(*(tmp_path / str(turn)).iterdir()).equals(expected)


def test_records_of_one_stream_are_divided(tmp_path, womd_files):
    stream = tmp_path / "stream.tfrecord"
    stream.write_bytes(b"".join(Path(file).read_bytes() for file in womd_files * 2))
    assert run_score(stream, out=tmp_path / "whole").exit_code == 0
    paths = [tmp_path / "out" / f"scores-0000{index}-of-00003.parquet" for index in range(3)]
    for index in range(3):
        assert run_score(stream, out=tmp_path / "out", shard=f"{index}/3").exit_code == 0
    whole = rows_of(tmp_path / "whole" / "scores.parquet")
    assert whole.num_rows == 2 * len(womd_files) * NUM_PLANS
    assert rows_of(*paths).equals(whole)
