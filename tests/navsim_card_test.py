"""What Python forms of NAVSIM's terms has the bits of the compiled scorer and score card."""

import numpy as np
import pytest

pytest.importorskip("shapely", reason="the generated scenes need shapely")

import navsim_reference
from forkroad import _core
from forkroad.navsim import ego_progress, pdm_human_filter, read_navsim, weighted_total
from forkroad.navsim.evaluate import make_pdm_scene
from navsim_shared import write_generated

MULTIPLIERS = ("nc", "dac", "ddc", "tlc")
FILTERED = (*MULTIPLIERS, "ttc", "lk")


def random_terms(random, num_plans):
    """v2 terms as the scorer may give them, product and score formed by the reference."""
    halves = {name: random.integers(0, 3, num_plans) / 2 for name in MULTIPLIERS}
    whole = {name: random.integers(0, 2, num_plans) / 1.0 for name in ("ttc", "lk", "hc")}
    terms = {**halves, **whole, "ep": random.random(num_plans)}
    terms["mult_prod"] = np.prod([terms[name] for name in MULTIPLIERS], axis=0)
    terms["score"] = navsim_reference.total(terms, "v2")
    return terms


def same_bits(found, expected):
    return np.asarray(found).tobytes() == np.asarray(expected).tobytes()


@pytest.mark.parametrize("seed", range(20))
def test_totals_of_random_terms_have_the_bits_of_the_reference(seed):
    random = np.random.default_rng(seed)
    terms = random_terms(random, 257)
    ec, has_previous = random.integers(0, 2, 257), random.integers(0, 2, 257).astype(bool)
    assert same_bits(weighted_total(terms, "v2"), terms["score"])
    whole = navsim_reference.total(terms, "v2", ec)
    assert same_bits(weighted_total(terms, "v2", ec), whole)
    mixed = np.where(has_previous, whole, terms["score"])
    assert same_bits(weighted_total(terms, "v2", ec, has_previous), mixed)
    assert not same_bits(mixed, whole)


@pytest.mark.parametrize("seed", range(20))
def test_the_human_filter_of_random_terms_follows_its_rule(seed):
    random = np.random.default_rng(1000 + seed)
    terms, human = random_terms(random, 101), random_terms(random, 1)
    terms["sim"] = random.random((101, 41, 11))
    raised = {name: np.ones(101) if human[name][0] == 0 else terms[name] for name in FILTERED}
    legacy = {**terms, **raised}
    current = {**legacy, "mult_prod": np.prod([legacy[name] for name in MULTIPLIERS], axis=0)}
    current["score"] = navsim_reference.total(current, "v2")
    for mode, expected in (("off", terms), ("legacy", legacy), ("current", current)):
        found = pdm_human_filter(terms, human, mode)
        assert found.keys() == expected.keys()
        assert all(same_bits(found[name], expected[name]) for name in expected), mode


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("seed", [5, 6, 7])
def test_progress_and_totals_have_the_bits_of_the_compiled_scorer(version, seed, tmp_path):
    file = read_navsim(write_generated(tmp_path, version, seed))
    for scene in file.scenes:
        core_scene = make_pdm_scene(scene)
        for reference in (0.0, 3.0, 17.3):
            terms = _core.score_pdm(
                core_scene,
                scene.plans,
                version=file.version,
                reference_progress=reference,
                reference_product=0.5,
            )
            masked = terms["progress_raw"] * terms["mult_prod"]
            norm = np.maximum(masked, reference * 0.5)
            progress = ego_progress(terms["progress_raw"], terms["mult_prod"], norm, file.version)
            assert same_bits(progress, terms["ep"])
            assert same_bits(weighted_total(terms, file.version), terms["score"])


def test_terms_that_do_not_fit_are_refused():
    terms = random_terms(np.random.default_rng(0), 3)
    with pytest.raises(ValueError, match="got none named 'lk'"):
        pdm_human_filter({name: terms[name] for name in terms if name != "lk"}, terms)
    with pytest.raises(ValueError, match="'dac': got 2 values in 1 dimensions, expected 3"):
        pdm_human_filter({**terms, "dac": np.ones(2)}, terms)
    with pytest.raises(ValueError, match="got 3 human plans, needs the scores of one"):
        pdm_human_filter(terms, terms)
    with pytest.raises(ValueError, match="extended_comfort: got 2 values, expected 3"):
        weighted_total(terms, "v2", np.ones(2))
    with pytest.raises(ValueError, match="besides 0 and 1"):
        weighted_total(terms, "v2", np.full(3, 0.5))
    with pytest.raises(ValueError, match="got it with version 'v1\\.1'"):
        weighted_total({**terms, "comfort_score": terms["hc"]}, "v1.1", np.ones(3))
