# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation policies: the steps from the current values to the desired values.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure, except for the reading of the final state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._licensing.plan.plan import Plan
from ..._licensing.plan.step import Step
from ..._licensing.policies.deviations import deviating, format_value, target_values_of
from ..._licensing.policies.model import DesiredPolicies, PolicyState, TargetValue
from ..._licensing.policies.places import AVS, OFFICE_USERS, POLICIES, REACTIVATION, UPGRADE, RegistryLocation
from ..._licensing.policies.read import read_policies
from ..._licensing.registry import own_keys
from ..._licensing.registry import steps as registry_steps
from ..._licensing.registry.values import RegistryValue
from ..._licensing.state.model import OperatingSystem
from ..._licensing.state.served import VISTA, refuse, version_of

_LAST_WITH_UPGRADE = (6, 3)
_FIRST_WITH_AVS = (10, 0)
_FIRST_BUILD_WITH_REACTIVATION = 14393
"""Windows 10 version 1607, by Microsoft's page about the policies for licensing."""

Values = Mapping[str, Any]


def plan(state: PolicyState, desired: DesiredPolicies) -> Plan[PolicyState]:
    """Return the plan. Raises TaskRefusedError if this version of Windows does not support a policy."""
    _refuse_unsupported(state.os, desired)
    target_values = target_values_of(state, desired)
    predicted = {target.place: target.value for target in target_values}
    return Plan(
        state=state,
        steps=(*_value_steps(state, target_values), *_removals(state, target_values)),
        before=settings_dict(target_values, state.value),
        after=settings_dict(target_values, predicted.__getitem__),
        reread=lambda session, before: read_policies(session, before.os, desired),
        compare=lambda final_state: settings_dict(target_values, final_state.value),
        warnings=warnings(state, desired),
        subject="registry",
        next_step="Look at the value with 'reg query' on the machine, and run the task again.",
    )


def settings_dict(target_values: tuple[TargetValue, ...], value_at: Callable[[RegistryLocation], RegistryValue | None]) -> Values:
    """Return the registry values of each option, or None for an option that is not specified."""
    managed = {target.option for target in target_values}
    return {
        policy.option: [_described(target.place, value_at(target.place)) for target in target_values if target.option == policy.option]
        if policy.option in managed
        else None
        for policy in POLICIES
    }


def warnings(state: PolicyState, desired: DesiredPolicies) -> tuple[str, ...]:
    """Return a sentence for each policy that has no effect on this version of Windows. The policies are set anyway."""
    os, version = state.os, version_of(state.os)
    has_upgrade = not os.is_server and VISTA <= version <= _LAST_WITH_UPGRADE
    office_keys = [place.key for place in OFFICE_USERS.places[0].views()]
    has_office = any(state.has_key(key) and not own_keys.is_ours(state.keys.get(key)) for key in office_keys)
    causes = (
        (UPGRADE, has_upgrade, "only clients before Windows 10 have Windows Anytime Upgrade"),
        (AVS, version >= _FIRST_WITH_AVS, "Windows 10 and Windows Server 2016 are the first versions with this policy"),
        (
            REACTIVATION,
            not os.is_server and os.build >= _FIRST_BUILD_WITH_REACTIVATION,
            "only clients since Windows 10 version 1607 have this policy",
        ),
        (OFFICE_USERS, has_office, "the machine does not have an Office with its own licensing service"),
    )
    wanted = {target.option for target in target_values_of(state, desired) if target.value}
    return tuple(
        f"{policy.option} has no effect on {os.caption} (version {os.version}): {why}"
        for policy, is_there, why in causes
        if policy.option in wanted and not is_there
    )


def _refuse_unsupported(os: OperatingSystem, desired: DesiredPolicies) -> None:
    """Refuse policies on Windows before Vista, which has no licensing service. The removal of policies is not refused."""
    version = version_of(os)
    wanted = [target.option for target in desired.target_values(version) if target.value and target.option != UPGRADE.option]
    if version < VISTA and wanted:
        listed = ", ".join(dict.fromkeys(wanted))
        refuse(os, f"does not have a licensing service that supports {listed}", "Do not specify these options for this machine.")


def _value_steps(state: PolicyState, target_values: tuple[TargetValue, ...]) -> tuple[Step, ...]:
    """Return the steps for each value, after the steps for its missing keys."""
    steps: list[Step] = []
    made: set[str] = set()
    for target in deviating(state, target_values):
        if target.value:
            missing = [key for key in target.place.own_keys if key not in made and not state.has_key(key)]
            made.update(missing)
            steps += map(own_keys.create, missing)
        steps.append(_value_step(target, state.value(target.place)))
    return tuple(steps)


def _value_step(target: TargetValue, found: RegistryValue | None) -> Step:
    place, was = target.place, f" (was {format_value(found)})"
    if target.value is None:
        return registry_steps.remove_value("remove_policy", f"remove {place.path}{was}", place.key, place.name)
    return registry_steps.set_value("set_policy", f"set {place.path} to {target.value}{was}", place.key, target.value)


def _removals(state: PolicyState, target_values: tuple[TargetValue, ...]) -> tuple[Step, ...]:
    """Return steps that remove the keys of this collection that will be empty, the lowest first."""
    kept = {key for target in target_values if target.value for key in target.place.own_keys}
    candidates = dict.fromkeys(key for target in target_values for key in reversed(target.place.own_keys) if key not in kept)
    gone: list[str] = []
    for key in sorted(candidates, key=len, reverse=True):
        found = state.keys.get(key)
        values = [target.place.name for target in target_values if target.place.key == key]
        below = [name for parent, _slash, name in (path.rpartition("\\") for path in gone) if parent == key]
        if found and own_keys.is_ours(found) and own_keys.is_empty(found, values, below):
            gone.append(key)
    return tuple(map(own_keys.remove, gone))


def _described(place: RegistryLocation, value: RegistryValue | None) -> dict[str, str | None]:
    return {
        "path": place.key_path,
        "name": place.name,
        "type": value.type_name if value else None,
        "data": value.data if value else None,
    }
