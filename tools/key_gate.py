# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key gate: no full product key may show in anything the collection says or leaves behind.

Two questions, two ways to call it:

- `key_gate.py FILE...` (or standard input): is there any full product key in this output, in any spelling, be it a
  public GVLK? Used on the output of `ansible-playbook -vvvv`, results, diffs, facts and the lab's logs.
- `key_gate.py --repository`: is every key in the checkout either a GVLK of our data, which Microsoft prints in its
  documentation, or one the lab invented? A real MAK or CSVLK must never get in.

A finding names the place and the last five characters, never the key.
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
"""Five groups of five, and nothing that would make it a part of something longer."""

INVENTED = re.compile(r"(?:^|-)(\w)\1{4}(?:-|$)")
"""What a key holds that somebody made up here: a group that is one letter five times, which no real key has."""

KEY_DATA = ("plugins/plugin_utils/_licensing/catalog/data", "tests/lab/winlab/data", "tests/lab/winlab/simulation", "tests/lab/estates")
MOST_SHOWN = 50
MOST_CHANGED = 2
PLACEHOLDER = re.compile(r"^(.{5})-(?:\1-){3}.{5}$")
"""No key: one group five times, as documentation and tests write it, and a key of which only the last five are left."""


@dataclass(frozen=True)
class Leak:
    """A place where a full key shows. Holds no more of the key than a person may see."""

    source: str
    line: int
    partial_product_key: str
    spelling: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: full product key ending in {self.partial_product_key} ({self.spelling})"


def keys_in(text: str) -> set[str]:
    """Every key of five groups of five in a text, upper case."""
    return {found.group().upper() for found in KEY.finditer(text)}


@lru_cache(maxsize=1)
def known_keys() -> frozenset[str]:
    """Every key the collection or the lab knows: GVLKs and invented keys."""
    found: set[str] = set()
    for folder in KEY_DATA:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".json", ".yml", ".py"}:
                found |= keys_in(path.read_text(encoding="utf-8"))
    return frozenset(found)


def _base64_cores(raw: bytes) -> Iterator[str]:
    """What base64 of any text around these bytes holds: three alignments, without the characters neighbors decide."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw).decode()
        first = (0, 2, 3)[shift]
        last = len(encoded) - (0, 3, 2)[(shift + len(raw)) % 3] if (shift + len(raw)) % 3 else len(encoded)
        yield encoded[first:last].rstrip("=")


@lru_cache(maxsize=1024)
def spellings(key: str) -> tuple[tuple[str, str], ...]:
    """The texts a key may hide in: (how, text). Plain ones are upper case and compared so."""
    bare = key.replace("-", "")
    plain = [("in full", key), ("without dashes", bare), ("with blanks", key.replace("-", " ")), ("as UTF-16", "\0".join(key))]
    encoded = [
        (f"base64 of {encoding}", core)
        for text in (key, bare, key.lower())
        for encoding in ("utf-8", "utf-16-le")
        for core in _base64_cores(text.encode(encoding))
    ]
    return (*plain, *encoded)


def find_leaks(text: str, source: str = "<text>", extra_keys: Iterable[str] = ()) -> list[Leak]:
    """Every full key in a text: known ones in any spelling, and anything else that has the form of a key.

    `extra_keys` are keys a test made up for itself, with their dashes.
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
    """For tests: raises AssertionError that names every leak by its last five characters."""
    leaks = find_leaks(text, source, extra_keys)
    if leaks:
        raise AssertionError("\n".join(map(str, leaks)))


def scan(paths: Iterable[Path]) -> list[Leak]:
    """Leaks in files; folders are searched to the bottom. Undecodable bytes are kept, so binary files count too."""
    leaks: list[Leak] = []
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                leaks += find_leaks(file.read_text(encoding="utf-8", errors="surrogateescape"), str(file))
    return leaks


def repository_files() -> list[Path]:
    """What git has or would take: no build output, no virtual environment."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def is_distorted(key: str, known: Iterable[str]) -> bool:
    """Whether a key is a known one with a letter or two changed, as tests of bad input have them."""
    return any(sum(one != other for one, other in zip(key, candidate, strict=True)) <= MOST_CHANGED for candidate in known)


def foreign_keys(files: Iterable[Path]) -> list[Leak]:
    """Keys in a checkout that are neither a GVLK of our data nor invented."""
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
    parser.add_argument("--repository", action="store_true", help="check the checkout instead of output")
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
