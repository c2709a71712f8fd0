# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies on machines of the lab: whatever is there and whatever is wanted, one run leads there and a second one does nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError, MalformedResponseError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_policy import plan as policy
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import Outcome, predict
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.policies.deviations import deviations
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.policies.model import (
    DesiredPolicies,
    PolicyState,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.policies.read import read_policies
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import StepFailedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry import own_keys
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import OperatingSystem
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_os
from winlab.simulation.estate import load_estate
from winlab.simulation.machine import Machine
from winlab.simulation.registry import REG_BINARY, REG_DWORD, REG_EXPAND_SZ, REG_MULTI_SZ, REG_QWORD, REG_SZ, Data

from .conftest import LabSession

Sessions = Callable[[str], LabSession]
POLICIES = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies"
EXPLORER, WAU = rf"{POLICIES}\Explorer", rf"{POLICIES}\Explorer\WAU"
SPP = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
AVS = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform"
OFF = DesiredPolicies(windows_anytime_upgrade="disabled")
GONE = DesiredPolicies(windows_anytime_upgrade="absent")


def run(session: LabSession, desired: DesiredPolicies) -> Outcome[PolicyState]:
    return apply(policy.plan(look(session, desired), desired), session)


def look(session: LabSession, desired: DesiredPolicies) -> Any:
    return read_policies(session, read_os(session), desired)


def test_nothing_but_the_system_is_asked_for_a_wish_that_manages_nothing(session: Sessions) -> None:
    seven = session("seven")
    assert not run(seven, DesiredPolicies()).changed
    assert len(seven.requests) == 1


def test_a_machine_that_is_as_it_should_be_is_asked_one_question_for_each_key_and_each_value(session: Sessions) -> None:
    desired = DesiredPolicies(activation_alternate_url="https://help.example.com/", windows_anytime_upgrade="disabled")
    run(session("seven"), desired)
    again = session("seven")
    assert not run(again, desired).changed
    # Five keys, of which the 32-bit view of Activation is not there; four values: one of them in the 32-bit view of the service's key.
    assert again.requests.count("EnumValues") == 5
    assert (len(again.requests), again.writes) == (1 + 5 + 4, [])


def test_every_key_that_is_created_is_marked_and_goes_again(session: Sessions) -> None:
    seven = session("seven")
    registry = seven.machine.registry
    before = registry.changed()
    run(seven, OFF)
    assert {path for path in (EXPLORER, WAU) if registry.get(path, own_keys.MARK)} == {EXPLORER, WAU}
    outcome = run(seven, GONE)
    assert [step.action for step in outcome.steps] == ["remove_policy", "remove_key", "remove_key"]
    assert {path: values for path, values in registry.changed().items() if values is not None} == before


def test_a_key_somebody_else_made_anew_is_not_taken_for_ours(session: Sessions) -> None:
    seven = session("seven")
    registry = seven.machine.registry
    run(seven, OFF)
    registry.delete_key(WAU)
    registry.set(WAU, "Disabled", REG_DWORD, 1)
    run(seven, GONE)
    assert registry.key(WAU) is not None
    assert not registry.key(WAU).values


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        (REG_SZ, "1", "REG_SZ 1"),
        (REG_SZ, "", "REG_SZ (empty)"),
        (REG_EXPAND_SZ, "%windir%", "REG_EXPAND_SZ %windir%"),
        (REG_QWORD, 1, "REG_QWORD 1"),
        (REG_MULTI_SZ, ("1", "2"), "REG_MULTI_SZ 1 | 2"),
        (REG_MULTI_SZ, (), "REG_MULTI_SZ (empty)"),
        (REG_BINARY, b"\x01\xff", "REG_BINARY 01ff"),
        (REG_DWORD, 0, "REG_DWORD 0"),
        (0, 7, "type 0"),
    ],
)
def test_whatever_stands_where_the_value_belongs_is_seen_and_replaced(session: Sessions, kind: int, data: Data, told: str) -> None:
    seven = session("seven")
    seven.machine.registry.set(WAU, "Disabled", kind, data)
    (deviation,) = deviations(look(seven, OFF), OFF)
    assert (deviation.expected, deviation.found) == ("REG_DWORD 1", told)
    assert [step.description for step in run(seven, OFF).steps] == [f"set {WAU}\\Disabled to REG_DWORD 1 (was {told})"]
    found = seven.machine.registry.get(WAU, "Disabled")
    assert found
    assert (found.kind, found.data) == (REG_DWORD, 1)


