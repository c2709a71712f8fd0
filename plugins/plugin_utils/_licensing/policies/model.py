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
from .places import ABSENT, ALTERNATE_URL, BOTH, POLICIES, SERVICE, UNMANAGED, Policy, RegistryLocation


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
    """What should be: the fields are the options of the module, with their defaults, so that options make a desired state as they are."""

    activation_alternate_url: str = UNMANAGED
    activation_alternate_url_place: str = BOTH
    windows_anytime_upgrade: str = UNMANAGED
    avs_validation: str = UNMANAGED
    notifications: str = UNMANAGED
    standard_user_activation: str = UNMANAGED
    office_standard_user_activation: str = UNMANAGED
    skip_rearm: str = UNMANAGED

    def word(self, policy: Policy) -> str:
        """What is wanted of one policy."""
        return str(getattr(self, policy.option))

    @property
    def managed(self) -> tuple[Policy, ...]:
        """The policies that are not left alone."""
        return tuple(policy for policy in POLICIES if self.word(policy) != UNMANAGED)

    def goals(self, version: tuple[int, int]) -> tuple[Goal, ...]:
        """Every value that is looked after, on any machine with this version of Windows."""
        return tuple(
            _goal(policy.option, place, self._data(policy))
            for policy in self.managed
            for chosen in self._places(policy)
            for place in chosen.on(version).views()
        )

    def _data(self, policy: Policy) -> str | None:
        word = self.word(policy)
        return None if word == ABSENT else policy.words[word] if policy.words else word

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
