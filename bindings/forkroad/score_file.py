"""Writing a score file: row groups of many scenes, what is known at the end in the metadata."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from forkroad.score_layouts import Layout
from forkroad.whole_files import naming_file


class ScoreFile:
    """Gathers the tables of scenes into row groups of a Parquet file."""

    def __init__(self, part: Path, path: Path, layout: Layout, metadata: dict[str, str]) -> None:
        """Write into `part`; errors speak of `path`."""
        self._path = path
        self._rows_per_group = layout.rows_per_group
        self._schema = layout.schema.with_metadata((layout.schema.metadata or {}) | metadata)
        self._tables: list[pa.Table] = []
        self._num_rows = 0
        with naming_file(path):
            self._writer = pq.ParquetWriter(part, self._schema, compression="zstd")

    def add(self, table: pa.Table) -> None:
        """Append the rows of a scene. Raises OSError if the disk does not take them."""
        self._tables.append(table)
        self._num_rows += table.num_rows
        if self._num_rows >= self._rows_per_group:
            self._write_group()

    def _write_group(self) -> None:
        group = pa.concat_tables(self._tables)
        if len(self._tables) > 1:
            group = group.unify_dictionaries().combine_chunks()
        with naming_file(self._path):
            self._writer.write_table(group.replace_schema_metadata(self._schema.metadata))
        self._tables.clear()
        self._num_rows = 0

    def finish(self, metadata: dict[str, str]) -> None:
        """Write what waits and more metadata. Raises OSError if the disk does not take it."""
        if self._num_rows:
            self._write_group()
        self._writer.add_key_value_metadata(metadata)
        with naming_file(self._path):
            self._writer.close()

    def give_up(self) -> None:
        """Let go of the file, which is not whole."""
        with contextlib.suppress(OSError):
            self._writer.close()


@contextlib.contextmanager
def open_score_file(
    part: Path, path: Path, layout: Layout, metadata: dict[str, str]
) -> Iterator[ScoreFile]:
    """A ScoreFile that is let go of when the block raises."""
    file = ScoreFile(part, path, layout, metadata)
    try:
        yield file
    except BaseException:
        file.give_up()
        raise
