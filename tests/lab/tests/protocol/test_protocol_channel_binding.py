# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logons by NTLM that are bound to the TLS connection around them, or not, at each level of hardening."""

from __future__ import annotations

import hashlib
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from winrm.exceptions import InvalidCredentialsError
from winrm.protocol import Protocol

from winlab.protocol.channel_binding import ChannelBinding
from winlab.protocol.ntlm import shown_bindings
from winlab.protocol.sealing import Refused

PASSWORD = "Wire-Passw0rd!"
IDENTIFY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
    '<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>'
)
DEVICE = 5987


def gets_in(machine: Any, ca: Any, *, bound: bool = True, port: int | None = None) -> bool:
    protocol = Protocol(
        f"https://{machine.address}:{port or machine.listen.https_port}/wsman",
        transport="ntlm",
        username="LabAdmin",
        password=PASSWORD,
        send_cbt=bound,
        ca_trust_path=str(ca),
    )
    try:
        return b"IdentifyResponse" in protocol.transport.send_message(IDENTIFY)
    except InvalidCredentialsError:
        return False
    finally:
        protocol.transport.close_session()


@pytest.mark.parametrize(("level", "without"), [("none", True), ("relaxed", True), ("strict", False)])
def test_only_a_strict_machine_refuses_a_logon_without_binding(
    tiny: Callable[..., Any], wire: Callable[..., Any], level: str, without: bool
) -> None:
    machine = tiny(cbt_hardening_level=level)
    ca = wire(machine).service.authority.path
    assert gets_in(machine, ca)
    assert gets_in(machine, ca, bound=False) == without


@pytest.mark.parametrize("function", ["sha256", "sha384", "sha512"])
def test_the_binding_has_the_hash_function_of_the_certificate(tiny: Callable[..., Any], wire: Callable[..., Any], function: str) -> None:
    machine = tiny(cbt_hardening_level="strict", certificate_hash=function)
    ca = wire(machine).service.authority.path
    assert gets_in(machine, ca)


@pytest.mark.parametrize(("level", "bound", "without"), [("none", True, True), ("relaxed", False, True), ("strict", False, False)])
def test_a_device_that_ends_tls_on_the_way_is_found_by_the_binding(
    tiny: Callable[..., Any], wire: Callable[..., Any], level: str, bound: bool, without: bool
) -> None:
    machine = tiny(cbt_hardening_level=level, inspection_port=DEVICE)
    ca = wire(machine).service.authority.path
    assert gets_in(machine, ca, port=DEVICE) == bound
    assert gets_in(machine, ca, port=DEVICE, bound=False) == without


def test_the_device_has_a_certificate_of_its_own(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny(inspection_port=DEVICE)
    wire(machine)
    shown = {ssl.get_server_certificate((machine.address, port)) for port in (machine.listen.https_port, DEVICE)}
    assert len(shown) == 2


def test_nothing_is_bound_over_http(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny(cbt_hardening_level="strict")
    wire(machine)
    protocol = Protocol(f"http://{machine.address}:5985/wsman", transport="ntlm", username="LabAdmin", password=PASSWORD)
    assert b"IdentifyResponse" in protocol.transport.send_message(IDENTIFY)
    protocol.transport.close_session()


def test_sixteen_zeros_are_no_binding() -> None:
    data = b"tls-server-end-point:" + bytes(32)
    right = hashlib.md5(bytes(16) + len(data).to_bytes(4, "little") + data, usedforsecurity=False).digest()
    shown = (None, bytes(16), b"x" * 16, right)
    assert [ChannelBinding("none", data).admits(one) for one in shown] == [True, True, True, True]
    assert [ChannelBinding("relaxed", data).admits(one) for one in shown] == [True, True, False, True]
    assert [ChannelBinding("strict", data).admits(one) for one in shown] == [False, False, False, True]


@pytest.mark.parametrize("response", [bytes(24), bytes(44), bytes(44) + b"\x02\0\x04\0abcd\0\0\0\0"])
def test_a_response_without_the_pair_shows_no_bindings(response: bytes) -> None:
    head = bytearray(88)
    head[20:28] = len(response).to_bytes(2, "little") * 2 + (88).to_bytes(4, "little")
    assert shown_bindings(bytes(head) + response) is None


def test_a_message_without_its_fields_is_refused() -> None:
    with pytest.raises(Refused):
        shown_bindings(b"NTLMSSP\0\x03\0\0\0")
