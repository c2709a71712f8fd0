# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation by telephone: installation IDs and confirmation IDs as people read them out and write them down.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An installation ID has 54 digits, nine groups of six, or 63, nine of seven. A confirmation ID of Windows Vista and later has 48
digits, eight groups of six, which Windows shows under the letters A to H; one of Windows Server 2003 has 42, seven groups.
The last digit of a group checks the ones before it. The rule is verified on public installation IDs and on a confirmation ID
of 42 digits; that it holds for those of 48 too is expected and not verified, so it is good for a hint and for nothing else.
"""

from __future__ import annotations

INSTALLATION_IDS = {54: 6, 63: 7}
"""Digits of an installation ID, and how many of them make a group."""

CONFIRMATION_IDS = {42: 6, 48: 6}
"""Digits of a confirmation ID, and how many of them make a group."""

SINCE_VISTA, BEFORE_VISTA = 48, 42
"""Digits of a confirmation ID of Windows Vista and later, and of Windows Server 2003."""

STALE = "stale_installation_id"
"""The word for a confirmation ID that was given for another installation ID than the machine shows."""

ABOUT_ITS_FORM = frozenset({0xC004F02C, 0xC004F02F, 0xC004F04D})
"""Codes for a confirmation ID of wrong form, wrong length, wrong check digits: what is mistyped is the reason. Beside any other
code it is a hint."""

_GROUP = {**INSTALLATION_IDS, **CONFIRMATION_IDS}
_LETTERS = "ABCDEFGHI"


def digits_of(text: str) -> str:
    """The digits of a confirmation ID; blanks and hyphens between them go.

    Raises ValueError, in a sentence for people, for anything else.
    """
    return _digits_of(text, "a confirmation ID")


def installation_digits_of(text: str) -> str:
    """The digits of an installation ID; blanks and hyphens between them go.

    Raises ValueError, in a sentence for people, for anything else.
    """
    return _digits_of(text, "an installation ID")


def installation_id_defect(digits: str) -> str | None:
    """Why no product has this installation ID (digits only), in a sentence for people; None when one may have it."""
    if len(digits) not in INSTALLATION_IDS:
        usual = " or ".join(str(length) for length in sorted(INSTALLATION_IDS))
        return f"it has {len(digits)} digits, and an installation ID has {usual}: digits are missing or were added"
    wrong = invalid_groups(digits)
    if wrong:
        places = ", ".join(str(_LETTERS.index(letter) + 1) for letter in wrong)
        return f"the check digit does not fit in group {places} of {len(groups(digits))}: a digit was changed"
    return None


def _digits_of(text: str, name: str) -> str:
    digits = "".join(text.split()).replace("-", "")
    if not digits or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{name} has digits only, with blanks or hyphens between its groups")
    return digits


def groups(digits: str) -> tuple[str, ...]:
    """The groups in which an ID is read out; nothing when it has none of the known lengths."""
    size = _GROUP.get(len(digits))
    return tuple(digits[start : start + size] for start in range(0, len(digits), size)) if size else ()


def grouped(digits: str) -> str:
    """An ID with hyphens between its groups, as it is easier to read out; as it is when its length is unknown."""
    return "-".join(groups(digits)) or digits


def check_digit(digits: str) -> str:
    """The digit that follows these in a group: every second one counts twice, modulo 7."""
    return str(sum(int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(digits)) % 7)


def invalid_groups(digits: str) -> tuple[str, ...]:
    """The letters of the groups whose check digit does not fit; nothing for an ID of unknown length."""
    return tuple(_LETTERS[number] for number, group in enumerate(groups(digits)) if check_digit(group[:-1]) != group[-1])


def hints(digits: str, usual: int | None = None) -> tuple[str, ...]:
    """What looks wrong in a confirmation ID, for people; nothing when all fits.

    `usual` is how many digits one has on the Windows in question, None when that is not known.
    """
    expected = CONFIRMATION_IDS if usual is None else (usual,)
    if len(digits) not in expected:
        return (f"there are {len(digits)} digits where a confirmation ID usually has {usual or SINCE_VISTA}",)
    wrong = invalid_groups(digits)
    if not wrong:
        return ()
    one = "the check digit of group {} does not fit" if len(wrong) == 1 else "the check digits of groups {} do not fit"
    return (f"{one.format(', '.join(wrong))}, so compare with what you were told",)
