# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes to an answer, by chance and by what is known to hurt: bytes, structure, values, numbers, dates, text."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Mutation = Callable[[Random, bytes], bytes]

NUMBERS = (
    "-1", "0", "", "7 ", "+7", "1e9", "1.5", "0x10", "1_000", "NaN", "\u0661\u0662\u0663", "\uff17", "\u00b2", "65536", "99999999",
    "2147483648", "4294967294", "4294967295", "-4294967296", "18446744073709551616", "1000000000000000000", "9" * 5000, "true", "yes",
)  # fmt: skip
DATES = (
    "NaN", "", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z",
    "1600-01-01T00:00:00Z",
    "2026-13-45T99:99:99Z", "2026-11-20", "2026-W01-1", "20261120090000.000000+000", "+10000-01-01T00:00:00Z",
    "2026-11-20T09:00:00.1234567890123Z",
    "2026-11-20T09:00:00+99:99", "\u0662\u0660\u0662\u0666-11-20T09:00:00Z",
)  # fmt: skip
TEXTS = (
    "x" * 100_000, "{{ 1/0 }}", "&lt;x&gt;", "a&#10;b", "a&#9;b", "[::1", "[", "]:", "host:99999", "host:\u0661", ":::", "host:", "..",
    "\u202e", "\u2028", "\u009b31m", "\u0130", "\u00df", "'", "\\", '"', "MMMMM-KKKKK-MMMMM-22222-66666", "CCCCC VVVVV KKKKK 22222 33333",
)  # fmt: skip

_LEAF = re.compile(rb"<((?:\w+:)?\w+)((?: [^<>]*)?)>([^<>]*)</\1>")
_BRANCH = re.compile(rb"<(\w+:\w+)((?: [^<>]*)?)>(?:(?!<\1[ >]).)*?</\1>", re.DOTALL)
_NIL = b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'


def mutated(random: Random, answer: bytes) -> bytes:
    """The answer with one change, at times with two."""
    for _ in range(random.choice((1, 1, 1, 2))):
        answer = random.choice(_MUTATIONS)(random, answer) if answer else answer
    return answer


def _flip_bits(random: Random, answer: bytes) -> bytes:
    changed = bytearray(answer)
    for _ in range(random.choice((1, 1, 2, 8))):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def _cut(random: Random, answer: bytes) -> bytes:
    return answer[: random.randrange(len(answer))]


def _splice(random: Random, answer: bytes) -> bytes:
    first, second = sorted((random.randrange(len(answer)), random.randrange(len(answer))))
    return answer[:first] + answer[second:]


def _on_leaf(change: Callable[[Random, re.Match[bytes], list[re.Match[bytes]]], bytes]) -> Mutation:
    """A change to one element that holds text."""

    def mutate(random: Random, answer: bytes) -> bytes:
        leaves = list(_LEAF.finditer(answer))
        if not leaves:
            return answer
        leaf = random.choice(leaves)
        return answer[: leaf.start()] + change(random, leaf, leaves) + answer[leaf.end() :]

    return mutate


def _with_text(leaf: re.Match[bytes], text: bytes) -> bytes:
    return b"<%s%s>%s</%s>" % (leaf[1], leaf[2], text, leaf[1])


def _one_of(values: tuple[str, ...]) -> Mutation:
    return _on_leaf(lambda random, leaf, _leaves: _with_text(leaf, random.choice(values).encode()))


def _on_branch(change: Callable[[Random, bytes], bytes]) -> Mutation:
    """A change to an element with all that is in it, such as an instance."""

    def mutate(random: Random, answer: bytes) -> bytes:
        start = random.randrange(len(answer))
        branch = _BRANCH.search(answer, start) or _BRANCH.search(answer)
        return answer if branch is None else answer[: branch.start()] + change(random, branch.group()) + answer[branch.end() :]

    return mutate


_MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits,
    _cut,
    _splice,
    _on_leaf(lambda _random, _leaf, _leaves: b""),
    _on_leaf(lambda random, leaf, _leaves: leaf.group() * random.choice((2, 3, 50))),
    _on_leaf(lambda _random, leaf, _leaves: b"<%s%s" % (leaf[1], _NIL)),
    _on_leaf(lambda random, leaf, leaves: _with_text(leaf, random.choice(leaves)[3])),
    _on_leaf(lambda random, leaf, leaves: leaf.group() + random.choice(leaves).group()),
    _on_leaf(lambda _random, leaf, _leaves: b"<x>%s</x>" % leaf.group()),
    _one_of(NUMBERS),
    _one_of(NUMBERS),
    _one_of(NUMBERS),
    _one_of(DATES),
    _one_of(DATES),
    _one_of(TEXTS),
    _one_of(TEXTS),
    _on_branch(lambda _random, _branch: b""),
    _on_branch(lambda random, branch: branch * random.choice((2, 50))),
)
