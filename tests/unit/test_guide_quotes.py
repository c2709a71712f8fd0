# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages that the guides quote are messages of the collection, so that a change of a message reaches the guides too.

Four words in a row of a quoted output must be in a text of the collection in the same order. Values, which differ from run to run, are not
compared: a placeholder of a message matches one to three words, and only words in lower case count.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
# The output of make demo is a recording, and the lab has messages of its own.
GUIDES = [path for path in sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst")) if path.stem not in ("guide_demo", "guide_lab")]
LENGTH, WILDCARD = 4, "*"
MOST_WILDCARDS = 2
LONGEST_VALUE = 3

OF_OTHERS = ("unable to get local issuer certificate",)
"""Texts of OpenSSL."""

JOINED = ("but this is ansible-core", "lose the activation of", "lost the activation of", "ask KMS hosts and count as")
"""Places where a message continues with a value that begins with words."""

_BLOCK = re.compile(r"^( *)\.\. code-block:: text\n\n((?:\1 +.*\n|\n)+)", re.MULTILINE)
_TABLE = re.compile(
    r"^(?P<indent> *\"?)(?P<titles>\S.*)\n(?P=indent)(?P<rule>-{3,}(?:  -+)+)\W*\n(?P<rows>(?:(?P=indent)(?: {4}|[ \d]{8}  ).*\n)+)",
    re.MULTILINE,
)
"""A table at the end of a run: its titles, a rule of dashes under each of them, and its rows, whose cells can have several lines."""

_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{[^{}]*\}|%[sd]", re.DOTALL)
_TOKEN = re.compile(rf"[\w'./:\\@-]+|{re.escape(WILDCARD)}|[^\s\w]")
_WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")

Gram = tuple[str, ...]


def runs(text: str) -> Iterator[list[str]]:
    """Yield the sequences of words and wildcards between names, numbers, and punctuation."""
    run: list[str] = []
    for token in _TOKEN.findall(text):
        word = token.rstrip(".:")
        if word == WILDCARD or _WORD.fullmatch(word):
            run.append(word)
        if word != token or run[-1:] != [word]:
            yield run
            run = []
    yield run


def grams(run: list[str]) -> Iterator[Gram]:
    return (tuple(run[start : start + LENGTH]) for start in range(len(run) - LENGTH + 1))


def expanded(run: list[str]) -> Iterator[list[str]]:
    """Yield a run with each placeholder as one to LONGEST_VALUE words."""
    yield from ([token for word in run for token in [word] * (count if word == WILDCARD else 1)] for count in range(1, LONGEST_VALUE + 1))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from itertools.chain.from_iterable(strings(item) for item in value.values())
    elif isinstance(value, list):
        yield from itertools.chain.from_iterable(strings(item) for item in value)


def literals(source: str) -> Iterator[str]:
    """Yield the texts of a Python file. Placeholders of formatted texts become wildcards."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else f" {WILDCARD} " for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def texts() -> Iterator[str]:
    for path in (ROOT / "plugins").rglob("*.py"):
        yield from literals(path.read_text(encoding="utf-8"))
    for path in (ROOT / "plugins").rglob("*.json"):
        yield from strings(json.loads(path.read_text(encoding="utf-8")))
    for path in [path for folder in ("roles", "playbooks", "extensions/eda") for path in (ROOT / folder).rglob("*.yml")]:
        source = path.read_text(encoding="utf-8")
        # The tag says that Ansible does not render a text, and nothing about the text.
        yield from strings(yaml.safe_load(source.replace(" !unsafe ", " ")))
        # Literals inside a template.
        yield from re.findall(r"'([^'\n]+)'", source)


@pytest.fixture(scope="module")
def known() -> frozenset[Gram]:
    found = (_PLACEHOLDER.sub(f" {WILDCARD} ", text) for text in texts())
    several = (grams(longer) for text in found for run in runs(text) for longer in expanded(run))
    return frozenset(itertools.chain.from_iterable(several))


def variants(gram: Gram) -> Iterator[Gram]:
    for count in range(MOST_WILDCARDS + 1):
        for places in itertools.combinations(range(LENGTH), count):
            yield tuple(WILDCARD if place in places else word for place, word in enumerate(gram))


def unknown(output: str, known: Iterable[Gram]) -> list[str]:
    """Return the words of an output that are in no text of the collection."""
    found = (gram for run in runs(output) for gram in grams(run) if not any(variant in known for variant in variants(gram)))
    return [words for words in map(" ".join, found) if not any(words in text for text in OF_OTHERS + JOINED)]


def cells(table: re.Match[str]) -> str:
    """Return the cells of a table one after the other, each as one text."""
    start, places = len(table["indent"]), [found.start() for found in re.finditer("-+", table["rule"])]
    rows: list[list[str]] = []
    for line in table["rows"].splitlines():
        text = re.sub(r'",?$', "", line)[start:]
        pieces = [text[place:end].strip() for place, end in zip(places, [*places[1:], None], strict=True)]
        if pieces[0]:
            rows.append([""] * len(places))
        rows[-1] = [f"{cell} {piece}" for cell, piece in zip(rows[-1], pieces, strict=True)]
    return "".join(f"{cell.strip()} |\n" for row in rows for cell in row)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_quoted_messages_are_messages_of_the_collection(guide: Path, known: frozenset[Gram]) -> None:
    blocks = [re.sub(r"\s+", " ", _TABLE.sub(cells, found[2])) for found in _BLOCK.finditer(guide.read_text(encoding="utf-8"))]
    assert [words for block in blocks for words in unknown(block, known)] == []


def test_a_table_is_read_cell_by_cell() -> None:
    table = """  "machines  which     why",
  "--------  --------  ----------------",
  "       2  a, b      The clocks of the",
  "                    client differ.",
  "      10  c         It is off.",
"""
    assert _TABLE.sub(cells, table) == "2 |\na, b |\nThe clocks of the client differ. |\n10 |\nc |\nIt is off. |\n"


def test_a_message_that_was_reworded_is_found(known: frozenset[Gram]) -> None:
    assert unknown("http://127.58.1.2:5999/wsman: connection refused.", known) == []
    assert unknown("pc-001: somebody has to look after this machine", known) != []
