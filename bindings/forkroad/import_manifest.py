"""What an import has done so far: manifest.json in the folder of its shards.

It is replaced after every shard, so that it never speaks of a shard that is not whole; a shard that
it does not speak of is written again.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from forkroad.whole_files import replace_when_whole

FORMAT = "forkroad-import"
FORMAT_VERSION = 1
NAME = "manifest.json"
SHOWN_FAILURES = 20


class ManifestError(Exception):
    """The folder cannot be imported into; the text says why."""


@dataclass
class SourceRecord:
    """One source file, known by its path relative to the folder of the shards."""

    bytes: int = 0  # size of the file
    scenes: int = 0  # in whole shards
    complete: bool = False  # all of its scenes are in whole shards
    num_failures: int = 0
    failures: list[str] = field(default_factory=list)  # the first SHOWN_FAILURES


@dataclass(frozen=True)
class ShardRecord:
    """One whole shard."""

    file: str
    scenes: int
    bytes: int


class Manifest:
    """Shards and sources of one folder."""

    def __init__(self, folder: Path, scenes_per_shard: int) -> None:
        self.folder = folder
        self.scenes_per_shard = scenes_per_shard
        self.shards: list[ShardRecord] = []
        self.sources: dict[str, SourceRecord] = {}

    @classmethod
    def load(cls, folder: Path, scenes_per_shard: int) -> Manifest:
        """The folder's manifest, a new one if it has none. Raises ManifestError."""
        manifest = cls(folder, scenes_per_shard)
        path = folder / NAME
        try:
            stored = json.loads(path.read_bytes())
            if (stored["format"], stored["format_version"]) != (FORMAT, FORMAT_VERSION):
                raise ManifestError(f"{path}: expected {FORMAT} of version {FORMAT_VERSION}")
            manifest.shards = [ShardRecord(**shard) for shard in stored["shards"]]
            manifest.sources = {
                name: SourceRecord(**source) for name, source in stored["sources"].items()
            }
            begun_with = stored["scenes_per_shard"]
        except FileNotFoundError:
            return manifest
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ManifestError(f"{path}: not a manifest of an import: {error!r}") from error
        if begun_with != scenes_per_shard:
            raise ManifestError(
                f"{folder} was begun with --scenes-per-shard {begun_with}, got {scenes_per_shard}"
            )
        for shard in manifest.shards:
            found = folder / shard.file
            if not found.exists() or found.stat().st_size != shard.bytes:
                raise ManifestError(
                    f"{found}: expected the shard of {shard.bytes} bytes that {NAME} lists; remove "
                    f"{NAME} to import everything again"
                )
        return manifest

    def key(self, source: str) -> str:
        """How a source is known, whatever the working directory and the way it is written."""
        return os.path.relpath(os.path.realpath(source), os.path.realpath(self.folder))

    def record(self, source: str) -> SourceRecord:
        """What is known of a source. Raises ManifestError if the file changed in the meantime."""
        size = Path(source).stat().st_size if Path(source).is_file() else 0
        record = self.sources.setdefault(self.key(source), SourceRecord(bytes=size))
        if record.bytes != size:
            if record.scenes > 0:
                raise ManifestError(
                    f"{source}: has {size} bytes, had {record.bytes} when {record.scenes} of its "
                    f"scenes went into shards of {self.folder}; import it into another folder"
                )
            record.bytes = size
        return record

    def next_shard(self) -> Path:
        """Where the next shard goes."""
        return self.folder / f"shard-{len(self.shards):05d}.safetensors"

    def add_shard(self, path: Path, scenes: int) -> None:
        """Note a shard that is whole."""
        self.shards.append(ShardRecord(path.name, scenes, path.stat().st_size))

    def save(self) -> None:
        """Replace the file."""
        stored = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "scenes_per_shard": self.scenes_per_shard,
            "shards": [asdict(shard) for shard in self.shards],
            "sources": {name: asdict(self.sources[name]) for name in sorted(self.sources)},
        }
        with replace_when_whole(self.folder / NAME) as part:
            part.write_text(json.dumps(stored, indent=1) + "\n")
