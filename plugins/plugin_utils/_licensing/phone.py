# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation by telephone: the confirmation ID as people write it down.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A confirmation ID of Windows Vista and later has 48 digits, eight groups of six, which Windows shows under the letters A to H.
The last digit of a group checks the ones before it. The rule is verified on public installation IDs; that it holds for
48-digit confirmation IDs too is expected and not verified, so it is good for a hint and for nothing else.
"""

from __future__ import annotations

GROUP = 6
_USUAL_LENGTHS = (42, 48)
_LETTERS = "ABCDEFGHI"


def digits_of(text: str) -> str:
    """The digits of a confirmation ID; blanks and hyphens between them go.

    Raises ValueError, in a sentence for people, for anything else.
    """
    digits = "".join(text.split()).replace("-", "")
    if not digits or not (digits.isascii() and digits.isdigit()):
        raise ValueError("a confirmation ID has digits only, with blanks or hyphens between its groups")
    return digits


def check_digit(digits: str) -> str:
    """The digit that follows these in a group: every second one counts twice, modulo 7."""
    return str(sum(int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(digits)) % 7)


def hints(digits: str) -> tuple[str, ...]:
    """What looks wrong in a confirmation ID, for people; nothing when all fits."""
    if len(digits) not in _USUAL_LENGTHS:
        return (f"it has {len(digits)} digits, and a confirmation ID usually has 48",)
    groups = [digits[start : start + GROUP] for start in range(0, len(digits), GROUP)]
    wrong = [_LETTERS[number] for number, group in enumerate(groups) if check_digit(group[:-1]) != group[-1]]
    return (f"the check digit of group {', '.join(wrong)} does not fit, so compare it with what you were told",) if wrong else ()
