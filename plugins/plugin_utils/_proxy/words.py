# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of a record: what a person typed or a machine sent, made fit for every kind of file; and IDs as they are written down.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import re

from .._licensing.state import phone

# What XML cannot hold, or what an editor would not show. Tabs and line feeds stay.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_NUMBER = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_GROUP = 6

NO_NUMBER = (
    "a spreadsheet has made a number of it, and its digits are lost: take them from where they came from, and format the column as text"
)


def text_of(value: str) -> str:
    """A text of several lines, without blanks around it and without characters nobody sees."""
    return _UNSHOWN.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def line_of(value: str) -> str:
    """A text of one line: every run of blanks is one blank."""
    return " ".join(_UNSHOWN.sub("", value.replace("\r", " ")).split())


def spelled(digits: str) -> str:
    """An ID with hyphens between its groups. A spreadsheet leaves that alone, where it would make a number of the digits.

    What is no ID comes back as it is.
    """
    if not (digits.isascii() and digits.isdigit()):
        return digits
    known = phone.grouped(digits)
    return known if "-" in known else "-".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))


def is_number(text: str) -> bool:
    """Whether a text is a number as a spreadsheet shows long ones, 1.23E+53."""
    return _NUMBER.fullmatch(text) is not None
