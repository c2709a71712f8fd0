# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a directory is, and how to log on to it; both are checked before anything is sent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ...module_utils._hosts import is_address, parse_host
from .._errors import InvalidOptionsError

PORT, TLS_PORT = 389, 636
DEFAULT_TIMEOUT = 10.0
"""Seconds for opening the connection with its logon, and for each request."""


@dataclass(frozen=True)
class DirectoryTarget:
    """A domain controller.

    `server` is its DNS name, which is in its certificate and its Kerberos service name. `address` is where to connect instead of the
    addresses of the name. `port` is 636 for LDAPS and 389 otherwise, if it is None. `timeout` is in seconds: for opening the connection
    with the logon, and for each request with all its answers.
    """

    server: str
    address: str | None = None
    port: int | None = None
    timeout: float = DEFAULT_TIMEOUT


@dataclass(frozen=True)
class Logon:
    """How to log on.

    `kerberos` and `ntlm` are encrypted by themselves and never inside TLS; `simple` is always inside TLS. `principal` is USER@REALM, and
    for `simple` also DOMAIN\\USER or a distinguished name. Kerberos uses the password, the keytab, the credential cache, or else the
    default cache of the process. `ca_file` is a PEM file of trusted CAs, the trust store of the system if it is None.
    """

    authentication: Literal["kerberos", "ntlm", "simple"] = "kerberos"
    tls: Literal["ldaps", "starttls"] | None = None
    principal: str | None = None
    password: str | None = field(default=None, repr=False)
    keytab: str | None = None
    ccache: str | None = None
    ca_file: str | None = None

    @property
    def who(self) -> str:
        """The account for a message."""
        return self.principal or ("the account of the keytab" if self.keytab else "the account of the credential cache")


def port_of(target: DirectoryTarget, logon: Logon) -> int:
    """Return the TCP port to connect to."""
    return target.port or (TLS_PORT if logon.tls == "ldaps" else PORT)


def check(target: DirectoryTarget, logon: Logon) -> None:
    """Raise InvalidOptionsError if the options are not valid or would send anything without encryption."""
    problem = _problem_of_target(target) or _problem_of_logon(logon)
    if problem is None and logon.authentication == "kerberos" and is_address(target.server):
        problem = f"server is the address {target.server}, but Kerberos requires the DNS name of the domain controller; set address as well"
    if problem:
        raise InvalidOptionsError(f"{problem}.")


def _problem_of_target(target: DirectoryTarget) -> str | None:
    for name, value in (("server", target.server), ("address", target.address)):
        if value is None:
            continue
        try:
            parse_host(value)
        except ValueError as error:
            return f"{name}: {error}"
    if target.port is not None and not 1 <= target.port <= 65535:
        return f"port must be between 1 and 65535, and is {target.port}"
    return None if target.timeout > 0 else "directory_timeout must be greater than 0"


def _problem_of_logon(logon: Logon) -> str | None:
    if logon.password == "":
        return "password is empty; a domain controller could accept it as an anonymous logon"
    for name in ("principal", "password", "keytab", "ccache", "ca_file"):
        if not _can_be_sent(getattr(logon, name) or ""):
            return f"{name} contains a character that cannot be sent"
    if logon.authentication == "simple":
        return _problem_of_simple(logon)
    if logon.tls is not None:
        return f"authentication={logon.authentication} encrypts the connection itself, and cannot be used inside TLS; remove tls"
    if logon.authentication == "ntlm":
        return None if logon.principal and logon.password else "authentication=ntlm requires principal and password"
    return _problem_of_kerberos(logon)


def _can_be_sent(value: str) -> bool:
    """Return whether a text has no null character and is valid UTF-8; the exception for one that is not would contain a part of it."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def _problem_of_simple(logon: Logon) -> str | None:
    if logon.tls is None:
        return "authentication=simple requires tls, because it would send the password without encryption"
    if not logon.principal or not logon.password:
        return "authentication=simple requires principal and password"
    if logon.keytab or logon.ccache:
        return "keytab and ccache require authentication=kerberos"
    return None


def _problem_of_kerberos(logon: Logon) -> str | None:
    given = [name for name in ("password", "keytab", "ccache") if getattr(logon, name)]
    if len(given) > 1:
        return f"{' and '.join(given)} cannot be combined"
    if logon.password and not logon.principal:
        return "password requires principal"
    if logon.principal and "\\" in logon.principal:
        return f"principal must have the form USER@REALM for Kerberos, and is {logon.principal}"
    return None


__all__ = ["DEFAULT_TIMEOUT", "PORT", "TLS_PORT", "DirectoryTarget", "Logon", "check", "port_of"]
