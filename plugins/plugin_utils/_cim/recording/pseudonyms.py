# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replace names, identities, and keys in recorded messages, so that a user can send them to others and a test can replay them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Every text of a message is replaced unless it is known to be harmless: numbers, dates, codes, and the values of a few properties, such as
the edition. A replacement has the same length and the same kinds of characters as the text, so a parser treats it like the original. Equal
texts, and equal parts of host names, have equal replacements for one key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import string
from collections.abc import Collection
from html import escape, unescape

_LEAF = re.compile(r"<((?:\w+:)?([\w.-]+))((?:\s[^<>]*)?)>([^<>]+)</\1>")
_ATTRIBUTE = re.compile(r'Name="([^"]*)"')
_HARMLESS = re.compile(
    r"[+-]?[0-9]{1,10}|true|false|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]{5})?|P(?:[0-9]+D)?T(?:[0-9.]+[HMS])+"
    r"|http://schemas\.[^\s]+|(?:s|a|n|p|w|f|env|soap|wsa|wsen|wsman):[A-Z]+|0x[0-9A-F]{1,8}|HRESULT 0x[0-9A-F]{8}",
    re.IGNORECASE,
)
_PART = re.compile(
    r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    r"|[0-9]{5}-[0-9]{5}-[0-9-]{5,}(?:\.[0-9]{4})?[0-9-]*"
    r"|[0-9]{1,3}(?:\.[0-9]{1,3}){3}|(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{1,4}"
    r"|[^\W_]+"
)
"""What is replaced as a whole: a GUID, an extended PID, an IP address, or a word."""

_MACHINE = re.compile(r' Machine="([^"]*)"')
_ENDPOINT = re.compile(r"(https?://)([^/]+?)((?::[0-9]+)?/\S*)")
_OF_THE_PROTOCOL = frozenset(
    [
        "Action",
        "ResourceURI",
        "MessageID",
        "RelatesTo",
        "OperationTimeout",
        "MaxEnvelopeSize",
        "MaxElements",
        "EnumerationContext",
        "ProductVendor",
        "ProductVersion",
        "ProtocolVersion",
    ]
)
"""Elements of WS-Management with identifiers and names of the protocol only."""

_IDENTIFYING = frozenset({"CSName", "DNSHostName", "PartialProductKey", "User", "Computername"})
"""Elements that are replaced even if their text is only digits."""

_KEY_ELEMENTS = frozenset({"ProductKey"})
_NO_KEY = "*****-*****-*****-*****-*****"
"""What is written instead of a full product key, also of a published one. It has the length of a key, and not its form."""

_SHORTEST_NAME = 3
"""Shortest word that is replaced in a sentence, unless it is the name of a machine. A shorter one could be any word."""

_TEXTS = frozenset({"Text", "Message", "Filter", "ProviderFault", "error_Message"})
"""Elements with sentences, in which only the names that were replaced elsewhere are replaced."""


class Pseudonyms:
    """Replacements for one key. `kept` are the names of the properties with harmless values."""

    def __init__(self, key: bytes, kept: Collection[str]) -> None:
        self._key = key
        self._kept = frozenset(kept)
        self._known: set[str] = set()
        self._short: set[str] = set()

    def text(self, text: str) -> str:
        """Return a text with replacements for all names that are known by now."""
        return _PART.sub(lambda found: self._word(found[0]) if self._is_name(found[0]) else found[0], text)

    def _is_name(self, word: str) -> bool:
        return word.casefold() in self._known and (len(word) >= _SHORTEST_NAME or word.casefold() in self._short)

    def read(self, message: bytes) -> None:
        """Learn which texts of a message must be replaced, before any message is replaced.

        The words of a sentence are not learned: they would be replaced in all other sentences.
        """
        text = message.decode("utf-8", "replace")
        for name in _MACHINE.findall(text):
            self.learn(name)
        for found in _LEAF.finditer(text):
            private = unescape(found[4]).strip()
            if found[2] in _KEY_ELEMENTS:
                continue
            if self._is_private(found) and " " not in private:
                self.learn(_host_of(private), whole=found[2] in _IDENTIFYING)

    def replaced(self, message: bytes) -> bytes:
        """Return the message with replacements."""
        text = _LEAF.sub(self._leaf, message.decode("utf-8", "replace"))
        return _MACHINE.sub(lambda found: f' Machine="{self.text(found[1])}"', text).encode("utf-8")

    def _leaf(self, found: re.Match[str]) -> str:
        text = unescape(found[4])
        if found[2] in _KEY_ELEMENTS:
            text = _NO_KEY
        elif self._is_private(found):
            endpoint = _ENDPOINT.fullmatch(text)
            text = f"{endpoint[1]}{self.text(endpoint[2])}{endpoint[3]}" if endpoint else self._whole(text)
        elif found[2] in _TEXTS:
            text = self.text(text)
        return f"<{found[1]}{found[3]}>{_escaped(text)}</{found[1]}>"

    def _is_private(self, found: re.Match[str]) -> bool:
        element, text = found[2], found[4].strip()
        named = _ATTRIBUTE.search(found[3])
        name = named[1] if element == "Selector" and named else element
        if name in _IDENTIFYING:
            return True
        return not (not text or name in self._kept or element in _OF_THE_PROTOCOL or element in _TEXTS or _HARMLESS.fullmatch(text))

    def learn(self, text: str, *, whole: bool = False) -> None:
        """Remember the parts of a text that must not appear anywhere; with `whole`, very short ones and those of only digits, too.

        Each part is replaced by itself, so that the domain of a host name stays recognizable.
        """
        parts = {part.casefold() for part in _PART.findall(text) if whole or not _HARMLESS.fullmatch(part)}
        self._known |= parts
        self._short |= parts if whole else set()

    def _whole(self, text: str) -> str:
        """Replace all parts of a text, but numbers and codes that are not known as names."""
        keep = [part for part in _PART.findall(text) if _HARMLESS.fullmatch(part) and part.casefold() not in self._known]
        return _PART.sub(lambda found: found[0] if found[0] in keep else self._word(found[0]), text)

    def _word(self, word: str) -> str:
        digest = hmac.new(self._key, word.casefold().encode(), hashlib.sha256).digest()
        stream = digest * (len(word) // len(digest) + 1)
        return "".join(_like(character, number) for character, number in zip(word, stream, strict=False))


def _escaped(text: str) -> str:
    """Return a text as XML character data. Unlike that of a request, the text of a machine can have characters that XML does not allow."""
    return escape(text, quote=False).replace("\r", "&#13;")


def _host_of(text: str) -> str:
    """Return the host of the URL of an endpoint, and any other text as it is."""
    endpoint = _ENDPOINT.fullmatch(text)
    return endpoint[2] if endpoint else text


def _like(character: str, number: int) -> str:
    """Return a character of the same kind."""
    if character.isdigit():
        return string.digits[number % 10]
    if not character.isalpha():
        return character
    letters = "abcdef" if character.lower() in "abcdef" else string.ascii_lowercase
    found = letters[number % len(letters)]
    return found.upper() if character.isupper() else found


__all__ = ["Pseudonyms"]
