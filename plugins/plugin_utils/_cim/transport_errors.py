# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert the exceptions of the HTTP libraries to the three errors of a transport.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Both pywinrm and pypsrp use requests. Its exceptions contain the request with the SOAP body, so they are never chained to the errors
of this collection. RequestNotSentError is raised only for failures before the first byte of a message.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Iterator

from ...module_utils._visible import visible
from .._errors import VolumeActivationError
from .logon.certificate import DROPPED_STEP, REFUSED_STEP, refusal_by_tls
from .logon.credssp import credssp_problem
from .logon.kerberos import problem_in
from .logon.peer import PeerAddress
from .logon.refusal import credentials_refused
from .proxy import Proxy
from .transport import NEXT_WHEN_DROPPED, CredentialsRejectedError, RequestNotSentError, ResponseLostError

with contextlib.suppress(ImportError):  # reported by the adapters, which need them through pywinrm or pypsrp
    import requests
    import urllib3

_HANDSHAKE_REASONS = frozenset(
    {
        "WRONG_VERSION_NUMBER",
        "UNSUPPORTED_PROTOCOL",
        "NO_PROTOCOLS_AVAILABLE",
        "NO_CIPHERS_AVAILABLE",
        "NO_SHARED_CIPHER",
        "DH_KEY_TOO_SMALL",
        "EE_KEY_TOO_SMALL",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
    }
)
"""Names of OpenSSL for failures that occur only in a handshake; any other failure can occur after the message was sent."""
_BY_TLS = "The machine and the controller could not establish a trusted TLS connection; no request was sent before that."
_RENEW = "Compare the clocks of the controller and the machine, and renew the certificate of the WinRM listener."
_OTHER_NAME = "Set ansible_host to a name in the certificate, or configure the WinRM listener with a certificate for this name."
_OF_CERTIFICATE = {9: _RENEW, 10: _RENEW, 62: _OTHER_NAME, 64: _OTHER_NAME}
"""By OpenSSL's number (not yet valid, expired, another host name, another address): a CA does not solve these problems."""
_BY_LOGON = "The machine requires another authentication method, or this method does not work for the account or its password."
_BY_TICKET = "The domain did not issue a ticket for the machine, or there is no valid ticket; no request was sent to the machine."
_WITH_KERBEROS = ("credssp", "kerberos", "negotiate")
_OF_CREDSSP = ("AuthenticationException", "NTStatusException")
_BY_PROXY = "The environment or the inventory sends the requests through a proxy, and the proxy did not forward them."
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")


