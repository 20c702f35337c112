"""The lights of a ScenarioNet scenario: three ways of writing a state."""

from __future__ import annotations

from collections import Counter

import numpy as np

from forkroad.readers.id_numbers import IdNumbers
from forkroad.readers.light_words import LIGHT_STATES, light_of_code
from forkroad.readers.plain_values import NumberBudget, as_dict, as_list, entry, optional
from forkroad.readers.read_error import ReadError, shown

# nuPlan and other sources know colours only
_COLOURS = {
    "TRAFFIC_LIGHT_GREEN": "go",
    "TRAFFIC_LIGHT_RED": "stop",
    "TRAFFIC_LIGHT_YELLOW": "caution",
    "TRAFFIC_LIGHT_UNKNOWN": "unknown",
}
_WORDS = {f"LANE_STATE_{state.upper()}": state for state in LIGHT_STATES} | _COLOURS


def read_signals(
    source: object,
    num_steps: int,
    lanes: IdNumbers,
    budget: NumberBudget,
    assumptions: list[str],
) -> list[dict]:
    """build_scene's signals. Says in `assumptions` what is left out."""
    if source is None:
        return []
    left_out: Counter[str] = Counter()
    lights = [
        light
        for name, item in as_dict(source, "dynamic_map_states").items()
        if (light := _read_light(name, item, num_steps, lanes, budget, left_out))
    ]
    assumptions += [f"{count} {what}" for what, count in left_out.items()]
    return lights


def _read_light(name, item, num_steps, lanes, budget, left_out) -> dict | None:
    where = f"dynamic_map_states[{shown(name)}]"
    state = entry(item, "state", where)
    at = f"{where}.state.object_state"
    words = as_list(entry(state, "object_state", f"{where}.state"), at)
    budget.spend(len(words), at)
    if len(words) != num_steps:
        raise ReadError("inconsistent", f"{at} has {len(words)} entries, expected {num_steps}")
    states = [_state(word, at, left_out) for word in words]
    lane = optional(item, "lane", where)
    lane_name = lane if lane is not None else name
    number = lanes.of(lane_name)
    # early files hold one array of lanes and stop points, 0 where the light was not observed
    listed = optional(state, "lane", f"{where}.state")
    if isinstance(listed, np.ndarray):
        seen = budget.column(listed, f"{where}.state.lane", num_steps) == number
        states = [value if here else None for value, here in zip(states, seen, strict=True)]
    points = _stop_point(item, state, where, num_steps, budget)
    light = {"lane_id": number, "states": states}
    if points is not None:
        return light | {"stop_point": points}
    if lane_name in lanes:
        return light
    left_out["lights without a stop point and lane are left out"] += 1
    return None


def _stop_point(item, state, where: str, num_steps: int, budget: NumberBudget):
    point = optional(item, "stop_point", where)
    if point is not None:
        return budget.point(point, f"{where}.stop_point")[0]
    point = optional(state, "stop_point", f"{where}.state")
    if point is None:
        return None
    return budget.rows(point, f"{where}.state.stop_point", (2, 3), num_steps)


def _state(word: object, where: str, left_out: Counter[str]) -> str | None:
    if word is None:
        return None
    if type(word) is int:
        return light_of_code(word, where)
    if type(word) is not str:
        raise ReadError("wrong_content", f"{where} holds {shown(word)}, expected a light's state")
    if word not in _WORDS:
        left_out[f"light states {shown(word)} are read as unknown"] += 1
    return _WORDS.get(word, "unknown")