def test_a_default_value_does_not_shift_names_and_types(session: Sessions) -> None:
    seven = session("seven")
    seven.machine.registry.set(WAU, "", REG_SZ, "default")
    seven.machine.registry.set(WAU, "Disabled", REG_DWORD, 1)
    assert deviations(look(seven, OFF), OFF) == ()


@pytest.mark.parametrize("method", ["CreateKey", "SetStringValue", "SetDWORDValue"])
@pytest.mark.parametrize("took_effect", [True, False])
def test_after_a_lost_answer_to_a_write_the_registry_decides(session: Sessions, method: str, took_effect: bool) -> None:
    seven = session("seven")
    seven.lose_answer_of(method, took_effect)
    assert all(step.done for step in run(seven, OFF).steps)
    assert deviations(look(seven, OFF), OFF) == ()
    if method == "SetDWORDValue":
        assert seven.requests.count(method) == (1 if took_effect else 2)


@pytest.mark.parametrize("method", ["DeleteValue", "DeleteKey"])
@pytest.mark.parametrize("took_effect", [True, False])
def test_after_a_lost_answer_to_a_removal_the_registry_decides(session: Sessions, method: str, took_effect: bool) -> None:
    run(session("seven"), OFF)
    seven = session("seven")
    seven.lose_answer_of(method, took_effect)
    assert all(step.done for step in run(seven, GONE).steps)
    assert seven.machine.registry.key(EXPLORER) is None
    assert seven.requests.count(method) == {"DeleteValue": 1, "DeleteKey": 2}[method] + (not took_effect)


def test_a_write_that_is_lost_twice_fails_with_what_was_done(session: Sessions) -> None:
    seven = session("seven")
    seven.lose_answer_of("SetDWORDValue", False, False)
    with pytest.raises(StepFailedError, match=r"the response was lost .* does not show the change") as failure:
        run(seven, OFF)
    assert [step.action for step in failure.value.steps if step.done] == ["create_key", "create_key"]


@pytest.mark.parametrize("broken_at", ["CreateKey", "SetDWORDValue", "SetStringValue"])
def test_a_run_that_is_cut_off_is_made_up_for_by_the_next_one(session: Sessions, broken_at: str) -> None:
    seven = session("seven")
    seven.break_at(broken_at)
    with pytest.raises(UnreachableError):
        run(seven, OFF)
    assert run(session("seven"), OFF).changed
    assert deviations(look(session("seven"), OFF), OFF) == ()


def test_a_connection_that_breaks_says_what_was_done(session: Sessions) -> None:
    seven = session("seven")
    seven.break_at("SetDWORDValue")
    account = Account()
    with pytest.raises(UnreachableError):
        apply(policy.plan(look(seven, OFF), OFF), seven, account=account)
    assert re.fullmatch(r" Completed steps: create the key HKLM\\.*Explorer; create the key HKLM\\.*WAU\.", account.completed_summary())
    assert account.changed


def test_a_key_into_which_somebody_writes_meanwhile_stays(session: Sessions) -> None:
    run(session("seven"), OFF)
    seven = session("seven")
    seven.before("DeleteValue", lambda: seven.machine.registry.set(WAU, "Other", REG_SZ, "x"))
    with pytest.raises(StepFailedError, match="the key is no longer empty, so it is not removed"):
        run(seven, GONE)
    assert seven.machine.registry.get(WAU, "Other")
    assert "DeleteKey" not in seven.requests


def test_a_key_that_may_not_be_read_is_named(session: Sessions) -> None:
    class Guarded(LabSession):
        def _run(self, target: Any, method: str, arguments: Mapping[str, Any]) -> Any:
            if method == "EnumValues":
                raise CimError(5, "", method)
            return super()._run(target, method, arguments)

    with pytest.raises(CimError, match=r"reading HKLM\\.*\\WAU in the registry failed with 0x00000005"):
        look(Guarded(session("seven").machine), OFF)


