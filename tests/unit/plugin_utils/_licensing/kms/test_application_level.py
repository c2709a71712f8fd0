# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS host of a whole application, which only the registry has: who wins, what is removed, and what the task says about it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import findings as check
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check import renewal as check_renewal
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_check.model import CheckData, CheckSettings
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms import application_level as level
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.effective import effective_settings
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.kms.model import ApplicationKms, KmsClient, StoredValue
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicensePlan
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.registry.values import (
    REG_DWORD,
    REG_MULTI_SZ,
    REG_SZ,
    SPP_KEY,
    RegistryValue,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.model import (
    OFFICE_2010_ID,
    OSPP_PRODUCT,
    SPP_PRODUCT,
    WINDOWS_ID,
    ActivationState,
    LicenseStatus,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.report import describe_kms

from ...conftest import build_client, build_state

NAME, PORT = "KeyManagementServiceName", "KeyManagementServicePort"
KEY = rf"{SPP_KEY}\{WINDOWS_ID}"


def stored(*values: tuple[str, int, str], key: str = KEY) -> tuple[StoredValue, ...]:
    return tuple(StoredValue(key, RegistryValue(*value)) for value in values)


def machine(
    own: dict[str, Any] | None = None, service: dict[str, Any] | None = None, host: str = "gpo.corp.example", port: str | None = None
) -> ActivationState:
    values = stored((NAME, REG_SZ, host), *([(PORT, REG_SZ, port)] if port else []))
    state = build_state(build_client(kms=KmsClient(**(own or {}))), service={"kms": KmsClient(**(service or {}))})
    return replace(state, application_kms=(level.application_level(WINDOWS_ID, SPP_PRODUCT, values),))


def plan(state: ActivationState, **desired: Any) -> LicensePlan:
    return kms_client.plan(state, KmsClientDesired(**{"activate": False, **desired}))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([(NAME, REG_SZ, "gpo.corp.example")], ("gpo.corp.example", None)),
        ([(NAME, REG_SZ, "gpo.corp.example"), (PORT, REG_SZ, "1689")], ("gpo.corp.example", 1689)),
        ([(NAME, REG_SZ, " gpo.corp.example ")], ("gpo.corp.example", None)),
        ([(NAME, REG_SZ, "gpo.corp.example:1690")], ("gpo.corp.example", 1690)),
        ([(NAME, REG_SZ, "[2001:db8::1]"), (PORT, REG_SZ, "1689")], ("2001:db8::1", 1689)),
        ([(NAME, REG_SZ, "gpo.corp.example"), (PORT, REG_DWORD, "1689")], ("gpo.corp.example", None)),
        ([(NAME, REG_SZ, "gpo.corp.example"), (PORT, REG_SZ, "70000")], ("gpo.corp.example", None)),
        ([(NAME, REG_SZ, "")], (None, None)),
        ([(NAME, REG_MULTI_SZ, "gpo.corp.example")], (None, None)),
        ([(PORT, REG_SZ, "1689")], (None, 1689)),
        ([], (None, None)),
    ],
)
def test_only_texts_that_windows_can_use_are_a_host_and_a_port(values: list[tuple[str, int, str]], expected: tuple[Any, Any]) -> None:
    found = level.application_level(WINDOWS_ID, SPP_PRODUCT, stored(*values))
    assert (found.host, found.port) == expected
    assert len(found.stored) == len(values)


def test_the_licensing_service_of_office_has_them_in_its_own_key_and_in_that_of_32_bit_programs() -> None:
    low = stored((NAME, REG_SZ, "low.corp.example"), key=level.OSPP_KEY_32)
    found = level.application_level(OFFICE_2010_ID, OSPP_PRODUCT, low)
    assert (found.host, found.application_id) == ("low.corp.example", OFFICE_2010_ID)
    both = level.application_level(OFFICE_2010_ID, OSPP_PRODUCT, (*low, *stored((NAME, REG_SZ, "high.corp.example"), key=level.OSPP_KEY)))
    assert both.host == "high.corp.example"
    assert len(level.removal_steps(both, "Office")) == 2


@pytest.mark.parametrize(
    ("own", "service", "expected"),
    [
        ({}, {}, "application"),
        ({}, {"host": "kms1"}, "application"),
        ({"host": "kms1"}, {"host": "kms1"}, "application"),  # shown by the product, set for the machine
        ({"host": "gpo.corp.example"}, {"host": "kms1"}, "application"),  # a Windows whose products show it
        ({"host": "own.corp.example"}, {"host": "kms1"}, "product"),
    ],
)
def test_the_narrowest_level_wins(own: dict[str, Any], service: dict[str, Any], expected: str) -> None:
    state = machine(own, service)
    hosts = {"application": "gpo.corp.example", "product": "own.corp.example"}
    assert effective_settings(state, state.primary).host == hosts[expected]
    shown = describe_kms(state, state.products[0])
    assert (shown["kms_host"], shown["scope"]) == (hosts[expected], expected)
    assert (shown["application_kms_host"], shown["application_kms_port"]) == ("gpo.corp.example", 1688)


