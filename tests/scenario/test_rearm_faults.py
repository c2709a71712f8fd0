# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that are lost, machines that do not come back, rearms that are skipped: nothing is spent twice, and what is left is told."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from . import winrs
from .harness import Lab, Results
from .test_rearm import FIRST, SPP, cmid, rearms

ESTATE = "rearm_faults.yml"
WISH = {"cmids": [FIRST], "reboot": True, "reboot_timeout": 4}
MACHINES = ("LOST-DONE", "LOST-GONE", "LOST-RESTART", "HANGS", "HELD-UP", "DENIED")
FAILING = ("LOST-GONE", "HANGS", "HELD-UP", "DENIED")


@dataclass(frozen=True)
class Story:
    """A run with every fault, and one after them."""

    broken: Results
    again: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    lab.client.set_fault("LOST-DONE", "drop_before_reply", method="ReArmWindows", executed=True)
    lab.client.set_fault("LOST-GONE", "drop_before_reply", method="ReArmWindows", executed=False)
    lab.client.set_fault("LOST-RESTART", "drop_before_reply", method="Reboot", executed=True)
    lab.client.set_fault("HANGS", "restart_hangs")
    lab.client.set_fault("HELD-UP", "restart_held_up")
    lab.client.set_fault("DENIED", "return_value", method="Reboot", value=5)
    broken = lab.all("rearm", MACHINES, **WISH)
    lab.client.clear_faults()
    return Story(broken, lab.all("rearm", MACHINES, **{**WISH, "reboot_timeout": 60}))


@pytest.mark.parametrize("name", ["LOST-DONE", "LOST-RESTART"])
def test_an_answer_that_was_lost_changes_nothing_when_the_machine_did_it(story: Story, name: str) -> None:
    result = story.broken[name]
    assert (result["status"], result["rearms_used"], result["rebooted"]) == ("ok", 1, True)
    assert all(step["done"] for step in result["steps"])


@pytest.mark.parametrize("name", MACHINES)
def test_a_rearm_is_sent_once(story: Story, name: str) -> None:
    assert story.broken.calls(name, "ReArmWindows") == 1
    assert story.again.calls(name, "ReArmWindows") == (1 if name == "LOST-GONE" else 0)


def test_a_rearm_that_may_have_been_lost_is_not_sent_again_and_nothing_was_spent(story: Story) -> None:
    result = story.broken["LOST-GONE"]
    assert (result["status"], result["changed"], story.broken.calls("LOST-GONE", "Reboot")) == ("failed", False, 0)
    assert "the response was lost" in result["msg"]
    assert "the machine does not show the change" in result["msg"]
    assert "Next: Run the task again" in result["msg"]


def test_a_machine_that_does_not_come_back_is_told_with_what_was_done(story: Story) -> None:
    result = story.broken["HANGS"]
    assert (result["status"], result["changed"]) == ("failed", True)
    assert [(step["action"], step["done"]) for step in result["steps"]] == [("rearm", True), ("reboot", False)]
    text = " ".join(result["msg"].split())
    assert text.startswith("HANGS: Could not reboot the machine so that the rearm takes effect")
    assert "the machine is not available after 4 seconds (" in text
    assert "Next: Check the console of the machine, and run the task again when the machine is available" in text


def test_a_machine_that_goes_on_running_is_told_apart_from_one_that_is_away(story: Story) -> None:
    text = " ".join(story.broken["HELD-UP"]["msg"].split())
    assert "after 4 seconds, the machine responds, and was not rebooted." in text
    assert "A program, a logged-on user, or an update might delay the reboot" in text


def test_an_account_that_may_not_restart_the_machine_gets_the_code(story: Story) -> None:
    result = story.broken["DENIED"]
    assert (result["status"], result["error"]["code"]) == ("failed", "0x00000005")
    assert [step["done"] for step in result["steps"]] == [True, False]


@pytest.mark.parametrize("name", FAILING)
def test_the_next_run_finishes_what_was_left(story: Story, lab: Lab, name: str) -> None:
    result = story.again[name]
    assert result["status"] == "ok"
    assert result["reboot_required"] is False
    assert cmid(lab, name) != FIRST
    assert rearms(lab, name) == (2 if name == "LOST-GONE" else 999)


def test_a_machine_that_came_back_late_needs_no_second_restart(story: Story) -> None:
    assert (story.again["HANGS"]["changed"], story.again.calls("HANGS", "Reboot")) == (False, 0)


def test_a_rearm_that_windows_skips_although_it_said_yes_is_noticed(lab: Lab) -> None:
    name = "SKIP-LATE"
    settings = ("reg", "add", f'"{SPP}"', "/v", "SkipRearm", "/t", "REG_DWORD", "/d", "1", "/f")
    winrs.command(lab.host_variables(name), *settings)
    lab.client.set_fault(name, "return_value", method="GetDWORDValue", value=2)
    done = lab.all("rearm", [name], **WISH)
    lab.client.clear_faults()
    result = done[name]
    assert (result["status"], result["changed"], done.calls(name, "Reboot")) == ("failed", False, 0)
    assert "Windows skipped the rearm (event 12307), because SkipRearm is set" in result["msg"]
    assert (cmid(lab, name), rearms(lab, name)) == (FIRST, 1000)
