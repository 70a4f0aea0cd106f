"""``docs/errors.md`` lists every message in the sources, and no other."""

from __future__ import annotations

import re

from tests.messages import shape_of, templates
from tests.typecheck import ROOT

PAGE = ROOT / "docs" / "errors.md"
ROW = re.compile(r"\| `(?P<text>.+?)` \| (?P<rest>.+) \|$")
NO_MESSAGES = {
    "holds for all sizes": "an answer's name",
    "fails for all sizes": "an answer's name",
    "fails for some sizes": "an answer's name",
    "is not known": "an answer's name",
    "the result owns the merged tape of the operands": "what a tape rule means",
    "nothing is recorded; the result owns no tape": "what a tape rule means",
    "the plain signature says it": "what a tape rule means",
    "scalar bool": "a dtype's name",
    "scalar int": "a dtype's name",
    "scalar float": "a dtype's name",
    "tensorlib: bound by the plugin": "a mark in a type",
}
"""Texts in the rules and in the plugin that nobody is shown, and why."""


def _listed() -> list[tuple[int, str, str]]:
    """Return the rows of the page: line, template, and what is said of it."""
    rows, parted = [], False
    for number, line in enumerate(PAGE.read_text("utf-8").splitlines(), 1):
        parted = parted or line.startswith("## ")
        match = ROW.match(line)
        if match is not None and parted:
            rows.append((number, match["text"].replace(r"\|", "|"), match["rest"]))
    return rows


def test_every_message_is_listed() -> None:
    listed = {shape_of(text) for _, text, _ in _listed()}
    missing = {
        text: places
        for text, places in templates().items()
        if shape_of(text) not in listed and text not in NO_MESSAGES
    }
    lines = [f"{places[0]}: | `{text}` | cause | cure |" for text, places in missing.items()]
    assert not lines, "write these into docs/errors.md:\n" + "\n".join(lines)


def test_every_row_is_a_message() -> None:
    found = {shape_of(text) for text in templates()}
    stale = [f"{number}: {text}" for number, text, _ in _listed() if shape_of(text) not in found]
    stale += [text for text in NO_MESSAGES if shape_of(text) not in found]
    assert not stale, "no longer in the sources:\n" + "\n".join(stale)


def test_every_row_says_something() -> None:
    for number, _, rest in _listed():
        cells = re.split(r"(?<!\\)\|", rest)
        assert len(cells) in (1, 2), f"line {number}"
        assert all(map(str.strip, cells)), f"line {number}"
