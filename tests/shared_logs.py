"""Where the real logs lie that no repository may hold, for the Python tests."""

import csv
import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def shared_folder() -> Path:
    """The folder of what no repository may hold; it need not exist."""
    return Path(os.environ.get("FORKROAD_SHARED", REPOSITORY.parent / "shared"))


def shared_data() -> Path:
    """The folder of the real logs; it need not exist."""
    return shared_folder() / "data"


def find_logs(pattern: str) -> list[Path]:
    """Real logs below the folder; the test is skipped, and says so, where there are none."""
    found = sorted(shared_data().glob(pattern))
    if not found:
        pytest.skip(f"real logs absent: no {pattern} under $FORKROAD_SHARED/data")
    return found


def index_rows() -> dict[str, dict[str, str]]:
    """The rows of INDEX.csv by their file; the test is skipped, and says so, where it is absent."""
    index = shared_data() / "INDEX.csv"
    if not index.exists():
        pytest.skip("real logs absent: no INDEX.csv under $FORKROAD_SHARED/data")
    with index.open(newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}
