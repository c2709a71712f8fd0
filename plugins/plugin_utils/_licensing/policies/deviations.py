# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies about activation that are not as they should be.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..registry.values import RegistryValue
from ..state.served import version_of
from .model import DesiredPolicies, Goal, PolicyState

_NOT_SET = "not set"


@dataclass(frozen=True)
class Deviation:
    """A value that is not as it should be: the option that wants it, its path, and both in words."""

    name: str
    place: str
    expected: str
    found: str


def goals_of(state: PolicyState, desired: DesiredPolicies) -> tuple[Goal, ...]:
    """The values that the task is about on this Windows."""
    return state.counting(desired.goals(version_of(state.os)))


def deviating(state: PolicyState, goals: tuple[Goal, ...]) -> tuple[Goal, ...]:
    """Those that are not met."""
    return tuple(goal for goal in goals if not goal.is_met_by(state.value(goal.place)))


def deviations(state: PolicyState, desired: DesiredPolicies) -> tuple[Deviation, ...]:
    """Every value that is not in the desired state; none when all is well."""
    wrong = deviating(state, goals_of(state, desired))
    return tuple(Deviation(goal.option, goal.place.path, value_words(goal.value), value_words(state.value(goal.place))) for goal in wrong)


def value_words(value: RegistryValue | None) -> str:
    """A value for people."""
    return _NOT_SET if value is None else str(value)
