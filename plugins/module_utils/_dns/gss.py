# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign messages with a Kerberos session with the server (GSS-TSIG, RFC 3645), as AD requires.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Tested with BIND and Samba. The comments explain what each of them requires.
"""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import DnsError, DnsRequestNotSentError, DnsResponseLostError
from .exchange import NameServer, TimeLimit, answers, exchange
from .library import dns

if TYPE_CHECKING:
    from dns.message import Message
    from dns.name import Name
    from dns.rdtypes.ANY.TKEY import TKEY

MISSING: str | None = None
"""Traceback of the failed import, or None if the library is installed."""

try:
    import gssapi
    import gssapi.raw
except ImportError:
    import traceback

    MISSING = traceback.format_exc()

SPNEGO = "1.3.6.1.5.5.2"
"""Mechanism with which servers of Microsoft negotiate (RFC 4178)."""

GSS_MODE = 3
"""TKEY mode "GSS-API negotiation" (RFC 2930, section 2.5)."""

ROUNDS = 10
"""Maximum number of messages of a negotiation, more than any mechanism needs."""

SESSION_SECONDS = 3600

_NEGOTIATION = 3
"""Time limit of the whole negotiation, as a multiple of the timeout of one message. It usually has two messages."""

_MINOR = re.compile(r"^.*\bMinor \(\d+\): ")


@dataclass(frozen=True)
class KerberosLogin:
    """The credentials to use. Without a password, a keytab, or a cache, the existing ticket of the process is used."""

    principal: str | None = None
    password: str | None = field(default=None, repr=False)
    keytab: str | None = None
    ccache: str | None = None
    server_principal: str | None = None


class SambaCompat:
    """A security context that also accepts responses of Samba before 4.21, which does not sign two octets.

    The octets are the length of the MAC of the request. The MAC itself is signed, so the response is still authenticated.
    """

    def __init__(self, context: Any) -> None:
        self._context = context

    @property
    def complete(self) -> bool:
        """Whether the session is established."""
        return bool(self._context.complete)

    def step(self, token: bytes | None = None) -> bytes | None:
        """Run one step of the negotiation."""
        reply: bytes | None = self._context.step(token)
        return reply

    def get_signature(self, data: bytes) -> bytes:
        """Return the MIC of a message to send."""
        signature: bytes = self._context.get_signature(data)
        return signature

    def verify_signature(self, data: bytes, mac: bytes) -> Any:
        """Verify the MIC. Raises GSSError if it matches neither form."""
        try:
            return self._context.verify_signature(data, mac)
        except gssapi.raw.misc.GSSError:
            return self._context.verify_signature(data[2:], mac)


class GssSigner:
    """A signer with one session for each server, which is opened when it is first needed."""

    kerberos = True
    signs = True

    def __init__(self, login: KerberosLogin, timeout: float) -> None:
        self._login = login
        self._timeout = timeout
        self._credentials: Any = None
        self._sessions: dict[NameServer, tuple[Any, Name]] = {}

    def sign(self, message: Message, endpoint: NameServer) -> None:
        """Open a session with the server if there is none. Raises DnsError, never DnsResponseLostError: no update was sent."""
        if endpoint not in self._sessions:
            self._sessions[endpoint] = self._negotiate(endpoint)
        ring, name = self._sessions[endpoint]
        message.use_tsig(ring, name)

    def renew(self) -> bool:
        """Discard all sessions, but not the tickets."""
        self._sessions.clear()
        return True

    def _negotiate(self, endpoint: NameServer) -> tuple[Any, Name]:
        try:
            context = SambaCompat(self._context(endpoint))
            return _negotiated(context, endpoint, self._timeout)
        except gssapi.raw.misc.GSSError as error:
            raise explain(error, password=self._login.password is not None) from None
        except DnsResponseLostError as lost:
            raise DnsRequestNotSentError(lost.error_code, lost.detail) from None

    def _context(self, endpoint: NameServer) -> Any:
        if self._credentials is None:
            self._credentials = _log_in(self._login)
        flags = gssapi.RequirementFlag
        return gssapi.SecurityContext(
            name=_target(self._login, endpoint),
            usage="initiate",
            creds=self._credentials,
            mech=gssapi.OID.from_int_seq(SPNEGO),
            # Without the flag for sequence: after one lost answer it would make every later answer a wrong one.
            flags=flags.mutual_authentication | flags.replay_detection | flags.integrity,
        )


def _target(login: KerberosLogin, endpoint: NameServer) -> Any:
    if login.server_principal:
        return gssapi.Name(login.server_principal, gssapi.NameType.kerberos_principal)
    if endpoint.name is None:
        raise DnsError("unknown_server_principal", f"The name of {endpoint} is not known.")
    return gssapi.Name(f"DNS@{endpoint.name}", gssapi.NameType.hostbased_service)


def _log_in(login: KerberosLogin) -> Any:
    """Return separate credentials in memory, or those of the specified cache, or those of the process."""
    name: Any = gssapi.Name(login.principal, gssapi.NameType.kerberos_principal) if login.principal else None
    if login.password is not None:
        # Both mechanisms, or the negotiation finds no credentials for the one it wants.
        mechanisms = [gssapi.MechType.kerberos, gssapi.OID.from_int_seq(SPNEGO)]
        acquired = gssapi.raw.acquire_cred_with_password(name, login.password.encode(), usage="initiate", mechs=mechanisms)
        return gssapi.Credentials(base=acquired.creds)
    if login.keytab:
        store: dict[bytes | str, bytes | str] = {
            "client_keytab": f"FILE:{login.keytab.removeprefix('FILE:')}",
            "ccache": f"MEMORY:{uuid.uuid4().hex}",
        }
        return gssapi.Credentials(usage="initiate", name=name, store=store)
    if login.ccache:
        return gssapi.Credentials(usage="initiate", name=name, store={"ccache": login.ccache})
    return gssapi.Credentials(usage="initiate", name=name)


def _negotiated(context: SambaCompat, endpoint: NameServer, timeout: float) -> tuple[Any, Name]:
    """Run the negotiation of RFC 3645, section 3.1, until the session is established."""
    # No suffix shared with the zone: dnspython would compress the name, and Samba signs it uncompressed (its bug 16083).
    name = dns.name.from_text(f"{uuid.uuid4()}.")
    secret: Any = context
    adapter: Any = dns.tsig.GSSTSigAdapter
    ring = adapter({name: dns.tsig.Key(name, secret, dns.tsig.GSS_TSIG)})
    token, limit = context.step(), TimeLimit(timeout, _NEGOTIATION * timeout)
    for _round in range(ROUNDS):
        query = _tkey_query(name, token or b"")
        raw = exchange(query.to_wire(), endpoint, limit)
        # When a signed response is read, the adapter runs the step itself, because it needs the session to verify the response.
        reply = _reply(query, raw, ring, name, endpoint)
        if not reply[1]:
            token = context.step(reply[0].key)
        if context.complete:
            return ring, name
    raise DnsError("kerberos_failed", f"{endpoint} does not come to an end with the negotiation.")


def _tkey_query(name: Name, token: bytes) -> Message:
    anything, kind = dns.rdataclass.ANY, dns.rdatatype.TKEY
    now = int(time.time())
    tkey: Any = dns.rdtypes.ANY.TKEY.TKEY
    data = tkey(anything, kind, dns.tsig.GSS_TSIG, now, now + SESSION_SECONDS, GSS_MODE, 0, token)
    query = dns.message.make_query(name, kind, anything)
    query.flags = dns.flags.Flag(0)
    query.find_rrset(query.additional, name, anything, kind, create=True).add(data, 0)
    return query


def _reply(query: Message, raw: bytes, ring: Any, name: Name, endpoint: NameServer) -> tuple[TKEY, bool]:
    """Return the token of the server, and whether the response was signed. Raises DnsError for any other response."""
    if not answers(query, raw):
        raise DnsError("malformed_answer", f"{endpoint} was asked for a Kerberos session.")
    if raw[3] & 0x0F:
        rcode = dns.rcode.to_text(dns.rcode.Rcode.make(raw[3] & 0x0F))
        raise DnsError("no_gss", f"{endpoint} answered {rcode}.")
    try:
        message = dns.message.from_wire(raw, keyring=ring)
    except dns.tsig.BadTime:
        raise DnsError("BADTIME", f"{endpoint} signed its part of the Kerberos session at another time.") from None
    except dns.exception.DNSException:
        raise DnsError("forged_answer", f"{endpoint} was asked for a Kerberos session.") from None
    rrset = message.get_rrset(message.answer, name, dns.rdataclass.ANY, dns.rdatatype.TKEY)
    if not rrset:
        raise DnsError("no_gss", f"{endpoint} gave no TKEY record.")
    found: TKEY = rrset[0]
    if found.error:
        raise DnsError("server_keytab_mismatch", f"{endpoint} answered with TKEY error {found.error}.")
    return found, bool(message.had_tsig)


def explain(error: Any, *, password: bool) -> DnsError:
    """Convert a GSS error to an error code. The MIT library has one number for most errors, so the text must be compared."""
    text = " ".join(str(error).replace("\0", " ").split())
    # "Major (n): general words, Minor (n): what happened"
    text = _MINOR.sub("", text).rstrip(".") + "."
    lower = text.casefold()
    if "server" in lower and "not found in kerberos database" in lower:
        return DnsError("unknown_server_principal", text)
    if any(words in lower for words in ("contact any kdc", "find kdc", "clock skew", "resolve network address", "resolve kdc")):
        return DnsError("kerberos_failed", text)
    if password:
        about_it = any(words in lower for words in ("preauth", "password", "client", "decrypt", "expired", "locked", "revoked"))
        return DnsError("wrong_password" if about_it else "kerberos_failed", text)
    missing = isinstance(error, gssapi.raw.exceptions.MissingCredentialsError)
    if missing or any(words in lower for words in ("expired", "credential", "client", "preauth", "decrypt")):
        return DnsError("no_ticket", text)
    return DnsError("kerberos_failed", text)
