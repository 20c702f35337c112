"""Sections and snippets of docs/data.md, for tests that run them."""

import re

from shared_logs import REPOSITORY


def data_page_section(title: str) -> str:
    """The text under a heading of the page."""
    text = (REPOSITORY / "docs" / "data.md").read_text()
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


def data_page_snippet(title: str) -> str:
    """The one Python snippet under a heading of the page."""
    (snippet,) = re.findall(r"```python\n(.*?)```", data_page_section(title), re.S)
    return snippet
