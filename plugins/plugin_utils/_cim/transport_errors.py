# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turning what the HTTP libraries raise into the three ways a transport may fail.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Both pywinrm and pypsrp sit on requests. Its exceptions hold the request, and with it the SOAP body, so none of them
is ever chained to ours. "Not sent" is said only of failures that come before the first byte of a message.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from ...module_utils._visible import visible
from .._errors import VolumeActivationError
from .proxy import Proxy
from .transport import CredentialsRejectedError, RequestNotSentError, ResponseLostError

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
"""OpenSSL's names for failures that only a handshake has; anything else may have struck after the message left."""
_BY_TLS = "The machine and the controller do not agree on how to trust each other; nothing was asked before that."
_RENEW = "Compare the clocks of controller and machine, and renew the certificate of its WinRM listener."
_OTHER_NAME = "Set ansible_host to a name that the certificate holds, or give the WinRM listener a certificate with this name."
_OF_CERTIFICATE = {9: _RENEW, 10: _RENEW, 62: _OTHER_NAME, 64: _OTHER_NAME}
"""By OpenSSL's number (not yet valid, expired, another host name, another address): no CA makes these certificates right."""
_BY_LOGON = "The machine takes another kind of authentication, or the account or its password cannot be used for it."
_BY_PROXY = "The environment or the inventory sends the requests through a proxy, and that one did not pass them on."
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")


@dataclass(frozen=True)
class PeerAddress:
    """The machine as messages name it, and the inventory variables that matter when it cannot be talked to."""

    endpoint: str
    user: str
    method: str
    """How we log on, such as "ntlm"."""
    logon_hint: str
    trust_hint: str
    trust_switch: str
    """The variable whose value "ignore" switches off the check of the certificate."""
    proxy_variable: str
    """The variable of the inventory that names a proxy."""

    @property
    def trust_steps(self) -> tuple[str, ...]:
        """How to trust the machine; the other way is named for what it is."""
        return self.trust_hint, f"{self.trust_switch}: ignore switches off the check of who answers; it is for tests only."


def credentials_refused(peer: PeerAddress) -> CredentialsRejectedError:
    """The machine said 401."""
    who = f"user {peer.user}" if peer.user else "the logon"
    return CredentialsRejectedError(f"{peer.endpoint} refused {who} (HTTP 401, {peer.method} authentication).", (peer.logon_hint,))


