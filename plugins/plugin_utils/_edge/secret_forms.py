# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds a secret that is known in a text, in the forms in which machines and libraries write one.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Letters and digits alone are compared, in lower case and in their plain forms: whatever stands between them, whether a blank, a line break,
a zero-width character or an encoded hyphen, hides nothing. Hexadecimal and base64 are decoded first. A part is found too, as texts get
cut. The time a search takes grows with the length of the text, and with nothing else: each pass looks at a character once.
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
"""How many characters in a row of a secret show that it is one: the five last ones of a key may be shown."""
_SHORTEST = 6
"""A shorter secret is looked for as it is written, and nothing more: its letters may stand in a row by chance."""

_RUN = re.compile(r"[^\W_]+")
_PIECE = re.compile(
    r"(?P<url>%(?:25)*(?:u[0-9a-f]{4}|[0-9a-f]{2}))"
    # A hyphen without its semicolon may have the digits of the next group right behind it.
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
"""From where to where something stands in a text, and what is to be there instead."""


@dataclass(frozen=True)
class _Flat:
    """The letters and digits of a text in a row, and from where to where each stands in it."""

    characters: str
    starts: list[int]
    ends: list[int]


class SecretForms:
    """Hides some secrets, in the forms that are named above, in texts."""

    def __init__(self, secrets: Collection[str]) -> None:
        longest_first = sorted(secrets, key=len, reverse=True)
        self._as_written = re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if longest_first else None
        flat = {letters for letters in map(_letters, secrets) if len(letters) >= _SHORTEST}
        self._keys = frozenset(letters for letters in flat if len(letters) == KEY_LENGTH)
        parts = sorted({part for letters in flat for way in (letters, letters[::-1]) for part in _parts(way)})
        self._shortest = min(map(len, parts), default=0)
        self._parts = re.compile(f"(?=({'|'.join(parts)}))") if parts else _NOTHING
        ascii_parts = [part for part in parts if part.isascii()]
        self._parts_in_bytes = re.compile(f"(?=({'|'.join(ascii_parts)}))".encode()) if ascii_parts else None

    def hide(self, text: str) -> str:
        """The text without the secrets; of a key that is whole, the last five characters stay."""
        if self._shortest and len(text) >= self._shortest:
            found = [*self._in_letters(text), *self._in_base64(text)]
            text = replaced(text, _merged(found)) if found else text
        return text if self._as_written is None else self._as_written.sub(HIDDEN, text)

    def _in_letters(self, text: str) -> Iterator[Found]:
        plain = _comparable(text)
        yield from self._in_row(text, _flat(plain))
        # Every second text has an equals sign: only a hyphen of quoted-printable is worth the other pass.
        if "=2d" in plain or not _ENCODINGS.isdisjoint(text):
            yield from self._in_row(text, _decoded(plain))

    def _in_row(self, text: str, flat: _Flat) -> Iterator[Found]:
        for start, stop in _joined(found.span(1) for found in self._parts.finditer(flat.characters)):
            yield flat.starts[start], flat.ends[stop - 1], self._words(text, flat, start, stop)
        for run in _HEX.finditer(flat.characters):
            for shift in (0, 1):
                digits = flat.characters[run.start() + shift : run.end() - (run.end() - run.start() - shift) % 2]
                for first, last in self._in_bytes(bytes.fromhex(digits)):
                    begin = run.start() + shift
                    yield flat.starts[begin + 2 * first], flat.ends[begin + 2 * last + 1], HIDDEN

    def _words(self, text: str, flat: _Flat, start: int, stop: int) -> str:
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
        """From which byte to which a secret stands; the zeros of UTF-16, and whatever else is no letter, may stand in between."""
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
    """The text in lower case and plain letters, as long as the text."""
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
    """The same with what is encoded character by character decoded."""
    characters, starts, ends = [], [], []
    for piece in _PIECE.finditer(plain):
        character = _character(piece)
        if character.isalnum() and len(character) == 1:
            characters.append(character)
            starts.append(piece.start())
            ends.append(piece.end())
    return _Flat("".join(characters), starts, ends)


def _character(piece: re.Match[str]) -> str:
    """What a piece stands for; nothing for a named entity and the like, which stand for no letter of a key."""
    kind, words = str(piece.lastgroup), piece.group()
    if kind == "run":
        return words
    if kind == "url":
        return _small(chr(int(words[-4:] if "u" in words else words[-2:], 16)))
    code = re.search(r"#x([0-9a-f]+);?$|#(\d+);?$|[xu]\{?([0-9a-f]{1,6})[}_]?$", words)
    if code is None or kind not in ("entity", "escape"):
        return ""
    number = int(code[2]) if code[2] else int(code[1] or code[3], 16)
    return _small(chr(number)) if number < 0x110000 else ""


def _base64(digits: str) -> bytes:
    whole = digits[: len(digits) - 1] if len(digits) % 4 == 1 else digits
    return base64.b64decode(whole + "=" * (-len(whole) % 4))


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order of their starts, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for start, stop in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        else:
            joined.append((start, stop))
    return joined


def _merged(found: Iterable[Found]) -> list[Found]:
    """What was found in several ways, each place once: the words of whoever found the whole of it, which may be a whole key."""
    merged: list[Found] = []
    for start, stop, words in sorted(found, key=lambda place: (place[0], -place[1], place[2] == HIDDEN)):
        if not merged or start >= merged[-1][1]:
            merged.append((start, stop, words))
        elif stop > merged[-1][1]:
            merged[-1] = (merged[-1][0], stop, HIDDEN)
    return merged


__all__ = ["HIDDEN", "SecretForms"]