def from_exception(
    peer: PeerAddress, error: Exception, *, sent: bool, proxy: Proxy | None = None
) -> RequestNotSentError | ResponseLostError:
    """Return the error for an exception of requests, urllib3, ssl, or an authentication library.

    `sent` is False during the logon; then the message was not carried out. `proxy` is the proxy of the connection.
    """
    chain = list(_causes(error))
    if not (sent and _any_late(chain)):
        early = _proxy_problem(peer, proxy, chain) or _before_sending(peer, chain)
        if early is not None:
            return early
    if any(isinstance(link, (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError)) for link in chain):
        return ResponseLostError("no complete response in time", again=False, sent=sent)
    if isinstance(error, (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        steps = (NEXT_WHEN_DROPPED, REFUSED_STEP, DROPPED_STEP) if peer.method == "certificate" else ()
        return ResponseLostError(f"the connection was dropped ({_innermost(chain)})", again=True, sent=sent, steps=steps)
    if not sent:
        explained = _kerberos_problem(peer, " ".join(str(link) for link in chain))
        if explained is not None:
            return explained
        message = f"{peer.endpoint}: {peer.method} authentication failed ({_innermost(chain)})."
        return RequestNotSentError(message, (peer.logon_hint,), cause=_BY_LOGON, transient=False)
    return ResponseLostError(f"the response could not be read or decrypted ({_innermost(chain)})", again=False, sent=sent)


def _any_late(chain: list[BaseException]) -> bool:
    """Return whether a failure of an open connection is among the causes; another failure can then be from a second attempt."""
    late = (urllib3.exceptions.ProtocolError, urllib3.exceptions.ReadTimeoutError, requests.exceptions.ReadTimeout)
    return any(isinstance(link, late) for link in chain)


def _before_sending(peer: PeerAddress, chain: list[BaseException]) -> RequestNotSentError | None:
    """Return the error if the failure certainly occurred before the message was sent, or None."""
    for error_for in (_tls_problem, _connection_problem, _logon_problem):
        for link in chain:
            found = error_for(peer, link)
            if found:
                return found
    if any(isinstance(link, urllib3.exceptions.NewConnectionError) for link in chain):
        message = f"{peer.endpoint}: the connection could not be opened ({_innermost(chain)})."
        return RequestNotSentError(message, ("Check ansible_host and ansible_port.",))
    return None


def _proxy_problem(peer: PeerAddress, proxy: Proxy | None, chain: list[BaseException]) -> RequestNotSentError | None:
    """Return the error if the proxy did not open a connection to the machine, or None. The message was not sent."""
    if proxy is None or not any(isinstance(link, (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError)) for link in chain):
        return None
    refused = next((found.group(1) for link in chain if (found := _TUNNEL.search(str(link)))), None)
    what = f"did not open a connection to the machine (HTTP {refused})" if refused else f"cannot be used ({_innermost(chain)})"
    return RequestNotSentError(f"{peer.endpoint}: {proxy.name} {what}.", proxy.steps, cause=_BY_PROXY, transient=refused is None)


def _tls_problem(peer: PeerAddress, link: BaseException) -> RequestNotSentError | None:
    if isinstance(link, ssl.SSLCertVerificationError):
        first = _OF_CERTIFICATE.get(link.verify_code)
        message, steps = (
            f"the TLS certificate of the machine was not accepted ({link.verify_message}).",
            (first,) if first else peer.trust_steps,
        )
    elif isinstance(link, ssl.SSLError) and peer.method == "certificate" and refusal_by_tls(link.reason):
        message = f"{peer.endpoint} refused the client certificate: {refusal_by_tls(link.reason)}."
        return CredentialsRejectedError(message, (REFUSED_STEP,), cause=_BY_TLS)
    elif isinstance(link, ssl.SSLError) and link.reason in _HANDSHAKE_REASONS:
        message, steps = f"the TLS handshake failed ({link.reason}).", ("Check that the port accepts https.",)
    elif link.__class__ is OSError and "TLS CA certificate" in str(link):  # requests raises this if the file of the bundle is missing
        message, steps = "the file with trusted certificates that the options specify does not exist.", peer.trust_steps
    else:
        return None
    return RequestNotSentError(f"{peer.endpoint}: {message}", steps, cause=_BY_TLS, transient=False)


def _connection_problem(peer: PeerAddress, link: BaseException) -> RequestNotSentError | None:
    if isinstance(link, socket.gaierror):
        message, step, may_pass = "the host name cannot be resolved.", "Check ansible_host.", False
    elif isinstance(link, ConnectionRefusedError):
        message, step, may_pass = "connection refused.", "Check ansible_host and ansible_port, and that WinRM listens there.", True
    elif isinstance(link, requests.exceptions.ConnectTimeout):
        message, step, may_pass = (
            "the connection could not be opened in time.",
            "Check ansible_host, and the firewalls between the controller and the machine.",
            True,
        )
    elif isinstance(link, requests.exceptions.InvalidURL):
        message, step, may_pass = "this is not a valid URL.", "Check ansible_host and ansible_port.", False
    else:
        return None
    return RequestNotSentError(f"{peer.endpoint}: {message}", (step,), transient=may_pass)


def _logon_problem(peer: PeerAddress, link: BaseException) -> RequestNotSentError | None:
    if isinstance(link, UnicodeEncodeError):  # the text of the exception contains a character of the password
        message = f"the user name or the password contains a character that {peer.method} authentication cannot send."
        return RequestNotSentError(
            f"{peer.endpoint}: {message}", ("Use another password, or another authentication method.",), cause=_BY_LOGON, transient=False
        )
    if peer.method == "credssp" and type(link).__name__ in _OF_CREDSSP:
        return _credssp_problem(peer, link)
    if type(link).__name__ == "KerberosExchangeError":  # of the library in pywinrm, or of requests-kerberos
        return _kerberos_problem(peer, str(link)) or RequestNotSentError(
            f"{peer.endpoint}: Kerberos did not issue a ticket ({_summary(link)}).", (peer.logon_hint,), cause=_BY_LOGON, transient=False
        )
    return None


def _credssp_problem(peer: PeerAddress, link: BaseException) -> RequestNotSentError:
    """Return the error for an exception of requests-credssp, which raises its exceptions only before the machine accepts the logon."""
    problem = credssp_problem(link)
    if problem is None:
        return _kerberos_problem(peer, str(link)) or credentials_refused(peer)
    message = f"{peer.endpoint}: the CredSSP logon of {peer.user} failed: {problem.reason}."
    return CredentialsRejectedError(message, (problem.step,), cause=_BY_LOGON)


def _kerberos_problem(peer: PeerAddress, text: str) -> RequestNotSentError | None:
    """Return the error for a text of a Kerberos library, or None for an unknown text or another authentication method."""
    problem = problem_in(text) if peer.method in _WITH_KERBEROS else None
    if problem is None:
        return None
    message = f"{peer.endpoint}: the Kerberos logon of {peer.user or 'the default user'} failed: {problem.reason}."
    return RequestNotSentError(message, (problem.step,), cause=_BY_TICKET, transient=False)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and all exceptions that it wraps: as cause, context, argument, or, in urllib3, `reason`."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop(0)
        # An error of this collection belongs to an earlier exchange, which the caller was handling when it started this one.
        if link is None or id(link) in seen or isinstance(link, VolumeActivationError):
            continue
        seen.add(id(link))
        yield link
        reason = getattr(link, "reason", None)
        waiting += [inner for inner in (reason, *link.args) if isinstance(inner, BaseException)]
        waiting += [link.__cause__, link.__context__]


def _innermost(chain: list[BaseException]) -> str:
    """Return the message of the innermost cause, which comes from the operating system and not from a library."""
    for link in reversed(chain):
        if isinstance(link, OSError) and link.strerror:
            return link.strerror
    return _summary(chain[-1])


def _summary(error: BaseException) -> str:
    """Return one short line about an exception of a library; the texts of these types contain neither a message nor a password."""
    text = visible(" ".join(str(error).split()))
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


__all__ = ["from_exception"]
