# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WS-Transfer Put, and the firewall's classes as a client of WS-Management meets them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from winlab.protocol.endpoint import Endpoint
from winlab.simulation.estate import load_estate

CIM = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/StandardCimv2/"
RULE, PORTS = CIM + "MSFT_NetFirewallRule", CIM + "MSFT_NetProtocolPortFilter"


def keys(third: str, name: str = "SPPSVC-In-TCP") -> dict[str, str]:
    return {"CreationClassName": f"MSFT|FW|FirewallRule|{name}", third: "", "SystemCreationClassName": "", "SystemName": ""}


def put(soap: Any, body: str, selectors: dict[str, str], uri: str = PORTS) -> bytes:
    text: bytes = soap.message(soap.TRANSFER + "Put", uri, body, selectors=selectors)
    return text


def ports(content: str, uri: str = PORTS) -> str:
    return f'<p:MSFT_NetProtocolPortFilter xmlns:p="{uri}">{content}</p:MSFT_NetProtocolPortFilter>'


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """Sends messages to a server of this name, 2022 or 2008."""
    path = tmp_path / "estate.yml"
    path.write_text("""
dns: none
machines:
  - {name: s2022, address: 127.56.34.1, os: Server 2022 Standard, state: grace}
  - {name: s2008, address: 127.56.34.2, os: Server 2008 R2 Standard, state: grace}
""")
    machines = load_estate(path).machines
    endpoints = {name: Endpoint(machine, machine.listen) for name, machine in machines.items()}

    def send(message: bytes, name: str = "s2022") -> tuple[int, str]:
        answer = asyncio.run(endpoints[name].serve(message, "LabAdmin", "127.0.0.1"))
        return answer.status, answer.text

    send.endpoints = endpoints  # type: ignore[attr-defined]
    return send


def test_what_is_put_is_answered_as_the_whole_instance(ask: Any, soap: Any) -> None:
    status, text = ask(put(soap, ports("<p:Protocol>TCP</p:Protocol><p:LocalPort>1689</p:LocalPort>"), keys("Name")))
    assert status == 200
    assert "<a:Action>http://schemas.xmlsoap.org/ws/2004/09/transfer/PutResponse</a:Action>" in text
    assert "<p:LocalPort>1689</p:LocalPort>" in text
    assert "<p:InstanceID>SPPSVC-In-TCP</p:InstanceID>" in text
    status, text = ask(soap.message(soap.TRANSFER + "Get", PORTS, selectors=keys("Name")))
    assert "<p:LocalPort>1689</p:LocalPort>" in text
    assert ask.endpoints["s2022"].counters.writes == 1


@pytest.mark.parametrize(
    ("body", "selectors", "code"),
    [
        ("", keys("Name", "NONE"), '<p:CIMStatusCode xsi:type="cim:cimUnsignedInt">6<'),
        ("", {"InstanceID": "SPPSVC-In-TCP"}, "w:InvalidSelectors"),
        ("<p:LocalPort>70000</p:LocalPort>", keys("Name"), "0x80070057"),
        ("<p:LocalPort>1</p:LocalPort><p:Color>red</p:Color>", keys("Name"), "w:SchemaValidationError"),
    ],
)
def test_a_put_that_fits_nothing_is_refused(ask: Any, soap: Any, body: str, selectors: dict[str, str], code: str) -> None:
    status, text = ask(put(soap, ports(body), selectors))
    assert (status, code in text) == (500, True)


@pytest.mark.parametrize("body", ["<x/>", ports("<p:LocalPort>1</p:LocalPort>", RULE)])
def test_a_put_of_another_class_is_refused(ask: Any, soap: Any, body: str) -> None:
    assert "w:SchemaValidationError" in ask(put(soap, body, keys("Name")))[1]


def test_a_rule_is_switched_on_by_a_method_that_returns_nothing(ask: Any, soap: Any) -> None:
    status, text = ask(soap.invoke("Enable", uri=RULE, selectors=keys("PolicyRuleName")))
    assert status == 200
    assert f'<p:Enable_OUTPUT xmlns:p="{RULE}"/>' in text
    status, text = ask(soap.message(soap.TRANSFER + "Get", RULE, selectors=keys("PolicyRuleName")))
    assert "<p:Enabled>1</p:Enabled>" in text
    assert '<p:PolicyRuleName xsi:nil="true"/>' in text


def test_a_copy_under_a_taken_name_already_exists(ask: Any, soap: Any) -> None:
    copy = soap.invoke("CloneObject", "<p:NewName>OWN</p:NewName>", uri=RULE, selectors=keys("PolicyRuleName"))
    assert ask(copy)[0] == 200
    status, text = ask(copy)
    assert (status, "w:AlreadyExists" in text) == (500, True)
    assert '<p:CIMStatusCode xsi:type="cim:cimUnsignedInt">11<' in text


def test_server_2008_r2_has_no_such_namespace(ask: Any, soap: Any) -> None:
    status, text = ask(soap.query("SELECT * FROM MSFT_NetFirewallRule", uri=CIM + "*"), "s2008")
    assert status == 500
    assert re.search(r"2150858778|8004100E", text, re.IGNORECASE)


def test_an_instance_that_can_be_written_is_written(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(writable=True)
    uri = soap.WMI + "Lab_Sample"
    body = f'<p:Lab_Sample xmlns:p="{uri}"><p:Color>red</p:Color></p:Lab_Sample>'
    status, text = wire(machine).ask(machine, put(soap, body, {"ID": "1"}, uri))
    assert status == 200
    assert "<p:Color>red</p:Color>" in text
