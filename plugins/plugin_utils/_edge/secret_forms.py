# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds known secrets in a text, in all forms in which machines and libraries write them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Only letters and digits are compared, in lower case and plain form. Other characters between them, such as a space, a line break, a
zero-width character, or an encoded hyphen, are ignored. Hexadecimal and base64 are decoded first. A part of a secret is also found,
because texts can be truncated. The time of a search is linear to the length of the text: each pass reads a character once.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from .redact import KEY_LENGTH, in_plain_letters, replaced

HIDDEN = "(hidden)"
_LONGEST_PART = 10
"""Number of consecutive characters that identify a secret; the last five characters of a key are not a secret."""
_SHORTEST = 6
"""Minimum length for the search in all forms; a shorter secret is searched only as it is written, to avoid false matches."""

_RUN = re.compile(r"[^\W_]+")
_PIECE = re.compile(
    r"(?P<url>%(?:25)*(?:u[0-9a-f]{4}|[0-9a-f]{2}))"
    # The digits of the next group can follow directly after a hyphen without its semicolon.
    r"|(?P<entity>&(?:amp;)*(?:#(?:45(?!\d{0,5};)|x2d(?![0-9a-f]{0,4};)|\d{1,7};?|x[0-9a-f]{1,6};?)|[a-z]{2,8};))"
    r"|(?P<escape>\\{1,4}(?:x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]{1,6}\}|055|[0abfnrtv])|_x[0-9a-f]{4}_)"
    r"|(?P<hyphen>=2d)|(?P<number>0x(?=[0-9a-f]{2}))"
    r"|(?P<tag></?[a-z]{1,6} ?/?>)|(?P<run>[^\W_])"
)
_ENCODINGS = frozenset("%&\\<xX")
_NO_LETTERS = bytes(byte for byte in range(256) if not (byte < 128 and chr(byte).isalnum()))
_HEX = re.compile(r"[0-9a-f]{12,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}(?:(?:\s|\ufffd|\\[rn])+[A-Za-z0-9+/_-]{4,})*")
_NOTHING = re.compile("(?!)")
_DIGIT = re.compile(r"(?<!\\)[A-Za-z0-9+/_-]|(?<=\\)[^rn\W]")
_STANDARD = {ord("-"): "+", ord("_"): "/"}

Found = tuple[int, int, str]
"""Start and end of a match in a text, and its replacement."""


@dataclass(frozen=True)
class _Flat:
    """The letters and digits of a text, and their start and end positions in it."""

    characters: str
    starts: list[int]
    ends: list[int]


class SecretForms:
    """Hides secrets in texts, in all forms that the module docstring lists."""

    def __init__(self, secrets: Collection[str]) -> None:
        longest_first = sorted(secrets, key=len, reverse=True)
        self._as_written = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if longest_first else None
        flat = {letters for letters in map(_letters, secrets) if len(letters) >= _SHORTEST}
        self._keys = frozenset(letters for letters in flat if len(letters) == KEY_LENGTH)
        parts = sorted({part for letters in flat for order in (letters, letters[::-1]) for part in _parts(order)})
        self._shortest = min(map(len, parts), default=0)
        self._parts = re.compile(f"(?=({'|'.join(parts)}))") if parts else _NOTHING
        ascii_parts = [part for part in parts if part.isascii()]
        self._parts_in_bytes = re.compile(f"(?=({'|'.join(ascii_parts)}))".encode()) if ascii_parts else None

    def hide(self, text: str) -> str:
        """Return the text without the secrets; the last five characters of a complete key are kept."""
        if self._shortest and len(text) >= self._shortest:
            found = [*self._in_letters(text), *self._in_base64(text)]
            text = replaced(text, _merged(found)) if found else text
        return text if self._as_written is None else self._as_written.sub(HIDDEN, text)

    def _in_letters(self, text: str) -> Iterator[Found]:
        plain = _comparable(text)
        yield from self._in_row(text, _flat(plain))
        # Many texts contain an equals sign: only a hyphen in quoted-printable requires the second pass.
        if "=2d" in plain or not _ENCODINGS.isdisjoint(text):
            yield from self._in_row(text, _decoded(plain))

    def _in_row(self, text: str, flat: _Flat) -> Iterator[Found]:
        for start, stop in _joined(found.span(1) for found in self._parts.finditer(flat.characters)):
            yield flat.starts[start], flat.ends[stop - 1], self._replacement(text, flat, start, stop)
        for run in _HEX.finditer(flat.characters):
            for shift in (0, 1):
                digits = flat.characters[run.start() + shift : run.end() - (run.end() - run.start() - shift) % 2]
                for first, last in self._in_bytes(bytes.fromhex(digits)):
                    begin = run.start() + shift
                    yield flat.starts[begin + 2 * first], flat.ends[begin + 2 * last + 1], HIDDEN

    def _replacement(self, text: str, flat: _Flat, start: int, stop: int) -> str:
        if flat.characters[start:stop] not in self._keys:
            return HIDDEN
        partial_product_key = "".join(text[flat.starts[place] : flat.ends[place]] for place in range(stop - 5, stop))
        return "-".join(
            ["XXXXX"] * 4 + [partial_product_key if len(partial_product_key) == 5 else flat.characters[stop - 5 : stop].upper()]
        )

    def _in_base64(self, text: str) -> Iterator[Found]:
        for run in _BASE64.finditer(text):
            places = [found.start() for found in _DIGIT.finditer(text, run.start(), run.end())]
            digits = "".join(text[place] for place in places).translate(_STANDARD)
            for shift in range(4):
                for first, last in self._in_bytes(_base64(digits[shift:])):
                    begin, end = shift + first * 4 // 3, min(shift + (last * 4 + 7) // 3, len(places) - 1)
                    yield places[begin], places[end] + 1, HIDDEN

    def _in_bytes(self, raw: bytes) -> list[tuple[int, int]]:
        """Return the positions of secrets in bytes; bytes that are not letters, such as the zeros of UTF-16, are ignored."""
        if self._parts_in_bytes is None:
            return []
        letters = raw.translate(None, _NO_LETTERS).lower()
        spans = _joined(found.span(1) for found in self._parts_in_bytes.finditer(letters))
        if not spans:
            return []
        places = [place for place, byte in enumerate(raw) if byte not in _NO_LETTERS]
        return [(places[start], places[stop - 1]) for start, stop in spans]


