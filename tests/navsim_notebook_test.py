"""The distillation notebook runs, on the stand-in with few plans and on the compiled scorer."""

import json
import sys

import pytest

pytest.importorskip("shapely", reason="the stand-in scorer needs shapely")

import forkroad.navsim.vocabulary as vocabulary_module
import matplotlib as mpl
import navsim_stand_in
from navsim_shared import scorers
from shared_logs import REPOSITORY

NOTEBOOK = REPOSITORY / "examples" / "04_distill_navsim_terms.ipynb"


def cells():
    """The code cells."""
    content = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return [cell for cell in content["cells"] if cell["cell_type"] == "code"]


def test_outputs_are_cleared():
    for cell in cells():
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@pytest.mark.parametrize("core", scorers())
def test_notebook_runs(core, monkeypatch, capsys):
    mpl.use("Agg")
    monkeypatch.setattr(vocabulary_module, "core_module", lambda: core)
    source = "\n".join("".join(cell["source"]) for cell in cells())
    assert "num_plans = 8192" in source
    if core is navsim_stand_in:
        source = source.replace("num_plans = 8192", "num_plans = 256")
    exec(compile(source, str(NOTEBOOK), "exec"), {"__name__": "notebook"})
    assert "best plan without EC" in capsys.readouterr().out
    sys.modules["matplotlib.pyplot"].close("all")
