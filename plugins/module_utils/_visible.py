# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from machines, name servers and libraries, made safe to show: it stays one line and moves nothing but its own characters.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each of these characters becomes U+FFFD, the replacement character, so that a reader sees that something was there:

* C0 and C1 controls, with which text moves the cursor, changes colors and writes over lines; line breaks are among them;
* the line and paragraph separators U+2028 and U+2029;
* what changes the direction of the text around it, or what nobody sees: bidirectional marks, zero-width characters, the byte order mark,
  soft hyphens, tags;
* lone surrogates and noncharacters, which many programs cannot write.

Letters of every script stay, and so do the joiners that Arabic and Indic spelling needs between two letters.
"""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"

_CONTROLS = "\x00-\x1f\x7f-\x9f"
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_UNWRITABLE = "\ud800-\udfff\ufdd0-\ufdef" + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_JOINED = "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc"
"""Scripts whose spelling uses the zero-width joiner and non-joiner: Arabic and its extensions, Indic, Tibetan, Burmese, Khmer."""

_JOINER = f"(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}])"
_HARMFUL = re.compile(f"{_JOINER}|[{_CONTROLS}{_UNSEEN}{_UNWRITABLE}]")
_HARMFUL_IN_LINES = re.compile(f"{_JOINER}|(?!\n)[{_CONTROLS}{_UNSEEN}{_UNWRITABLE}]")
_NEEDED = re.compile(_JOINER)


def visible(text: str) -> str:
    """The text as one line without anything that a terminal, a log or a reader could be misled by; the same object when it has nothing."""
    return text if text.isascii() and text.isprintable() else _replaced(text, _HARMFUL)


def visible_lines(text: str) -> str:
    """The same for a text that this collection wrote itself, whose line feeds are meant."""
    return _replaced(text, _HARMFUL_IN_LINES)


def _replaced(text: str, harmful: re.Pattern[str]) -> str:
    changed = harmful.sub(lambda found: found.group() if _NEEDED.match(text, found.start()) else REPLACEMENT, text)
    return text if changed == text else changed


__all__ = ["REPLACEMENT", "visible", "visible_lines"]
