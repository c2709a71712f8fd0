# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refuse to request more confirmation IDs than permitted, or than a MAK has activations left, before the first request.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._errors import VolumeActivationError
from .remaining import Remaining


class OverBudgetError(VolumeActivationError):
    """The task would use more activations than permitted or than are left. No confirmation ID was requested."""

    error_code = "activation_budget"
    category = "precondition"
    cause = "The records need more activations than max_activations permits, or than the MAK has left at Microsoft."
    next_steps = ("Pass fewer records.",)


def refuse_more(needed: Mapping[str, int], limit: int | None) -> None:
    """Raise OverBudgetError if the task needs more activations of all MAKs together than permitted."""
    total = sum(needed.values())
    if limit is not None and total > limit:
        raise OverBudgetError(
            f"The task needs {total} activations, which is more than max_activations: {limit}. Nothing was requested.",
            ("Pass fewer records, or increase max_activations.",),
        )


def refuse_more_than_left(needed: Mapping[str, int], left: Sequence[Remaining]) -> None:
    """Raise OverBudgetError if a MAK has fewer activations left than the task needs of it."""
    short = [
        f"{one.extended_pid}: {needed[one.extended_pid]} needed, {one.number} left at {one.time}"
        for one in left
        if one.number is not None and one.number < needed[one.extended_pid]
    ]
    if short:
        raise OverBudgetError(
            f"Microsoft has fewer activations left than the task needs. {'; '.join(short)}. Nothing was requested.",
            (
                "Pass fewer records, or ask Microsoft to increase the number of activations of the MAK.",
                (
                    "To request confirmation IDs until no activations are left, set check_remaining: false, or for the role"
                    " proxy_activation, proxy_activation_max_activations: unlimited."
                ),
            ),
        )
