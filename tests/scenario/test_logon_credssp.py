# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CredSSP over both connections, with messages encrypted by its inner TLS, and every way it fails: explained, without the password."""

from __future__ import annotations

from pathlib import Path

import pytest

from .harness import FQCN, Lab, Results

ESTATE = "logon_credssp.yml"
LET_IN = ("WINRM", "PSRP", "WINRM-2022", "PSRP-W11", "WINRM-TLS", "PSRP-TLS", "WINRM-W7-UPDATED")
OFF, OLD, RELAYED = ("WINRM-OFF", "PSRP-OFF"), ("WINRM-W7", "PSRP-2008"), ("WINRM-RELAY", "PSRP-RELAY", "WINRM-FORGED", "PSRP-FORGED")
PASSWORD, WRONG = "Lab-Passw0rd!", "Another-Passw0rd!"
SAID = {
    **dict.fromkeys(OFF, "the machine does not offer CredSSP. On the machine, run Enable-WSManCredSSP -Role Server"),
    **dict.fromkeys(OLD, "no version of TLS in common inside CredSSP. On Windows 7 and Windows Server 2008 R2, install KB3080079"),
    **dict.fromkeys(RELAYED, "do not see the same key inside CredSSP, as if another host relayed the logon; the password was not sent"),
}
READ = {"name": "Read", f"{FQCN}.activation_info": {}}
HIDING = """
import sys
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "requests_credssp":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Hidden())
"""


@pytest.fixture(scope="module")
def asked(lab: Lab) -> Results:
    """All of them in one run, with everything that Ansible prints."""
    for name in RELAYED:
        lab.client.set_fault(name, "credssp_relay", answers=name.endswith("FORGED"))
    found = lab.all("activation_info", (*LET_IN, *SAID), {"verbosity": 3})
    lab.client.clear_faults()
    return found


@pytest.mark.smoke
@pytest.mark.parametrize("name", LET_IN)
def test_a_machine_is_read_and_its_messages_are_encrypted(asked: Results, name: str) -> None:
    assert asked[name]["status"] == "ok", asked[name]["msg"]
    # The machines allow no clear text over HTTP.
    assert (asked.costs[name]["tcp_connections"], asked.requests(name)) == (1, 3)


@pytest.mark.parametrize("name", ["WINRM", "PSRP"])
def test_a_change_is_made_and_not_repeated(lab: Lab, name: str) -> None:
    wish = {"kms_host": "kms.example.com", "activate": False, "probe": False, "lose_activation": True}
    first, second = (lab.each("kms_client", {name: wish}) for _run in range(2))
    assert [(run[name]["status"], run[name]["changed"]) for run in (first, second)] == [("ok", True), ("ok", False)], first[name]["msg"]


def test_several_machines_are_read_in_one_process(lab: Lab) -> None:
    task = {f"{FQCN}.activation_fleet_info": {}, "run_once": True}
    asked = lab.play(list(LET_IN), task)
    assert {result.get("read_count") for result in asked.values()} == {len(LET_IN)}, asked.output
    assert {asked.costs[name]["tcp_connections"] for name in LET_IN} == {1}


@pytest.mark.parametrize("name", SAID)
def test_a_failed_logon_names_the_reason_and_the_next_step(asked: Results, name: str) -> None:
    assert asked[name]["status"] == "unreachable"
    assert "/wsman: the CredSSP logon of LabAdmin failed: the machine " in asked[name]["msg"]
    assert SAID[name] in asked[name]["msg"]
    assert asked.requests(name) == 0


def test_a_wrong_password_has_the_status_of_windows_and_nobody_sees_the_password(lab: Lab) -> None:
    names = ("WINRM", "PSRP", "WINRM-TLS", "PSRP-TLS")
    # In a file of its own, because Ansible prints lines of the playbook.
    play = {"hosts": list(names), "gather_facts": False, "vars": {"ansible_password": "{{ another }}"}, "tasks": [READ]}
    asked = lab.playbook([play], {"another": WRONG}, verbosity=3)
    for name in names:
        assert asked[name]["status"] == "unreachable"
        assert "the user name or the password is wrong (0xC000006D, STATUS_LOGON_FAILURE). Check ansible_user" in asked[name]["msg"]
        assert asked.requests(name) == 0
    assert WRONG not in asked.output


def test_no_password_is_in_the_output(asked: Results) -> None:
    assert PASSWORD not in asked.output


def test_a_missing_library_is_named_before_anything_is_sent(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDING, encoding="utf-8")
    names = ("WINRM", "PSRP")
    asked = lab.all("activation_info", names, {"env": {"PYTHONPATH": str(tmp_path)}})
    for name in names:
        assert (asked[name]["status"], asked[name]["error"]["code"]) == ("failed", "connection_options")
        assert "requires the Python package requests_credssp" in asked[name]["msg"]
        library = "pywinrm" if name == "WINRM" else "pypsrp"
        assert f"pip install '{library}[credssp]'" in asked[name]["msg"]
        assert asked.nothing_sent(name)
