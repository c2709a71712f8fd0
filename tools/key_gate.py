# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key gate: find full product keys in the output of the collection and in the repository.

Two checks:

- `key_gate.py FILE...` (or standard input): the output must not contain a full product key in any spelling, GVLKs included. For the output
  of `ansible-playbook -vvvv`, results, diffs, facts, and logs of the lab.
- `key_gate.py --repository`: every key in the checkout must be a GVLK of our data, which Microsoft publishes, or an invented key of the
  lab. The repository must never contain a real MAK or KMS host key.

A finding contains the place and the last five characters, never the full key.
"""

from __future__ import annotations

import argparse
import base64
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from project import ROOT

KEY = re.compile(r"(?<![A-Z0-9-])(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}(?![A-Z0-9-])", re.IGNORECASE)
"""Five groups of five characters that are not part of a longer text."""

INVENTED = re.compile(r"(?:^|-)(\w)\1{4}(?:-|$)")
"""A group that is one letter five times. Every invented key has such a group, and no real key has one."""

KEY_DATA = ("plugins/plugin_utils/_licensing/catalog/data", "tests/lab/winlab/data", "tests/lab/winlab/simulation", "tests/lab/estates")
MOST_SHOWN = 50
MOST_CHANGED = 2
PLACEHOLDER = re.compile(r"^(.{5})-(?:\1-){3}.{5}$")
"""Not a key: one group repeated, as in documentation and tests, and a masked key with only its last five characters."""


@dataclass(frozen=True)
class Leak:
    """A place with a full key. Contains only the last five characters of the key."""

    source: str
    line: int
    partial_product_key: str
    spelling: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: full product key ending in {self.partial_product_key} ({self.spelling})"


def keys_in(text: str) -> set[str]:
    """Return every key in a text, in upper case."""
    return {found.group().upper() for found in KEY.finditer(text)}


@lru_cache(maxsize=1)
def known_keys() -> frozenset[str]:
    """Return every key in the data of the collection and the lab: GVLKs and invented keys."""
    found: set[str] = set()
    for folder in KEY_DATA:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".json", ".yml", ".py"}:
                found |= keys_in(path.read_text(encoding="utf-8"))
    return frozenset(found)


def _base64_cores(raw: bytes) -> Iterator[str]:
    """Return the base64 text of these bytes at all three alignments, without the characters that depend on adjacent bytes."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        first = (0, 2, 3)[shift]
        last = len(encoded) - (0, 3, 2)[(shift + len(raw)) % 3] if (shift + len(raw)) % 3 else len(encoded)
        yield encoded[first:last].rstrip("=")


@lru_cache(maxsize=1024)
def spellings(key: str) -> tuple[tuple[str, str], ...]:
    """Return the spellings of a key as (name, text). Spellings other than base64 are in upper case."""
    bare = key.replace("-", "")
    plain = [("in full", key), ("without dashes", bare), ("with spaces", key.replace("-", " ")), ("as UTF-16", "\0".join(key))]
    encoded = [
        (f"base64 of {encoding}", core)
        for text in (key, bare, key.lower())
        for encoding in ("utf-8", "utf-16-le")
        for core in _base64_cores(text.encode(encoding))
    ]
    return (*plain, *encoded)


def find_leaks(text: str, source: str = "<text>", extra_keys: Iterable[str] = ()) -> list[Leak]:
    """Return every full key in a text: known keys in any spelling, and every text with the form of a key.

    `extra_keys` are invented keys of a test, with their hyphens.
    """
    keys = known_keys() | {key.upper() for key in extra_keys} | keys_in(text)
    plain = text.upper()
    leaks: list[Leak] = []
    for key in sorted(keys):
        for how, spelled in spellings(key):
            haystack = text if how.startswith("base64") else plain
            position = haystack.find(spelled)
            if position >= 0 and not PLACEHOLDER.match(key):
                leaks.append(Leak(source, haystack.count("\n", 0, position) + 1, key[-5:], how))
                break
    return leaks


def assert_no_keys(text: str, source: str = "<text>", extra_keys: Iterable[str] = ()) -> None:
    """Raise AssertionError, with the last five characters of every leak. For tests."""
    leaks = find_leaks(text, source, extra_keys)
    if leaks:
        raise AssertionError("\n".join(map(str, leaks)))


def scan(paths: Iterable[Path]) -> list[Leak]:
    """Return the leaks in files, and in all files below folders. Binary files are searched too."""
    leaks: list[Leak] = []
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                leaks += find_leaks(file.read_text(encoding="utf-8", errors="surrogateescape"), str(file))
    return leaks


def repository_files() -> list[Path]:
    """Return the files that git tracks or would add, without build output and virtual environment."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def is_distorted(key: str, known: Iterable[str]) -> bool:
    """Return whether a key is a known key with one or two changed letters, as in tests of invalid input."""
    return any(sum(one != other for one, other in zip(key, candidate, strict=True)) <= MOST_CHANGED for candidate in known)


def foreign_keys(files: Iterable[Path]) -> list[Leak]:
    """Return the keys in files that are neither a GVLK of our data nor invented."""
    gvlks: set[str] = set()
    for folder in KEY_DATA:
        for path in (ROOT / folder).glob("*.json"):
            gvlks |= keys_in(path.read_text(encoding="utf-8"))
    leaks: list[Leak] = []
    for file in files:
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
        for found in KEY.finditer(text):
            key = found.group().upper()
            if not INVENTED.search(key) and not is_distorted(key, gvlks):
                line = text.count("\n", 0, found.start()) + 1
                leaks.append(Leak(str(file.relative_to(ROOT)), line, key[-5:], "neither a GVLK of our data nor a lab key"))
    return leaks


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", action="store_true", help="check the repository instead of output")
    parser.add_argument("paths", nargs="*", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    if chosen.repository:
        leaks = foreign_keys(repository_files())
    elif chosen.paths:
        leaks = scan(chosen.paths)
    else:
        leaks = find_leaks(sys.stdin.read(), "<stdin>")
    for leak in leaks[:MOST_SHOWN]:
        print(leak)
    print(f"key gate: {len(leaks)} found")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
