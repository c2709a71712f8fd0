# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an account that may not looks from outside: HTTP 401, faults of WinRM and of WMI, no shells, the inventory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError, WSManFaultError
from winrm.protocol import Protocol

from winlab.protocol.endpoint import Endpoint
from winlab.protocol.inventory import inventory
from winlab.simulation.estate import Estate, load_estate
from winlab.truths import USUAL

QUERY = "SELECT Version FROM SoftwareLicensingService"
CMD = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd"
SHELL = '<rsp:Shell xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell"/>'
NUMBER = iter(range(1, 200))


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    path, number = tmp_path / "estate.yml", next(NUMBER)
    path.write_text(f"""
dns: none
accounts:
  LabAdmin: Lab-Passw0rd!
  Reader: {{password: Read-Passw0rd!, rights: reader}}
  Remote: {{password: Remote-Passw0rd!, rights: remote_user}}
  User: {{password: User-Passw0rd!, rights: user}}
defaults: {{listen: {{allow_unencrypted: true}}}}
machines:
  - {{name: new, address: 127.56.36.{number}, os: Server 2022 Standard, state: grace}}
  - {{name: old, address: 127.56.37.{number}, os: Server 2008 R2 Standard, state: grace, accounts: {{LabAdmin: Lab-Passw0rd!}}}}
""")
    return load_estate(path)


def ask(estate: Estate, message: bytes, user: str, name: str = "new") -> tuple[int, str]:
    machine = estate.machines[name]
    answer = asyncio.run(Endpoint(machine, machine.listen).serve(message, user, "127.0.0.1"))
    return answer.status, answer.text


def test_a_namespace_without_permission_is_access_denied_in_the_words_of_winrm(estate: Estate, soap: Any) -> None:
    status, text = ask(estate, soap.query(QUERY), "Remote")
    assert status == 500
    assert "<s:Value>w:AccessDenied</s:Value>" in text
    assert "HRESULT 0x80338104" in text
    assert "The WMI service returned an 'access denied' error." in text
    assert ask(estate, soap.query(QUERY), "Reader")[0] == 200


def test_a_shell_is_for_administrators(estate: Estate, soap: Any) -> None:
    create = soap.message(soap.TRANSFER + "Create", CMD, SHELL)
    status, text = ask(estate, create, "Reader")
    assert status == 500
    assert "<s:Value>w:AccessDenied</s:Value>" in text
    assert re.findall(r'Code="(\d+)"', text) == ["5"]
    assert ask(estate, create, "LabAdmin")[0] == 200


def test_an_account_that_winrm_does_not_let_in_can_get_a_fault_for_everything(estate: Estate, soap: Any) -> None:
    estate.machines["new"].truths = replace(USUAL, refused_logon="access_denied")
    for message in (soap.query(QUERY), soap.message(soap.TRANSFER + "Create", CMD, SHELL)):
        status, text = ask(estate, message, "User")
        assert (status, re.findall(r'Code="(\d+)"', text)) == (500, ["5"])


def test_rights_and_passwords_of_other_accounts_are_in_the_inventory(estate: Estate, tmp_path: Path) -> None:
    hosts = inventory(estate.machines.values(), tmp_path)["all"]["children"]["windows"]["hosts"]
    assert hosts["new"]["ansible_user"] == "LabAdmin"
    assert hosts["new"]["winlab_accounts"]["Reader"] == {"password": "Read-Passw0rd!", "rights": "reader"}
    assert "winlab_accounts" not in hosts["old"]


def opened(machine: Any, user: str, password: str, transport: str) -> str:
    """The shell that pywinrm opens; its connection is closed whatever happens."""
    client = Protocol(f"http://{machine.address}:5985/wsman", transport=transport, username=user, password=password)
    try:
        return str(client.open_shell())
    finally:
        client.transport.close_session()


@pytest.mark.parametrize("transport", ["ntlm", "basic"])
def test_over_the_wire_the_right_password_alone_is_a_401(estate: Estate, wire: Callable[..., Any], transport: str) -> None:
    machine = estate.machines["new"]
    wire(machine)
    for _twice in range(2):
        with pytest.raises(InvalidCredentialsError):
            opened(machine, "User", "User-Passw0rd!", transport)
    with pytest.raises((WSManFaultError, WinRMTransportError)) as refused:
        opened(machine, "Reader", "Read-Passw0rd!", transport)
    assert getattr(refused.value, "wsman_fault_code", None) == 5
    assert opened(machine, "LabAdmin", "Lab-Passw0rd!", transport)
    machine.truths = replace(USUAL, refused_logon="access_denied")
    with pytest.raises((WSManFaultError, WinRMTransportError)):
        opened(machine, "User", "User-Passw0rd!", transport)
