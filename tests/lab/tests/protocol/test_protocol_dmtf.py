# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""URIs of the DMTF with the selector __cimnamespace, as CIM sessions send them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from winlab.protocol.endpoint import Endpoint
from winlab.simulation.estate import load_estate

DMTF = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
CIMV2 = {"__cimnamespace": "root/cimv2"}
SERVICE = "SoftwareLicensingService"
EPR = "<w:EnumerationMode>EnumerateEPR</w:EnumerationMode>"
Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Sends messages to a server of this name, 2022 or 2008."""
    path = tmp_path / "estate.yml"
    path.write_text("""
dns: none
machines:
  - {name: s2022, address: 127.56.35.1, os: Server 2022 Standard, state: grace}
  - {name: s2008, address: 127.56.35.2, os: Server 2008 R2 Standard, state: grace}
""")
    machines = load_estate(path).machines
    endpoints = {name: Endpoint(machine, machine.listen) for name, machine in machines.items()}

    def send(message: bytes, name: str = "s2022") -> tuple[int, str]:
        answer = asyncio.run(endpoints[name].serve(message, "LabAdmin", "127.0.0.1"))
        return answer.status, answer.text

    return send


def version(ask: Ask, soap: Any) -> str:
    _status, text = ask(soap.query(f"SELECT Version FROM {SERVICE}"))
    return re.findall(r"<Version>([^<]+)<", text)[0]


@pytest.mark.parametrize("namespace", ["root/cimv2", "root\\cimv2", "ROOT/CIMv2"])
def test_a_query_names_its_namespace_in_a_selector(ask: Ask, soap: Any, namespace: str) -> None:
    wql = f"SELECT * FROM {SERVICE}"
    status, text = ask(soap.query(wql, uri=DMTF + "*", selectors={"__cimnamespace": namespace}))
    assert status == 200
    assert f'<p:{SERVICE} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="{DMTF}{SERVICE}"' in text
    assert re.findall("<p:Version>.*?</p:Version>", text) == re.findall("<p:Version>.*?</p:Version>", ask(soap.query(wql))[1])


def test_an_enumeration_of_a_class_gives_references_with_the_namespace(ask: Ask, soap: Any) -> None:
    body = f"<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>9</w:MaxElements>{EPR}</n:Enumerate>"
    status, text = ask(soap.message(soap.ENUMERATE, DMTF + SERVICE, body, selectors=CIMV2))
    assert status == 200
    assert f"<w:ResourceURI>{DMTF}{SERVICE}</w:ResourceURI>" in text
    assert '<w:Selector Name="__cimnamespace">root/cimv2</w:Selector><w:Selector Name="Version">' in text


def test_get_and_invoke_take_the_keys_beside_the_namespace(ask: Ask, soap: Any) -> None:
    keys = {**CIMV2, "Version": version(ask, soap)}
    status, text = ask(soap.message(soap.TRANSFER + "Get", DMTF + SERVICE, selectors=keys))
    assert (status, f"<p:Version>{keys['Version']}</p:Version>" in text) == (200, True)
    status, text = ask(soap.invoke("RefreshLicenseStatus", uri=DMTF + SERVICE, selectors=keys))
    assert status == 200
    assert f"<a:Action>{DMTF}{SERVICE}/RefreshLicenseStatusResponse</a:Action>" in text
    assert f'xmlns:p="{DMTF}{SERVICE}"' in text


def test_a_static_class_is_invoked_with_the_namespace_alone(ask: Ask, soap: Any) -> None:
    uri, parameters = DMTF + "StdRegProv", "<p:hDefKey>2147483650</p:hDefKey><p:sSubKeyName>SOFTWARE</p:sSubKeyName>"
    status, text = ask(soap.invoke("EnumKey", parameters, uri=uri, selectors={"__cimnamespace": "root/default"}))
    assert (status, "<p:ReturnValue>0</p:ReturnValue>" in text) == (200, True)


def test_without_the_selector_it_is_the_namespace_for_hardware(ask: Ask, soap: Any) -> None:
    status, text = ask(soap.message(soap.TRANSFER + "Get", DMTF + SERVICE, selectors={"Version": "1"}))
    assert (status, "DestinationUnreachable" in text) == (500, True)


@pytest.mark.parametrize(
    ("action", "selectors", "subcode"),
    [
        ("Get", {"__cimnamespace": "root/nowhere", "Version": "1"}, "a:DestinationUnreachable"),
        ("Get", {**CIMV2, "Version": "1"}, "a:DestinationUnreachable"),
        ("Get", {**CIMV2, "Name": "1"}, "w:InvalidSelectors"),
        ("Get", CIMV2, "w:InvalidSelectors"),
    ],
)
def test_what_is_not_there_is_refused(ask: Ask, soap: Any, action: str, selectors: dict[str, str], subcode: str) -> None:
    status, text = ask(soap.message(soap.TRANSFER + action, DMTF + SERVICE, selectors=selectors))
    assert (status, subcode in text) == (500, True)


def test_a_failure_has_the_older_shape_as_in_the_capture_of_2012_r2(ask: Ask, soap: Any) -> None:
    _status, text = ask(soap.message(soap.TRANSFER + "Get", DMTF + SERVICE, selectors={**CIMV2, "Version": "1"}))
    assert "MSFT_WmiError" not in text
    assert re.findall(r'Code="(\d+)"', text) == ["2150858752", "2150858752"]
    assert f'xmlns:p="{DMTF}__ExtendedStatus"' in text
    assert '<p:Operation xsi:type="cim:cimString">GetObject</p:Operation>' in text


@pytest.mark.parametrize("uri", [DMTF, DMTF + "a/b"])
def test_a_uri_without_one_class_is_malformed(ask: Ask, soap: Any, uri: str) -> None:
    assert "DestinationUnreachable" in ask(soap.message(soap.TRANSFER + "Get", uri, selectors=CIMV2))[1]


def test_server_2008_r2_does_not_know_these_uris_here(ask: Ask, soap: Any) -> None:
    status, text = ask(soap.query(f"SELECT * FROM {SERVICE}", uri=DMTF + "*", selectors=CIMV2), "s2008")
    assert (status, "DestinationUnreachable" in text) == (500, True)


def test_a_uri_of_wmi_takes_no_such_selector(ask: Ask, soap: Any) -> None:
    status, text = ask(soap.message(soap.TRANSFER + "Get", soap.WMI + SERVICE, selectors={**CIMV2, "Version": version(ask, soap)}))
    assert (status, "w:InvalidSelectors" in text) == (500, True)
