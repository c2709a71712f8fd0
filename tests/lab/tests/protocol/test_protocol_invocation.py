# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get, Invoke, the operation timeout and Identify."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest


def test_arguments_arrive_as_texts_in_order_with_nil_as_none(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny()
    parameters = (
        '<p:Many>a</p:Many><p:Many>b</p:Many><p:None xsi:nil="true"/><p:Empty/>'
        '<p:When><cim:Datetime xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common">2026-01-01T00:00:00Z</cim:Datetime></p:When>'
    )
    status, text = wire(machine).ask(machine, soap.invoke("SetKey", parameters, selectors={"ID": "1"}))
    assert status == 200
    expected = {"Many": ["a", "b"], "None": [None], "Empty": [""], "When": ["2026-01-01T00:00:00Z"]}
    assert machine.invoked == [("root/cimv2/Lab_Sample", {"ID": "1"}, "SetKey", expected)]
    assert f"<a:Action>{soap.WMI}Lab_Sample/SetKeyResponse</a:Action>" in text
    assert text.endswith("<p:ReturnValue>0</p:ReturnValue></p:SetKey_OUTPUT></s:Body></s:Envelope>")


def test_a_failure_as_return_value_passes_through(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny()
    status, text = wire(machine).ask(machine, soap.invoke("SetRefused"))
    assert status == 200
    assert "<p:ReturnValue>5</p:ReturnValue>" in text


def test_a_providers_code_survives_in_msft_wmierror(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(fault_shape="winrm3")
    status, text = wire(machine).ask(machine, soap.invoke("Activate"))
    assert status == 500
    assert '<p:MessageID xsi:type="cim:cimString">HRESULT 0xc004f074</p:MessageID>' in text
    assert '<p:error_Code xsi:type="cim:cimUnsignedInt">3221549172</p:error_Code>' in text
    assert "unknown error: HRESULT 0xc004f074" in text


def test_a_providers_code_survives_in_the_nested_fault(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(fault_shape="winrm2")
    status, text = wire(machine).ask(machine, soap.invoke("Activate"))
    assert status == 500
    assert re.findall(r'Code="(\d+)" Machine="([^"]+)"', text) == [("3221549172", machine.address), ("3221549172", machine.name)]
    assert "<p:Operation>ExecMethod</p:Operation><p:ParameterInfo>Lab_Sample::Activate</p:ParameterInfo>" in text


@pytest.mark.parametrize("generation", ["winrm2", "winrm3"])
def test_a_method_that_outlives_the_timeout_is_reported_timed_out_and_goes_on(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, generation: str
) -> None:
    machine = tiny(slow=1.0, fault_shape=generation)
    running = wire(machine)
    status, text = running.ask(machine, soap.invoke("SetKey", headers="<w:OperationTimeout>PT0.5S</w:OperationTimeout>"))
    assert status == 500
    assert 'Code="2150858793"' in text
    assert "<s:Value>w:TimedOut</s:Value>" in text
    assert machine.finished == 0
    for _ in range(100):
        if machine.finished:
            break
        time.sleep(0.05)
    assert machine.finished == 1


def test_identify_tells_the_version_of_the_operating_system(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny()
    message = (
        b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
        b'<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>'
    )
    status, text = wire(machine).ask(machine, message)
    assert status == 200
    assert "<wsmid:ProductVersion>OS: 10.0.20348 SP: 0.0 Stack: 3.0</wsmid:ProductVersion>" in text


def test_writes_are_counted_apart_from_other_invocations(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny()
    running = wire(machine)
    for method in ("SetKey", "GetKey", "Activate"):
        running.ask(machine, soap.invoke(method))
    running.ask(machine, soap.query("SELECT * FROM Lab_Sample"))
    counters = running.endpoint(machine).counters.as_dict()
    assert (counters["requests"], counters["writes"]) == (4, 2)
    assert counters["operations"] == {"Invoke:SetKey": 1, "Invoke:GetKey": 1, "Invoke:Activate": 1, "Enumerate": 1}


@pytest.mark.parametrize(("action", "code"), [("invoke", 0x8033804D), ("get", 0x80338048)])
def test_an_answer_larger_than_the_clients_envelope_is_an_encoding_limit(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, *, action: str, code: int
) -> None:
    machine = tiny(filler=9000, outputs={"Long": "\u30e9" * 3000})
    size = "<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>"
    get = soap.message(soap.TRANSFER + "Get", soap.WMI + "Lab_Sample", selectors={"ID": "1"}, headers=size)
    status, text = wire(machine).ask(machine, soap.invoke("SetKey", headers=size) if action == "invoke" else get)
    assert status == 500
    assert f'Code="{code}"' in text
    assert len(machine.invoked) == (action == "invoke")
