# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies about activation as values: what a task wants of them, and what a machine has.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..registry.values import RegistryKey, RegistryValue
from ..state.model import OperatingSystem
from .places import ABSENT, ALTERNATE_URL, BOTH, POLICIES, SERVICE, Policy, RegistryLocation


@dataclass(frozen=True)
class Goal:
    """One registry value as it should be; without `value` it should not be there."""

    option: str
    place: RegistryLocation
    value: RegistryValue | None

    def is_met_by(self, found: RegistryValue | None) -> bool:
        """Type and data count, the spelling of the name does not."""
        if found is None or self.value is None:
            return found is self.value
        return (found.kind, found.data) == (self.value.kind, self.value.data)


@dataclass(frozen=True)
class DesiredPolicies:
    """The desired policies. The fields are the options of the module with the same defaults; None leaves a policy alone."""

    activation_alternate_url: str | None = None
    activation_alternate_url_place: str = BOTH
    windows_anytime_upgrade: str | None = None
    avs_validation: str | None = None
    notifications: str | None = None
    standard_user_activation: str | None = None
    office_standard_user_activation: str | None = None
    skip_rearm: str | None = None

    def choice(self, policy: Policy) -> str | None:
        """Return the value of the option of a policy, or None if it is not specified."""
        choice: str | None = getattr(self, policy.option)
        return choice

    @property
    def managed(self) -> tuple[Policy, ...]:
        """The policies that are specified."""
        return tuple(policy for policy in POLICIES if self.choice(policy) is not None)

    def goals(self, version: tuple[int, int]) -> tuple[Goal, ...]:
        """Every value that is looked after, on any machine with this version of Windows."""
        return tuple(
            _goal(policy.option, place, self._data(policy))
            for policy in self.managed
            for chosen in self._places(policy)
            for place in chosen.on(version).views()
        )

    def _data(self, policy: Policy) -> str | None:
        choice = self.choice(policy)
        if choice is None or choice == ABSENT:
            return None
        return policy.data[choice] if policy.data else choice

    def _places(self, policy: Policy) -> tuple[RegistryLocation, ...]:
        if policy is not ALTERNATE_URL or self.activation_alternate_url_place == BOTH:
            return policy.places
        service, activation = policy.places
        return (service,) if self.activation_alternate_url_place == SERVICE else (activation,)


def _goal(option: str, place: RegistryLocation, data: str | None) -> Goal:
    return Goal(option, place, None if data is None else RegistryValue(place.name, place.kind, data))


@dataclass(frozen=True)
class PolicyState:
    """What a machine has, as far as a task is about it. `keys` has None for a key that is not there; a key that is not in it is."""

    os: OperatingSystem
    keys: Mapping[str, RegistryKey | None]

    def value(self, place: RegistryLocation) -> RegistryValue | None:
        """The value at a place, None when it is not there."""
        key = self.keys.get(place.key)
        return key.value(place.name) if key else None

    def has_key(self, key: str) -> bool:
        """Whether a key is there."""
        return self.keys.get(key, _SOME_KEY) is not None

    def counting(self, goals: tuple[Goal, ...]) -> tuple[Goal, ...]:
        """The goals that count on this machine: what 32-bit programs see is looked after only where its key exists."""
        return tuple(goal for goal in goals if self.has_key(goal.place.key) or not goal.place.is_32_bit)


_SOME_KEY = RegistryKey()
