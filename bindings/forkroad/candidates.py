"""Candidates: which plans a scoring job forks a scene into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from forkroad._core import PlanSet, SceneBatch, Snapshot, log_perturbations, vocabulary


class Candidates(Protocol):
    """Makes the plans of one scene."""

    def plans(self, batch: SceneBatch, snapshot: Snapshot, position: int) -> PlanSet:
        """Plans for the one world of `snapshot`; `position` counts the records of the job."""

    def describe(self) -> dict:
        """What was asked for, ready for JSON."""


def _horizon(batch: SceneBatch) -> tuple[float, int]:
    """Step [s] and number of steps that reach the end of the one scene's log."""
    scene = batch[0]
    return scene.dt, max(1, scene.num_steps - 1 - scene.current_step)


@dataclass(frozen=True)
class Vocabulary:
    """A lattice of paths x speed profiles, see `forkroad.vocabulary`."""

    num_plans: int = 8192

    def plans(self, batch: SceneBatch, snapshot: Snapshot, position: int) -> PlanSet:
        dt, num_steps = _horizon(batch)
        return vocabulary(batch, snapshot, self.num_plans, dt=dt, num_steps=num_steps)

    def describe(self) -> dict:
        return {"source": "vocabulary", "num_plans": self.num_plans}


@dataclass(frozen=True)
class LogPerturbations:
    """The log (plan 0) and random perturbations of it, see `forkroad.log_perturbations`."""

    num_plans: int
    seed: int = 0

    def plans(self, batch: SceneBatch, snapshot: Snapshot, position: int) -> PlanSet:
        dt, num_steps = _horizon(batch)
        return log_perturbations(
            batch, snapshot, self.num_plans, dt=dt, num_steps=num_steps, seed=self.seed
        )

    def describe(self) -> dict:
        return {"source": "log_perturbations", "num_plans": self.num_plans, "seed": self.seed}


@dataclass(frozen=True)
class GivenPlans:
    """Plans that exist already. With one world they serve every scene; with B worlds, world b
    serves record b of the job (bad records count), and there must be B records."""

    plan_set: PlanSet
    source: str = "arrays"
    _values: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        shared = self.plan_set.num_worlds == 1
        object.__setattr__(self, "_values", None if shared else self.plan_set.values())

    def plans(self, batch: SceneBatch, snapshot: Snapshot, position: int) -> PlanSet:
        plans = self.plan_set
        if plans.num_worlds == 1:
            return plans
        self.check_records(position + 1)
        poses = plans.kind == "poses"
        return PlanSet(
            self._values[position],
            dt=plans.dt,
            first_time=plans.first_time,
            frame=plans.frame if poses else None,
            reference=plans.reference if poses else None,
            kind=plans.kind,
            ids=plans.ids.tolist(),
            mask=plans.mask[position],
        )

    def check_records(self, num_records: int, whole: bool = False) -> None:
        """Raise CandidatesError if the job's records do not fit the worlds of the plans."""
        worlds = self.plan_set.num_worlds
        if worlds != 1 and (num_records > worlds or (whole and num_records < worlds)):
            got = f"{num_records} records" if whole else f"at least {num_records} records"
            raise CandidatesError(
                f"{self.source}: holds plans for {worlds} worlds, got {got}: "
                "expected one world per record, or plans without a world axis"
            )

    def describe(self) -> dict:
        plans = self.plan_set
        return {
            "source": self.source,
            "num_plans": plans.num_plans,
            "kind": plans.kind,
            "dt": plans.dt,
            "first_time": plans.first_time,
            "frame": plans.frame,
            "reference": plans.reference,
        }


class CandidatesError(ValueError):
    """The candidates do not fit the job as a whole."""
