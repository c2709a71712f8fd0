# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits of a play for activations: a number, or as many as Microsoft has left.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The same text is a limit on the command line, in a survey, and in a file of variables, so numbers can be texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from ....module_utils._visible import visible

REMAINING, UNLIMITED = "remaining", "unlimited"
_NUMBER = re.compile("[0-9]{1,9}")
_SEPARATORS = re.compile(r"[,\r\n]")
_LONGEST = 40


@dataclass(frozen=True)
class ActivationLimits:
    """`maximum` is the lowest number, or None. `remaining` and `unlimited`: whether these words are among the limits."""

    maximum: int | None = None
    remaining: bool = False
    unlimited: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


def limits_of(value: Any, name: str) -> ActivationLimits:
    """Return the limits of a value of max_activations, a single one, a list, or a text with commas or lines.

    Raises ValueError with a readable message that begins with `name`, the name of the variable.
    """
    words = list(_words(value))
    wrong = [word for word in words if word not in (REMAINING, UNLIMITED) and not _NUMBER.fullmatch(word)]
    if wrong or not words:
        shown = ", ".join(repr(visible(word)[:_LONGEST]) for word in wrong) or "an empty value"
        raise ValueError(
            f"{name}: {shown} is not a number of 0 or greater, {REMAINING}, or {UNLIMITED}. Both limits together are '{REMAINING}, 10'."
        )
    if UNLIMITED in words and set(words) != {UNLIMITED}:
        raise ValueError(f"{name}: {UNLIMITED} cannot be combined with other limits.")
    numbers = [int(word) for word in words if _NUMBER.fullmatch(word)]
    return ActivationLimits(min(numbers, default=None), REMAINING in words, UNLIMITED in words)


def _words(value: Any) -> Iterable[str]:
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from _words(one)
    elif value is not None:
        yield from (part for part in (word.strip().casefold() for word in _SEPARATORS.split(str(value))) if part)
