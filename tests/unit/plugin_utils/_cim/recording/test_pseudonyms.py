# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded messages without names, identities, and keys, which a parser still reads like the originals."""

from __future__ import annotations

import re
from typing import NoReturn
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._strict_xml import parse, strict_parser
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.recording.pseudonyms import Pseudonyms

CMID = "8f2b0a3c-1111-2222-3333-444455556666"
NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=15)


def message(**leaves: str) -> bytes:
    body = "".join(f"<p:{name}>{escape(text)}</p:{name}>" for name, text in leaves.items())
    return f'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><p:X>{body}</p:X></s:Body></s:Envelope>'.encode()


def read_strictly(text: str) -> None:
    assert parse(strict_parser(refuse), text.encode()) is None, text


def refuse(*_: object) -> NoReturn:
    raise AssertionError("a document type")


def replaced(*messages: bytes, key: bytes = b"key") -> list[str]:
    names = Pseudonyms(key, {"Caption", "ID"})
    for each in messages:
        names.read(each)
    return [names.replaced(each).decode() for each in messages]


@pytest.mark.parametrize(
    "private",
    [
        {"CSName": "12345"},
        {"CSName": "SRV01"},
        {"Domain": "corp.example"},
        {"ClientMachineID": CMID},
        {"PartialProductKey": "66666"},
        {"ProductKeyID": "55041-00206-271-298329-03-1033-9600.0000-2482013"},
        {"OfflineInstallationId": "1" * 63},
        {"KeyManagementServiceMachine": "kms.corp.example"},
        {"KeyManagementServiceMachine": "PDS01"},
        {"DiscoveredKeyManagementServiceMachineIpAddress": "192.0.2.17"},
        {"DiscoveredKeyManagementServiceMachineIpAddress": "2001:db8::12:34"},
        {"User": r"CORP\somebody"},
        {"To": "http://192.0.2.17:5985/wsman"},
    ],
)
def test_what_identifies_a_machine_a_user_or_a_key_is_replaced(private: dict[str, str]) -> None:
    (text,) = replaced(message(**private))
    assert next(iter(private.values())) not in text
    (name,) = private
    shown = re.search(rf"<p:{name}>([^<]*)<", text)
    assert shown is not None
    assert len(shown[1]) == len(private[name])


def test_numbers_dates_codes_and_harmless_properties_are_kept() -> None:
    kept = message(
        Caption="Microsoft Windows 10 Pro",
        ID="w",
        Count="4294967295",
        Is="true",
        Day="2026-11-20T09:00:00Z",
        MessageID="HRESULT 0xC004F074",
    )
    assert replaced(kept) == [kept.decode()]


def test_a_name_is_replaced_in_sentences_of_other_messages_and_in_the_attribute_of_a_fault() -> None:
    fault = b'<f:WSManFault Code="1" Machine="srv01.corp.example"><f:Message>SRV01 said no.</f:Message></f:WSManFault>'
    named, sentence = replaced(message(CSName="SRV01", Domain="corp.example"), fault)
    assert "srv01" not in sentence.lower()
    assert "corp" not in sentence.lower()
    assert "said no." in sentence
    name = re.search("<p:CSName>([^<]*)<", named)
    assert name is not None
    assert f"<f:Message>{name[1]} said no.<" in sentence
    assert f'Machine="{name[1].lower()}.' in sentence


def test_in_the_strings_of_an_event_only_names_and_identities_are_replaced() -> None:
    _machine, text = replaced(
        message(ClientMachineID=CMID, KeyManagementServiceMachine="kms1.corp.example"),
        message(InsertionStrings=f"0xC004F074,25,kms1.corp.example:1688,{CMID},2026/11/30"),
    )
    found = re.search("InsertionStrings>([^<]*)<", text)
    assert found is not None
    code, count, host, identity, day = found[1].split(",")
    assert (code, count, day) == ("0xC004F074", "25", "2026/11/30")
    assert "corp" not in host
    assert host.endswith(":1688")
    assert identity != CMID
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identity)


def test_a_name_with_escaped_characters_stays_valid_xml_and_is_found_in_a_sentence() -> None:
    named, sentence = replaced(message(Domain="R&D<corp>"), message(Text="R&D is off, corp too"))
    assert "corp" not in named + sentence
    for text in (named, sentence):
        assert "&amp;" in text
        read_strictly(text)


def test_a_message_that_is_no_xml_is_replaced_too() -> None:
    (text,) = replaced(b"<p:CSName>SRV01&#1;&#xD800;\xff</p:CSName><p:Domain>corp")
    assert "SRV01" not in text


@pytest.mark.parametrize("element", ["Address", "Value"])
def test_an_address_or_a_value_of_the_machine_is_replaced_and_one_of_the_protocol_is_not(element: str) -> None:
    own = "http://srv01.corp.example:5985/wsman" if element == "Address" else "kms.corp.example"
    of_protocol = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous" if element == "Address" else "s:Sender"
    private, public = replaced(message(**{element: own}), message(**{element: of_protocol}))
    assert "corp" not in private
    assert of_protocol in public


@given(host=NAMES, domain=NAMES, key=st.binary(min_size=1, max_size=8))
def test_one_key_gives_one_replacement_and_keeps_hosts_of_a_domain_together(host: str, domain: str, key: bytes) -> None:
    first, second, other = (
        re.findall(r"<p:Domain>([^<]*)<", text)[0]
        for text in (
            *replaced(message(Domain=f"{host}.{domain}")),
            *replaced(message(Domain=f"{host}.{domain}")),
            *replaced(message(Domain=domain)),
        )
    )
    assert first == second
    assert first.split(".")[1] == other
    assert replaced(message(Domain=domain), key=key) == replaced(message(Domain=domain), key=key)


@given(leaves=st.dictionaries(st.sampled_from(["CSName", "Domain", "Caption", "Text", "Strange"]), st.text(" <&>x1é\u3042-.", max_size=30)))
def test_a_replaced_message_has_the_same_elements(leaves: dict[str, str]) -> None:
    original = message(**leaves)
    (text,) = replaced(original)
    tags = re.compile(r"<[^<>]*>")
    assert tags.findall(text) == tags.findall(original.decode())
