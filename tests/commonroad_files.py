"""CommonRoad files as a plain XML reader sees them, and their twins in the unified schema."""

import gzip
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from shared_logs import shared_data


def name_of(path: Path) -> str:
    """The scenario's name: the file's without any of its suffixes."""
    return path.name.split(".")[0]


def find_files() -> list[Path]:
    return sorted(shared_data().glob("commonroad_xml/*/*.xml.gz"))


def find_twin(path: Path) -> Path | None:
    folder = shared_data() / "unified_json" / f"commonroad_{path.parent.name}"
    twin = folder / f"{name_of(path)}.json.gz"
    return twin if twin.exists() else None


def read_xml(path: Path) -> ElementTree.Element:
    with gzip.open(path) as file:
        return ElementTree.parse(file).getroot()


def read_twin(path: Path) -> dict:
    with gzip.open(path) as file:
        return json.load(file)
