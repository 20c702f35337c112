"""The columns of a score file: one row per (scene, plan), from facts and score table to Arrow.

Names are those of the C++ facts with a unit suffix where a number alone is ambiguous (`_s`, `_m`,
`_mps`). A scene track is given as its id and kind, a class as its word. What a fact calls none is
null; so is what belongs to an event that did not happen (`contact_time` without `contact_step`).
`log_*` columns repeat the facts of the log itself on each row of its scene; they compress to
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from forkroad._core import ContactClass, Facts, Scene, ScoreCard, ScoreTable

if TYPE_CHECKING:
    from forkroad._core import FactField

_SUFFIX = {
    "s": "_s",
    "m": "_m",
    "m/s": "_mps",
    "m/s^2": "_mps2",
    "m/s^3": "_mps3",
    "rad": "_rad",
    "rad/s": "_radps",
    "rad/s^2": "_radps2",
}
_WORDS = pa.dictionary(pa.int32(), pa.string())
_CLASSES = [contact_class.name.lower() for contact_class in ContactClass]

# name, type, description; then the values of `rows` plans of a world
Column = tuple[pa.Field, Callable[[Scene, Callable[[str], np.ndarray]], pa.Array]]


def _field(name: str, kind: pa.DataType, fact: FactField, prefix: str) -> pa.Field:
    meaning = ("of the log: " if prefix else "") + fact.meaning
    return pa.field(prefix + name, kind, metadata={"unit": fact.unit, "meaning": meaning})


def _words(codes: np.ndarray, words: list[str], mask: np.ndarray | None = None) -> pa.Array:
    indices = pa.array(codes.astype(np.int32), mask=mask)
    return pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()))


def _track_columns(fact: FactField, prefix: str) -> list[Column]:
    def ids(scene, get):
        tracks = get(fact.name)
        return pa.array(np.append(scene.track_ids, 0)[tracks], pa.int64(), mask=tracks < 0)

    def kinds(scene, get):
        tracks = get(fact.name)
        words = sorted(set(scene.kinds)) or [""]
        codes = np.array([words.index(kind) for kind in scene.kinds] + [0])
        return _words(codes[tracks], words, mask=tracks < 0)

    return [
        (_field(fact.name + "_id", pa.int64(), fact, prefix), ids),
        (_field(fact.name + "_kind", _WORDS, fact, prefix), kinds),
    ]


def _step_of_event(fact: FactField) -> str | None:
    """The fact that is negative where this one means nothing; None: it always means something."""
    if fact.invalid not in ("-1", "0"):
        return None
    steps = [field.name for field in Facts.fields() if field.name.endswith("_step")]
    events = [step for step in steps if fact.name.startswith(step.removesuffix("step"))]
    return max(events, key=len, default=fact.name if fact.invalid == "-1" else None)


def _fact_columns(fact: FactField, prefix: str) -> list[Column]:
    if fact.name.endswith("_track"):
        return _track_columns(fact, prefix)
    if fact.name.endswith("_class"):
        return [
            (
                _field(fact.name, _WORDS, fact, prefix),
                lambda scene, get: _words(get(fact.name), _CLASSES),
            )
        ]
    kind = pa.from_numpy_dtype(np.dtype(fact.dtype))
    step = _step_of_event(fact)

    def values(scene, get):
        return pa.array(get(fact.name), kind, mask=None if step is None else get(step) < 0)

    return [(_field(fact.name + _SUFFIX.get(fact.unit, ""), kind, fact, prefix), values)]


def term_field(card: ScoreCard, term: str) -> pa.Field:
    """The column of a card's term."""
    name = "total" if term == "total" else "term_" + term
    return pa.field(name, pa.float32(), metadata={"meaning": f"score card '{card.name}'"})


class ScoreColumns:
    """Turns the facts and scores of one world into an Arrow table."""

    def __init__(self, card: ScoreCard) -> None:
        fields = Facts.fields()
        self._plan_columns = [column for fact in fields for column in _fact_columns(fact, "")]
        self._log_columns = [column for fact in fields for column in _fact_columns(fact, "log_")]
        terms = [term_field(card, term) for term in card.terms]
        self.schema = pa.schema(
            [
                pa.field("scene_id", _WORDS),
                pa.field("file", _WORDS),
                pa.field("record", pa.int64(), metadata={"meaning": "index in the file"}),
                pa.field("plan_id", pa.int64()),
                pa.field("num_steps", pa.int32(), metadata={"meaning": "rollout steps simulated"}),
                pa.field(
                    "dt_s", pa.float64(), metadata={"meaning": "of a rollout step", "unit": "s"}
                ),
                *[field for field, _ in self._plan_columns],
                *[field for field, _ in self._log_columns],
                *terms,
                pa.field(
                    "log_total", pa.float32(), metadata={"meaning": "total of the log itself"}
                ),
            ]
        )

    def table(
        self,
        scene: Scene,
        file: str,
        facts: Facts,
        scores: ScoreTable,
        rows: np.ndarray,
        world: int = 0,
    ) -> pa.Table:
        """The plans `rows` of one world, in their order."""
        size = len(rows)

        def of_plans(name: str) -> np.ndarray:
            return getattr(facts, name)[world][rows]

        def of_log(name: str) -> np.ndarray:
            return np.repeat(getattr(facts, "log_" + name)[world], size)

        nothing = np.zeros(size, np.int32)
        arrays = [
            _words(nothing, [scene.id]),
            _words(nothing, [file]),
            pa.array(np.full(size, scene.provenance.record, np.int64)),
            pa.array(facts.plan_ids[rows]),
            pa.array(np.full(size, facts.num_steps[world], np.int32)),
            pa.array(np.full(size, facts.dt[world], np.float64)),
            *[make(scene, of_plans) for _, make in self._plan_columns],
            *[make(scene, of_log) for _, make in self._log_columns],
            *[
                pa.array(np.ascontiguousarray(scores.values[world, rows, term]))
                for term in range(len(scores.terms))
            ],
            pa.array(np.full(size, scores.log_values[world, -1], np.float32)),
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)
