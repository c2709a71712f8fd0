# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kms_host and the Windows Firewall: the port of the host is open or closed, and never more than that."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from . import winrs
from .harness import Lab, Options, Results

ESTATE = "kms_host_firewall.yml"
POLICY_KEY = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile"
UNMANAGED = "OLD: The module cannot manage the firewall"
IGNORED = "Group Policy disables local firewall rules (profiles: domain)"
PORTS = (1688, 1700, 1701)


@dataclass(frozen=True)
class Phase:
    """What a run did, and to which ports of each machine a client gets through then."""

    done: Results
    heard: Mapping[str, set[int]]

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        return self.done[name]


def listens(lab: Lab, name: str, port: int) -> bool:
    """Whether a client gets through to the KMS port."""
    try:
        with socket.create_connection((lab.address(name), port), timeout=5):
            return True
    except OSError:
        return False


def heard(lab: Lab) -> dict[str, set[int]]:
    return {name: {port for port in PORTS if listens(lab, name, port)} for name in lab.names()}


def run(lab: Lab, wishes: Mapping[str, Options], *warnings: str, broken: str = "") -> Phase:
    """One run, and a second one that finds nothing to do, except on a machine that is to fail in the first."""
    done = lab.each("kms_host", wishes, expected_warnings=warnings)
    phase = Phase(done, heard(lab))
    lab.client.clear_faults()
    sound = {name: options for name, options in wishes.items() if name != broken}
    again = lab.each("kms_host", sound, expected_warnings=warnings)
    for name in sound:
        assert (again[name]["changed"], again.writes(name)) == (False, 0)
        assert done[name]["status"] == "ok"
    return phase


@pytest.fixture(scope="module")
def before(lab: Lab) -> dict[str, set[int]]:
    return heard(lab)


@pytest.fixture(scope="module")
def first(lab: Lab, before: dict[str, set[int]]) -> Phase:
    """With the defaults, on another port, with a firewall that policies govern, that is not to be touched or cannot be managed."""
    del before
    policy = ("/v", "AllowLocalPolicyMerge", "/t", "REG_DWORD", "/d", "0")
    winrs.command(lab.host_variables("POLICY"), "reg", "add", f'"{POLICY_KEY}"', *policy)
    lab.client.set_fault("BROKEN", "wmi_fault", method="Put", hresult="0x80070057", times=1)
    wishes: dict[str, Options] = {
        "SHUT": {},
        "OPENED": {"listening_port": 1700},
        "PC": {},
        "BROKEN": {"listening_port": 1700},
        "POLICY": {},
        "HANDS-OFF": {"firewall": "unmanaged", "low_priority": True},
        "OLD": {},
    }
    return run(lab, wishes, UNMANAGED, IGNORED, broken="BROKEN")


@pytest.fixture(scope="module")
def by_hand(lab: Lab, first: Phase) -> set[int]:
    """The ports of the machine whose firewall a person opens, with the command of the result."""
    winrs.command(lab.host_variables("OLD"), first["OLD"]["firewall_info"]["command"])
    return heard(lab)["OLD"]


@pytest.fixture(scope="module")
def second(lab: Lab, by_hand: set[int]) -> Phase:
    """Closed, or on the next port."""
    del by_hand
    wishes: dict[str, Options] = {
        "SHUT": {"firewall": "closed"},
        "OPENED": {"listening_port": 1701},
        "PC": {"listening_port": 1700},
        "BROKEN": {"listening_port": 1700},
        "OLD": {"firewall": "closed"},
    }
    return run(lab, wishes, UNMANAGED)


@pytest.fixture(scope="module")
def third(lab: Lab, second: Phase) -> Phase:
    """Back to the first port."""
    del second
    return run(lab, {"OPENED": {"listening_port": 1688}})


def rules(result: Mapping[str, Any]) -> dict[str, tuple[bool, list[str]]]:
    return {rule["name"]: (rule["enabled"], rule["ports"]) for rule in result["firewall_info"]["rules"]}


def actions(result: Mapping[str, Any]) -> list[str]:
    return [step["action"] for step in result["steps"]]


