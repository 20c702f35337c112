"""The text after a job: it adds up and names what matters."""

import re

import forkroad
import numpy as np
import pytest
from forkroad.candidates import GivenPlans, Vocabulary
from forkroad.score_job import JobReport, score_scene
from forkroad.summary import JobSummary, format_job, format_rate, format_scene, summarise


def test_counts_add_up_to_the_plans(scene):
    scored = score_scene(scene, "generated", Vocabulary(500))
    summary = summarise(scored)
    contacts = int((scored.facts.contact_step[0] >= 0).sum())
    assert summary.num_contacts == contacts
    assert summary.nearest_kinds.total() == 500 - contacts
    assert summary.num_best == int((scored.scores.totals == scored.scores.totals.max()).sum())


def test_the_text_names_partners_the_log_and_the_best_plan(scene):
    text = format_scene(summarise(score_scene(scene, "generated", Vocabulary(500))))
    for pattern in (
        r"7 others, 500 plans over 8\.0 s",
        r"active_front +\d+ +\d+\.\d % +with vehicle \d+, cyclist",
        r"log +total 1\.00: no contact, clearance 1\.60 m to vehicle 103, progress 42\.2 m",
        r"best plan +id \d+, total 1\.000: no contact",
    ):
        assert re.search(pattern, text), pattern


def test_masked_plans_count_for_nothing(scene):
    values = np.zeros((3, 20, 3), np.float32)
    layout = {"dt": 0.1, "first_time": 0.1, "frame": "ego", "reference": "rear_axle"}
    for mask, plans in (([True, False, True], 2), ([False] * 3, 0)):
        candidates = GivenPlans(forkroad.PlanSet(values, mask=mask, **layout))
        summary = summarise(score_scene(scene, "generated", candidates))
        assert summary.num_plans == plans
        assert f"{plans} plans" in format_scene(summary)


def test_scenes_are_added_up(scene):
    job, report = JobSummary(), JobReport(num_scenes=2, num_plans=200)
    for _ in range(2):
        job.add(summarise(score_scene(scene, "generated", Vocabulary(100))))
    report.failures.update({"bad_checksum": 2, "empty": 1})
    text = format_job(job, report)
    assert "all 2 scenes: 200 plans" in text
    assert "3 records (bad_checksum 2, empty 1), see the errors above" in text
    assert "plans/s" in text


def rate_of(threads=2, wall=10.0, **seconds):
    report = JobReport(num_scenes=40, num_plans=8000, num_threads=threads, wall_seconds=wall)
    report.seconds.update(seconds)
    return "\n".join(format_rate(report))


def test_the_rate_is_that_of_the_wall_clock():
    text = rate_of(plans=2.0, rollout=16.0, reading=1.0)
    assert "4.0 scenes/s, 800 plans/s in all, 500 per thread" in text
    assert "10.00 s with 2 scoring threads" in text
    assert "reading 1.00, scoring 18.00 (plans 2.00, rollout 16.00), writing 0.00" in text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        ({"rollout": 12, "reading": 4, "writing": 4}, "scoring: 60.0 % of the busy seconds"),
        ({"rollout": 2, "reading": 6, "writing": 2}, "reading: 60.0 % of the busy seconds"),
        ({"rollout": 2, "columns": 3, "writing": 3}, "writing: 75.0 % of the busy seconds"),
        ({"rollout": 2, "reporting": 6}, "text and pictures: 75.0 % of the busy seconds"),
        # one thread that is always busy holds up the others, however busy they are
        ({"rollout": 15, "reading": 9}, "reading: its one thread is busy 90.0 %"),
        ({"rollout": 15, "writing": 5, "reporting": 4}, "writing, text and pictures: its one"),
    ],
)
def test_the_bottleneck_is_named(seconds, text):
    assert text in rate_of(**seconds)
