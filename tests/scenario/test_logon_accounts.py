# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts in each form of their name, and accounts that cannot log on: the message names the reasons that are possible."""

from __future__ import annotations

import pytest

from .harness import Lab, Results

ESTATE = "logon_accounts.yml"
LET_IN = ("WINRM", "PSRP", "WINRM-CREDSSP")
FORMS = (".\\LabAdmin", "{{ inventory_hostname }}\\LabAdmin", "labadmin", "ACCOUNTS\\LabAdmin", "LabAdmin@accounts.example")
EMPTY = ("EMPTY-WINRM", "EMPTY-PSRP", "EMPTY-BASIC")
WITHOUT_REASON = ("LOCKED-WINRM", "DISABLED-PSRP", "EXPIRED-WINRM", *EMPTY)
WITH_REASON = {
    "LOCKED-CREDSSP": "the account is locked (0xC0000234, STATUS_ACCOUNT_LOCKED_OUT). Unlock the account",
    "DISABLED-CREDSSP": "the account is disabled (0xC0000072, STATUS_ACCOUNT_DISABLED). Enable the account",
    "MUST-CHANGE-CREDSSP": "the password must be changed at the next logon (0xC0000224, STATUS_PASSWORD_MUST_CHANGE). Change the password",
    "NO-NETWORK-CREDSSP": "the account has no right to log on over the network (0xC000015B, STATUS_LOGON_TYPE_NOT_GRANTED).",
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_the_name_of_an_account_is_let_in(lab: Lab, form: str) -> None:
    asked = lab.all("activation_info", LET_IN, {"keywords": {"vars": {"ansible_user": form}}})
    for name in LET_IN:
        assert asked[name]["status"] == "ok", asked[name]["msg"]


def test_an_account_of_another_computer_is_refused_and_the_message_has_the_forms(lab: Lab) -> None:
    asked = lab.all("activation_info", ("WINRM", "PSRP"), {"keywords": {"vars": {"ansible_user": "OTHER\\LabAdmin"}}})
    for name in ("WINRM", "PSRP"):
        assert asked[name]["status"] == "unreachable"
        assert r"NAME and .\NAME are accounts of the machine, DOMAIN\NAME and NAME@DOMAIN are accounts of a domain" in asked[name]["msg"]


@pytest.fixture(scope="module")
def refused(lab: Lab) -> Results:
    """All accounts that cannot log on."""
    return lab.all("activation_info", (*WITHOUT_REASON, *WITH_REASON))


@pytest.mark.parametrize("name", WITHOUT_REASON)
def test_a_machine_that_gives_no_reason_gets_a_message_with_those_that_are_possible(refused: Results, name: str) -> None:
    assert refused[name]["status"] == "unreachable"
    assert "refused user LabAdmin (HTTP 401" in refused[name]["msg"]
    assert "whether the account is locked, disabled, or expired, and whether its password has expired" in refused[name]["msg"]
    assert refused.requests(name) == 0


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_password_is_the_first_reason(refused: Results, name: str) -> None:
    assert refused[name]["error"]["next_steps"][0].startswith("Set ansible_password: it is empty")


@pytest.mark.parametrize("name", WITH_REASON)
def test_credssp_has_the_reason_of_windows(refused: Results, name: str) -> None:
    assert refused[name]["status"] == "unreachable"
    assert f"the CredSSP logon of LabAdmin failed: {WITH_REASON[name]}" in refused[name]["msg"]
