# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that cannot be made or that break: reads are repeated, writes never are, and the state decides what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from . import winrs
from .harness import Lab, Results

ESTATE = "wire.yml"
KMS = "kms01.wire.example"
UNREACHABLE = ("WRONG-PASSWORD", "WRONG-PASSWORD-NTLM", "REFUSED", "ALWAYS-DROPPED", "TYPO-PORT")
READS = ("DROPPED-READ", "DROPPED-READ-NTLM", "CUT-REPLY", "FORGOTTEN")
WRITES = ("INSTALL-DONE", "INSTALL-LOST", "HOST-DONE", "ACTIVATE-DONE", "ACTIVATE-SLOW")
WRONG = "Wr0ng-Lab-Passw0rd!"
VARIABLES = {
    "ansible_password": f"{{{{ '{WRONG}' if 'WRONG' in inventory_hostname else 'Lab-Passw0rd!' }}}}",
    "ansible_port": "{{ 5999 if inventory_hostname == 'TYPO-PORT' else 5985 }}",
    # Activate outlives the operation timeout of this machine.
    "ansible_winrm_operation_timeout_sec": "{{ 2 if inventory_hostname == 'ACTIVATE-SLOW' else 20 }}",
    "ansible_winrm_read_timeout_sec": "{{ 10 if inventory_hostname == 'ACTIVATE-SLOW' else 30 }}",
}


@dataclass(frozen=True)
class Story:
    """The run in which everything breaks, and one without faults after it."""

    broken: Results
    again: Results


def break_connections(lab: Lab) -> None:
    """Every machine gets the fault it is named after."""
    fault = lab.client.set_fault
    fault("REFUSED", "refuse_connections")
    fault("ALWAYS-DROPPED", "drop_before_reply", action="Enumerate")
    fault("DROPPED-READ", "drop_before_reply", action="Enumerate", times=1)
    fault("DROPPED-READ-NTLM", "drop_before_reply", action="Enumerate", times=1)
    fault("CUT-REPLY", "drop_mid_reply", action="Enumerate", after_bytes=300, times=1)
    fault("FORGOTTEN", "http_400_empty", times=1)
    fault("INSTALL-DONE", "drop_before_reply", method="InstallProductKey", times=1, executed=True)
    fault("INSTALL-LOST", "drop_before_reply", method="InstallProductKey", times=1, executed=False)
    fault("HOST-DONE", "drop_before_reply", method="SetKeyManagementServiceMachine", times=1, executed=True)
    fault("ACTIVATE-DONE", "drop_before_reply", method="Activate", times=1, executed=True)
    fault("ACTIVATE-SLOW", "activate_duration", seconds=3)


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    """Convert all machines while their connections break, and once more when all is well again."""
    break_connections(lab)
    wishes = {name: {"kms_host": KMS, "lose_activation": True} for name in (*UNREACHABLE, *READS, *WRITES)}
    broken = lab.each("kms_client", wishes, keywords={"vars": VARIABLES})
    lab.client.clear_faults()
    return Story(broken, lab.each("kms_client", {name: wishes[name] for name in (*READS, *WRITES)}))


@pytest.mark.parametrize("name", UNREACHABLE)
def test_a_machine_that_cannot_be_asked_is_unreachable_and_not_failed(story: Story, name: str) -> None:
    result = story.broken[name]
    assert result["status"] == "unreachable"
    assert story.broken.writes(name) == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("WRONG-PASSWORD", ("LabAdmin", "HTTP 401", "basic")),
        ("WRONG-PASSWORD-NTLM", ("LabAdmin", "HTTP 401", "ntlm")),
        ("REFUSED", ("connection refused", "WinRM listens")),
        ("TYPO-PORT", (":5999", "connection refused", "ansible_port")),
        ("ALWAYS-DROPPED", ("connection was dropped",)),
    ],
)
def test_unreachable_is_explained_in_one_line(story: Story, lab: Lab, name: str, words: tuple[str, ...]) -> None:
    message = str(story.broken[name]["msg"])
    assert [word for word in (lab.address(name), *words) if word not in message] == []
    assert "\n" not in message
    assert WRONG not in story.broken.output


def test_a_wrong_password_is_tried_once_so_that_no_account_is_locked(story: Story) -> None:
    assert story.broken.costs["WRONG-PASSWORD"]["auth_requests"] <= 2
    assert story.broken.requests("WRONG-PASSWORD") == 0


