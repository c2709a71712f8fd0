# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes out: the shape WinRM takes, and every text either escaped or refused."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import envelope
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimPath
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import VolumeActivationError

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "n": "http://schemas.xmlsoap.org/ws/2004/09/enumeration",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
}
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi"
HOST = "http://host:5985/wsman"

in_xml = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\t\n\r&<>\"'"))
not_in_xml = st.sampled_from([chr(code) for code in (*range(9), 11, 12, *range(14, 32), 0xD800, 0xDFFF, 0xFFFE, 0xFFFF)])


def text_of(tree: ET.Element, path: str) -> str | None:
    found = tree.find(path, NS)
    assert found is not None, path
    return found.text


def test_a_query_is_an_optimized_enumerate_on_all_classes_of_the_namespace() -> None:
    request = envelope.enumerate_wql(HOST, "root/cimv2", "SELECT * FROM Win32_Service", 20)
    tree = ET.fromstring(request.message)
    assert text_of(tree, "s:Header/w:ResourceURI") == f"{WMI}/root/cimv2/*"
    assert text_of(tree, "s:Header/a:Action") == f"{NS['n']}/Enumerate"
    assert text_of(tree, "s:Header/a:To") == HOST
    assert text_of(tree, "s:Header/a:MessageID") == request.message_id
    assert text_of(tree, "s:Header/w:OperationTimeout") == "PT20.000S"
    assert text_of(tree, "s:Header/w:MaxEnvelopeSize") == "153600"
    assert tree.find("s:Header/w:SelectorSet", NS) is None
    assert tree.find("s:Body/n:Enumerate/w:OptimizeEnumeration", NS) is not None
    query = tree.find("s:Body/n:Enumerate/w:Filter", NS)
    assert query is not None
    assert query.text == "SELECT * FROM Win32_Service"
    assert query.get("Dialect") == "http://schemas.microsoft.com/wbem/wsman/1/WQL"


def test_a_pull_repeats_resource_and_context() -> None:
    tree = ET.fromstring(envelope.pull(HOST, "root/default", "uuid:1<2", 20).message)
    assert text_of(tree, "s:Header/w:ResourceURI") == f"{WMI}/root/default/*"
    assert text_of(tree, "s:Header/a:Action") == f"{NS['n']}/Pull"
    assert text_of(tree, "s:Body/n:Pull/n:EnumerationContext") == "uuid:1<2"


def test_a_method_of_an_instance_names_it_by_selectors_and_its_action_by_class_and_method() -> None:
    target = CimPath("SoftwareLicensingService", {"Version": "10.0.26100.1"})
    tree = ET.fromstring(envelope.invoke(HOST, target, "SetKeyManagementServicePort", {"PortNumber": 1689}, 60).message)
    uri = f"{WMI}/root/cimv2/SoftwareLicensingService"
    assert text_of(tree, "s:Header/w:ResourceURI") == uri
    assert text_of(tree, "s:Header/a:Action") == f"{uri}/SetKeyManagementServicePort"
    selector = tree.find("s:Header/w:SelectorSet/w:Selector", NS)
    assert selector is not None
    assert (selector.get("Name"), selector.text) == ("Version", "10.0.26100.1")
    assert text_of(tree, f"s:Body/{{{uri}}}SetKeyManagementServicePort_INPUT/{{{uri}}}PortNumber") == "1689"


def test_a_class_method_has_no_selectors() -> None:
    tree = ET.fromstring(envelope.invoke(HOST, CimPath("StdRegProv", namespace="root/default"), "EnumKey", {}, 20).message)
    assert tree.find("s:Header/w:SelectorSet", NS) is None


def test_arguments_are_sent_as_wmi_writes_them() -> None:
    arguments = {"yes": True, "no": False, "number": 2147483650, "none": None, "many": ["a", "b"], "text": "x"}
    tree = ET.fromstring(envelope.invoke(HOST, CimPath("C"), "M", arguments, 20).message)
    body = tree.find("s:Body", NS)
    assert body is not None
    sent = [(child.tag.rpartition("}")[2], child.text) for child in body[0]]
    assert sent == [("yes", "true"), ("no", "false"), ("number", "2147483650"), ("many", "a"), ("many", "b"), ("text", "x")]


def test_a_namespace_may_be_written_with_backslashes() -> None:
    assert envelope.class_uri("root\\cimv2", "C") == f"{WMI}/root/cimv2/C"


def test_every_message_has_its_own_id() -> None:
    ids = {envelope.pull(HOST, "root/cimv2", "c", 1).message_id for _ in range(50)}
    assert len(ids) == 50


@given(in_xml, in_xml, in_xml)
def test_any_text_xml_can_carry_arrives_unchanged(query: str, key: str, value: str) -> None:
    filtered = ET.fromstring(envelope.enumerate_wql(HOST, "root/cimv2", query, 1).message)
    assert (text_of(filtered, "s:Body/n:Enumerate/w:Filter") or "") == query
    called = ET.fromstring(envelope.invoke(HOST, CimPath("C", {"K": key}), "M", {"A": value}, 1).message)
    assert (text_of(called, "s:Header/w:SelectorSet/w:Selector") or "") == key
    uri = f"{{{WMI}/root/cimv2/C}}"
    assert (text_of(called, f"s:Body/{uri}M_INPUT/{uri}A") or "") == value


@given(in_xml, not_in_xml, in_xml)
def test_text_xml_cannot_carry_is_refused_without_repeating_it(before: str, bad: str, after: str) -> None:
    secret = f"{before}SECRET{bad}{after}"
    with pytest.raises(VolumeActivationError, match="argument ProductKey contains a character") as refused:
        envelope.invoke(HOST, CimPath("C"), "M", {"ProductKey": secret}, 1)
    assert "SECRET" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


@pytest.mark.parametrize("name", ["", "a b", "a>", "1a", "é", "a\n", 'x"'])
def test_a_name_that_is_no_cim_name_never_gets_into_a_message(name: str) -> None:
    calls = [(CimPath(name), "M", "A"), (CimPath("C"), name, "A"), (CimPath("C"), "M", name), (CimPath("C", {name: "x"}), "M", "A")]
    for target, method, argument in calls:
        with pytest.raises(VolumeActivationError, match="not a CIM name"):
            envelope.invoke(HOST, target, method, {argument: "x"}, 1)
    with pytest.raises(VolumeActivationError, match="not a WMI namespace"):
        envelope.enumerate_wql(HOST, f"root/{name}", "SELECT", 1)


def test_a_request_shows_nothing_of_what_it_carries() -> None:
    request = envelope.invoke(HOST, CimPath("C"), "InstallProductKey", {"ProductKey": "SECRET"}, 1)
    assert b"SECRET" in request.message
    assert not re.search("SECRET", f"{request!r} {request}")
