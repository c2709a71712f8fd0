# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a session with a domain controller.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

There are two ways to log on, and no third: Kerberos, or NTLM if the task names it, with signed and encrypted messages on port 389; or a
simple bind inside TLS with a verified certificate. Before that, nothing is sent but the request for TLS and the tokens of the logon.
"""

from __future__ import annotations

from ...module_utils._deadline import Deadline
from ...module_utils._hosts import with_port
from . import messages
from .channel import Connect, connect
from .clock import Clock, difference, now, skew
from .errors import DirectoryError, DirectoryLogonError, DirectoryUnreachableError, shown
from .logon.bounded import OutOfTimeError, within
from .logon.choose import security_context
from .logon.context import SecurityContext
from .logon.negotiation import answer_of, first_token, next_token
from .model import ROOT_ATTRIBUTES, ConnectionFacts, RootDse, read_root
from .options import DirectoryTarget, Logon, check, port_of
from .requests import Requests
from .results import BIND_IN_PROGRESS, INVALID_CREDENTIALS, SUCCESS, label, logon_error
from .session import Directory
from .tls import tls_context
from .wire import Wire

_ROUNDS = 10
"""Maximum number of messages of a negotiation, more than any mechanism needs."""

_TRY_ANOTHER = ("directory_timeout", "directory_connection_lost")


def open_directory(target: DirectoryTarget, logon: Logon, *, clock: Clock = now, connect: Connect = connect) -> Directory:
    """Open a session. Raises InvalidOptionsError before anything is sent, DirectoryUnreachableError, or another DirectoryError.

    The time limit of the target is for all steps together: requesting tickets, connecting, TLS, the logon, and reading the root entry. The
    resolver of names has a limit of its own. `clock` and `connect` are for tests.
    """
    check(target, logon)
    opening = _Opening(target, logon, clock, connect)
    try:
        return opening.run()
    except DirectoryError as error:
        opening.abandon()
        if error.error_code in _TRY_ANOTHER and not isinstance(error, DirectoryUnreachableError):
            raise DirectoryUnreachableError(error.error_code, error.detail) from None
        raise
    except BaseException:
        opening.abandon()
        raise


class _Opening:
    """The steps until a session can be used."""

    def __init__(self, target: DirectoryTarget, logon: Logon, clock: Clock, connect: Connect) -> None:
        self._target = target
        self._logon = logon
        self._clock = clock
        self._connect = connect
        self._port = port_of(target, logon)
        self._peer = with_port(target.server, self._port)
        self._who = f"{shown(logon.who)} on {self._peer}"
        self._deadline = Deadline.after(target.timeout)
        self._wire: Wire | None = None

    def run(self) -> Directory:
        """Return the open session."""
        logon, target = self._logon, self._target
        trusted = tls_context(logon.ca_file) if logon.tls else None
        # The ticket first: without one, no connection is needed.
        security, token = (None, None) if logon.authentication == "simple" else self._security()
        channel = self._connect(target.server, target.address, self._port, self._deadline)
        self._wire = wire = Wire(channel, self._peer)
        requests = Requests(wire, self._peer, lambda: Deadline.after(target.timeout))
        version = None
        if trusted and logon.tls == "ldaps":
            version = wire.start_tls(trusted, target.server, self._deadline)
        elif trusted:
            version = requests.start_tls(trusted, target.server, self._deadline)
        if security is None:
            self._simple(requests)
        else:
            self._sealed(requests, security, token)
        root = self._root(requests)
        facts = ConnectionFacts(
            server=target.server,
            address=channel.address,
            port=self._port,
            protocol="simple" if security is None else security.protocol,
            security=logon.tls or "sealed",
            tls_version=version,
            account=self._account(requests, root, security),
            clock_difference=difference(root, self._clock),
        )
        return Directory(requests, root, facts)

    def abandon(self) -> None:
        """Close what was opened."""
        if self._wire is not None:
            self._wire.close()

    def _simple(self, requests: Requests) -> None:
        logon = self._logon
        result = requests.bind(messages.simple_bind(logon.principal or "", logon.password or ""), self._deadline)
        if result.code:
            raise logon_error(result, self._who)

    def _security(self) -> tuple[SecurityContext, bytes]:
        """Return a security context and its first token. The library of Kerberos requests the tickets for both."""

        def begin() -> tuple[SecurityContext, bytes]:
            security = security_context(self._logon, self._target.server, self._who)
            token = security.step(None) or b""
            return security, first_token(token) if security.protocol == "kerberos" else token

        try:
            return within(self._deadline, begin)
        except OutOfTimeError:
            detail = f"{self._who}: there was no ticket within {self._target.timeout:g} seconds."
            raise DirectoryLogonError("directory_no_kdc", detail) from None

    def _sealed(self, requests: Requests, security: SecurityContext, token: bytes | None) -> None:
        """Log on with the tokens of the context, and encrypt everything after it."""
        for _round in range(_ROUNDS):
            result = requests.bind(messages.sasl_bind(token), self._deadline)
            if result.code == INVALID_CREDENTIALS:
                self._compare_clocks(label(result))
            if result.code not in (SUCCESS, BIND_IN_PROGRESS):
                raise logon_error(result, self._who, ticket=security.protocol == "kerberos")
            if result.server_credentials is not None and not security.complete:
                token = self._next_token(security, result.server_credentials)
            if result.code == SUCCESS:
                break
        if result.code != SUCCESS or not security.complete:
            raise DirectoryError("directory_not_sealed", f"{self._who}: the server did not complete the negotiation.")
        security.require_protection()
        requests.seal(security)

    def _next_token(self, security: SecurityContext, received: bytes) -> bytes | None:
        if security.protocol != "kerberos":
            return security.step(received)
        token = security.step(answer_of(received, self._who))
        return None if token is None else next_token(token)

    def _compare_clocks(self, answer: str) -> None:
        """Raise DirectoryLogonError if a ticket was refused and the clocks differ too much for it."""
        if self._logon.authentication != "kerberos":
            return
        seconds = skew(self._target, self._port, self._clock, self._connect, self._deadline)
        if seconds is not None:
            apart = f"The clock of the domain controller is {abs(seconds)} seconds {'ahead' if seconds > 0 else 'behind'}"
            raise DirectoryLogonError("directory_clock_skew", f"{self._who}: the answer was {answer}. {apart}.")

    def _root(self, requests: Requests) -> RootDse:
        entries = requests.search("", "base", "(objectClass=*)", ROOT_ATTRIBUTES, limit=1, deadline=self._deadline, pages=False)
        root = read_root(entries[0]) if entries else None
        if root is None or not root.configuration_naming_context:
            raise DirectoryError("directory_not_active_directory", f"The server is {self._peer}.")
        return root

    def _account(self, requests: Requests, root: RootDse, security: SecurityContext | None) -> str:
        named = requests.who_am_i(self._deadline) if messages.WHO_AM_I in root.extensions else None
        return named or shown((security.account if security else None) or self._logon.who)


__all__ = ["open_directory"]
