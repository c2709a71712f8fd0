# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing properties of an instance: named by all its keys, the empty ones too, sent once, and a lost answer is said."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import envelope
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimPath,
    CimUnknownOutcomeError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import (
    RequestNotSentError,
    ResponseLostError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session, Timeouts
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError

from . import answers
from .answers import Machine

KEYS = {"CreationClassName": "MSFT|FW|FirewallRule|A", "Name": "", "SystemCreationClassName": "", "SystemName": ""}
FILTER = CimPath("MSFT_NetProtocolPortFilter", KEYS, "root/StandardCimv2")
URI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/StandardCimv2/MSFT_NetProtocolPortFilter"
NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
}


def write(machine: Machine) -> None:
    Session(machine).put(FILTER, {"Protocol": "TCP", "LocalPort": ["1689", "1690"]})


def changed() -> str:
    return answers.instance("MSFT_NetProtocolPortFilter", {"Protocol": "TCP", "LocalPort": "1689"})


def test_a_put_names_the_instance_by_all_its_keys_and_holds_only_what_is_written() -> None:
    tree = ET.fromstring(envelope.put("http://m:5985/wsman", FILTER, {"Protocol": "TCP", "LocalPort": ["1689", "1690"]}, 60).message)
    assert tree.findtext("s:Header/w:ResourceURI", None, NS) == URI
    assert tree.findtext("s:Header/a:Action", None, NS) == "http://schemas.xmlsoap.org/ws/2004/09/transfer/Put"
    selectors = {item.get("Name"): item.text or "" for item in tree.findall("s:Header/w:SelectorSet/w:Selector", NS)}
    assert selectors == KEYS
    body = tree.find("s:Body", NS)
    assert body is not None
    assert [(item.tag, item.text) for item in body[0]] == [
        (f"{{{URI}}}Protocol", "TCP"),
        (f"{{{URI}}}LocalPort", "1689"),
        (f"{{{URI}}}LocalPort", "1690"),
    ]


@pytest.mark.parametrize("answer", [changed(), ""])
def test_a_put_worked_when_the_machine_answers_with_the_instance_or_with_nothing(answer: str) -> None:
    machine = Machine(answer)
    write(machine)
    assert machine.actions == ["Put"]


def test_a_refused_put_is_a_failure_with_its_code() -> None:
    machine = Machine(answers.fault_winrm3(0x80041002, "not found"))
    with pytest.raises(CimError, match=r"^Put of MSFT_NetProtocolPortFilter failed with 0x80041002: not found$"):
        write(machine)


@pytest.mark.parametrize("answer", [ResponseLostError("dropped", again=True), answers.fault_timed_out(), b"<html/>"])
def test_a_put_whose_answer_is_lost_is_uncertain_and_never_sent_again(answer: str | bytes | Exception) -> None:
    machine = Machine(answer, changed())
    with pytest.raises(CimUnknownOutcomeError) as failed:
        write(machine)
    assert failed.value.operation == "Put of MSFT_NetProtocolPortFilter"
    assert len(machine.messages) == 1


def test_a_put_that_certainly_did_not_arrive_makes_the_machine_unreachable() -> None:
    with pytest.raises(UnreachableError, match="refused"):
        write(Machine(RequestNotSentError("connection refused")))


def test_a_put_is_given_the_time_of_a_write() -> None:
    machine = Machine(changed())
    Session(machine, Timeouts(read=20, write=60, margin=10)).put(FILTER, {"Protocol": "TCP"})
    assert machine.timeouts == [70]


def test_a_method_that_answers_with_an_empty_output_worked() -> None:
    machine = Machine('<p:Enable_OUTPUT xmlns:p="x"/>')
    rule = CimPath("MSFT_NetFirewallRule", {"CreationClassName": "MSFT|FW|FirewallRule|A"}, "root/StandardCimv2")
    assert dict(Session(machine).invoke(rule, "Enable", {}).outputs.properties) == {}
