# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What HTTP 401 means, and what to do about it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

WinRM returns the same status for every reason, and no text. So a message names the reasons that are possible for the account and the
method: for what Windows refuses see [MS-WSMV] 3.1.4.1.29.2 and 2.2.4.34 (methods, CbtHardeningLevel) and 2.2.4.3 (certificate mappings).
"""

from __future__ import annotations

from ..proxy import Proxy
from ..transport import CredentialsRejectedError
from .kerberos import REFUSED_TICKET
from .peer import PeerAddress

_MAPPING = (
    "On the machine, check winrm get winrm/config/service/auth (Certificate = true) and winrm enumerate winrm/config/service/certmapping:"
    " the mapping must contain the issuer and the UPN of the certificate, and the current password of its local user."
)
_UNMAPPED = (
    "The machine does not allow certificate authentication, does not trust the issuer of the certificate, or does not map the certificate"
    " to a local user."
)
_UNBOUND = (
    "Remove {variable}: false. A machine whose CbtHardeningLevel is Strict refuses each logon without channel binding,"
    " also with the right password."
)
_BY_TICKET_HOLDER = "The machine does not let the account in, or cannot decrypt the ticket, because it is for another computer or account."
_ACCOUNTS = (
    "Windows does not send a reason: also check whether the account is locked, disabled, or expired, and whether its password has expired."
    r" NAME and .\NAME are accounts of the machine, DOMAIN\NAME and NAME@DOMAIN are accounts of a domain."
)
_NOT_LET_IN = (
    "If these are correct, WinRM does not accept the account: it must be an administrator of the machine, or a member of Remote Management"
    " Users. A local administrator other than Administrator also requires LocalAccountTokenFilterPolicy = 1."
)
_EMPTY = "Set ansible_password: it is empty, and Windows allows accounts without a password only at its own console."
_BY_CONNECTION = ("credssp", "kerberos", "negotiate", "ntlm")
_POOLED = (
    "If user and password are right: {method} authenticates a connection, and {proxy} might forward each request over another connection."
    " Use https, which proxies do not forward request by request, or connect directly."
)
_BROKEN_BINDING = (
    "If user and password are right, check whether a proxy or a load balancer on the way decrypts TLS: the logon is bound to the"
    " certificate that the controller receives (channel binding), and the machine refuses a logon that is bound to another one."
)


def credentials_refused(peer: PeerAddress, proxy: Proxy | None = None) -> CredentialsRejectedError:
    """Return the error for HTTP 401; `proxy` is the proxy of the connection."""
    if peer.method == "certificate":
        message = f"{peer.endpoint} refused the client certificate (HTTP 401)."
        return CredentialsRejectedError(message, (_MAPPING,), cause=_UNMAPPED)
    who = f"user {peer.user}" if peer.user else "the logon"
    message = f"{peer.endpoint} refused {who} (HTTP 401, {peer.method} authentication)."
    by_connection = (*_binding_steps(peer), *_proxy_steps(peer, proxy))
    if peer.method == "kerberos":
        return CredentialsRejectedError(message, (REFUSED_TICKET[0], *by_connection, *REFUSED_TICKET[1:]), cause=_BY_TICKET_HOLDER)
    first = (_EMPTY,) if peer.has_empty_password else ()
    return CredentialsRejectedError(message, (*first, peer.logon_hint, *by_connection, _NOT_LET_IN, _ACCOUNTS))


def _proxy_steps(peer: PeerAddress, proxy: Proxy | None) -> tuple[str, ...]:
    """Return the steps for an unencrypted connection through a proxy, over which a logon may not reach one connection of the machine."""
    if proxy is None or peer.method not in _BY_CONNECTION or not peer.endpoint.lower().startswith("http:"):
        return ()
    return (_POOLED.format(method=peer.method, proxy=proxy.name), *proxy.steps)


def _binding_steps(peer: PeerAddress) -> tuple[str, ...]:
    if peer.is_bound is None:
        return ()
    return (_BROKEN_BINDING if peer.is_bound else _UNBOUND.format(variable=peer.binding_variable),)


__all__ = ["credentials_refused"]
