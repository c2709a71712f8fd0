# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Normalize the texts of a record for all file formats, and format IDs in groups.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re

from ...module_utils import _phone as phone

# Characters that XML cannot contain, or that an editor does not show. Tabs and line feeds are kept.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_NUMBER = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_GROUP = 6

NO_NUMBER = (
    "a spreadsheet converted the ID to a number, and its digits are lost. Copy the ID from its source again, and format the column as text"
)


def text_of(value: str) -> str:
    """Return a text of several lines without surrounding spaces and without invisible characters."""
    return _UNSHOWN.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def line_of(value: str) -> str:
    """Return a text of one line, in which every sequence of spaces is one space."""
    return " ".join(_UNSHOWN.sub("", value.replace("\r", " ")).split())


def spelled(digits: str) -> str:
    """Return an ID with hyphens between its groups, which a spreadsheet does not convert to a number.

    A text that is not an ID is returned unchanged.
    """
    if not (digits.isascii() and digits.isdigit()):
        return digits
    known = phone.grouped(digits)
    return known if "-" in known else "-".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))


def is_number(text: str) -> bool:
    """Whether a text is a long number as a spreadsheet shows it, for example 1.23E+53."""
    return _NUMBER.fullmatch(text) is not None
