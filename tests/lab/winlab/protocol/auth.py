# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is at the other end of a connection: Basic by request, Negotiate by connection, as http.sys and WinRM do."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass

from winlab.caller import Caller
from winlab.protocol.channel_binding import ChannelBinding
from winlab.protocol.client_certificates import MUTUAL
from winlab.protocol.credssp import CredsspContext, Relay
from winlab.protocol.endpoint import Endpoint
from winlab.protocol.kerberos import KerberosContext, is_kerberos
from winlab.protocol.ntlm import AccountFiles, NtlmContext
from winlab.protocol.sealing import Refused, SecurityContext

_BASIC = 'Basic realm="WSMAN"'
_SCHEMES = {"negotiate": "Negotiate", "kerberos": "Kerberos", "credssp": "CredSSP"}


@dataclass
class Connection:
    """What is known of one TCP connection."""

    endpoint: Endpoint
    tls: bool
    client: str
    kerberos: bool = False
    """Whether the lab has keys for tickets."""
    binding: ChannelBinding | None = None
    """What a logon has to be bound to; None without TLS."""
    context: SecurityContext | None = None
    basic: tuple[str, str] | None = None
    """The last Authorization header that was right, and its user."""
    certificate: bytes | None = None
    """The client's certificate in DER."""
    last_token: str | None = None
    """The header with what the mechanism wants the client to hear with the first answer."""


@dataclass(frozen=True)
class Challenge:
    """HTTP 401 with these WWW-Authenticate values."""

    offers: tuple[str, ...]


def offers(connection: Connection) -> tuple[str, ...]:
    """What the machine offers on this connection."""
    listen = connection.endpoint.listen
    offered = ["Negotiate"] if listen.ntlm else []
    if connection.kerberos:
        offered.append("Kerberos")
    if listen.credssp:
        offered.append("CredSSP")
    if listen.basic and (connection.tls or listen.allow_unencrypted):
        offered.append(_BASIC)
    return tuple(offered)


def caller_of(connection: Connection, user: str) -> Caller:
    """The user of a request as the machine knows him: with his password, with a ticket to go on with, or without either."""
    context = connection.context
    return Caller(user, delegates=context is not None and context.user == user and context.delegates)


def _basic_user(connection: Connection, header: str) -> str | None:
    if _BASIC not in offers(connection):
        return None
    if connection.basic is not None and connection.basic[0] == header:
        return connection.basic[1]
    try:
        user, colon, password = base64.b64decode(header[6:], validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    expected = connection.endpoint.machine.password_of(user) if colon else None
    if expected is None or not hmac.compare_digest(expected.encode(), password.encode()):
        return None
    if connection.endpoint.machine.refusal_of(user) is not None:
        return None
    connection.basic = (header, user)
    return user


def _new_context(connection: Connection, scheme: str, token: bytes, files: AccountFiles) -> SecurityContext:
    machine = connection.endpoint.machine
    if scheme == "CredSSP":
        return _credssp_context(connection, files)
    if connection.kerberos and (scheme == "Kerberos" or is_kerberos(token)):
        return KerberosContext(machine, machine.name, connection.binding)
    return NtlmContext(files, machine, connection.binding)


def _credssp_context(connection: Connection, files: AccountFiles) -> SecurityContext:
    endpoint = connection.endpoint
    if endpoint.listen.credssp_tls == "1.0":
        raise Refused  # it and the client have no version of TLS in common
    machine = endpoint.machine

    def inside(token: bytes) -> SecurityContext:
        return KerberosContext(machine, machine.name) if connection.kerberos and is_kerberos(token) else NtlmContext(files, machine)

    fault = endpoint.faults.take("credssp_relay")
    relay = None if fault is None else Relay(bool(fault.get("answers")))
    return CredsspContext(inside, machine, tls_1_3=endpoint.listen.credssp_tls == "1.3", relay=relay)


def _negotiate(connection: Connection, scheme: str, text: str, files: AccountFiles) -> str | Challenge:
    if scheme not in offers(connection):
        return Challenge(offers(connection))
    try:
        token = base64.b64decode(text, validate=True)
    except binascii.Error:
        return Challenge(offers(connection))
    try:
        if connection.context is None or connection.context.complete:
            connection.context = _new_context(connection, scheme, token, files)
        answer = connection.context.step(token)
    except Refused:
        connection.context = None
        return Challenge(offers(connection))
    reply = f"{scheme} {base64.b64encode(answer or b'').decode()}"
    if connection.context.user is not None:
        connection.last_token = reply if answer is not None else None
        return connection.context.user
    return Challenge((reply,))


def authenticate(connection: Connection, header: str | None, files: AccountFiles) -> str | Challenge:
    """The user of a request, or the challenge to answer it with."""
    if header is None:
        context = connection.context
        return context.user if context is not None and context.user is not None else Challenge(offers(connection))
    scheme, _space, text = header.partition(" ")
    if scheme.lower() == "basic":
        return _basic_user(connection, header) or Challenge(offers(connection))
    if header == MUTUAL and connection.endpoint.clients is not None:
        machine = connection.endpoint.machine
        user = connection.endpoint.clients.user_of(connection.certificate, machine.certificate_mappings, machine)
        return user or Challenge(offers(connection))
    if scheme.lower() in _SCHEMES:
        return _negotiate(connection, _SCHEMES[scheme.lower()], text, files)
    return Challenge(offers(connection))
