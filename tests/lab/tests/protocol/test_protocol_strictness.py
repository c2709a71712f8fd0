# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What WinRM refuses is refused, with its own code and subcode."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

SAMPLE = "Lab_Sample"


def code_of(text: str) -> int:
    found = re.search(r'Code="(\d+)"|<p:error_Code[^>]*>(\d+)<', text)
    assert found is not None, text
    return int(found[1] or found[2])


@pytest.mark.parametrize(
    ("headers", "code", "subcode"),
    [
        ('<t:New xmlns:t="urn:t" s:mustUnderstand="true"/>', 0x80338010, "s:MustUnderstand"),
        ("<w:MaxEnvelopeSize>8191</w:MaxEnvelopeSize>", 0x80338035, "w:EncodingLimit"),
        ("<w:MaxEnvelopeSize>many</w:MaxEnvelopeSize>", 0x8033800F, "a:InvalidMessageInformationHeader"),
        ("<w:OperationTimeout>60</w:OperationTimeout>", 0x8033800F, "a:InvalidMessageInformationHeader"),
        ("<w:OperationTimeout>PT0.1S</w:OperationTimeout>", 0x8033800C, "w:UnsupportedFeature"),
        ("<w:SelectorSet><w:Selector/></w:SelectorSet>", 0x80338041, "w:SchemaValidationError"),
        ('<w:SelectorSet><w:Selector Name="a"/><w:Selector Name="a"/></w:SelectorSet>', 0x8033805F, "w:InvalidSelectors"),
    ],
)
def test_a_wrong_header_is_refused(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, *, headers: str, code: int, subcode: str
) -> None:
    machine = tiny()
    status, text = wire(machine).ask(machine, soap.query("SELECT * FROM Lab_Sample", headers=headers))
    assert (status, code_of(text)) == (500, code)
    assert f"<s:Value>{subcode}</s:Value>" in text


def test_an_unknown_header_without_must_understand_is_ignored(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny()
    headers = '<t:New xmlns:t="urn:t" s:mustUnderstand="false"/>'
    assert wire(machine).ask(machine, soap.query("SELECT * FROM Lab_Sample", headers=headers))[0] == 200


@pytest.mark.parametrize(
    ("remove", "code"), [("<a:MessageID>.*?</a:MessageID>", 0x80338011), ("<a:To>.*?</a:To>", 0x80338011), ("<w:Res.*?URI>", 0x8033803B)]
)
def test_a_missing_header_is_refused(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, remove: str, code: int) -> None:
    machine = tiny()
    message = re.sub(remove.encode(), b"", soap.query("SELECT * FROM Lab_Sample"))
    status, text = wire(machine).ask(machine, message)
    assert (status, code_of(text)) == (500, code)


@pytest.mark.parametrize(
    "document", [b"<a>", b"<a/>", b"\xff\xff", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "<!DOCTYPE a><a/>".encode("utf-16")]
)
def test_a_document_that_is_no_envelope_or_declares_entities_is_refused(
    tiny: Callable[..., Any], wire: Callable[..., Any], document: bytes
) -> None:
    machine = tiny()
    running = wire(machine)
    status, text = running.ask(machine, document)
    assert status == 500
    assert code_of(text) in (0x80338041, 0x8033802C)
    assert running.endpoint(machine).counters.operations == {"Malformed": 1}


def test_wql_needs_the_star_as_class(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny()
    _, text = wire(machine).ask(machine, soap.query("SELECT * FROM Lab_Sample", uri=soap.WMI + SAMPLE))
    assert code_of(text) == 2150859003


def test_a_missing_class_is_a_filter_that_cannot_be_processed_or_a_resource_not_found(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any
) -> None:
    machine = tiny()
    running = wire(machine)
    assert code_of(running.ask(machine, soap.query("SELECT * FROM Lab_Missing"))[1]) == 2150858778
    by_uri = soap.message(soap.ENUMERATE, soap.WMI + "Lab_Missing", "<n:Enumerate/>")
    assert code_of(running.ask(machine, by_uri)[1]) == 2150858752


def test_another_filter_dialect_is_refused(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny()
    _, text = wire(machine).ask(machine, soap.query("SELECT * FROM Lab_Sample").replace(b"/1/WQL", b"/1/CQL"))
    assert "n:FilterDialectRequestedUnavailable" in text


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("http://schemas.microsoft.com/wbem/wsman/1/config", 0x80338000),
        ("http://schemas.microsoft.com/wbem/wsman/1/wmi/Alone", 0x8033803B),
    ],
)
def test_an_unknown_resource_is_unreachable(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, uri: str, code: int) -> None:
    machine = tiny()
    _, text = wire(machine).ask(machine, soap.message(soap.TRANSFER + "Get", uri))
    assert code_of(text) == code
    assert "a:DestinationUnreachable" in text


def test_an_unknown_action_is_not_supported(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny()
    _, text = wire(machine).ask(machine, soap.message("urn:dance", soap.WMI + SAMPLE))
    assert "a:ActionNotSupported" in text


@pytest.mark.parametrize("action", ["Put", "Delete", "Create"])
def test_put_delete_and_create_do_not_fit_a_wmi_class(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, action: str) -> None:
    machine = tiny()
    _, text = wire(machine).ask(machine, soap.message(soap.TRANSFER + action, soap.WMI + SAMPLE, selectors={"ID": "1"}))
    assert code_of(text) == 2150858801


@pytest.mark.parametrize(
    ("selectors", "code", "subcode"),
    [
        ({}, 2150859002, "w:InvalidSelectors"),
        ({"Id": "1"}, 2150858843, "w:InvalidSelectors"),
        ({"ID": "77"}, 2150858752, "a:DestinationUnreachable"),
    ],
)
@pytest.mark.parametrize("generation", ["winrm2", "winrm3"])
def test_wrong_keys_are_refused_in_both_shapes(
    tiny: Callable[..., Any],
    wire: Callable[..., Any],
    soap: Any,
    *,
    selectors: dict[str, str],
    code: int,
    subcode: str,
    generation: str,
) -> None:
    machine = tiny(fault_shape=generation)
    status, text = wire(machine).ask(machine, soap.message(soap.TRANSFER + "Get", soap.WMI + SAMPLE, selectors=selectors))
    assert (status, code_of(text)) == (500, code)
    assert subcode in text
    assert ("MSFT_WmiError" in text) == (generation == "winrm3")
    assert ("__ExtendedStatus" in text) == (generation == "winrm2")


@pytest.mark.parametrize(
    ("space", "parameters"),
    [
        ("urn:other", ""),
        (None, '<q:Key xmlns:q="urn:other">1</q:Key>'),
        (None, "<p:Key><p:Deep/></p:Key>"),
    ],
)
def test_parameters_outside_the_namespace_of_the_class_are_refused_and_nothing_is_called(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, space: str | None, parameters: str
) -> None:
    machine = tiny()
    parts = {} if space is None else {"space": space}
    _, text = wire(machine).ask(machine, soap.invoke("SetKey", parameters, **parts))
    assert code_of(text) == 0x80338041
    assert machine.invoked == []


def test_an_action_of_another_class_is_refused(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny()
    message = soap.message(soap.WMI + "Other/SetKey", soap.WMI + SAMPLE)
    assert "a:ActionNotSupported" in wire(machine).ask(machine, message)[1]
