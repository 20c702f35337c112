"""Whole numbers for ids that a source writes as words.

A scene's ids are integers. Ids that are whole numbers keep them; words get the smallest numbers
that are free, in the order in which they are first asked for.
"""

from __future__ import annotations

import re

from forkroad.readers.read_error import ReadError, shown

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})")


class IdNumbers:
    """The numbers of one kind of thing: tracks or map features."""

    def __init__(self, names, things: str) -> None:
        self._things = things
        self._numbers: dict[str, int] = {}
        words = []
        for name in names:
            text = _as_word(name, things)
            if _NUMBER.fullmatch(text):
                self._numbers[text] = int(text)
            else:
                words.append(text)
        self._taken = set(self._numbers.values())
        self._next = 0
        for word in words:
            self.of(word)
        self._words = words
        self._announced = frozenset(self._numbers)

    def of(self, name: object) -> int:
        """The number of an id; of one that was not announced, a new one if it is a word."""
        word = _as_word(name, self._things)
        if word not in self._numbers:
            # a reference to what the file does not hold must not meet a number given to a word
            own = int(word) if _NUMBER.fullmatch(word) else None
            free = own is not None and own not in self._taken
            self._numbers[word] = own if free else self._new_number()
            self._taken.add(self._numbers[word])
        return self._numbers[word]

    def __contains__(self, name: object) -> bool:
        return _as_word(name, self._things) in self._announced

    def new(self) -> int:
        """A number for something that has no id."""
        number = self._new_number()
        self._taken.add(number)
        return number

    def assumption(self) -> list[str]:
        """What to say about ids that are words; nothing if there are none."""
        if not self._words:
            return []
        first = self._words[0]
        return [
            f"{len(self._words)} ids of {self._things} are words: they are numbered in the file's "
            f"order, first {shown(first)} = {self._numbers[first]}"
        ]

    def _new_number(self) -> int:
        while self._next in self._taken:
            self._next += 1
        return self._next


def _as_word(name: object, things: str) -> str:
    if type(name) is int and name.bit_length() <= 63:
        return str(name)
    if type(name) is not str or len(name) > 256:
        raise ReadError("wrong_content", f"an id of {things} is {shown(name)}, expected a text")
    return name
