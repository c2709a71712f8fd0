# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation by telephone: the format of installation IDs and confirmation IDs.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An installation ID has 54 digits in nine groups of six, or 63 digits in nine groups of seven. A confirmation ID of Windows Vista and
later has 48 digits in eight groups of six, which Windows labels A to H. A confirmation ID of Windows Server 2003 has 42 digits in seven
groups. The last digit of a group is the check digit of the digits before it. This rule is verified for public installation IDs and for
a confirmation ID of 42 digits. For confirmation IDs of 48 digits it is an assumption, so the modules use it only for hints.
"""

from __future__ import annotations

INSTALLATION_IDS = {54: 6, 63: 7}
"""Number of digits of an installation ID, and the number of digits in a group."""

CONFIRMATION_IDS = {42: 6, 48: 6}
"""Number of digits of a confirmation ID, and the number of digits in a group."""

SINCE_VISTA, BEFORE_VISTA = 48, 42
"""Number of digits of a confirmation ID of Windows Vista and later, and of Windows Server 2003."""

STALE = "stale_installation_id"
"""Code for a confirmation ID that belongs to another installation ID than the current one of the machine."""

ABOUT_ITS_FORM = frozenset({0xC004F02C, 0xC004F02F, 0xC004F04D})
"""Codes for a confirmation ID with a wrong format, a wrong length, or wrong check digits. With these codes, a typing error is the cause.
With other codes, it is a hint."""

_GROUP = {**INSTALLATION_IDS, **CONFIRMATION_IDS}
_LETTERS = "ABCDEFGHI"


def digits_of(text: str) -> str:
    """Return the digits of a confirmation ID without spaces and hyphens.

    Raises ValueError with a readable message for other characters.
    """
    return _digits_of(text, "a confirmation ID")


def installation_digits_of(text: str) -> str:
    """Return the digits of an installation ID without spaces and hyphens.

    Raises ValueError with a readable message for other characters.
    """
    return _digits_of(text, "an installation ID")


def installation_id_defect(digits: str) -> str | None:
    """Return the problem of an installation ID (digits only) as a readable text, or None if the ID can be valid."""
    if len(digits) not in INSTALLATION_IDS:
        usual = " or ".join(str(length) for length in sorted(INSTALLATION_IDS))
        return f"it has {len(digits)} digits instead of {usual}: digits are missing or were added"
    wrong = invalid_groups(digits)
    if wrong:
        places = ", ".join(str(_LETTERS.index(letter) + 1) for letter in wrong)
        return f"the check digit of group {places} of {len(groups(digits))} does not match: a digit was changed"
    return None


def _digits_of(text: str, name: str) -> str:
    digits = "".join(text.split()).replace("-", "")
    if not digits or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{name} must contain only digits, with spaces or hyphens between its groups")
    return digits


def groups(digits: str) -> tuple[str, ...]:
    """Return the groups of an ID, or an empty tuple for an ID of unknown length."""
    size = _GROUP.get(len(digits))
    return tuple(digits[start : start + size] for start in range(0, len(digits), size)) if size else ()


def grouped(digits: str) -> str:
    """Return an ID with hyphens between its groups. An ID of unknown length is not changed."""
    return "-".join(groups(digits)) or digits


def check_digit(digits: str) -> str:
    """Return the check digit of the digits of a group: their sum modulo 7, in which every second digit counts twice."""
    return str(sum(int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(digits)) % 7)


def invalid_groups(digits: str) -> tuple[str, ...]:
    """Return the letters of the groups with a wrong check digit, or an empty tuple for an ID of unknown length."""
    return tuple(_LETTERS[number] for number, group in enumerate(groups(digits)) if check_digit(group[:-1]) != group[-1])


def hints(digits: str, usual: int | None = None) -> tuple[str, ...]:
    """Return readable hints about errors in a confirmation ID, or an empty tuple if there are none.

    `usual` is the number of digits on this version of Windows, or None if the version is not known.
    """
    expected = CONFIRMATION_IDS if usual is None else (usual,)
    if len(digits) not in expected:
        return (f"there are {len(digits)} digits, but a confirmation ID usually has {usual or SINCE_VISTA}",)
    wrong = invalid_groups(digits)
    if not wrong:
        return ()
    one = "the check digit of group {} does not match" if len(wrong) == 1 else "the check digits of groups {} do not match"
    return (f"{one.format(', '.join(wrong))}: compare the ID with its source",)
