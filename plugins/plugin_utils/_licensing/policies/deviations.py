# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation policies that are not in the desired state.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..registry.values import RegistryValue
from ..state.served import version_of
from .model import DesiredPolicies, PolicyState, TargetValue

_NOT_SET = "not set"


@dataclass(frozen=True)
class Deviation:
    """A value that is not in the desired state: its option, its path, and the expected and the current value as text."""

    name: str
    place: str
    expected: str
    found: str


def target_values_of(state: PolicyState, desired: DesiredPolicies) -> tuple[TargetValue, ...]:
    """Return the values to manage on this machine."""
    return state.applicable(desired.target_values(version_of(state.os)))


def deviating(state: PolicyState, target_values: tuple[TargetValue, ...]) -> tuple[TargetValue, ...]:
    """Return the values that differ from the desired state."""
    return tuple(target for target in target_values if not target.matches(state.value(target.place)))


def deviations(state: PolicyState, desired: DesiredPolicies) -> tuple[Deviation, ...]:
    """Return every value that is not in the desired state."""
    wrong = deviating(state, target_values_of(state, desired))
    return tuple(
        Deviation(target.option, target.place.path, format_value(target.value), format_value(state.value(target.place))) for target in wrong
    )


def format_value(value: RegistryValue | None) -> str:
    """Return a value as text for messages."""
    return _NOT_SET if value is None else str(value)
