"""What the tests of notebooks share: their code, and running it without a screen."""

import json
import sys
from pathlib import Path

import matplotlib as mpl

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def code_cells(name: str) -> list[dict]:
    """The code cells of `examples/NAME.ipynb`."""
    content = json.loads((EXAMPLES / f"{name}.ipynb").read_text(encoding="utf-8"))
    return [cell for cell in content["cells"] if cell["cell_type"] == "code"]


def has_outputs(name: str) -> bool:
    """Whether outputs are stored with a notebook's code."""
    cells = code_cells(name)
    return any(cell["outputs"] or cell["execution_count"] is not None for cell in cells)


def source(name: str) -> str:
    """The code of a notebook as one program."""
    return "\n".join("".join(cell["source"]) for cell in code_cells(name))


def run(name: str, program: str | None = None) -> dict:
    """Run a notebook, or `program` in its place, and return its names."""
    mpl.use("Agg")
    scope: dict = {"__name__": "notebook"}
    try:
        exec(compile(program or source(name), f"{name}.ipynb", "exec"), scope)
    finally:
        sys.modules["matplotlib.pyplot"].close("all")
    return scope
