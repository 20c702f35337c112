"""Where the real logs lie that no repository may hold, for the Python tests."""

import csv
import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def shared_data() -> Path:
    """The folder of the real logs; it need not exist."""
    shared = os.environ.get("FORKROAD_SHARED", REPOSITORY.parent / "shared")
    return Path(shared) / "data"


def find_logs(pattern: str) -> list[Path]:
    """Real logs below the folder; the test is skipped, and says so, where there are none."""
    found = sorted(shared_data().glob(pattern))
    if not found:
        pytest.skip(f"real logs absent: no {pattern} under $FORKROAD_SHARED/data")
    return found


def index_rows() -> dict[str, dict[str, str]]:
    """The rows of INDEX.csv by their file."""
    with (shared_data() / "INDEX.csv").open() as file:
        return {row["file"]: row for row in csv.DictReader(file)}
