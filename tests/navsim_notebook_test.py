"""The distillation notebook runs, on the stand-in with few plans and on the compiled scorer."""

import pytest

pytest.importorskip("shapely", reason="the stand-in scorer needs shapely")

import forkroad.navsim.vocabulary as vocabulary_module
import navsim_stand_in
import notebooks
from navsim_shared import scorers

NOTEBOOK = "04_distill_navsim_terms"


def test_outputs_are_cleared():
    assert not notebooks.has_outputs(NOTEBOOK)


@pytest.mark.parametrize("core", scorers())
def test_notebook_runs(core, monkeypatch, capsys):
    monkeypatch.setattr(vocabulary_module, "core_module", lambda: core)
    program = notebooks.source(NOTEBOOK)
    assert "num_plans = 8192" in program
    if core is navsim_stand_in:
        program = program.replace("num_plans = 8192", "num_plans = 256")
    notebooks.run(NOTEBOOK, program)
    assert "best plan without EC" in capsys.readouterr().out
