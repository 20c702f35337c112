"""Numbers, texts and arrays out of decoded files, each checked and named when it is wrong.

What a file's decoder returns may share or contain itself, so nothing here walks deeper than asked
and amounts are counted as they are converted.
"""

from __future__ import annotations

import numpy as np

from forkroad.readers.read_error import ReadError, shown

# More numbers than any scene has; a small file can name one array any number of times.
MAX_NUMBERS = 1 << 26


def entry(table: object, key: str, where: str) -> object:
    """table[key]; a ReadError that names `where` if `table` is no dict or has no such key."""
    value = optional(table, key, where)
    if value is None:
        raise ReadError("missing_field", f"{where}.{key} is absent")
    return value


def optional(table: object, key: str, where: str) -> object:
    """table[key], None if it is absent."""
    return as_dict(table, where).get(key)


def as_dict(value: object, where: str) -> dict:
    if type(value) is not dict:
        raise ReadError("wrong_content", f"{where} is {shown(value)}, expected a dict")
    return value


def as_list(value: object, where: str) -> list:
    """A list, tuple, set or one-dimensional array as a list; None as an empty one."""
    if value is None:
        return []
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return value.tolist()
    if type(value) not in (list, tuple, set):
        raise ReadError("wrong_content", f"{where} is {shown(value)}, expected a list")
    return list(value)


def as_text(value: object, where: str) -> str:
    if type(value) is not str:
        raise ReadError("wrong_content", f"{where} is {shown(value)}, expected a text")
    return value


def as_integer(value: object, where: str) -> int:
    """An int of 64 bits, also as a text or a whole float."""
    number = value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        number = value.item()
    if type(number) is str and len(number) < 20:
        try:
            number = int(number)
        except ValueError:
            number = None
    if type(number) is float and number.is_integer():
        number = int(number)
    if type(number) is not int or number.bit_length() > 63:
        raise ReadError("wrong_content", f"{where} is {shown(value)}, expected an integer")
    return number


class NumberBudget:
    """Turns values into float64 arrays and counts their numbers, over a whole scene."""

    def __init__(self) -> None:
        self._left = MAX_NUMBERS

    def spend(self, count: int, where: str) -> None:
        """Counts numbers that a scene is going to hold."""
        self._left -= count
        if self._left < 0:
            raise ReadError(
                "too_large",
                f"{where}: the scene has more than {MAX_NUMBERS} numbers, expected at most that",
            )

    def column(self, value: object, where: str, length: int) -> np.ndarray:
        """[length] numbers; [length, 1] is taken for it."""
        array = self._plain_array(value, where)
        if array.shape == (length, 1):
            array = array[:, 0]
        if array.shape != (length,):
            raise _bad_shape(where, array, f"[{length}]")
        return array

    def rows(self, value: object, where: str, widths: tuple[int, ...], length: int | None = None):
        """[N, width] numbers with one of the given widths; N must be `length` if that is given."""
        array = self._plain_array(value, where)
        if array.size == 0 and array.ndim == 1:
            array = array.reshape(0, widths[-1])
        fits = array.ndim == 2 and array.shape[1] in widths and length in (None, len(array))
        if not fits:
            count = "N" if length is None else length
            expected = " or ".join(f"[{count}, {width}]" for width in widths)
            raise _bad_shape(where, array, expected)
        return array

    def point(self, value: object, where: str) -> np.ndarray:
        """[1, 2] or [1, 3] of one point, given as [2], [3] or a row of that."""
        array = self._plain_array(value, where)
        if array.shape not in ((2,), (3,), (1, 2), (1, 3)):
            raise _bad_shape(where, array, "[2] or [3]")
        return array.reshape(1, -1)

    def _plain_array(self, value: object, where: str) -> np.ndarray:
        if isinstance(value, np.ndarray):
            if value.dtype.kind not in "biuf":
                raise ReadError(
                    "wrong_content", f"{where} holds {value.dtype.str}, expected numbers"
                )
            self.spend(value.size, where)
            return value.astype(np.float64)
        return self._array_of_list(value, where)

    def _array_of_list(self, value: object, where: str) -> np.ndarray:
        rows = as_list(value, where)
        if rows and type(rows[0]) in (int, float, bool):
            rows = [rows]
        width = None
        for row in rows:
            if isinstance(row, np.ndarray) and row.ndim == 1 and row.dtype.kind in "biuf":
                size = row.size
            elif type(row) in (list, tuple) and all(type(item) in (int, float) for item in row):
                size = len(row)
            else:
                raise ReadError("wrong_content", f"{where} holds {shown(row)}, expected numbers")
            if width not in (None, size):
                raise ReadError("inconsistent", f"{where} has rows of {width} and {size} numbers")
            width = size
            self.spend(size, where)
        array = np.array(rows, np.float64)
        flat = len(rows) == 1 and type(as_list(value, where)[0]) in (int, float, bool)
        return array[0] if flat else array


def _bad_shape(where: str, array: np.ndarray, expected: str) -> ReadError:
    return ReadError("inconsistent", f"{where} has shape {list(array.shape)}, expected {expected}")
