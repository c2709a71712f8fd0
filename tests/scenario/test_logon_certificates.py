# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Client certificates that are mapped to an account, over TLS 1.2 and 1.3, and everything that can be wrong with one."""

from __future__ import annotations

from typing import Any

import pytest

from .harness import FQCN, Lab, Results

ESTATE = "logon_certificates.yml"
LET_IN = ("WINRM", "PSRP", "WINRM-2022", "PSRP-W11")
OTHERS = {
    "WINRM-UNMAPPED": "unmapped", "PSRP-NO-UPN": "no_upn", "WINRM-OTHER": "other_authority",
    "WINRM-UNKNOWN": "unknown_authority", "PSRP-UNKNOWN": "unknown_authority",
    "WINRM-EXPIRED": "expired", "PSRP-EXPIRED": "expired",
    "WINRM-LOCKED": "with_passphrase", "PSRP-LOCKED": "with_passphrase", "WINRM-MISSING": "missing", "PSRP-MISSING": "missing",
}  # fmt: skip
"""The machines to which the controller shows another certificate than the one that is mapped."""
NOT_MAPPED = (
    "WINRM-DISABLED", "PSRP-DISABLED", "WINRM-NO-MAPPING", "WINRM-MAPPING-OFF", "PSRP-OLD-PASSWORD",
    "WINRM-UNMAPPED", "PSRP-NO-UPN", "WINRM-OTHER",
)  # fmt: skip
NEVER_SENT = {
    "EXPIRED": "expired.pem, a certificate that expired on ",
    "LOCKED": "with_passphrase.key, a key with a passphrase. Write the key without its passphrase",
    "MISSING": "missing.pem, which cannot be read on the controller (No such file or directory)",
}
RESET = ("WINRM-RESET", "PSRP-RESET")
EVERYBODY = (*LET_IN, *NOT_MAPPED, *(name for name in OTHERS if name not in NOT_MAPPED), *RESET)


def files() -> dict[str, Any]:
    """Variables of the play that name the certificate of each machine."""
    pair = "{{ winlab_client_certificates }}/{{ certificate_of[inventory_hostname] | default('mapped') }}"
    names = {"pem": ("ansible_winrm_cert_pem", "ansible_psrp_certificate_pem")}
    names["key"] = ("ansible_winrm_cert_key_pem", "ansible_psrp_certificate_key_pem")
    return {variable: f"{pair}.{kind}" for kind, variables in names.items() for variable in variables} | {"certificate_of": OTHERS}


@pytest.fixture(scope="module")
def asked(lab: Lab) -> Results:
    """All of them in one run, with everything that Ansible prints."""
    return lab.all("activation_info", EVERYBODY, {"keywords": {"vars": files()}, "verbosity": 3})


@pytest.mark.smoke
@pytest.mark.parametrize("name", LET_IN)
def test_a_mapped_certificate_is_enough_to_read_a_machine(lab: Lab, asked: Results, name: str) -> None:
    assert not {"ansible_user", "ansible_password"} & lab.host_variables(name).keys()
    assert asked[name]["status"] == "ok", asked[name]["msg"]
    cost = asked.costs[name]
    assert (cost["tcp_connections"], cost["auth_requests"]) == (1, 0)


def test_several_machines_are_read_in_one_process(lab: Lab) -> None:
    asked = lab.play(list(LET_IN), {f"{FQCN}.activation_fleet_info": {}, "run_once": True})
    assert {result.get("read_count") for result in asked.values()} == {len(LET_IN)}, asked.output
    assert {asked.costs[name]["tcp_connections"] for name in LET_IN} == {1}


@pytest.mark.parametrize("name", NOT_MAPPED)
def test_a_certificate_that_is_not_mapped_names_the_mapping(asked: Results, name: str) -> None:
    assert asked[name]["status"] == "unreachable"
    assert "refused the client certificate (HTTP 401). On the machine, check winrm get winrm/config/service/auth" in asked[name]["msg"]
    assert asked.requests(name) == 0


@pytest.mark.parametrize("name", ["WINRM-UNKNOWN", "PSRP-UNKNOWN"])
def test_an_issuer_that_the_machine_does_not_trust_ends_the_connection(asked: Results, name: str) -> None:
    assert asked[name]["status"] == "unreachable"
    assert "the connection was dropped" in asked[name]["msg"]
    assert "that the store Trusted Root Certification Authorities of the machine contains its issuer" in asked[name]["msg"]
    assert asked.requests(name) == 0


@pytest.mark.parametrize("connection", ["WINRM", "PSRP"])
@pytest.mark.parametrize("case", NEVER_SENT)
def test_a_certificate_that_cannot_be_used_is_refused_before_anything_is_sent(asked: Results, connection: str, case: str) -> None:
    name = f"{connection}-{case}"
    assert (asked[name]["status"], asked[name]["error"]["code"]) == ("failed", "connection_options")
    assert NEVER_SENT[case] in asked[name]["msg"]
    assert asked.nothing_sent(name)


@pytest.mark.parametrize("name", RESET)
def test_a_connection_that_ends_when_the_certificate_is_requested_names_tls_1_3(asked: Results, name: str) -> None:
    assert asked[name]["status"] == "unreachable"
    assert "the connection was dropped" in asked[name]["msg"]
    assert "Disable TLS 1.3 for the WinRM port" in asked[name]["msg"]
    assert asked.requests(name) == 0


def test_no_key_and_no_passphrase_is_in_the_output(asked: Results) -> None:
    assert "BEGIN" not in asked.output
    assert "Lab-Passphrase" not in asked.output
