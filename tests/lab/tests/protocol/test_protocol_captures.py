# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our answers against bytes that real Windows machines sent; skipped where the shared captures are absent."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from winlab.interfaces import Instance, Value, WmiFault

CAPTURES = Path(__file__).parents[5] / "shared" / "captures"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
UUID = re.compile(r"(uuid:)?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

pytestmark = pytest.mark.skipif(not CAPTURES.is_dir(), reason="the shared captures of real Windows answers are not here")


def capture(name: str) -> str:
    return (CAPTURES / name).read_text(encoding="utf-8-sig")


def without_ids(text: str) -> str:
    return UUID.sub("ID", text)


def local(tag: str) -> str:
    return tag.rpartition("}")[2]


def tree(element: Element) -> Any:
    """An element for comparison: name with namespace, attributes, text without layout, children."""
    attributes = {name: " ".join(value.split()) for name, value in element.attrib.items() if not name.endswith("}lang")}
    text = " ".join(without_ids(element.text or "").split())
    return element.tag, attributes, text, [tree(child) for child in element if local(child.tag) != "RelatesTo"]


def shape(element: Element) -> Any:
    """Only names, for answers to other requests than the lab's."""
    return local(element.tag), [shape(child) for child in element]


def value_of(element: Element) -> Value:
    if element.get(XSI + "nil") == "true":
        return None
    if len(element):
        return datetime.fromisoformat((element[0].text or "").replace("Z", "+00:00"))
    return element.text or ""


def instances_of(text: str) -> list[Instance]:
    root = ElementTree.fromstring(text)
    items = [child for node in root.iter() if local(node.tag) == "Items" for child in node]
    return [Instance(local(item.tag), {local(part.tag): value_of(part) for part in item}) for item in items]


def test_a_class_with_one_instance_is_answered_byte_by_byte_as_server_2012_did(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any
) -> None:
    real = capture("enumerate_2012_one_instance_complete.xml").strip()
    machine = tiny(given={"Win32_OperatingSystem": instances_of(real)})
    status, text = wire(machine).ask(machine, soap.query("SELECT * FROM Win32_OperatingSystem"))
    assert status == 200
    assert without_ids(text) == without_ids(real)


def test_a_projection_is_answered_byte_by_byte_as_server_2012_did(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    real = capture("enumerate_2012_projected.xml").strip()
    values = instances_of(real)[0].values
    machine = tiny(given={"Win32_OperatingSystem": [Instance("Win32_OperatingSystem", values)]})
    _, text = wire(machine).ask(machine, soap.query(f"SELECT {','.join(values)} FROM Win32_OperatingSystem"))
    assert without_ids(text) == without_ids(real)


def test_many_instances_come_as_one_and_then_a_page_byte_by_byte(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    first, rest = capture("enumerate_2012_many_first.xml").strip(), capture("pull_2012_many_last.xml").strip()
    machine = tiny(given={"Win32_IP4RouteTable": instances_of(first) + instances_of(rest)})
    running = wire(machine)
    _, started = running.ask(machine, soap.query("SELECT * FROM Win32_IP4RouteTable"))
    context = re.search("<n:EnumerationContext>(.*?)</n:EnumerationContext>", started)
    assert context is not None
    _, pulled = running.ask(machine, soap.pull(context[1]))
    assert without_ids(started) == without_ids(first)
    assert without_ids(pulled) == without_ids(rest)


def test_an_array_output_of_a_method_looks_as_stdregprov_sent_it(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    real = ElementTree.fromstring(capture("stdregprov_enumkey_output.xml"))
    keys = [node.text or "" for node in real.iter() if local(node.tag) == "sNames"]
    machine = tiny(outputs={"sNames": keys})
    uri = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/default/StdRegProv"
    _, text = wire(machine).ask(machine, soap.invoke("EnumKey", uri=uri))
    assert tree(ElementTree.fromstring(text)) == tree(real)


def test_a_query_for_a_missing_class_faults_as_server_2008_r2_did(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    real = ElementTree.fromstring(capture("soap_fault_v2.xml"))
    machine = tiny(fault_shape="winrm2", name="vagrant-2008R2")

    async def query(_namespace: str, wql: str) -> Any:
        raise WmiFault(
            "The specified class does not exist in the given namespace. ", hresult=0x80041010, operation="ExecQuery", parameter=wql
        )

    machine.query = query
    running = wire(machine)
    machine.address = "localhost"
    status, text = running.ask(machine, soap.query('Select * from Win32_Processa where name="sshd.exe"'))
    assert status == 500
    assert tree(ElementTree.fromstring(text)) == tree(real)


def test_a_missing_instance_faults_with_the_elements_server_2012_r2_sent(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any
) -> None:
    real = ElementTree.fromstring(capture("fault_2012r2_instance_not_found.xml"))
    machine = tiny(fault_shape="winrm2")
    get = soap.message(soap.TRANSFER + "Get", soap.WMI + "Lab_Sample", selectors={"ID": "29"})
    _, text = wire(machine).ask(machine, get)
    ours = ElementTree.fromstring(text)
    assert shape(ours) == shape(real)
    for name in ("Subcode", "FaultDetail"):
        parts = [[" ".join(node.itertext()).strip() for node in root.iter() if local(node.tag) == name] for root in (ours, real)]
        assert parts[0] == parts[1]


def test_too_many_shells_fault_as_msft_wmierror(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    real = ElementTree.fromstring(capture("wmi_error_v2.xml"))
    machine = tiny()
    running = wire(machine)
    create = soap.message(soap.TRANSFER + "Create", soap.SHELL + "/cmd", "<rsp:Shell/>")
    for _ in range(30):
        assert running.ask(machine, create)[0] == 200
    status, text = running.ask(machine, create)
    assert status == 500
    assert tree(ElementTree.fromstring(text)) == tree(real)


def test_a_shell_opens_as_on_server_2008_r2(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    real = ElementTree.fromstring(capture("open_shell_v2.xml"))
    machine = tiny(fault_shape="winrm2")
    create = soap.message(soap.TRANSFER + "Create", soap.SHELL + "/cmd", "<rsp:Shell/>")
    _, text = wire(machine).ask(machine, create.replace(b"http://host:5985", b"http://localhost:5985"))
    assert tree(ElementTree.fromstring(text)) == tree(real)
