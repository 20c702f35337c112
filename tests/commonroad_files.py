"""CommonRoad files as a plain XML reader sees them, and their twins in the unified schema."""

import csv
import gzip
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def name_of(path: Path) -> str:
    """The scenario's name: the file's without any of its suffixes."""
    return path.name.split(".")[0]


def find_files(shared: Path) -> list[Path]:
    return sorted((shared / "data" / "commonroad_xml").glob("*/*.xml.gz"))


def find_twin(shared: Path, path: Path) -> Path | None:
    folder = shared / "data" / "unified_json" / f"commonroad_{path.parent.name}"
    twin = folder / f"{name_of(path)}.json.gz"
    return twin if twin.exists() else None


def read_xml(path: Path) -> ElementTree.Element:
    with gzip.open(path) as file:
        return ElementTree.parse(file).getroot()


def read_twin(path: Path) -> dict:
    with gzip.open(path) as file:
        return json.load(file)


def read_index(shared: Path) -> dict[str, dict[str, str]]:
    """Rows of INDEX.csv by file."""
    with (shared / "data" / "INDEX.csv").open(newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}
