# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way of logging on that the inventory may ask for: the same answers, the same cost, no shell and no runspace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from .harness import Lab, Results
from .warm import WarmStarts

ESTATE = "connections.yml"
REAL_STARTS = True
MACHINES = (
    "WINRM-BASIC", "WINRM-NTLM", "WINRM-TLS", "WINRM-TLS-NTLM", "PSRP-NTLM", "PSRP-TLS", "PSRP-BASIC", "WINRM-NTLM-W7",
)  # fmt: skip
TLS = ("WINRM-TLS", "WINRM-TLS-NTLM", "PSRP-TLS")


@dataclass(frozen=True)
class Story:
    """Read, convert, convert again."""

    info: Results
    done: Results
    again: Results


@pytest.fixture(scope="module")
def story(lab: Lab) -> Story:
    """The same three tasks over all connections at once."""
    info = lab.all("activation_info", MACHINES)
    done = lab.all("kms_client", MACHINES, kms_host="kms01.connections.example")
    return Story(info, done, lab.all("kms_client", MACHINES, kms_host="kms01.connections.example"))


@pytest.mark.smoke
@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_is_read_converted_and_left_alone_over_its_own_connection(story: Story, name: str) -> None:
    assert (story.info[name]["status"], story.info[name]["products"][0]["channel"]) == ("ok", "mak")
    assert (story.done[name]["status"], story.done[name]["activation"]["outcome"]) == ("ok", "activated")
    assert (story.again[name]["changed"], story.again.writes(name)) == (False, 0)


@pytest.mark.parametrize("name", MACHINES)
def test_the_cost_after_logging_on_is_the_same_for_all(story: Story, name: str) -> None:
    proof = 1  # before a license is lost, the activation type that the machine allows
    level = 1  # before anything is changed, the KMS host that the registry sets for all of Windows
    assert (story.info.requests(name), story.again.requests(name), story.done.requests(name) <= 10 + proof + level) == (3, 3, True)
    assert story.info.costs[name]["tcp_connections"] == story.done.costs[name]["tcp_connections"] == 1


@pytest.mark.parametrize("name", MACHINES)
def test_neither_a_shell_nor_a_runspace_is_opened(story: Story, name: str) -> None:
    for results in (story.info, story.done, story.again):
        assert results.costs[name]["shells"] == 0
        assert {operation.split(":")[0] for operation in results.costs[name]["operations"]} <= {"Enumerate", "Pull", "Invoke"}


def without_what_differs(result: Mapping[str, Any]) -> dict[str, Any]:
    """The products of a machine without names, IDs and times that are its own."""
    (product,) = result["products"]
    own = ("extended_pid", "installation_id", "installation_id_groups", "trusted_time")
    return {name: value for name, value in product.items() if name not in own}


@pytest.mark.parametrize("name", ["WINRM-NTLM", "WINRM-TLS", "WINRM-TLS-NTLM", "PSRP-NTLM", "PSRP-TLS"])
def test_the_answer_does_not_depend_on_the_connection(story: Story, name: str) -> None:
    assert without_what_differs(story.info[name]) == without_what_differs(story.info["WINRM-BASIC"])


@pytest.mark.parametrize("name", TLS)
def test_the_certificate_is_checked_against_the_lab_s_authority(lab: Lab, name: str) -> None:
    variables = lab.host_variables(name)
    trusted = [value for key, value in variables.items() if "ca_" in key]
    assert trusted
    assert "ignore" not in variables.values()


def test_a_certificate_nobody_trusts_makes_the_machine_unreachable_before_the_password_is_sent(lab: Lab) -> None:
    plain = {
        "ansible_winrm_ca_trust_path": "/etc/ssl/certs/ca-certificates.crt",
        "ansible_psrp_ca_cert": "/etc/ssl/certs/ca-certificates.crt",
    }
    asked = lab.all("activation_info", TLS, {"keywords": {"vars": plain}})
    for name in TLS:
        assert asked[name]["status"] == "unreachable"
        assert "certificate" in asked[name]["msg"]
        first, second = asked[name]["error"]["next_steps"]
        assert first.startswith("Set ansible_")
        assert "ignore disables the validation of the certificate. Use this value only for tests" in second
        assert (asked.requests(name), asked.costs[name]["auth_requests"]) == (0, 0)


def test_a_loop_logs_on_once_and_shares_the_connection(lab: Lab) -> None:
    task = {"winops.volume_activation.activation_info": {"application": "{{ item }}"}, "loop": ["windows", "office", "all"]}
    looped = lab.play(["WINRM-NTLM", "PSRP-NTLM"], task)
    for name in ("WINRM-NTLM", "PSRP-NTLM"):
        assert [result["machine"]["computer_name"] for result in looped[name]["results"]] == [name] * 3
        assert looped.costs[name]["tcp_connections"] == 1


def test_a_warm_start_of_these_tests_is_the_same_run_as_a_real_one(lab: Lab, warm_starts: WarmStarts) -> None:
    """A machine that is well, one whose task fails, and one that is not there: results, what is printed, costs and exit code."""
    names = ["WINRM-NTLM", "PSRP-NTLM", "WINRM-BASIC"]
    wishes = {name: {"application": "office" if name == "PSRP-NTLM" else "windows"} for name in names}
    lab.client.set_fault("WINRM-NTLM", "query_fault", class_name="SoftwareLicensingService", hresult=0x80041001)
    lab.client.crash("WINRM-BASIC")
    real, warm, again = (replace(lab, start=start).each("activation_info", wishes) for start in (lab.start, warm_starts, warm_starts))
    lab.client.clear_faults()
    lab.client.power_on("WINRM-BASIC")
    assert [real[name]["status"] for name in names] == ["failed", "ok", "unreachable"]
    for run in (warm, again):
        assert run.run.exit_code == real.run.exit_code
        assert sorted(run.output.split()) == sorted(real.output.split())
        assert {name: run.requests(name) for name in names} == {name: real.requests(name) for name in names}
        assert {name: (run[name]["status"], run[name].get("msg")) for name in names} == {
            name: (real[name]["status"], real[name].get("msg")) for name in names
        }