def _parts(letters: str) -> Iterator[str]:
    size = min(len(letters), _LONGEST_PART)
    return (letters[start : start + size] for start in range(len(letters) - size + 1))


def _comparable(text: str) -> str:
    """Return the text in lower case and plain letters, with the same length."""
    return text.lower() if text.isascii() else "".join(map(_small, text))


@lru_cache(maxsize=4096)
def _small(character: str) -> str:
    small = in_plain_letters(character).lower()
    return small if len(small) == 1 else character


def _letters(text: str) -> str:
    return "".join(_RUN.findall(_comparable(text)))


def _flat(plain: str) -> _Flat:
    runs = [run.span() for run in _RUN.finditer(plain)]
    starts = [place for start, stop in runs for place in range(start, stop)]
    return _Flat("".join(plain[start:stop] for start, stop in runs), starts, [place + 1 for place in starts])


def _decoded(plain: str) -> _Flat:
    """Return the letters and digits, with encoded characters decoded."""
    characters, starts, ends = [], [], []
    for piece in _PIECE.finditer(plain):
        character = _character(piece)
        if character.isalnum() and len(character) == 1:
            characters.append(character)
            starts.append(piece.start())
            ends.append(piece.end())
    return _Flat("".join(characters), starts, ends)


def _character(piece: re.Match[str]) -> str:
    """Return the character of a match, or an empty text, for example for a named entity, which is never a letter of a key."""
    kind, found = str(piece.lastgroup), piece.group()
    if kind == "run":
        return found
    if kind == "url":
        return _small(chr(int(found[-4:] if "u" in found else found[-2:], 16)))
    code = re.search(r"#x([0-9a-f]+);?$|#(\d+);?$|[xu]\{?([0-9a-f]{1,6})[}_]?$", found)
    if code is None or kind not in ("entity", "escape"):
        return ""
    number = int(code[2]) if code[2] else int(code[1] or code[3], 16)
    return _small(chr(number)) if number < 0x110000 else ""


def _base64(digits: str) -> bytes:
    whole = digits[: len(digits) - 1] if len(digits) % 4 == 1 else digits
    return base64.b64decode(whole + "=" * (-len(whole) % 4))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans, sorted by start, with overlapping spans joined."""
    joined: list[tuple[int, int]] = []
    for start, stop in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined


def _merged(found: Iterable[Found]) -> list[Found]:
    """Return matches without overlaps. The replacement of the longest match is kept, which can be that of a complete key."""
    merged: list[Found] = []
    for start, stop, replacement in sorted(found, key=lambda place: (place[0], -place[1], place[2] == HIDDEN)):
        if not merged or start >= merged[-1][1]:
            merged.append((start, stop, replacement))
        elif stop > merged[-1][1]:
            merged[-1] = (merged[-1][0], stop, HIDDEN)
    return merged


__all__ = ["HIDDEN", "SecretForms"]
