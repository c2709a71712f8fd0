# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes text from machines, name servers, and libraries safe to show: the text is one line and cannot change other output.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each of these characters becomes U+FFFD, the replacement character, so that the removal is visible:

* C0 and C1 control characters, including line breaks, which move the cursor, change colors, and overwrite lines;
* the line and paragraph separators U+2028 and U+2029;
* characters that change the direction of the text or are invisible: bidirectional marks, zero-width characters, the byte order mark,
  soft hyphens, and tags;
* lone surrogates and noncharacters, which many programs cannot write.

Letters of every script are kept, and so are the joiners that Arabic and Indic spelling requires between two letters.
"""

from __future__ import annotations

import re

REPLACEMENT = "\ufffd"

_CONTROLS = "\x00-\x1f\x7f-\x9f"
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_UNWRITABLE = "\ud800-\udfff\ufdd0-\ufdef" + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
_JOINED = "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff\ufb50-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc"
"""Scripts whose spelling uses the zero-width joiner and non-joiner: Arabic and its extensions, Indic, Tibetan, Burmese, Khmer."""

_JOINER = f"(?<=[{_JOINED}])[\u200c\u200d](?=[{_JOINED}])"
_HARMFUL = re.compile(f"{_JOINER}|[{_CONTROLS}{_INVISIBLE}{_UNWRITABLE}]")
_HARMFUL_IN_LINES = re.compile(f"{_JOINER}|(?!\n)[{_CONTROLS}{_INVISIBLE}{_UNWRITABLE}]")
_NEEDED = re.compile(_JOINER)


def visible(text: str) -> str:
    """Return the text as one line without harmful characters; the same object if it does not contain any."""
    return text if text.isascii() and text.isprintable() else _replaced(text, _HARMFUL)


def visible_lines(text: str) -> str:
    """Return the text without harmful characters, but with its line feeds, for a text that this collection wrote."""
    return _replaced(text, _HARMFUL_IN_LINES)


def _replaced(text: str, harmful: re.Pattern[str]) -> str:
    changed = harmful.sub(lambda found: found.group() if _NEEDED.match(text, found.start()) else REPLACEMENT, text)
    return text if changed == text else changed


__all__ = ["REPLACEMENT", "visible", "visible_lines"]
