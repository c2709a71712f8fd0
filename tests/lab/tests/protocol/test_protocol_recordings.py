# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Details that recordings of real services and public reports show."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable
from typing import Any

import pytest

IDENTIFY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
    '<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>'
)
SOAP = "application/soap+xml;charset=UTF-8"


def post(machine: Any, body: bytes | str, **headers: str) -> tuple[int, str]:
    """Status and text of a request in clear on a connection of its own; without credentials unless given."""
    connection = http.client.HTTPConnection(machine.address, machine.listen.http_port, timeout=10)
    try:
        connection.request("POST", "/wsman", body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("generation", ["winrm2", "winrm3"])
def test_a_code_that_winrm_does_not_know_has_the_words_of_winrm_before_it(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, generation: str
) -> None:
    machine = tiny(fault_shape=generation)
    _, text = wire(machine).ask(machine, soap.invoke("Activate"))
    words = "The WS-Management service cannot process the request. The WMI service or the WMI provider returned an unknown error: "
    assert f"{words}HRESULT 0xc004f074 " in text


@pytest.mark.parametrize(
    ("language", "tag"),
    [("en", "en-US"), ("ja", "ja-JP")],
)
def test_every_answer_has_the_language_of_the_machine_whatever_was_asked_for(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, language: str, tag: str
) -> None:
    machine = tiny(language=language)
    running = wire(machine)
    asked = '<w:Locale s:mustUnderstand="false" xml:lang="de-DE"/>'
    for message in (soap.query("SELECT * FROM Lab_Sample", headers=asked), soap.invoke("Activate", headers=asked), b"<a/>"):
        _, text = running.ask(machine, message)
        assert set(re.findall(r'xml:lang="([^"]*)"', text)) == {tag}


@pytest.mark.parametrize("action", ["Get", "Put"])
@pytest.mark.parametrize("generation", ["winrm2", "winrm3"])
def test_an_instance_in_an_unknown_namespace_cannot_be_reached(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, *, action: str, generation: str
) -> None:
    machine = tiny(fault_shape=generation)
    uri = soap.WMI.replace("cimv2", "nowhere") + "Lab_Sample"
    _, text = wire(machine).ask(machine, soap.message(soap.TRANSFER + action, uri, selectors={"ID": "1"}))
    assert "<s:Value>a:DestinationUnreachable</s:Value>" in text
    assert "2150858752" in text


def test_output_parameters_stand_in_their_order_with_null_ones_and_the_return_value_last(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any
) -> None:
    machine = tiny(outputs={"Version": "2", "Names": [], "Job": None, "Empty": "", "Disks": ["c", "d"]})
    _, text = wire(machine).ask(machine, soap.invoke("SetKey"))
    found = re.search("<p:SetKey_OUTPUT([^>]*)>(.*)</p:SetKey_OUTPUT>", text)
    assert found is not None
    assert "xsi:type" not in found[1]
    assert found[2] == (
        '<p:Version>2</p:Version><p:Names xsi:nil="true"/><p:Job xsi:nil="true"/><p:Empty></p:Empty>'
        "<p:Disks>c</p:Disks><p:Disks>d</p:Disks><p:ReturnValue>0</p:ReturnValue>"
    )


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (SOAP, 200),
        ("application/soap+xml", 200),
        ('Application/SOAP+xml; charset="utf-8"', 200),
        ("text/xml", 415),
        ("text/xml;charset=UTF-8", 415),
        ("application/xml;charset=UTF-8", 415),
        ("application/soap+xml;charset=Shift_JIS", 415),
        ("", 200),
    ],
)
def test_only_soap_in_unicode_is_taken(tiny: Callable[..., Any], wire: Callable[..., Any], content_type: str, status: int) -> None:
    machine = tiny(allow_unencrypted=True)
    running = wire(machine)
    account = "Basic TGFiQWRtaW46V2lyZS1QYXNzdzByZCE="
    assert post(machine, IDENTIFY, Authorization=account, Content_Type=content_type)[0] == status
    assert running.endpoint(machine).counters.operations == ({"Identify": 1} if status == 200 else {})


@pytest.mark.parametrize(("generation", "stack"), [("winrm2", "2.0"), ("winrm3", "3.0")])
def test_identify_needs_no_logon_and_tells_strangers_no_version_of_windows(
    tiny: Callable[..., Any], wire: Callable[..., Any], generation: str, stack: str
) -> None:
    machine = tiny(fault_shape=generation, language="ja")
    running = wire(machine)
    status, text = post(machine, IDENTIFY, Content_Type=SOAP, WSMANIDENTIFY="unauthenticated")
    assert status == 200
    assert f"<wsmid:ProductVersion>OS: 0.0.0 SP: 0.0 Stack: {stack}</wsmid:ProductVersion>" in text
    assert 'xml:lang="ja-JP"' in text
    assert running.endpoint(machine).counters.operations == {}


def test_nothing_but_identify_is_done_without_a_logon(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny()
    running = wire(machine)
    for body in (soap.query("SELECT * FROM Lab_Sample"), soap.invoke("SetKey"), b"<a", IDENTIFY.encode()):
        headers = {} if body == IDENTIFY.encode() else {"WSMANIDENTIFY": "unauthenticated"}
        assert post(machine, body, Content_Type=SOAP, **headers) == (401, "")
    assert post(machine, IDENTIFY, Content_Type="text/xml", WSMANIDENTIFY="unauthenticated")[0] == 415
    assert machine.invoked == []
    assert running.endpoint(machine).counters.operations == {}