def test_a_task_that_does_not_clear_it_sets_the_machine_and_warns() -> None:
    found = plan(machine(), kms_host="kms1.corp.example")
    assert [step.action for step in found.steps] == ["set_kms_host"]
    (warning,) = found.warnings
    assert "the KMS host gpo.corp.example:1688 for Windows" in warning
    assert KEY in warning
    assert "clear_application_settings: true" in warning
    assert found.after["kms_host"] == "kms1.corp.example"
    assert (found.before["application_kms_host"], found.after["application_kms_host"]) == ("gpo.corp.example", "gpo.corp.example")


def test_the_machine_is_activated_with_the_host_that_is_in_force() -> None:
    stays, cleared = (
        plan(machine(), kms_host="kms1.corp.example", activate=True, clear_application_settings=clear).activation for clear in (False, True)
    )
    assert stays is None  # the client is licensed, and goes on with the same host
    assert cleared is not None
    assert cleared.kms_host == "kms1.corp.example:1688"


def test_a_client_that_is_not_licensed_is_activated_with_the_host_of_its_application() -> None:
    state = machine()
    due = replace(state, products=(replace(state.products[0], status=LicenseStatus.NOTIFICATION),))
    activation = plan(due, kms_host="kms1.corp.example", activate=True).activation
    assert activation is not None
    assert activation.kms_host == "gpo.corp.example:1688"


def test_the_same_host_at_two_levels_is_not_worth_a_warning() -> None:
    assert plan(machine(host="KMS1.corp.example."), kms_host="kms1.corp.example").warnings == ()


def test_a_host_of_the_product_itself_makes_it_harmless() -> None:
    assert plan(machine({"host": "own.corp.example"}), host_caching=False).warnings == ()


def test_cleared_means_the_settings_beneath_first_then_the_name_then_the_port() -> None:
    found = plan(machine(port="1689"), kms_host="kms1.corp.example", clear_application_settings=True)
    removed = ["clear_application_kms_host", "clear_application_kms_port"]
    assert [step.action for step in found.steps] == ["set_kms_host", *removed, "restart_service"]
    assert "gpo.corp.example" in found.steps[1].description
    assert found.warnings == ()
    assert found.after["application_kms_host"] is None
    (restore,) = found.steps[2].on_failure
    assert (restore.action, restore.arguments["sValue"]) == ("restore_application_kms_host", "gpo.corp.example")
    assert found.steps[1].on_failure == ()


def test_values_that_windows_cannot_use_are_named_and_removed_too() -> None:
    odd = level.application_level(WINDOWS_ID, SPP_PRODUCT, stored((PORT, REG_DWORD, "1689")))
    state = replace(machine(), application_kms=(odd,))
    assert "KeyManagementServicePort (REG_DWORD 1689)" in plan(state, host_caching=False).warnings[0]
    assert [step.action for step in plan(state, clear_application_settings=True).steps] == [
        "clear_application_kms_port",
        "restart_service",
    ]


def test_a_registry_that_cannot_be_read_is_said_and_nothing_is_assumed() -> None:
    unread = replace(machine(), application_kms=(ApplicationKms(SPP_PRODUCT, WINDOWS_ID, problem="0x80070005"),))
    found = plan(unread, kms_host="kms1.corp.example")
    assert "could not be read: 0x80070005" in found.warnings[0]
    assert [step.action for step in found.steps] == ["set_kms_host"]


def test_a_product_that_shows_another_host_makes_the_task_read_the_registry() -> None:
    quiet = build_state(build_client(kms=KmsClient(host="kms1")), service={"kms": KmsClient(host="kms1")})
    odd = build_state(build_client(kms=KmsClient(host="gpo")), service={"kms": KmsClient(host="kms1")})
    assert [level.is_suspected(state, state.primary) for state in (quiet, odd)] == [False, True]


def test_the_host_of_the_application_is_not_taken_for_one_of_the_product() -> None:
    """A Windows whose products show it: clearing the product would do nothing, in every run."""
    state = machine({"host": "gpo.corp.example"}, {"host": "kms1"})
    found = plan(state, kms_host="kms2.corp.example")
    assert [step.action for step in found.steps] == ["set_kms_host"]
    assert found.corrections(state.products[0]) == ()


def checked(state: ActivationState) -> list[Any]:
    settings = CheckSettings(probe=False)
    found = check.findings(CheckData(state, state.os.time), settings)
    return [finding for finding in found if finding.id == "kms_host_of_application"]


def test_the_check_names_the_host_and_what_would_be_used_without_it() -> None:
    (finding,) = checked(machine({}, {"host": "kms1.corp.example"}))
    assert finding.message.startswith("The registry sets the KMS host gpo.corp.example:1688 for Windows")
    assert finding.message.endswith("without it, Windows uses the KMS host kms1.corp.example:1688.")
    assert "clear_application_settings: true" in finding.next_steps[0]
    assert "a KMS host from DNS" in checked(machine())[0].message


@pytest.mark.parametrize("state", [machine({"host": "own"}), machine(service={"host": "gpo.corp.example"})])
def test_the_check_is_silent_about_one_that_changes_nothing(state: ActivationState) -> None:
    assert checked(state) == []


def test_the_check_probes_the_host_that_is_in_force() -> None:
    route = check_renewal.route_of(machine(service={"host": "kms1"}), build_client(), "corp.example")
    assert route.fixed is not None
    assert route.fixed.host == "gpo.corp.example"
