# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kms_host and the Windows Firewall: the port of the host is open or closed, and never more than that."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

from . import winrs
from .harness import Lab, Results

ESTATE = "kms_host_firewall.yml"
POLICY_KEY = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile"


def listens(lab: Lab, name: str, port: int) -> bool:
    """Whether a client gets through to the KMS port."""
    try:
        with socket.create_connection((lab.address(name), port), timeout=5):
            return True
    except OSError:
        return False


def run(lab: Lab, name: str, *warnings: str, **options: Any) -> Results:
    """One run, and a second one that finds nothing to do."""
    done = lab.each("kms_host", {name: options}, expected_warnings=warnings)
    again = lab.each("kms_host", {name: options}, expected_warnings=warnings)
    assert (again[name]["changed"], again.writes(name)) == (False, 0)
    assert done[name]["status"] == "ok"
    return done


def rules(result: Mapping[str, Any]) -> dict[str, tuple[bool, list[str]]]:
    return {rule["name"]: (rule["enabled"], rule["ports"]) for rule in result["host"]["firewall"]["rules"]}


def actions(result: Mapping[str, Any]) -> list[str]:
    return [step["action"] for step in result["steps"]]


def test_the_port_is_opened_and_closed_by_the_rule_windows_brings(lab: Lab) -> None:
    assert not listens(lab, "SHUT", 1688)
    opened = run(lab, "SHUT")["SHUT"]
    assert actions(opened) == ["enable_firewall_rule"]
    assert (opened["before"]["firewall"], opened["after"]["firewall"], opened["restarted"]) == ("closed", "open", False)
    assert listens(lab, "SHUT", 1688)
    closed = run(lab, "SHUT", firewall="closed")["SHUT"]
    assert actions(closed) == ["disable_firewall_rule"]
    assert not listens(lab, "SHUT", 1688)


def test_another_port_gets_a_rule_of_its_own_and_the_old_one_is_closed(lab: Lab) -> None:
    moved = run(lab, "OPENED", listening_port=1700)["OPENED"]
    assert actions(moved)[:4] == ["disable_firewall_rule", "clone_firewall_rule", "set_firewall_port", "enable_firewall_rule"]
    assert rules(moved) == {"SPPSVC-In-TCP": (False, ["1688"]), "WINOPS-SPPSVC-In-TCP": (True, ["1700"])}
    assert (listens(lab, "OPENED", 1700), listens(lab, "OPENED", 1688)) == (True, False)
    further = run(lab, "OPENED", listening_port=1701)["OPENED"]
    assert actions(further)[:3] == ["disable_firewall_rule", "set_firewall_port", "enable_firewall_rule"]
    assert rules(further) == {"SPPSVC-In-TCP": (False, ["1688"]), "WINOPS-SPPSVC-In-TCP": (True, ["1701"])}
    back = run(lab, "OPENED", listening_port=1688)["OPENED"]
    assert rules(back) == {"SPPSVC-In-TCP": (True, ["1688"]), "WINOPS-SPPSVC-In-TCP": (False, ["1701"])}
    assert (listens(lab, "OPENED", 1688), listens(lab, "OPENED", 1701)) == (True, False)


def test_a_client_windows_has_a_rule_for_the_domain_and_one_for_the_rest(lab: Lab) -> None:
    opened = run(lab, "PC")["PC"]
    assert actions(opened) == ["enable_firewall_rule", "enable_firewall_rule"]
    moved = run(lab, "PC", listening_port=1700)["PC"]
    assert rules(moved) == {
        "SPPSVC-In-TCP": (False, ["1688"]),
        "SPPSVC-In-TCP-NoScope": (False, ["1688"]),
        "WINOPS-SPPSVC-In-TCP": (True, ["1700"]),
        "WINOPS-SPPSVC-In-TCP-NoScope": (True, ["1700"]),
    }
    profiles = {rule["name"]: rule["profiles"] for rule in moved["host"]["firewall"]["rules"]}
    assert profiles["WINOPS-SPPSVC-In-TCP-NoScope"] == profiles["SPPSVC-In-TCP-NoScope"] == ["domain"]
    assert listens(lab, "PC", 1700)


def test_a_rule_whose_port_could_not_be_written_stays_closed_and_the_next_run_goes_on(lab: Lab) -> None:
    lab.client.set_fault("BROKEN", "wmi_fault", method="Put", hresult="0x80070057", times=1)
    failed = lab.each("kms_host", {"BROKEN": {"listening_port": 1700}})["BROKEN"]
    lab.client.clear_faults()
    assert (failed["status"], failed["error"]["code"]) == ("failed", "0x80070057")
    assert "let in TCP 1700" in failed["msg"]
    assert [step["action"] for step in failed["steps"] if step["done"]] == ["clone_firewall_rule"]
    assert not listens(lab, "BROKEN", 1688)
    done = run(lab, "BROKEN", listening_port=1700)["BROKEN"]
    assert actions(done)[:2] == ["set_firewall_port", "enable_firewall_rule"]
    assert listens(lab, "BROKEN", 1700)


def test_local_rules_that_group_policy_ignores_are_warned_of(lab: Lab) -> None:
    winrs.command(
        lab.host_variables("POLICY"), "reg", "add", f'"{POLICY_KEY}"', "/v", "AllowLocalPolicyMerge", "/t", "REG_DWORD", "/d", "0"
    )
    result = run(lab, "POLICY", "Group Policy has the firewall ignore local rules (domain)")["POLICY"]
    assert result["host"]["firewall"]["ignored_profiles"] == ["domain"]


def test_an_unmanaged_firewall_is_not_even_looked_at(lab: Lab) -> None:
    done = run(lab, "HANDS-OFF", firewall="unmanaged", low_priority=True)["HANDS-OFF"]
    firewall = done["host"]["firewall"]
    assert (firewall["state"], firewall["rules"], firewall["command"]) == ("unmanaged", [], None)
    assert (done["after"]["firewall"], listens(lab, "HANDS-OFF", 1688)) == ("unmanaged", False)


def test_windows_server_2008_r2_is_opened_and_closed_by_the_commands_it_gives(lab: Lab) -> None:
    words = "OLD: the firewall cannot be managed here"
    assert not listens(lab, "OLD", 1688)
    opened = run(lab, "OLD", words)["OLD"]
    assert (opened["changed"], opened["after"]["firewall"]) == (False, "unmanaged")
    winrs.command(lab.host_variables("OLD"), opened["host"]["firewall"]["command"])
    assert listens(lab, "OLD", 1688)
    closed = run(lab, "OLD", words, firewall="closed")["OLD"]
    winrs.command(lab.host_variables("OLD"), closed["host"]["firewall"]["command"])
    assert not listens(lab, "OLD", 1688)