@pytest.mark.parametrize(("types", "told"), [("4", "it has 2 names, but 1 types"), (("4", "four"), "'four' is not an integer")])
def test_names_without_types_are_not_guessed_at(session: Sessions, types: Any, told: str) -> None:
    class Garbled(LabSession):
        def _run(self, target: Any, method: str, arguments: Mapping[str, Any]) -> Any:
            found = super()._run(target, method, arguments)
            return type(found)(found.class_name, {"sNames": ("A", "B"), "Types": types}) if method == "EnumValues" else found

    seven = session("seven")
    seven.machine.registry.create(WAU)
    with pytest.raises(MalformedResponseError, match=rf"the machine returned invalid data for HKLM\\.*\\WAU: {told}"):
        look(Garbled(seven.machine), OFF)


SWITCH = st.sampled_from([None, "absent", "disabled", "enabled"])
WISHES = st.builds(
    DesiredPolicies,
    activation_alternate_url=st.sampled_from([None, "absent", "https://a.example/", r"\\files\share\help.htm"]),
    activation_alternate_url_place=st.sampled_from(["both", "service", "activation"]),
    windows_anytime_upgrade=st.sampled_from([None, "absent", "disabled"]),
    avs_validation=SWITCH,
    allow_windows_entitlement_reactivation=SWITCH,
    notifications=SWITCH,
    standard_user_activation=SWITCH,
    office_standard_user_activation=SWITCH,
    skip_rearm=SWITCH,
)
KEYS = (WAU, EXPLORER, AVS, SPP, rf"{SPP}\Activation", SPP.replace("SOFTWARE", r"SOFTWARE\Wow6432Node") + r"\Activation")
NAMES = (
    "Disabled",
    "NoGenTicket",
    "AllowWindowsEntitlementReactivation",
    "notificationdisabled",
    "ActivationAlternateURL",
    "AlternateURL",
    "SkipRearm",
    "Foreign",
)
VALUES = st.sampled_from([(REG_DWORD, 0), (REG_DWORD, 1), (REG_SZ, "1"), (REG_SZ, "https://a.example/"), (REG_MULTI_SZ, ("a", "b"))])
BY_HAND = st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(NAMES), VALUES), max_size=6)


@cache
def windows_10() -> tuple[Machine, OperatingSystem]:
    """One machine for all examples, whose registry each of them has anew."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "estate.yml"
        path.write_text("title: one\ndns: none\nmachines:\n  - {name: pc, address: 127.56.9.9, os: Windows 10 Pro}\n", encoding="utf-8")
        machine = load_estate(path).machines["pc"]
    return machine, read_os(LabSession(machine))


@settings(max_examples=60, deadline=None)
@given(wishes=st.lists(WISHES, min_size=1, max_size=3), by_hand=BY_HAND)
def test_each_wish_is_reached_as_foreseen_and_then_there_is_nothing_to_do(wishes: list[DesiredPolicies], by_hand: list[Any]) -> None:
    machine, os = windows_10()
    machine._registry = machine.new_registry()
    for key, name, (kind, data) in by_hand:
        machine.registry.set(key, name, kind, data)
    theirs = {path for path, values in machine.registry.changed().items() if values is not None}
    for desired in wishes:
        session = LabSession(machine)
        plan = policy.plan(read_policies(session, os, desired), desired)
        assert session.writes == []
        assert apply(plan, session).after == predict(plan).after
        again = read_policies(session, os, desired)
        assert (deviations(again, desired), policy.plan(again, desired).steps) == ((), ())
    left = {path for path, values in machine.registry.changed().items() if values is not None}
    assert theirs <= left
    assert all(machine.registry.get(path, own_keys.MARK) for path in left - theirs if path not in _base_keys(machine))


def _base_keys(machine: Machine) -> set[str]:
    """Keys Windows comes with, which the machine only wrote into."""
    return {path for path in machine.registry.changed() if machine.new_registry().key(path) is not None}