def test_the_port_is_opened_and_closed_by_the_rule_windows_brings(before: dict[str, set[int]], first: Phase, second: Phase) -> None:
    opened, closed = first["SHUT"], second["SHUT"]
    assert actions(opened) == ["enable_firewall_rule"]
    assert (opened["before"]["firewall"], opened["after"]["firewall"], opened["service_restarted"]) == ("closed", "open", False)
    assert actions(closed) == ["disable_firewall_rule"]
    assert (before["SHUT"], first.heard["SHUT"], second.heard["SHUT"]) == (set(), {1688}, set())


def test_another_port_gets_a_rule_of_its_own_and_the_old_one_is_closed(first: Phase, second: Phase, third: Phase) -> None:
    moved, further, back = (phase["OPENED"] for phase in (first, second, third))
    assert actions(moved)[:4] == ["disable_firewall_rule", "clone_firewall_rule", "set_firewall_port", "enable_firewall_rule"]
    assert rules(moved) == {"SPPSVC-In-TCP": (False, ["1688"]), "WINOPS-SPPSVC-In-TCP": (True, ["1700"])}
    assert actions(further)[:3] == ["disable_firewall_rule", "set_firewall_port", "enable_firewall_rule"]
    assert rules(further) == {"SPPSVC-In-TCP": (False, ["1688"]), "WINOPS-SPPSVC-In-TCP": (True, ["1701"])}
    assert rules(back) == {"SPPSVC-In-TCP": (True, ["1688"]), "WINOPS-SPPSVC-In-TCP": (False, ["1701"])}
    assert [phase.heard["OPENED"] for phase in (first, second, third)] == [{1700}, {1701}, {1688}]


def test_a_client_windows_has_a_rule_for_the_domain_and_one_for_the_rest(first: Phase, second: Phase) -> None:
    assert actions(first["PC"]) == ["enable_firewall_rule", "enable_firewall_rule"]
    moved = second["PC"]
    assert rules(moved) == {
        "SPPSVC-In-TCP": (False, ["1688"]),
        "SPPSVC-In-TCP-NoScope": (False, ["1688"]),
        "WINOPS-SPPSVC-In-TCP": (True, ["1700"]),
        "WINOPS-SPPSVC-In-TCP-NoScope": (True, ["1700"]),
    }
    profiles = {rule["name"]: rule["profiles"] for rule in moved["firewall_info"]["rules"]}
    assert profiles["WINOPS-SPPSVC-In-TCP-NoScope"] == profiles["SPPSVC-In-TCP-NoScope"] == ["domain"]
    assert 1700 in second.heard["PC"]


def test_a_rule_whose_port_could_not_be_written_stays_closed_and_the_next_run_goes_on(first: Phase, second: Phase) -> None:
    failed = first["BROKEN"]
    assert (failed["status"], failed["error"]["code"]) == ("failed", "0x80070057")
    assert "to TCP 1700" in failed["msg"]
    assert [step["action"] for step in failed["steps"] if step["done"]] == ["clone_firewall_rule"]
    assert 1688 not in first.heard["BROKEN"]
    assert actions(second["BROKEN"])[:2] == ["set_firewall_port", "enable_firewall_rule"]
    assert 1700 in second.heard["BROKEN"]


def test_local_rules_that_group_policy_ignores_are_warned_of(first: Phase) -> None:
    assert first["POLICY"]["firewall_info"]["ignored_profiles"] == ["domain"]
    assert any(IGNORED in warning for warning in first["POLICY"]["warnings"])


def test_an_unmanaged_firewall_is_not_even_looked_at(first: Phase) -> None:
    done = first["HANDS-OFF"]
    firewall = done["firewall_info"]
    assert (firewall["status"], firewall["rules"], firewall["command"]) == ("unmanaged", [], None)
    assert (done["after"]["firewall"], 1688 in first.heard["HANDS-OFF"]) == ("unmanaged", False)


def test_windows_server_2008_r2_is_opened_and_closed_by_the_commands_it_gives(
    lab: Lab, before: dict[str, set[int]], first: Phase, by_hand: set[int], second: Phase
) -> None:
    opened, closed = first["OLD"], second["OLD"]
    assert (opened["changed"], opened["after"]["firewall"]) == (False, "unmanaged")
    assert all(any(UNMANAGED in warning for warning in result["warnings"]) for result in (opened, closed))
    winrs.command(lab.host_variables("OLD"), closed["firewall_info"]["command"])
    assert (1688 in before["OLD"], 1688 in by_hand, listens(lab, "OLD", 1688)) == (False, True, False)
