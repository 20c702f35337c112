"""Tables of Parquet and Feather files, their columns checked before anything is computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from forkroad.readers.read_error import ReadError

MAX_ROWS = 1 << 21  # a log has tens of thousands
MAX_BYTES = 1 << 30  # that a Parquet file says it unpacks to
_MAX_WORDS = 1 << 20  # different texts in one column
_MAX_TEXT = 256  # bytes of one of them

# What pyarrow raises on damaged files; names that are no UTF-8 escape as UnicodeDecodeError.
_DAMAGED = (pa.ArrowException, OSError, UnicodeDecodeError, KeyError)

# How a column's values must be: the kinds of numpy, "text" for words.
Columns = dict[str, str]


def read_parquet(path: Path, columns: Columns) -> dict[str, np.ndarray]:
    """The named columns. Texts come as indices and words, see `Words`. Raises ReadError."""
    words = [name for name, kind in columns.items() if kind == "text"]
    try:
        with pa.parquet.ParquetFile(path) as file:
            _check_rows(path, file.metadata.num_rows)
            _check_bytes(path, file.metadata)
            _check_present(path, file.schema_arrow.names, columns)
        # a word that a million rows repeat stays one word
        with pa.parquet.ParquetFile(path, read_dictionary=words) as file:
            table = file.read(columns=list(columns), use_threads=False)
    except _DAMAGED as error:
        raise _unreadable(path, error) from error
    return _convert(path, table, columns)


def read_feather(path: Path, columns: Columns) -> dict[str, np.ndarray]:
    """The same of a Feather (Arrow IPC) file."""
    try:
        with pa.OSFile(str(path)) as source, pa.ipc.open_file(source) as file:
            names = file.schema.names
        _check_present(path, names, columns)
        # only these are unpacked
        wanted = pa.ipc.IpcReadOptions(included_fields=[names.index(name) for name in columns])
        with pa.OSFile(str(path)) as source, pa.ipc.open_file(source, options=wanted) as file:
            batches = []
            for index in range(file.num_record_batches):
                batches.append(file.get_batch(index))
                _check_rows(path, sum(batch.num_rows for batch in batches))
            table = pa.Table.from_batches(batches, file.schema)
            table.validate(full=True)
    except _DAMAGED as error:
        raise _unreadable(path, error) from error
    return _convert(path, table, columns)


class Words(np.ndarray):
    """[N] indices into `words`, a list of texts in the order of their first row."""

    words: list[str]


def _unreadable(path: Path, error: Exception) -> Exception:
    if isinstance(error, OSError) and error.errno is not None:
        return error  # the file, not its content
    text = " ".join(str(error).split())[:200]
    return ReadError("bad_encoding", f"{path.name} cannot be decoded: {text}")


def _check_rows(path: Path, count: int) -> None:
    if not 0 < count <= MAX_ROWS:
        raise ReadError(
            "empty" if count == 0 else "too_large",
            f"{path.name} has {count} rows, expected 1 to {MAX_ROWS}",
        )


def _check_bytes(path: Path, metadata: pa.parquet.FileMetaData) -> None:
    groups = range(metadata.num_row_groups)
    size = sum(max(metadata.row_group(group).total_byte_size, 0) for group in groups)
    if size > MAX_BYTES:
        raise ReadError(
            "too_large", f"{path.name} unpacks to {size} bytes, expected at most {MAX_BYTES}"
        )


def _check_present(path: Path, names: list[str], columns: Columns) -> None:
    absent = [name for name in columns if name not in names]
    if absent:
        raise ReadError("missing_field", f"{path.name} has no column {absent[0]}")
    twice = [name for name in columns if names.count(name) > 1]
    if twice:
        raise ReadError("inconsistent", f"{path.name} has two columns {twice[0]}")


def _convert(path: Path, table: pa.Table, columns: Columns) -> dict[str, np.ndarray]:
    return {
        name: _words(path, name, table[name])
        if kind == "text"
        else _numbers(path, table, name, kind)
        for name, kind in columns.items()
    }


def _numbers(path: Path, table: pa.Table, name: str, kinds: str) -> np.ndarray:
    column = table[name]
    if column.null_count:
        raise ReadError("missing_field", f"{path.name}: column {name} has empty entries")
    try:
        values = column.to_numpy()
    except pa.ArrowException as error:
        raise _unreadable(path, error) from error
    if values.dtype.kind not in kinds:
        raise ReadError(
            "wrong_content", f"{path.name}: column {name} holds {column.type}, expected numbers"
        )
    return values


def _words(path: Path, name: str, column: pa.ChunkedArray) -> Words:
    if column.null_count:
        raise ReadError("missing_field", f"{path.name}: column {name} has empty entries")
    try:
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        column = column.unify_dictionaries()
        dictionary = column.chunk(0).dictionary
        if not (pa.types.is_string(dictionary.type) or pa.types.is_large_string(dictionary.type)):
            raise ReadError(
                "wrong_content",
                f"{path.name}: column {name} holds {dictionary.type}, expected texts",
            )
        longest = pa.compute.max(pa.compute.binary_length(dictionary)).as_py() or 0
        if len(dictionary) > _MAX_WORDS or longest > _MAX_TEXT:
            raise ReadError(
                "too_large", f"{path.name}: column {name} holds texts of up to {longest} bytes"
            )
        codes = np.concatenate([chunk.indices.to_numpy() for chunk in column.chunks])
        words = dictionary.to_pylist()
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error
    return _in_order(codes, words)


def _in_order(codes: np.ndarray, words: list[str]) -> Words:
    used, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    out = rank[inverse].view(Words)
    out.words = [words[used[index]] for index in order]
    return out
