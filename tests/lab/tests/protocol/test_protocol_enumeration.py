# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paging, contexts and the looks of values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from winlab.protocol import enumeration


def context_of(text: str) -> str:
    found = re.search("<n:EnumerationContext>(.*?)</n:EnumerationContext>", text)
    return found[1] if found else ""


def code_of(text: str) -> int:
    found = re.search(r'Code="(\d+)"|<p:error_Code[^>]*>(\d+)<', text)
    assert found is not None, text
    return int(found[1] or found[2])


def test_an_optimized_enumeration_of_three_answers_with_exactly_one(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(instances=3)
    _, text = wire(machine).ask(machine, soap.query("SELECT * FROM Lab_Sample"))
    assert text.count("<p:Lab_Sample ") == 1
    assert "EndOfSequence" not in text
    assert context_of(text).startswith("uuid:")


def test_an_enumeration_without_optimization_answers_without_items(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(instances=1)
    running = wire(machine)
    _, text = running.ask(machine, soap.query("SELECT * FROM Lab_Sample", optimize=False))
    assert "Items" not in text
    _, pulled = running.ask(machine, soap.pull(context_of(text)))
    assert pulled.count("<p:Lab_Sample ") == 1
    assert "<n:EndOfSequence/>" in pulled


def test_nothing_found_is_complete_at_once(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(instances=0)
    _, text = wire(machine).ask(machine, soap.query("SELECT * FROM Lab_Sample"))
    assert "<n:EnumerationContext></n:EnumerationContext><w:Items></w:Items><w:EndOfSequence/>" in text


def test_pages_hold_about_75_kb_whatever_the_client_allows(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(instances=100, filler=4000)
    running = wire(machine)
    size = "<w:MaxEnvelopeSize>512000</w:MaxEnvelopeSize>"
    _, text = running.ask(machine, soap.query("SELECT * FROM Lab_Sample", headers=size))
    seen, context, sizes = 1, context_of(text), []
    while context:
        _, text = running.ask(machine, soap.pull(context, headers=size))
        seen, context = seen + text.count("<p:Lab_Sample "), context_of(text)
        sizes.append(len(text))
    assert seen == 100
    assert all(70_000 < size < 78_000 for size in sizes[:-1])
    assert len(sizes) > 5


def test_a_pull_without_max_elements_brings_one(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(instances=5)
    running = wire(machine)
    _, text = running.ask(machine, soap.query("SELECT * FROM Lab_Sample"))
    _, pulled = running.ask(machine, soap.pull(context_of(text), None))
    assert pulled.count("<p:Lab_Sample ") == 1


def test_a_finished_released_or_invented_context_is_refused(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(instances=3)
    running = wire(machine)
    finished = context_of(running.ask(machine, soap.query("SELECT * FROM Lab_Sample"))[1])
    running.ask(machine, soap.pull(finished))
    released = context_of(running.ask(machine, soap.query("SELECT * FROM Lab_Sample"))[1])
    body = f"<n:Release><n:EnumerationContext>{released}</n:EnumerationContext></n:Release>"
    assert running.ask(machine, soap.message(soap.RELEASE, soap.WMI + "*", body))[0] == 200
    for context in (finished, released, "uuid:none"):
        status, text = running.ask(machine, soap.pull(context))
        assert (status, code_of(text)) == (500, 0x8033801B)
        assert "n:InvalidEnumerationContext" in text


@pytest.mark.parametrize(("generation", "allowed"), [("winrm2", 15), ("winrm3", 1500)])
def test_a_user_gets_so_many_open_enumerations_and_a_finished_one_makes_room(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, *, generation: str, allowed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert enumeration.QUOTA[generation] == allowed
    monkeypatch.setitem(enumeration.QUOTA, generation, 2)
    machine = tiny(instances=3, fault_shape=generation)
    running = wire(machine)
    contexts = [context_of(running.ask(machine, soap.query("SELECT * FROM Lab_Sample"))[1]) for _ in range(2)]
    status, text = running.ask(machine, soap.query("SELECT * FROM Lab_Sample"))
    assert (status, code_of(text)) == (500, 2150859174)
    assert "a maximum number of 2 concurrent operations" in text
    assert ("RelatesTo>" in text) == (generation == "winrm2")
    assert running.ask(machine, soap.pull(contexts[0], 100))[0] == 200
    assert running.ask(machine, soap.query("SELECT * FROM Lab_Sample"))[0] == 200


def test_a_context_that_nobody_pulls_expires(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tiny(instances=3)
    running = wire(machine)
    context = context_of(running.ask(machine, soap.query("SELECT * FROM Lab_Sample"))[1])
    monkeypatch.setattr(enumeration, "EXPIRES_AFTER", -1.0)
    _, text = running.ask(machine, soap.pull(context))
    assert code_of(text) == 0x8033801B
    assert len(running.endpoint(machine).enumerations) == 0


def test_an_instance_larger_than_the_clients_envelope_is_an_encoding_limit(
    tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any
) -> None:
    machine = tiny(instances=1, filler=9000)
    size = "<w:MaxEnvelopeSize>8192</w:MaxEnvelopeSize>"
    status, text = wire(machine).ask(machine, soap.query("SELECT * FROM Lab_Sample", headers=size))
    assert (status, code_of(text)) == (500, 0x80338048)
    assert "w:EncodingLimit" in text


def test_every_kind_of_value_looks_as_windows_writes_it(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(instances=1)
    _, text = wire(machine).ask(machine, soap.query("SELECT * FROM Lab_Sample"))
    for expected in (
        "<p:Text>a&lt;b&gt;&amp;\"c'?</p:Text>",
        "<p:Empty></p:Empty>",
        '<p:Nothing xsi:nil="true"/>',
        "<p:No>false</p:No>",
        "<p:Yes>true</p:Yes>",
        "<p:big>18446744073709551615</p:big>",
        "<p:When><cim:Datetime>2013-04-15T16:28:38.3766Z</cim:Datetime></p:When>",
        "<p:One>x</p:One>",
        "<p:Two>x</p:Two><p:Two>y</p:Two>",
    ):
        assert expected in text
    assert "p:Array" not in text
    assert text.index("<p:big>") < text.index("<p:CreationName>") < text.index("<p:CSName>") < text.index("<p:Empty>")


def test_a_projection_has_no_namespace_and_a_bare_datetime(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny(instances=1)
    _, text = wire(machine).ask(machine, soap.query("SELECT When,ID FROM Lab_Sample"))
    assert "<ID>0</ID><When><Datetime>2013-04-15T16:28:38.3766Z</Datetime></When></w:XmlFragment>" in text


def test_the_message_id_is_echoed_letter_by_letter(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> None:
    machine = tiny()
    running = wire(machine)
    for message in (soap.query("SELECT * FROM Lab_Sample", message_id="uuid:aBc"), soap.pull("uuid:none", message_id="uuid:aBc")):
        assert "<a:RelatesTo>uuid:aBc</a:RelatesTo>" in running.ask(machine, message)[1]


@pytest.mark.parametrize(("mode", "objects"), [("EnumerateEPR", 0), ("EnumerateObjectAndEPR", 2)])
def test_a_class_is_enumerated_by_reference(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any, mode: str, objects: int) -> None:
    machine = tiny(instances=2)
    running = wire(machine)
    body = f"<n:Enumerate><w:EnumerationMode>{mode}</w:EnumerationMode></n:Enumerate>"
    _, text = running.ask(machine, soap.message(soap.ENUMERATE, soap.WMI + "Lab_Sample", body))
    _, pulled = running.ask(machine, soap.pull(context_of(text)))
    assert pulled.count('<w:Selector Name="ID">') == 2
    assert pulled.count(f"<w:ResourceURI>{soap.WMI}Lab_Sample</w:ResourceURI>") == 2
    assert pulled.count("<p:Lab_Sample ") == objects
