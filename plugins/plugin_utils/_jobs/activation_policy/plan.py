# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies about activation: what lies between what a machine has and what is wanted, as steps.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure but for what the plan reads as its final state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..._licensing.plan.plan import Plan
from ..._licensing.plan.step import Step
from ..._licensing.policies.deviations import deviating, goals_of, value_words
from ..._licensing.policies.model import DesiredPolicies, Goal, PolicyState
from ..._licensing.policies.places import AVS, OFFICE_USERS, POLICIES, UPGRADE, RegistryLocation
from ..._licensing.policies.read import read_policies
from ..._licensing.registry import own_keys
from ..._licensing.registry import steps as registry_steps
from ..._licensing.registry.values import RegistryValue
from ..._licensing.state.model import OperatingSystem
from ..._licensing.state.served import VISTA, refuse, version_of

_LAST_WITH_UPGRADE = (6, 3)
_FIRST_WITH_AVS = (10, 0)
Values = Mapping[str, Any]


def plan(state: PolicyState, desired: DesiredPolicies) -> Plan[PolicyState]:
    """Raises TaskRefusedError when this Windows has no place for what is wanted."""
    _refuse_unsupported(state.os, desired)
    goals = goals_of(state, desired)
    predicted = {goal.place: goal.value for goal in goals}
    return Plan(
        state=state,
        steps=(*_value_steps(state, goals), *_removals(state, goals)),
        before=settings_dict(goals, state.value),
        after=settings_dict(goals, predicted.__getitem__),
        reread=lambda session, before: read_policies(session, before.os, desired),
        compare=lambda final_state: settings_dict(goals, final_state.value),
        warnings=warnings(state, desired),
        subject="registry",
        next_step="Look at the value with 'reg query' on the machine, and run the task again.",
    )


def settings_dict(goals: tuple[Goal, ...], value_at: Callable[[RegistryLocation], RegistryValue | None]) -> Values:
    """Return the registry values of each option, or None for an option that is not specified."""
    managed = {goal.option for goal in goals}
    return {
        policy.option: [_described(goal.place, value_at(goal.place)) for goal in goals if goal.option == policy.option]
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
        (OFFICE_USERS, has_office, "the machine does not have an Office with its own licensing service"),
    )
    wanted = {goal.option for goal in goals_of(state, desired) if goal.value}
    return tuple(
        f"{policy.option} has no effect on {os.caption} (version {os.version}): {why}"
        for policy, is_there, why in causes
        if policy.option in wanted and not is_there
    )


def _refuse_unsupported(os: OperatingSystem, desired: DesiredPolicies) -> None:
    """Windows before Vista has no licensing service that could read a policy; that there is none to remove is no failure."""
    version = version_of(os)
    wanted = [goal.option for goal in desired.goals(version) if goal.value and goal.option != UPGRADE.option]
    if version < VISTA and wanted:
        listed = ", ".join(dict.fromkeys(wanted))
        refuse(os, f"has no licensing service to which {listed} could apply", "Leave it out for this machine.")


def _value_steps(state: PolicyState, goals: tuple[Goal, ...]) -> tuple[Step, ...]:
    """Each value, after the keys that are missing for it."""
    steps: list[Step] = []
    made: set[str] = set()
    for goal in deviating(state, goals):
        if goal.value:
            missing = [key for key in goal.place.own_keys if key not in made and not state.has_key(key)]
            made.update(missing)
            steps += map(own_keys.create, missing)
        steps.append(_value_step(goal, state.value(goal.place)))
    return tuple(steps)


def _value_step(goal: Goal, found: RegistryValue | None) -> Step:
    place, was = goal.place, f" (was {value_words(found)})"
    if goal.value is None:
        return registry_steps.remove_value("remove_policy", f"remove {place.path}{was}", place.key, place.name)
    return registry_steps.set_value("set_policy", f"set {place.path} to {goal.value}{was}", place.key, goal.value)


def _removals(state: PolicyState, goals: tuple[Goal, ...]) -> tuple[Step, ...]:
    """The keys we made in which nothing will be left, the lowest first."""
    kept = {key for goal in goals if goal.value for key in goal.place.own_keys}
    candidates = dict.fromkeys(key for goal in goals for key in reversed(goal.place.own_keys) if key not in kept)
    gone: list[str] = []
    for key in sorted(candidates, key=len, reverse=True):
        found = state.keys.get(key)
        values = [goal.place.name for goal in goals if goal.place.key == key]
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
