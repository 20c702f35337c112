"""The two layouts of a score file: `long`, a row per plan, and `vocab`, a row per scene."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa

from forkroad._core import AgentModel, Facts, Scene, ScoreCard, ScoreTable
from forkroad.score_columns import ScoreColumns, term_field
from forkroad.score_terms import LONG, LayoutError, find_codings


class Layout(Protocol):
    """Turns one scored scene (world 0) into rows."""

    schema: pa.Schema  # with metadata that all rows share
    rows_per_group: int  # rows are gathered in row groups of at least so many

    def table(self, scene: Scene, file: str, facts: Facts, scores: ScoreTable) -> pa.Table:
        """The rows of a scene. Raises LayoutError where it does not fit."""


def best_plans(facts: Facts, scores: ScoreTable, top: int | None) -> np.ndarray:
    """Indices of the plans that exist in order, or of the `top` best of them, best first; of equal
    totals the least index first."""
    rows = np.flatnonzero(facts.exists[0])
    if top is None:
        return rows
    return rows[np.argsort(-scores.totals[0, rows], kind="stable")[:top]]


@dataclass(frozen=True)
class LongLayout:
    """One row per scene and plan."""

    columns: ScoreColumns
    top: int | None = None
    rows_per_group: int = 8192

    @property
    def schema(self) -> pa.Schema:
        return self.columns.schema

    def table(self, scene: Scene, file: str, facts: Facts, scores: ScoreTable) -> pa.Table:
        return self.columns.table(scene, file, facts, scores, best_plans(facts, scores, self.top))


class VocabLayout:
    """One row per scene with lists over the plans, of one length for all scenes.

    Without `top`, element k of a list is plan k of the vocabulary, null where the plan does not
    exist in this scene. With it, lists hold the `top` best plans, and `plan_id` says which.
    """

    rows_per_group = 32

    def __init__(
        self, card: ScoreCard, agents: AgentModel, plan_ids: np.ndarray, top: int | None
    ) -> None:
        self._plan_ids = plan_ids
        self._top = top
        self._size = min(top or len(plan_ids), len(plan_ids))
        self._codings = find_codings(card.name, agents.name)
        lists = [self._list_field(term_field(card, term), term) for term in card.terms]
        if top:
            plan_id = pa.field("plan_id", pa.list_(pa.int64(), self._size))
            lists.insert(0, plan_id.with_metadata({"meaning": "of the plans, best first"}))
        shared = {} if top else {"forkroad.plan_ids": json.dumps(plan_ids.tolist())}
        self.schema = pa.schema([*_SCENE_FIELDS, *lists], metadata=shared)

    def _list_field(self, field: pa.Field, term: str) -> pa.Field:
        coding = self._codings.get(term)
        if coding is None:
            return field.with_type(pa.list_(pa.float32(), self._size))
        metadata = field.metadata | {b"scale": f"{coding.scale:g}".encode()}
        return field.with_type(pa.list_(pa.uint8(), self._size)).with_metadata(metadata)

    def table(self, scene: Scene, file: str, facts: Facts, scores: ScoreTable) -> pa.Table:
        if not np.array_equal(facts.plan_ids, self._plan_ids):
            raise LayoutError(
                f"scene {scene.id}: got {len(facts.plan_ids)} plans, expected the ids of all "
                f"{len(self._plan_ids)} plans of the job: --layout long stores any plans"
            )
        if not self._top:
            rows, slots = (np.flatnonzero(facts.exists[0]),) * 2
        else:
            rows = best_plans(facts, scores, self._top)
            slots = np.arange(len(rows))
        columns = [
            [scene.id],
            [file],
            [scene.provenance.record],
            [int(facts.num_steps[0])],
            [float(facts.dt[0])],
            [float(scores.log_values[0, -1])],
        ]
        if self._top:
            columns.append(self._list(facts.plan_ids[rows], slots))
        for at, term in enumerate(scores.terms):
            values = scores.values[0, rows, at]
            coding = self._codings.get(term)
            columns.append(self._list(coding.encode(values, scene) if coding else values, slots))
        arrays = [
            column if isinstance(column, pa.Array) else pa.array(column, field.type)
            for column, field in zip(columns, self.schema, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def _list(self, values: np.ndarray, slots: np.ndarray) -> pa.Array:
        """One list with values in some slots and null in the others."""
        elements = np.zeros(self._size, values.dtype)
        elements[slots] = values
        absent = np.ones(self._size, bool)
        absent[slots] = False
        return pa.FixedSizeListArray.from_arrays(pa.array(elements, mask=absent), self._size)


_SCENE_FIELDS = [
    pa.field("scene_id", pa.string()),
    pa.field("file", pa.string()),
    pa.field("record", pa.int64(), metadata={"meaning": "index in the file"}),
    pa.field("num_steps", pa.int32(), metadata={"meaning": "rollout steps simulated"}),
    pa.field("dt_s", pa.float64(), metadata={"meaning": "of a rollout step", "unit": "s"}),
    pa.field("log_total", pa.float32(), metadata={"meaning": "total of the log itself"}),
]


def make_layout(
    name: str, card: ScoreCard, agents: AgentModel, plan_ids: np.ndarray, top: int | None
) -> Layout:
    """The layout of that name. `plan_ids`: of all plans that scenes are forked into."""
    if name == LONG:
        return LongLayout(ScoreColumns(card), top)
    return VocabLayout(card, agents, plan_ids, top)
