"""The metadata of a score file: what identifies its job, and whether a file is that job's result.

All that the rows depend on is in it; what they do not depend on (threads, lanes, device, pictures)
is not.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from forkroad import _core
from forkroad._core import RolloutSpec, ScoreCard
from forkroad.candidates import Candidates, GivenPlans
from forkroad.score_sources import describe_sources, sort_sources

if TYPE_CHECKING:
    from forkroad.score_job import ScoreJob

FORMAT_VERSION = "1"

# key of a file's metadata -> what a person calls it; these identify a job
_IDENTITY = {
    "forkroad.format_version": "format version",
    "forkroad.version": "version of forkroad",
    "forkroad.build": "build of forkroad",
    "forkroad.card": "card",
    "forkroad.agent_model": "agent model",
    "forkroad.focal": "focal track",
    "forkroad.spec": "rollout spec",
    "forkroad.vocabulary_sha256": "plans",
    "forkroad.layout": "layout",
    "forkroad.top": "number of best plans",
    "forkroad.shard": "shard",
    "forkroad.inputs": "input files",
}


@dataclass(frozen=True)
class FoundFile:
    """A score file that stands where a job would write."""

    differences: tuple[str, ...]  # in which the file's job differs; none: it is this job's result
    num_scenes: int = 0
    num_plans: int = 0
    failures: dict[str, int] | None = None  # records that gave no scores, by kind


def job_metadata(job: ScoreJob, card: ScoreCard, schema: pa.Schema) -> dict[str, str]:
    """What is known of a score file before its first scene."""
    return {
        "forkroad.format_version": FORMAT_VERSION,
        "forkroad.version": _core.version,
        "forkroad.build": _build(),
        "forkroad.card": card.name,
        "forkroad.agent_model": job.agents,
        "forkroad.focal": job.focal,
        "forkroad.spec": json.dumps(describe_spec(card.spec())),
        "forkroad.plans": json.dumps(job.candidates.describe()),
        "forkroad.vocabulary_sha256": hash_candidates(job.candidates),
        "forkroad.layout": job.layout,
        "forkroad.top": "all" if job.top is None else str(job.top),
        "forkroad.shard": str(job.share),
        "forkroad.inputs": describe_sources(sort_sources(job.files)),
        "forkroad.columns": json.dumps(_describe_columns(schema)),
    }


def find_score_file(path: Path, metadata: dict[str, str]) -> FoundFile | None:
    """What stands at `path`, compared with the metadata of a job; None if nothing does."""
    try:
        stored = pq.read_metadata(path).metadata or {}
    except FileNotFoundError:
        return None
    except (OSError, pa.ArrowException):
        return FoundFile(("it is no whole Parquet file",))
    found = {key.decode(): value.decode(errors="replace") for key, value in stored.items()}
    if "forkroad.num_scenes" not in found:
        return FoundFile(("it is no score file",))
    differences = tuple(
        f"another {name}" + _both(found.get(key), metadata[key])
        for key, name in _IDENTITY.items()
        if found.get(key) != metadata[key]
    )
    return FoundFile(
        differences,
        int(found["forkroad.num_scenes"]),
        int(found["forkroad.num_plans"]),
        json.loads(found["forkroad.failures"]),
    )


def _both(stored: str | None, wanted: str) -> str:
    """Stored and wanted value where a person can read them."""
    if stored is None or max(len(stored), len(wanted)) > 20:
        return ""
    return f" ({stored}, now {wanted})"


def ids_of_plans(candidates: Candidates) -> np.ndarray:
    """The ids of the plans that every scene is forked into."""
    if isinstance(candidates, GivenPlans):
        return candidates.plan_set.ids
    return np.arange(candidates.describe()["num_plans"])


def hash_candidates(candidates: Candidates) -> str:
    """SHA-256 that is equal for plans made by the same rule, or equal plans of a file."""
    described = candidates.describe()
    digest = hashlib.sha256()
    if isinstance(candidates, GivenPlans):
        # wherever the file lies
        del described["source"]
        plans = candidates.plan_set
        for array in (plans.values(), plans.ids, plans.mask):
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(array.tobytes())
    digest.update(json.dumps(described, sort_keys=True).encode())
    return digest.hexdigest()


@cache
def _build() -> str:
    return hashlib.sha256(Path(_core.__file__).read_bytes()).hexdigest()[:16]


def _describe_columns(schema: pa.Schema) -> dict[str, dict[str, str]]:
    return {
        field.name: {key.decode(): text.decode() for key, text in field.metadata.items()}
        for field in schema
        if field.metadata
    }


def describe_spec(spec: RolloutSpec) -> dict:
    """Every field of a RolloutSpec, ready for JSON."""

    def describe(value):
        if isinstance(value, (int, float, str)):
            return value
        return {name: describe(getattr(value, name)) for name in dir(value) if name[0] != "_"}

    return describe(spec)
