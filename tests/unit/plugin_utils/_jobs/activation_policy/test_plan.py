# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies: which values a wish is about, which steps lead there, and what is said of a Windows that has no use for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_policy import plan as policy
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.policies.deviations import Deviation, deviations
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.policies.model import (
    DesiredPolicies,
    PolicyState,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.policies.places import POLICIES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry import own_keys
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry.values import (
    REG_DWORD,
    REG_SZ,
    SPP_KEY,
    SPP_KEY_32,
    RegistryKey,
    RegistryValue,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import OperatingSystem, ProductType

from ...conftest import build_os

EXPLORER = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer"
WAU = rf"{EXPLORER}\WAU"
AVS = r"SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform"
OFFICE = r"SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform"
OFFICE_32 = r"SOFTWARE\Wow6432Node\Microsoft\OfficeSoftwareProtectionPlatform"
ACTIVATION, ACTIVATION_32 = rf"{SPP_KEY}\Activation", rf"{SPP_KEY_32}\Activation"
SL = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\SL"
DISABLED = {WAU: {"Disabled": (REG_DWORD, "1")}}

SEVEN = build_os(caption="Windows 7 Professional", version="6.1.7601", build=7601, product_type=ProductType.CLIENT)
Values = Mapping[str, tuple[int, str]]


def key(values: Values | None = None, *, ours: bool = False, below: tuple[str, ...] = ()) -> RegistryKey:
    given = {**(values or {}), **({own_keys.MARK: (REG_SZ, "1")} if ours else {})}
    return RegistryKey({name.lower(): RegistryValue(name, kind, data) for name, (kind, data) in given.items()}, below)


def state(keys: Mapping[str, RegistryKey | None], os: OperatingSystem = SEVEN) -> PolicyState:
    return PolicyState(os, keys)


def told(plan: policy.PolicyPlan) -> list[tuple[str, str]]:
    """What is done with what: the kind of each step, and the path in its words."""
    return [(step.action, step.description.partition("HKLM\\")[2].split(",")[0].split(" (was")[0]) for step in plan.steps]


def test_every_policy_is_an_option_and_every_option_a_policy_or_the_place_of_one() -> None:
    options = [field.name for field in dataclasses.fields(DesiredPolicies) if field.name != "activation_alternate_url_place"]
    assert options == [entry.option for entry in POLICIES]


def test_a_wish_that_manages_nothing_has_no_goals_and_no_steps() -> None:
    plan = policy.plan(state({}), DesiredPolicies())
    assert DesiredPolicies().target_values((10, 0)) == ()
    assert (plan.steps, set(plan.before.values())) == ((), {None})


@pytest.mark.parametrize(
    ("place", "paths"),
    [
        ("both", [rf"{SPP_KEY}\ActivationAlternateURL", rf"{ACTIVATION}\AlternateURL"]),
        ("service", [rf"{SPP_KEY}\ActivationAlternateURL"]),
        ("activation", [rf"{ACTIVATION}\AlternateURL"]),
    ],
)
def test_the_help_address_goes_to_the_place_that_was_chosen(place: str, paths: list[str]) -> None:
    desired = DesiredPolicies(activation_alternate_url="https://help.example.com/", activation_alternate_url_place=place)
    plan = policy.plan(state({SPP_KEY: key(), SPP_KEY_32: None, ACTIVATION: key(), ACTIVATION_32: None}), desired)
    assert told(plan) == [("set_policy", f"{path} to REG_SZ https://help.example.com/") for path in paths]


def test_what_32_bit_programs_see_is_set_where_the_machine_has_that_key() -> None:
    plan = policy.plan(state({SPP_KEY: key(), SPP_KEY_32: key()}), DesiredPolicies(skip_rearm="disabled"))
    assert told(plan) == [("set_policy", rf"{wide}\SkipRearm to REG_DWORD 0") for wide in (SPP_KEY, SPP_KEY_32)]


@pytest.mark.parametrize(
    ("option", "word", "values"),
    [
        ("windows_anytime_upgrade", "disabled", {rf"{WAU}\Disabled": "1"}),
        ("windows_anytime_upgrade", "absent", {rf"{WAU}\Disabled": None}),
        ("avs_validation", "disabled", {rf"{AVS}\NoGenTicket": "1", rf"{AVS}\NoAcquireGT": "1"}),
        ("avs_validation", "enabled", {rf"{AVS}\NoGenTicket": "0", rf"{AVS}\NoAcquireGT": "0"}),
        ("allow_windows_entitlement_reactivation", "disabled", {rf"{AVS}\AllowWindowsEntitlementReactivation": "0"}),
        ("allow_windows_entitlement_reactivation", "enabled", {rf"{AVS}\AllowWindowsEntitlementReactivation": "1"}),
        ("allow_windows_entitlement_reactivation", "absent", {rf"{AVS}\AllowWindowsEntitlementReactivation": None}),
        ("notifications", "disabled", {rf"{ACTIVATION}\NotificationDisabled": "1"}),
        ("notifications", "enabled", {rf"{ACTIVATION}\NotificationDisabled": "0"}),
        ("standard_user_activation", "disabled", {rf"{SPP_KEY}\UserOperations": "0"}),
        ("standard_user_activation", "enabled", {rf"{SPP_KEY}\UserOperations": "1"}),
        ("office_standard_user_activation", "disabled", {rf"{OFFICE}\UserOperations": "0"}),
        ("office_standard_user_activation", "enabled", {rf"{OFFICE}\UserOperations": "1"}),
        ("skip_rearm", "disabled", {rf"{SPP_KEY}\SkipRearm": "0"}),
        ("skip_rearm", "enabled", {rf"{SPP_KEY}\SkipRearm": "1"}),
        ("skip_rearm", "absent", {rf"{SPP_KEY}\SkipRearm": None}),
    ],
)
def test_each_word_stands_for_the_number_its_source_gives(option: str, word: str, values: Mapping[str, str | None]) -> None:
    target_values = [target for target in DesiredPolicies(**{option: word}).target_values((10, 0)) if not target.place.is_32_bit]
    assert {rf"{target.place.key}\{target.place.name}": target.value and target.value.data for target in target_values} == values
    assert {target.value.kind for target in target_values if target.value} <= {REG_DWORD}


def test_policies_that_32_bit_programs_share_have_no_second_place() -> None:
    target_values = DesiredPolicies(windows_anytime_upgrade="disabled", avs_validation="disabled").target_values((10, 0))
    assert not any(target.place.is_32_bit for target in target_values)


def test_windows_6_0_has_the_values_below_its_own_key() -> None:
    target_values = DesiredPolicies(standard_user_activation="enabled", notifications="disabled").target_values((6, 0))
    assert [target.place.key for target in target_values if not target.place.is_32_bit] == [rf"{SL}\Activation", SL]
    assert target_values[0].place.own_keys == (rf"{SL}\Activation",)


def test_missing_keys_are_created_from_the_top_and_once() -> None:
    plan = policy.plan(state({WAU: None, EXPLORER: None}), DesiredPolicies(windows_anytime_upgrade="disabled"))
    assert told(plan) == [("create_key", EXPLORER), ("create_key", WAU), ("set_policy", rf"{WAU}\Disabled to REG_DWORD 1")]
    avs = policy.plan(state({AVS: None}, build_os()), DesiredPolicies(avs_validation="disabled"))
    assert [action for action, _path in told(avs)] == ["create_key", "set_policy", "set_policy"]


def test_a_value_of_the_wrong_type_is_replaced_and_both_are_shown() -> None:
    plan = policy.plan(state({WAU: key({"disabled": (REG_SZ, "1")})}), DesiredPolicies(windows_anytime_upgrade="disabled"))
    (step,) = plan.steps
    assert step.description == rf"set HKLM\{WAU}\Disabled to REG_DWORD 1 (was REG_SZ 1)"
    where = {"path": rf"HKLM\{WAU}", "name": "Disabled"}
    assert plan.before["windows_anytime_upgrade"] == [{**where, "type": "REG_SZ", "data": "1"}]
    assert plan.after["windows_anytime_upgrade"] == [{**where, "type": "REG_DWORD", "data": "1"}]


def test_a_value_that_is_as_it_should_be_in_any_spelling_needs_no_step() -> None:
    assert policy.plan(state({WAU: key({"DISABLED": (REG_DWORD, "1")})}), DesiredPolicies(windows_anytime_upgrade="disabled")).steps == ()


def test_keys_we_made_go_with_the_last_value_in_them_from_below() -> None:
    keys = {WAU: key({"Disabled": (REG_DWORD, "1")}, ours=True), EXPLORER: key(ours=True, below=("WAU",))}
    plan = policy.plan(state(keys), DesiredPolicies(windows_anytime_upgrade="absent"))
    assert told(plan) == [("remove_policy", rf"{WAU}\Disabled"), ("remove_key", WAU), ("remove_key", EXPLORER)]


def test_a_removal_that_was_interrupted_is_finished() -> None:
    desired = DesiredPolicies(windows_anytime_upgrade="absent")
    half = policy.plan(state({WAU: key(ours=True), EXPLORER: key(ours=True, below=("WAU",))}), desired)
    assert told(half) == [("remove_key", WAU), ("remove_key", EXPLORER)]
    nearly = policy.plan(state({WAU: None, EXPLORER: key(ours=True)}), desired)
    assert told(nearly) == [("remove_key", EXPLORER)]


@pytest.mark.parametrize(
    ("upper", "lower", "gone"),
    [
        (key(), key({"Disabled": (REG_DWORD, "1")}), []),
        (key(ours=True, below=("WAU",)), key({"Disabled": (REG_DWORD, "1")}), []),
        (key(below=("WAU",)), key({"Disabled": (REG_DWORD, "1")}, ours=True), [WAU]),
        (key(ours=True, below=("WAU", "Run")), key({"Disabled": (REG_DWORD, "1")}, ours=True), [WAU]),
        (key({"NoAutorun": (REG_DWORD, "1")}, ours=True, below=("WAU",)), key({"Disabled": (REG_DWORD, "1")}, ours=True), [WAU]),
        (key(ours=True, below=("WAU",)), key({"Disabled": (REG_DWORD, "1"), "Other": (REG_SZ, "x")}, ours=True), []),
        (key(ours=True, below=("WAU",)), key({"Disabled": (REG_DWORD, "1")}, ours=True, below=("Deeper",)), []),
    ],
    ids=[
        "none is ours",
        "only the upper is ours",
        "only the lower is ours",
        "another key",
        "another value",
        "a value beside",
        "a key below",
    ],
)
def test_keys_of_others_and_keys_with_something_in_them_stay(upper: RegistryKey, lower: RegistryKey, gone: list[str]) -> None:
    plan = policy.plan(state({WAU: lower, EXPLORER: upper}), DesiredPolicies(windows_anytime_upgrade="absent"))
    assert [path for action, path in told(plan) if action == "remove_key"] == gone


def test_a_key_that_another_wish_needs_stays() -> None:
    keys = {SPP_KEY: key(), SPP_KEY_32: None, ACTIVATION: key({"NotificationDisabled": (REG_DWORD, "1")}, ours=True), ACTIVATION_32: None}
    desired = DesiredPolicies(
        notifications="absent", activation_alternate_url="https://a.example/", activation_alternate_url_place="activation"
    )
    assert [action for action, _path in told(policy.plan(state(keys), desired))] == ["set_policy", "remove_policy"]


def test_a_type_that_has_no_name_is_told_by_its_number() -> None:
    odd = RegistryKey({"disabled": RegistryValue("Disabled", 0)})
    (deviation,) = deviations(state({WAU: odd}), DesiredPolicies(windows_anytime_upgrade="disabled"))
    assert deviation == Deviation("windows_anytime_upgrade", rf"HKLM\{WAU}\Disabled", "REG_DWORD 1", "type 0")


def test_deviations_say_what_should_be_and_what_is_and_nothing_where_all_is_well() -> None:
    desired = DesiredPolicies(windows_anytime_upgrade="disabled", avs_validation="absent")
    assert deviations(state({WAU: key({"Disabled": (REG_DWORD, "1")}), AVS: None}), desired) == ()
    found = deviations(state({WAU: None, AVS: key({"NoGenTicket": (REG_DWORD, "1")})}), desired)
    assert [(entry.name, entry.expected, entry.found) for entry in found] == [
        ("windows_anytime_upgrade", "REG_DWORD 1", "not set"),
        ("avs_validation", "not set", "REG_DWORD 1"),
    ]


@pytest.mark.parametrize(
    ("version", "product_type", "has_it"),
    [
        ("6.0.6002", ProductType.CLIENT, True),
        ("6.1.7601", ProductType.CLIENT, True),
        ("6.3.9600", ProductType.CLIENT, True),
        ("10.0.19045", ProductType.CLIENT, False),
        ("6.1.7601", ProductType.SERVER, False),
        ("5.2.3790", ProductType.SERVER, False),
    ],
)
def test_a_windows_without_anytime_upgrade_takes_the_policy_with_a_note(version: str, product_type: ProductType, has_it: bool) -> None:
    os = build_os(caption="Some Windows", version=version, product_type=product_type)
    plan = policy.plan(state({WAU: None}, os), DesiredPolicies(windows_anytime_upgrade="disabled"))
    assert plan.steps
    assert [note.partition(":")[0] for note in plan.warnings] == (
        [] if has_it else [f"windows_anytime_upgrade has no effect on Some Windows (version {version})"]
    )


@pytest.mark.parametrize(
    ("version", "build", "product_type", "has_it"),
    [
        ("10.0.19045", 19045, ProductType.CLIENT, True),
        ("10.0.14393", 14393, ProductType.CLIENT, True),
        ("10.0.10586", 10586, ProductType.CLIENT, False),
        ("6.3.9600", 9600, ProductType.CLIENT, False),
        ("10.0.20348", 20348, ProductType.SERVER, False),
    ],
)
def test_a_windows_without_digital_licenses_takes_the_policy_about_them_with_a_note(
    version: str, build: int, product_type: ProductType, has_it: bool
) -> None:
    os = build_os(caption="Some Windows", version=version, build=build, product_type=product_type)
    plan = policy.plan(state({AVS: None}, os), DesiredPolicies(allow_windows_entitlement_reactivation="disabled"))
    assert plan.steps
    assert len(plan.warnings) == (0 if has_it else 1)


def test_there_is_no_note_for_what_is_taken_away_or_left_alone() -> None:
    assert policy.warnings(state({WAU: None, AVS: None}, build_os(version="6.3.9600")), DesiredPolicies(avs_validation="absent")) == ()
    assert policy.warnings(state({WAU: None}, build_os()), DesiredPolicies(windows_anytime_upgrade="absent")) == ()


@pytest.mark.parametrize(
    ("wide", "narrow", "notes"),
    [(None, None, 1), (key(ours=True), None, 1), (key(), None, 0), (None, key(), 0)],
    ids=["no key", "only our key", "its own key", "a 32-bit key"],
)
def test_a_policy_for_office_is_noted_where_no_such_office_is_found(
    wide: RegistryKey | None, narrow: RegistryKey | None, notes: int
) -> None:
    desired = DesiredPolicies(office_standard_user_activation="enabled")
    assert len(policy.warnings(state({OFFICE: wide, OFFICE_32: narrow}), desired)) == notes


def test_server_2003_refuses_what_it_has_no_service_for_and_names_it() -> None:
    old = build_os(computer_name="OLD", caption="Windows Server 2003", version="5.2.3790")
    desired = DesiredPolicies(
        notifications="disabled", standard_user_activation="disabled", skip_rearm="absent", windows_anytime_upgrade="disabled"
    )
    with pytest.raises(TaskRefusedError) as refused:
        policy.plan(state({}, old), desired)
    assert refused.value.error_code == "not_supported_by_windows"
    assert str(refused.value) == (
        "OLD runs Windows Server 2003 (version 5.2.3790), which does not have a licensing service that supports notifications, "
        "standard_user_activation. Do not specify these options for this machine."
    )


def test_server_2003_has_nothing_to_take_away() -> None:
    old = build_os(version="5.2.3790")
    desired = DesiredPolicies(notifications="absent", skip_rearm="absent")
    missing = {target.place.key: None for target in desired.target_values((5, 2))}
    assert policy.plan(state(missing, old), desired).steps == ()
