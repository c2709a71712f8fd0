# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the shared parts of the documentation into the modules, or check that the modules contain the current parts.

    python tools/return_docs.py            write (make returns)
    python tools/return_docs.py --check    exit code 1 if a module differs from a part

ansible-core has fragments for the options of a module, but not for its results. A part is therefore in RETURN or
DOCUMENTATION of each module, between two comments, and has its source in tools/doc_parts:

    # begin part error (make returns)            the field `error` from error.yml
    #   code.words: [is_kms_host]                parameters of this module, see doc_part.py
    error:
      ...
    # end error

    # begin fields of settings (make returns)    the inner fields of settings.yml, without the outer field
    # begin options of kms_client (make returns) the options of another module, with the parameter `description`
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import doc_part
from doc_yaml import render
from project import ROOT, ToolError

_BLOCK = re.compile(
    r"^(?P<indent> *)# begin (?P<kind>part|fields of|options of) (?P<name>\w+) \(make returns\)\n"
    r"(?P<given>(?:(?P=indent)#  .*\n)*)"
    r"(?P<body>(?:(?! *# begin ).*\n)*?)"
    r"(?P=indent)# end (?P=name)$",
    re.MULTILINE,
)
_MARK = re.compile(r"^ *# (?:begin .*\(make returns\)|end \w+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """The text between two comments, and the text that should be there."""

    kind: str
    name: str
    line: int
    found: str
    wanted: str


def blocks_of(text: str) -> list[Block]:
    """Return the blocks of a module. Raises ToolError, with the line, for an invalid block."""
    matches = list(_BLOCK.finditer(text))
    marks = {line for match in matches for line in (match.start(), text.rfind("\n", 0, match.end()) + 1)}
    lost = [mark for mark in _MARK.finditer(text) if mark.start() not in marks]
    if lost:
        raise ToolError(f"{_line(text, lost[0].start())}: {lost[0][0].strip()!r} has no matching begin or end")
    return [_block(text, match) for match in matches]


def written(text: str) -> str:
    """Return the text of a module with the current text of every part."""
    pieces, end = [], 0
    for match, block in zip(_BLOCK.finditer(text), blocks_of(text), strict=True):
        pieces += [text[end : match.start("body")], block.wanted]
        end = match.end("body")
    return "".join([*pieces, text[end:]])


def _block(text: str, match: re.Match[str]) -> Block:
    line = _line(text, match.start("body"))
    try:
        given = yaml.safe_load(re.sub(r"^ *#", "", match["given"], flags=re.MULTILINE)) or {}
        wanted = render(_fields(match["kind"], match["name"], given), len(match["indent"]))
    except (ToolError, ValueError, yaml.YAMLError) as error:
        raise ToolError(f"{line}: {match['kind']} {match['name']}: {error}") from None
    return Block(match["kind"], match["name"], line, match["body"], wanted)


def _fields(kind: str, name: str, given: dict[str, Any]) -> dict[str, Any]:
    if kind == "options of":
        return doc_part.options_of(name, given)
    part = doc_part.part_of(name, given)
    return part if kind == "part" else {inner: field for whole in part.values() for inner, field in whole[doc_part.WITHIN].items()}


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def problems_of(path: Path) -> list[str]:
    """Return a line for each block of a module that differs from its part."""
    place = path.relative_to(path.parents[2])
    try:
        blocks = blocks_of(path.read_text(encoding="utf-8"))
    except ToolError as error:
        return [f"{place}:{error}"]
    differing = [block for block in blocks if block.found != block.wanted]
    return [f"{place}:{_first_difference(block)}: {block.kind} {block.name} differs: run make returns" for block in differing]


def _first_difference(block: Block) -> int:
    found, wanted = block.found.splitlines(), block.wanted.splitlines()
    same = (line for line, pair in enumerate(zip(found, wanted, strict=False)) if pair[0] != pair[1])
    return block.line + next(same, min(len(found), len(wanted)))


def unused_parts(modules: list[Path]) -> list[str]:
    """Return a line for each part that no module uses."""
    used = {match["name"] for path in modules for match in _BLOCK.finditer(path.read_text(encoding="utf-8"))}
    return [f"tools/doc_parts/{path.name}: no module uses it" for path in sorted(doc_part.PARTS.glob("*.yml")) if path.stem not in used]


def main(arguments: list[str]) -> int:
    """Write or check the parts. Returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    options = parser.parse_args(arguments)
    modules = sorted(doc_part.MODULES.glob("*.py"))
    problems = unused_parts(modules)
    for path in modules:
        problems += problems_of(path) if options.check else _write(path)
    print(*problems, f"{len(modules)} modules, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


def _write(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    try:
        new = written(text)
    except ToolError as error:
        return [f"{path.relative_to(ROOT)}:{error}"]
    if new != text:
        path.write_text(new, encoding="utf-8")
        print(f"{path.relative_to(ROOT)} written")
    return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