def from_exception(
    peer: PeerAddress, error: Exception, *, sent: bool, proxy: Proxy | None = None
) -> RequestNotSentError | ResponseLostError:
    """Sort an exception of requests, urllib3, ssl or an authentication library.

    `sent` is False when only the logon was under way; then nothing was carried out, whatever happened. `proxy` is on the way.
    """
    chain = list(_causes(error))
    if not (sent and _any_late(chain)):
        early = _proxy_problem(peer, proxy, chain) or _before_sending(peer, chain)
        if early is not None:
            return early
    if any(isinstance(link, (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError)) for link in chain):
        return ResponseLostError("no complete answer in time", again=False, sent=sent)
    if isinstance(error, (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        return ResponseLostError(f"the connection was dropped ({_innermost(chain)})", again=True, sent=sent)
    if not sent:
        words = f"{peer.endpoint}: {peer.method} authentication could not be completed ({_innermost(chain)})."
        return RequestNotSentError(words, (peer.logon_hint,), cause=_BY_LOGON, transient=False)
    return ResponseLostError(f"the answer could not be read or decrypted ({_innermost(chain)})", again=False, sent=sent)


def _any_late(chain: list[BaseException]) -> bool:
    """Whether a failure of an open connection is among the causes; then an early one may be that of a second try."""
    late = (urllib3.exceptions.ProtocolError, urllib3.exceptions.ReadTimeoutError, requests.exceptions.ReadTimeout)
    return any(isinstance(link, late) for link in chain)


def _before_sending(peer: PeerAddress, chain: list[BaseException]) -> RequestNotSentError | None:
    """The failure as one that came before the message could leave; None when it is not known to be such a one."""
    for judge in (_tls_problem, _connection_problem, _logon_problem):
        for link in chain:
            found = judge(peer, link)
            if found:
                return found
    if any(isinstance(link, urllib3.exceptions.NewConnectionError) for link in chain):
        words = f"{peer.endpoint}: the connection could not be opened ({_innermost(chain)})."
        return RequestNotSentError(words, ("Check ansible_host and ansible_port.",))
    return None


def _proxy_problem(peer: PeerAddress, proxy: Proxy | None, chain: list[BaseException]) -> RequestNotSentError | None:
    """The proxy did not open the way to the machine, so that nothing of the message went further."""
    if proxy is None or not any(isinstance(link, (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError)) for link in chain):
        return None
    refused = next((found.group(1) for link in chain if (found := _TUNNEL.search(str(link)))), None)
    what = f"did not open a way to the machine (HTTP {refused})" if refused else f"cannot be used ({_innermost(chain)})"
    return RequestNotSentError(f"{peer.endpoint}: {proxy.name} {what}.", proxy.steps, cause=_BY_PROXY, transient=refused is None)


def _tls_problem(peer: PeerAddress, link: BaseException) -> RequestNotSentError | None:
    if isinstance(link, ssl.SSLCertVerificationError):
        first = _OF_CERTIFICATE.get(link.verify_code)
        words, steps = f"its TLS certificate was not accepted ({link.verify_message}).", (first,) if first else peer.trust_steps
    elif isinstance(link, ssl.SSLError) and link.reason in _HANDSHAKE_REASONS:
        words, steps = f"TLS could not be agreed on ({link.reason}).", ("Check that the port speaks https.",)
    elif link.__class__ is OSError and "TLS CA certificate" in str(link):  # how requests says that the bundle's file is missing
        words, steps = "there is no file with trusted certificates where the options say.", peer.trust_steps
    else:
        return None
    return RequestNotSentError(f"{peer.endpoint}: {words}", steps, cause=_BY_TLS, transient=False)


def _connection_problem(peer: PeerAddress, link: BaseException) -> RequestNotSentError | None:
    if isinstance(link, socket.gaierror):
        words, step, may_pass = "the host name cannot be resolved.", "Check ansible_host.", False
    elif isinstance(link, ConnectionRefusedError):
        words, step, may_pass = "connection refused.", "Check ansible_host and ansible_port, and that WinRM listens there.", True
    elif isinstance(link, requests.exceptions.ConnectTimeout):
        words, step, may_pass = "the connection could not be opened in time.", "Check ansible_host, and firewalls on the way.", True
    elif isinstance(link, requests.exceptions.InvalidURL):
        words, step, may_pass = "this is no URL to connect to.", "Check ansible_host and ansible_port.", False
    else:
        return None
    return RequestNotSentError(f"{peer.endpoint}: {words}", (step,), transient=may_pass)


def _logon_problem(peer: PeerAddress, link: BaseException) -> RequestNotSentError | None:
    if isinstance(link, UnicodeEncodeError):  # its own text would quote a character of the password
        words = f"user name or password hold a character that {peer.method} authentication cannot send."
        return RequestNotSentError(
            f"{peer.endpoint}: {words}", ("Use another password, or another authentication.",), cause=_BY_LOGON, transient=False
        )
    if type(link).__name__ == "KerberosExchangeError":  # of pywinrm's vendored library, or of requests-kerberos
        return RequestNotSentError(
            f"{peer.endpoint}: Kerberos gave no ticket ({_words(link)}).", (peer.logon_hint,), cause=_BY_LOGON, transient=False
        )
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and everything it wraps: by cause and context, and by argument and `reason` as urllib3 does."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop(0)
        # Our own errors are the end of an earlier exchange, which the caller was handling when it began this one.
        if link is None or id(link) in seen or isinstance(link, VolumeActivationError):
            continue
        seen.add(id(link))
        yield link
        reason = getattr(link, "reason", None)
        waiting += [inner for inner in (reason, *link.args) if isinstance(inner, BaseException)]
        waiting += [link.__cause__, link.__context__]


def _innermost(chain: list[BaseException]) -> str:
    """What the deepest cause says: the system's word, not the libraries' wrapping around it."""
    for link in reversed(chain):
        if isinstance(link, OSError) and link.strerror:
            return link.strerror
    return _words(chain[-1])


def _words(error: BaseException) -> str:
    """One short line about an exception; of libraries' own types only, whose texts hold no message and no password."""
    text = visible(" ".join(str(error).split()))
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


__all__ = ["PeerAddress", "credentials_refused", "from_exception"]
