# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Channel binding: strict machines are read, a device that ends TLS on the way is refused, and a logon without binding is explained."""

from __future__ import annotations

import pytest

from .harness import Lab, Results

ESTATE = "logon_binding.yml"
STRICT = ("WINRM-STRICT", "PSRP-STRICT", "PSRP-NEGOTIATE")
INSPECTED = ("WINRM-INSPECTED", "PSRP-INSPECTED")
EVERYBODY = (*STRICT, "WINRM-RELAXED", *INSPECTED, "WINRM-INSPECTED-NONE")
SWITCHES = {"WINRM": "ansible_winrm_send_cbt", "PSRP": "ansible_psrp_negotiate_send_cbt"}


@pytest.fixture(scope="module")
def bound(lab: Lab) -> Results:
    """All machines as the inventory has them."""
    vars_ = {"ansible_psrp_auth": "{{ 'negotiate' if inventory_hostname == 'PSRP-NEGOTIATE' else 'ntlm' }}"}
    return lab.all("activation_info", EVERYBODY, {"keywords": {"vars": vars_}})


@pytest.fixture(scope="module")
def unbound(lab: Lab) -> Results:
    """The same without channel binding."""
    return lab.all("activation_info", EVERYBODY, {"keywords": {"vars": dict.fromkeys(SWITCHES.values(), False)}})


@pytest.mark.smoke
@pytest.mark.parametrize("name", [*STRICT, "WINRM-RELAXED", "WINRM-INSPECTED-NONE"])
def test_a_logon_is_bound_to_the_certificate_whatever_its_hash_function(bound: Results, name: str) -> None:
    assert bound[name]["status"] == "ok", bound[name]["msg"]
    assert bound.costs[name]["tcp_connections"] == 1


@pytest.mark.parametrize("name", INSPECTED)
def test_a_device_that_decrypts_on_the_way_makes_the_machine_unreachable(bound: Results, name: str) -> None:
    assert bound[name]["status"] == "unreachable"
    assert "refused user LabAdmin (HTTP 401, ntlm authentication)" in bound[name]["msg"]
    assert "whether a proxy or a load balancer on the way decrypts TLS" in bound[name]["msg"]
    assert bound.requests(name) == 0


@pytest.mark.parametrize("name", STRICT)
def test_a_strict_machine_refuses_a_logon_without_binding_and_the_message_names_the_variable(unbound: Results, name: str) -> None:
    assert unbound[name]["status"] == "unreachable"
    step = unbound[name]["error"]["next_steps"][1]
    assert step.startswith(f"Remove {SWITCHES[name.partition('-')[0]]}: false. A machine whose CbtHardeningLevel is Strict refuses")
    assert unbound.requests(name) == 0


@pytest.mark.parametrize("name", ["WINRM-RELAXED", *INSPECTED])
def test_without_binding_a_relaxed_machine_does_not_see_the_device(unbound: Results, name: str) -> None:
    assert unbound[name]["status"] == "ok"


def test_a_text_that_should_mean_false_is_refused_before_the_machine_is_asked(lab: Lab) -> None:
    asked = lab.all("activation_info", ["WINRM-STRICT"], {"keywords": {"vars": {"ansible_winrm_send_cbt": "false"}}})
    assert (asked["WINRM-STRICT"]["status"], asked["WINRM-STRICT"]["error"]["code"]) == ("failed", "connection_options")
    assert "ansible_winrm_send_cbt is the text 'false', which means true" in asked["WINRM-STRICT"]["msg"]
    assert asked.nothing_sent("WINRM-STRICT")
