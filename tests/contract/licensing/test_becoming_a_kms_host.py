# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine becomes a KMS host over a connection that may break anywhere, and a run that was cut off is made up for by the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_host import plan as kms_host
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_host import report as kms_host_report
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_host.run import HostOutcome, carry_out
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.model import (
    HostKey,
    HostPlan,
    KmsHostDesired,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.publication import PublishedDomain
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.read import read_host
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import StepFailedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.servicing import NOT_READ, Servicing
from winlab.simulation.estate import Estate
from winlab.simulation.registry_content import CURRENT_VERSION, HOST_VERSION, SPP, WOW_SPP

from .conftest import LabSession, Naps

Sessions = Callable[[str], LabSession]
KEY = "CCCCC-VVVVV-KKKKK-BBBBB-33333"
MACHINE = "grace22"
WISH: dict[str, Any] = {
    "host_keys": (HostKey(ProductKey(KEY), product_name="Windows Server 2022"),),
    "listening_port": 1689,
    "renewal_interval": 5000,
    "publish_domains": (PublishedDomain("branch.example", 5),),
    "low_priority": True,
}


def planned(session: LabSession, desired: KmsHostDesired) -> HostPlan:
    return kms_host.plan(read_host(session, desired), desired)


@pytest.fixture
def make_host(naps: Naps) -> Callable[..., HostOutcome]:
    def run(session: LabSession, account: Account | None = None, **changes: Any) -> HostOutcome:
        plan = planned(session, KmsHostDesired(**{**WISH, **changes}))
        return carry_out(plan, session, clock=naps.clock, sleep=naps.sleep, account=account)

    return run


def spent(estate: Estate) -> int:
    key = estate.keys.of(KEY)
    assert key is not None
    return key.hosts[MACHINE]


def in_force(session: LabSession) -> dict[str, Any]:
    """What a client meets: the port the running service uses, whether it gets through, what is published."""
    machine = session.machine
    return {
        "reachable": machine.kms_reachable(),
        "port": machine.kms_port,
        "publications": [(item.domain, item.priority, item.port) for item in machine.publications()],
    }


CLOSING_WRITES = [
    "SetStringValue", "DisableKeyManagementServiceDnsPublishing", "DeleteValue", "Disable", "InstallProductKey", "StopService",
]  # fmt: skip
READY = {"reachable": True, "port": 1689, "publications": [("corp.example", 0, 1689), ("branch.example", 5, 1689)]}


def test_a_machine_becomes_a_host_and_a_second_run_writes_nothing(
    session: Sessions, estate: Estate, make_host: Callable[..., HostOutcome]
) -> None:
    here = session(MACHINE)
    outcome = make_host(here)
    assert (outcome.changed, outcome.failure, outcome.restarted) == (True, None, True)
    assert [item["outcome"] for item in kms_host_report.describe_activations(outcome)] == ["activated"]
    assert in_force(here) == READY
    again = session(MACHINE)
    assert make_host(again).changed is False
    assert again.writes == []
    assert spent(estate) == 1


WRITES = [
    "InstallProductKey", "SetStringValue", "Activate", "CloneObject", "Put", "Enable", "SetKeyManagementServiceListeningPort",
    "SetVLRenewalInterval", "SetMultiStringValue", "EnableKeyManagementServiceLowPriority", "StopService", "StartService", "DeleteValue",
]  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
def test_a_run_cut_off_before_any_write_is_made_up_for_by_the_next_one(
    session: Sessions, estate: Estate, make_host: Callable[..., HostOutcome], write: str
) -> None:
    here = session(MACHINE)
    here.break_at(write)
    with pytest.raises(UnreachableError):
        make_host(here)
    again = make_host(session(MACHINE))
    assert again.failure is None
    assert in_force(here) == READY
    assert spent(estate) == 1
    assert make_host(session(MACHINE)).changed is False


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("write", [write for write in WRITES if write not in ("Activate", "DeleteValue")])
def test_a_lost_answer_is_decided_by_the_state(
    session: Sessions, estate: Estate, make_host: Callable[..., HostOutcome], write: str, executed: bool
) -> None:
    here = session(MACHINE)
    here.lose_answer_of(write, executed)
    assert make_host(here).failure is None
    assert in_force(here) == READY
    assert spent(estate) == 1


def test_a_lost_answer_of_an_activation_that_took_effect_spends_one_and_succeeds(
    session: Sessions, estate: Estate, make_host: Callable[..., HostOutcome]
) -> None:
    here = session(MACHINE)
    here.lose_answer_of("Activate", True)
    outcome = make_host(here)
    assert (outcome.failure, here.requests.count("Activate"), spent(estate)) == (None, 1, 1)


def test_a_lost_activation_that_took_no_effect_fails_and_the_next_run_spends_the_one(
    session: Sessions, estate: Estate, make_host: Callable[..., HostOutcome]
) -> None:
    here = session(MACHINE)
    here.lose_answer_of("Activate", False)
    failed = make_host(here).failure
    assert failed is not None
    assert "the machine does not show that it is activated" in (failed.message or "")
    assert (here.requests.count("Activate"), spent(estate)) == (1, 0)
    assert make_host(session(MACHINE)).failure is None
    assert spent(estate) == 1
    assert in_force(here) == READY


def noted_versions(session: LabSession) -> list[object]:
    found = [session.machine.registry.get(key, HOST_VERSION) for key in (SPP, WOW_SPP)]
    return [value and value.data for value in found]


def test_a_note_of_the_version_whose_answer_is_lost_is_written_to_both_keys_all_the_same(
    session: Sessions, make_host: Callable[..., HostOutcome]
) -> None:
    here = session(MACHINE)
    here.lose_answer_of("SetStringValue", True, False)  # the first one notes the restart
    assert make_host(here).failure is None
    assert noted_versions(here) == ["10.0.20348.1"] * 2
    assert make_host(here, present=False).failure is None
    assert noted_versions(here) == [None, None]


@pytest.mark.parametrize("code", ["0x80041003", "0x80070005"])
def test_a_host_that_lets_nobody_note_its_version_is_a_host_all_the_same(session: Sessions, estate: Estate, code: str) -> None:
    here = session("host22")
    for key in (SPP, WOW_SPP):
        here.machine.registry.delete_value(key, HOST_VERSION)
    estate.set_fault("host22", "wmi_fault", method="SetStringValue", hresult=code, times=2)
    outcome = carry_out(planned(here, KmsHostDesired()), here)
    assert (outcome.failure, here.writes, noted_versions(here)) == (None, ["SetStringValue"] * 2, [None, None])


def test_a_setting_that_fails_after_another_was_written_has_the_service_restarted_all_the_same(
    session: Sessions, estate: Estate, make_host: Callable[..., HostOutcome]
) -> None:
    estate.set_fault(MACHINE, "wmi_fault", method="SetVLRenewalInterval", hresult="0x80070057", times=1)
    here, account = session(MACHINE), Account()
    with pytest.raises(StepFailedError, match="Could not set the renewal interval to 5000 minutes"):
        make_host(here, account)
    done = {step.action for step in account.steps if step.done}
    assert {"activate", "enable_firewall_rule", "set_listening_port", "restart_service"} <= done
    assert not any(step.done for step in account.steps if step.action in ("set_renewal_interval", "set_publish_domains"))
    assert in_force(here)["port"] == 1689


def test_a_service_that_does_not_stop_is_said_and_how_to_go_on(session: Sessions, make_host: Callable[..., HostOutcome]) -> None:
    here = session(MACHINE)
    here.swallow("StopService")
    with pytest.raises(StepFailedError, match=r"the service does not stop") as stopped:
        make_host(here)
    assert "Restart-Service sppsvc" in stopped.value.explanation.next_steps[0]
    assert in_force(here)["port"] == 1688
    outcome = make_host(session(MACHINE))
    assert [step.action for step in outcome.steps] == ["restart_service"]
    assert in_force(here) == READY


def test_a_service_that_does_not_come_back_is_said_and_how_to_start_it(session: Sessions, make_host: Callable[..., HostOutcome]) -> None:
    here = session(MACHINE)
    here.swallow("StartService")
    with pytest.raises(StepFailedError, match=r"does not start again") as stopped:
        make_host(here)
    assert "sc.exe start sppsvc" in stopped.value.explanation.next_steps[0]
    assert make_host(session(MACHINE)).failure is None
    assert in_force(here) == READY


def test_a_failed_activation_stops_before_settings_and_firewall(
    session: Sessions, estate: Estate, make_host: Callable[..., HostOutcome]
) -> None:
    estate.set_fault(MACHINE, "no_internet")
    here = session(MACHINE)
    outcome = make_host(here)
    assert outcome.failure is not None
    assert outcome.failure.error is not None
    assert outcome.failure.error["code"] == "0x80072EE7"
    assert here.writes == ["InstallProductKey", "SetStringValue", "Activate"]
    assert [step.done for step in outcome.steps][:3] == [True, True, False]
    assert not any(step.done for step in outcome.steps[3:])


def test_a_host_becomes_a_client_again_wherever_the_run_is_cut_off(session: Sessions, make_host: Callable[..., HostOutcome]) -> None:
    make_host(session(MACHINE))
    here = session(MACHINE)
    for write in (
        "SetStringValue",
        "DisableKeyManagementServiceDnsPublishing",
        "DeleteValue",
        "Disable",
        "InstallProductKey",
        "StopService",
    ):
        cut = session(MACHINE)
        cut.break_at(write)
        with pytest.raises(UnreachableError):
            make_host(cut, present=False)
    outcome = make_host(here, present=False)
    assert outcome.failure is None
    assert (in_force(here)["reachable"], in_force(here)["publications"]) == (False, [])
    assert make_host(session(MACHINE), present=False).changed is False


UPDATES = ("GetDWORDValue", "SELECT HotFixID FROM Win32_QuickFixEngineering")
"""What tells whether a machine has an update: the revision of its build, or the list of its updates."""


@pytest.mark.parametrize(
    ("name", "product_name", "compared", "asked"),
    [
        (MACHINE, "Windows Server 2022", True, []),
        (MACHINE, "Windows Server 2025", True, [UPDATES[0]]),
        (MACHINE, "Windows Server 2025", False, []),
        ("seven", "Windows 10", True, [UPDATES[1]]),
        ("seven", "Windows 7", True, []),
    ],
)
def test_updates_are_read_with_one_request_and_only_for_a_key_that_needs_one(
    session: Sessions, name: str, product_name: str, compared: bool, asked: list[str]
) -> None:
    here = session(name)
    key = HostKey(ProductKey(KEY), product_name=product_name)
    state = read_host(here, KmsHostDesired(host_keys=(key,), check_compatibility=compared, firewall="unmanaged"))
    assert [request for request in here.requests if request in UPDATES] == asked
    assert state.servicing == (Servicing(169) if asked == [UPDATES[0]] else Servicing(updates=frozenset()) if asked else NOT_READ)


@pytest.mark.parametrize("lost", ["value", "access"])
def test_a_revision_that_cannot_be_read_is_a_warning_and_windows_decides(session: Sessions, estate: Estate, lost: str) -> None:
    here = session(MACHINE)
    if lost == "value":
        here.machine.registry.delete_value(CURRENT_VERSION, "UBR")
    else:
        estate.set_fault(MACHINE, "wmi_fault", method="GetDWORDValue", hresult="0x80041003")
    plan = planned(here, KmsHostDesired(host_keys=(HostKey(ProductKey(KEY), product_name="Windows Server 2025"),)))
    (warning,) = (text for text in plan.warnings if "20348.2322" in text)
    assert "the revision of build 20348 is not known" in warning
    assert plan.changed


def test_a_wrong_key_that_was_taken_back_leaves_no_marker_and_the_next_run_restarts_nothing(
    session: Sessions, make_host: Callable[..., HostOutcome]
) -> None:
    """A MAK in place of a KMS host key, on a KMS client: Windows says what it is only after it is installed."""
    machine = session(MACHINE)
    mak = (HostKey(ProductKey("MMMMM-KKKKK-MMMMM-BBBBB-22222"), product_name="Windows Server 2022"),)
    with pytest.raises(StepFailedError, match="is a MAK") as failure:
        make_host(machine, host_keys=mak)
    assert machine.machine.registry.get(SPP, "WinopsRestartDue") is None
    assert [step.action for step in failure.value.steps if step.done][-2:] == ["restore_product_key", "clear_restart_marker"]
    steps = [step.action for part in planned(machine, KmsHostDesired(**WISH)).parts for step in part.steps]
    assert "because an earlier run" not in " ".join(
        step.description for part in planned(machine, KmsHostDesired(**WISH)).parts for step in part.steps
    )
    assert "set_restart_marker" in steps


def test_a_marker_of_an_earlier_run_stays_when_a_wrong_key_is_taken_back(session: Sessions, make_host: Callable[..., HostOutcome]) -> None:
    machine = session(MACHINE)
    machine.machine.registry.set(SPP, "WinopsRestartDue", 1, "1")
    mak = (HostKey(ProductKey("MMMMM-KKKKK-MMMMM-BBBBB-22222"), product_name="Windows Server 2022"),)
    with pytest.raises(StepFailedError, match="is a MAK"):
        make_host(machine, host_keys=mak)
    assert machine.machine.registry.get(SPP, "WinopsRestartDue") is not None
