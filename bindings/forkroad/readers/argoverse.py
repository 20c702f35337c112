"""Which of Argoverse 2's datasets a file or a folder belongs to."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from forkroad.readers.av2_forecasting import read_forecasting
from forkroad.readers.av2_sensor import POSES, find_annotations, read_sensor_log
from forkroad.readers.read_error import ReadError

# maps and poses, which are read with the scenario or the annotations they lie beside
_COMPANIONS = ("log_map_archive_*.json", "*___img_Sim2_city.json", POSES)


def is_companion(name: str) -> bool:
    """Whether a file of this name is part of another log and no log of its own."""
    return any(fnmatch(name, pattern) for pattern in _COMPANIONS)


def read_folder(folder: Path, file: str):
    """The scene of a folder that holds a scenario or a log."""
    scenarios = sorted(folder.glob("scenario_*.parquet"))
    if len(scenarios) == 1:
        return read_forecasting(scenarios[0], file)
    if scenarios:
        raise ReadError(
            "unsupported_format",
            f"is a folder of {len(scenarios)} scenario_*.parquet files: name one of them",
        )
    if find_annotations(folder) is not None and (folder / POSES).exists():
        return read_sensor_log(folder, file)
    raise ReadError(
        "unsupported_format",
        "is a folder without a known log: expected Argoverse 2's scenario_*.parquet, or "
        f"annotations.feather and {POSES}",
    )


def read_parquet_file(path: Path, file: str):
    """The scene of a scenario's Parquet file."""
    return read_forecasting(path, file)


def read_feather_file(path: Path, file: str):
    """The scene of the log that a Feather file is part of."""
    return read_sensor_log(path.parent, file)
