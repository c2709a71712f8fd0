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

_LEAF = re.compile(r"<((?:\w+:)?([\w.-]+))((?:\s[^<>]*)?)>([^<>]+)</\1>")
_ATTRIBUTE = re.compile(r'Name="([^"]*)"')
_HARMLESS = re.compile(
    r"[+-]?[0-9]{1,10}|true|false|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]{5})?|P[0-9DTHMS.]+"
    r"|http://schemas\.[^\s]+|0x[0-9A-F]{1,8}|HRESULT 0x[0-9A-F]{8}",
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
        "Value",
        "Address",
        "ProductVendor",
        "ProductVersion",
        "ProtocolVersion",
    ]
)
"""Elements of WS-Management with identifiers and names of the protocol only."""

_IDENTIFYING = frozenset({"CSName", "DNSHostName", "PartialProductKey", "User", "Computername"})
"""Elements that are replaced even if their text is only digits."""

_TEXTS = frozenset({"Text", "Message", "Filter", "ProviderFault", "error_Message"})
"""Elements with sentences, in which only the names that were replaced elsewhere are replaced."""


class Pseudonyms:
    """Replacements for one key. `kept` are the names of the properties with harmless values."""

    def __init__(self, key: bytes, kept: Collection[str]) -> None:
        self._key = key
        self._kept = frozenset(kept)
        self._known: set[str] = set()

    def learn(self, name: str) -> str:
        """Return the replacement of a name that must not appear in any message, for example that of the host in the inventory."""
        self._learn(name)
        return self._known_in(name)

    def read(self, message: bytes) -> None:
        """Learn which texts of a message must be replaced, before any message is replaced."""
        text = message.decode("utf-8", "replace")
        for name in _MACHINE.findall(text):
            self._learn(name)
        for found in _LEAF.finditer(text):
            if self._is_private(found):
                self._learn(_host_of(found[4]), whole=found[2] in _IDENTIFYING)

    def replaced(self, message: bytes) -> bytes:
        """Return the message with replacements."""
        text = _LEAF.sub(self._leaf, message.decode("utf-8", "replace"))
        return _MACHINE.sub(lambda found: f' Machine="{self._known_in(found[1])}"', text).encode("utf-8")

    def _leaf(self, found: re.Match[str]) -> str:
        if found[2] not in _TEXTS and not self._is_private(found):
            return found[0]
        endpoint = _ENDPOINT.fullmatch(found[4])
        text = f"{endpoint[1]}{self._known_in(endpoint[2])}{endpoint[3]}" if endpoint else self._known_in(found[4])
        return f"<{found[1]}{found[3]}>{text}</{found[1]}>"

    def _is_private(self, found: re.Match[str]) -> bool:
        element, text = found[2], found[4].strip()
        named = _ATTRIBUTE.search(found[3])
        name = named[1] if element == "Selector" and named else element
        if name in _IDENTIFYING:
            return True
        return not (not text or name in self._kept or element in _OF_THE_PROTOCOL or element in _TEXTS or _HARMLESS.fullmatch(text))

    def _learn(self, text: str, *, whole: bool = False) -> None:
        """Remember the parts of a text. Each part is replaced by itself, so that the domain of a host name stays recognizable."""
        self._known.update(part.casefold() for part in _PART.findall(text) if whole or not _HARMLESS.fullmatch(part))

    def _known_in(self, text: str) -> str:
        return _PART.sub(lambda found: self._word(found[0]), text)

    def _word(self, word: str) -> str:
        if word.casefold() not in self._known:
            return word
        digest = hmac.new(self._key, word.casefold().encode(), hashlib.sha256).digest()
        stream = digest * (len(word) // len(digest) + 1)
        return "".join(_like(character, number) for character, number in zip(word, stream, strict=False))


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
