"""The replay's page: template, style and scripts of this folder with the data of a scene."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from importlib import resources

from forkroad.replay.replay_data import replay_data
from forkroad.score_job import ScoredScene

# in the order in which they build on each other
SCRIPTS = ("unpack.js", "camera.js", "scenery.js", "plans.js", "panel.js", "player.js", "hands.js")


def replay_page(scored: Sequence[ScoredScene], top: int | None = None) -> str:
    """One self-contained HTML page that plays a scene; see `replay_data` for the arguments."""
    data = replay_data(scored, top)
    parts = {
        "title": html.escape(data["id"]),
        "style": _read("page.css"),
        "script": "\n".join(_read(name) for name in SCRIPTS),
        "data": _harmless(json.dumps(data, separators=(",", ":"))),
    }
    # in one pass: nothing in a part is taken for a place
    return re.sub(
        r"\{\{(title|style|script|data)\}\}", lambda place: parts[place[1]], _read("page.html")
    )


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _harmless(text: str) -> str:
    """JSON that cannot end the element it stands in, whatever its texts hold."""
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