@pytest.mark.parametrize("name", READS)
def test_a_dropped_read_is_repeated_and_the_task_succeeds(story: Story, name: str) -> None:
    assert (story.broken[name]["status"], story.broken[name]["activation"]["outcome"]) == ("ok", "activated")
    assert story.broken.calls(name, "InstallProductKey") == story.broken.calls(name, "Activate") == 1


@pytest.mark.parametrize("name", ["INSTALL-DONE", "INSTALL-LOST", "HOST-DONE", "ACTIVATE-DONE", "ACTIVATE-SLOW"])
def test_a_write_whose_answer_was_lost_ends_in_the_right_state(story: Story, name: str) -> None:
    result = story.broken[name]
    assert (result["status"], result["changed"], result["activation"]["outcome"]) == ("ok", True, "activated")
    assert (result["after"]["channel"], result["after"]["status"], result["after"]["kms_host"]) == ("gvlk", "licensed", KMS)
    assert all(step["done"] for step in result["steps"])


def test_a_key_that_took_effect_before_the_drop_is_not_installed_again(story: Story) -> None:
    assert story.broken.calls("INSTALL-DONE", "InstallProductKey") == 1


def test_a_gvlk_that_did_not_take_effect_is_installed_once_more(story: Story) -> None:
    assert story.broken.calls("INSTALL-LOST", "InstallProductKey") == 2


def test_a_setting_that_took_effect_before_the_drop_is_not_written_again(story: Story) -> None:
    assert story.broken.calls("HOST-DONE", "SetKeyManagementServiceMachine") == 1


@pytest.mark.parametrize("name", ["ACTIVATE-DONE", "ACTIVATE-SLOW"])
def test_activate_is_never_sent_again_after_its_answer_was_lost(story: Story, name: str) -> None:
    assert story.broken.calls(name, "Activate") == 1
    assert story.broken[name]["activation"]["attempts"] == 1


@pytest.mark.parametrize("name", [*READS, *WRITES])
def test_a_run_after_the_faults_has_nothing_left_to_do(story: Story, name: str) -> None:
    assert (story.again[name]["changed"], story.again.writes(name)) == (False, 0)


@pytest.mark.parametrize("name", [*READS, *WRITES])
def test_the_machine_itself_says_that_it_is_activated(story: Story, lab: Lab, name: str) -> None:  # noqa: ARG001 - after the story
    fields = winrs.slmgr_fields(winrs.slmgr(lab.host_variables(name), "/dlv"))
    assert (fields["License Status"], fields["Registered KMS machine name"]) == ("Licensed", f"{KMS}:1688")


def test_a_write_that_is_lost_twice_fails_with_the_steps_that_were_done(lab: Lab) -> None:
    name = "INSTALL-DONE"
    lab.client.set_fault(name, "drop_before_reply", method="SetKeyManagementServicePort", executed=False)
    done = lab.all("kms_client", [name], kms_host="kms02.wire.example", kms_port=1690)
    lab.client.clear_faults()
    result = done[name]
    assert (result["status"], result["changed"]) == ("failed", True)
    assert [(step["action"], step["done"]) for step in result["steps"]][:2] == [("set_kms_host", True), ("set_kms_port", False)]
    assert result["msg"].startswith(f"{name}: Could not set the KMS port to 1690: the response was lost")
    assert "Next: Run the task again" in result["msg"]
    assert "CimUnknownOutcomeError" not in result["msg"]
    assert (done.calls(name, "SetKeyManagementServicePort"), done.calls(name, "Activate")) == (2, 0)


def test_activate_that_ends_in_a_failure_after_the_timeout_is_reported_with_its_reason(lab: Lab) -> None:
    name = "ACTIVATE-SLOW"
    lab.client.set_fault(name, "activate_duration", seconds=3)
    lab.client.set_fault("KMS01", "kms_host_down")
    settings = {"keywords": {"vars": VARIABLES}}
    done = lab.all("kms_client", [name], settings, kms_host=lab.address("KMS01"))
    lab.client.clear_faults()
    assert (done[name]["status"], done[name]["activation"]["outcome"]) == ("failed", "failed")
    assert (done[name]["error"]["code"], done[name]["error"]["underlying"]["code"]) == ("0xC004F074", "0x800706BA")
    assert done.calls(name, "Activate") == 1
