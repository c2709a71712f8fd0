# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Client certificates: whom a machine lets in, and how it asks for the certificate over TLS 1.2 and 1.3."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from winlab.interfaces import CertificateMapping
from winlab.protocol.client_certificates import MUTUAL, SUBJECT

IDENTIFY = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body>'
    '<i:Identify xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>'
)
MAPPED = (CertificateMapping(SUBJECT, "LabAdmin"),)
VERSIONS = [False, True]


def answer(machine: Any, ca: Path, name: str | None, *, asks_later: bool = True, header: str = MUTUAL) -> int:
    """The status of one request with one of the lab's certificates, or without any."""
    context = ssl.create_default_context(cafile=ca)
    context.post_handshake_auth = asks_later
    if name is not None:
        pair = ca.parent / "clients" / name
        context.load_cert_chain(f"{pair}.pem", f"{pair}.key")
    connection = http.client.HTTPSConnection(machine.address, machine.listen.https_port, timeout=10, context=context)
    try:
        kind = {"Content-Type": "application/soap+xml;charset=UTF-8"}
        connection.request("POST", "/wsman", IDENTIFY, {**kind, "Authorization": header})
        found = connection.getresponse()
        found.read()
        return found.status
    finally:
        connection.close()


@pytest.mark.parametrize("tls_1_3", VERSIONS)
def test_a_mapped_certificate_is_an_account_and_others_are_not(tiny: Callable[..., Any], wire: Callable[..., Any], tls_1_3: bool) -> None:
    machine = tiny(certificate=True, tls_1_3=tls_1_3, certificate_mappings=MAPPED)
    ca = wire(machine).service.authority.path
    names = ("mapped", "unmapped", "no_upn", "expired", "other_authority", None)
    assert [answer(machine, ca, name) for name in names] == [200, 401, 401, 401, 401, 401]


@pytest.mark.parametrize("tls_1_3", VERSIONS)
def test_an_unknown_authority_ends_the_connection(tiny: Callable[..., Any], wire: Callable[..., Any], tls_1_3: bool) -> None:
    machine = tiny(certificate=True, tls_1_3=tls_1_3, certificate_mappings=MAPPED)
    ca = wire(machine).service.authority.path
    with pytest.raises((http.client.RemoteDisconnected, ssl.SSLEOFError)):
        answer(machine, ca, "unknown_authority")


@pytest.mark.parametrize(
    "mapping",
    [
        CertificateMapping(SUBJECT, "Nobody"),
        CertificateMapping(SUBJECT, "LabAdmin", enabled=False),
        CertificateMapping(SUBJECT, "LabAdmin", password_is_current=False),
        CertificateMapping("labadmin", "LabAdmin"),
    ],
)
def test_a_mapping_that_does_not_fit_lets_nobody_in(
    tiny: Callable[..., Any], wire: Callable[..., Any], mapping: CertificateMapping
) -> None:
    machine = tiny(certificate=True, certificate_mappings=(mapping,))
    ca = wire(machine).service.authority.path
    assert answer(machine, ca, "mapped") == 401


@pytest.mark.parametrize("subject", ["*", "*@localhost", "LABADMIN@*"])
def test_a_mapping_can_be_for_several_names(tiny: Callable[..., Any], wire: Callable[..., Any], subject: str) -> None:
    machine = tiny(certificate=True, certificate_mappings=(CertificateMapping(subject, "LabAdmin"),))
    ca = wire(machine).service.authority.path
    assert answer(machine, ca, "mapped") == 200


def test_a_machine_without_the_setting_does_not_ask(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    without, other = tiny(certificate_mappings=MAPPED), tiny(certificate=True)
    ca = wire(without, other).service.authority.path
    assert answer(without, ca, "mapped") == 401


def test_a_client_that_cannot_be_asked_later_is_reset_over_tls_1_3(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    machine = tiny(certificate=True, tls_1_3=True, certificate_mappings=MAPPED)
    cannot = tiny(certificate=True, tls_1_3=True, post_handshake=False, certificate_mappings=MAPPED)
    ca = wire(machine, cannot).service.authority.path
    for one, asks_later in ((machine, False), (cannot, True)):
        with pytest.raises((ConnectionError, http.client.RemoteDisconnected, ssl.SSLEOFError)):
            answer(one, ca, "mapped", asks_later=asks_later)


def test_only_tls_1_3_of_a_new_release_is_tls_1_3(tiny: Callable[..., Any], wire: Callable[..., Any]) -> None:
    old, new = tiny(), tiny(tls_1_3=True)
    ca = wire(old, new).service.authority.path
    found = []
    for machine in (old, new):
        connection = http.client.HTTPSConnection(machine.address, 5986, timeout=10, context=ssl.create_default_context(cafile=ca))
        connection.connect()
        assert isinstance(connection.sock, ssl.SSLSocket)
        found.append(connection.sock.version())
        connection.close()
    assert found == ["TLSv1.2", "TLSv1.3"]
