# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation policies: the desired values of a task, and the current values of a machine.

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
class TargetValue:
    """The desired registry value. If `value` is None, the registry value must not exist."""

    option: str
    place: RegistryLocation
    value: RegistryValue | None

    def matches(self, found: RegistryValue | None) -> bool:
        """Return whether type and data are equal. The name is not compared."""
        if found is None or self.value is None:
            return found is self.value
        return (found.kind, found.data) == (self.value.kind, self.value.data)


@dataclass(frozen=True)
class DesiredPolicies:
    """The desired policies. The fields are the options of the module with the same defaults; None means that a policy is not changed."""

    activation_alternate_url: str | None = None
    activation_alternate_url_place: str = BOTH
    windows_anytime_upgrade: str | None = None
    avs_validation: str | None = None
    allow_windows_entitlement_reactivation: str | None = None
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

    def target_values(self, version: tuple[int, int]) -> tuple[TargetValue, ...]:
        """Return all managed values for a version of Windows."""
        return tuple(
            _target_value(policy.option, place, self._data(policy))
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


def _target_value(option: str, place: RegistryLocation, data: str | None) -> TargetValue:
    return TargetValue(option, place, None if data is None else RegistryValue(place.name, place.kind, data))


@dataclass(frozen=True)
class PolicyState:
    """The registry keys of a machine that a task manages.

    `keys` contains None for a key that does not exist. A key that is not in `keys` exists.
    """

    os: OperatingSystem
    keys: Mapping[str, RegistryKey | None]

    def value(self, place: RegistryLocation) -> RegistryValue | None:
        """Return the value at a location, or None if it does not exist."""
        key = self.keys.get(place.key)
        return key.value(place.name) if key else None

    def has_key(self, key: str) -> bool:
        """Return whether a key exists."""
        return self.keys.get(key, _SOME_KEY) is not None

    def applicable(self, target_values: tuple[TargetValue, ...]) -> tuple[TargetValue, ...]:
        """Return the values to manage on this machine. Values for 32-bit programs are managed only if their key exists."""
        return tuple(target for target in target_values if self.has_key(target.place.key) or not target.place.is_32_bit)


_SOME_KEY = RegistryKey()
