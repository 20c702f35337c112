"""How the terms of a score card are stored: as codes of a few values, or as float32.

A card does not say which of its terms are yes or no, so it is asked: it scores a few plans of every
generated layout. A term that took 0 and 1 there and at most 0.5 besides is stored as codes; one
that took other values, or never changed, as float32. The answer depends on the card alone, so all
files of a job agree. Whatever does not fit its codes later is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from forkroad._core import (
    AgentModel,
    Scene,
    SceneBatch,
    ScoreCard,
    Simulator,
    generate_scene,
    generated_scene,
    layouts,
    make_agent_model,
    vocabulary,
)

LONG, VOCAB = "long", "vocab"
LAYOUTS = (LONG, VOCAB)

_ASKED_PLANS = 128


class LayoutError(ValueError):
    """The scenes of a job do not fit its layout."""


@dataclass(frozen=True)
class TermCoding:
    """Value = scale * code, code in uint8."""

    term: str
    scale: float

    def encode(self, values: np.ndarray, scene: Scene) -> np.ndarray:
        """Codes of values. Raises LayoutError for a value that has none."""
        codes = np.rint(values / np.float32(self.scale))
        fits = (codes * np.float32(self.scale) == values) & (codes >= 0) & (values <= 1)
        if not fits.all():
            held = ", ".join(f"{at * self.scale:g}" for at in range(round(1 / self.scale) + 1))
            raise LayoutError(
                f"scene {scene.id}: term {self.term}: got {values[np.argmin(fits)]:g}, expected "
                f"one of {held}: --layout long stores any value"
            )
        return codes.astype(np.uint8)


@cache
def find_codings(card_name: str, agents_name: str) -> dict[str, TermCoding]:
    """The codings of the terms that have one, by term."""
    card, agents = ScoreCard.named(card_name), make_agent_model(agents_name)
    tables = [_ask(card, agents, scene) for scene in _scenes()]
    codings = {}
    for at, term in enumerate(card.terms):
        seen = set(np.unique(np.concatenate([table[:, at] for table in tables])).tolist())
        if {0.0, 1.0} <= seen <= {0.0, 0.5, 1.0}:
            codings[term] = TermCoding(term, 0.5 if 0.5 in seen else 1.0)
    return codings


def _scenes():
    yield generated_scene()
    for layout in layouts:
        yield generate_scene(layout=layout)


def _ask(card: ScoreCard, agents: AgentModel, scene: Scene) -> np.ndarray:
    batch = SceneBatch([scene])
    plans = vocabulary(batch, _ASKED_PLANS)
    return Simulator(batch).score(plans, agents, card).values[0]
