# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport of Ansible's winrm connection: sends messages through pywinrm, which does the logon and the message encryption.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

It does not use `Protocol.send_message`, which drops the provider's part of a fault.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .._errors import VolumeActivationError
from .guard import Guard, guard_session
from .http_transport import HttpTransport, is_bound
from .logon.peer import PeerAddress
from .logon.refusal import credentials_refused
from .transport import RequestNotSentError, ResponseLostError

if TYPE_CHECKING:
    from requests import Session
    from winrm.protocol import Protocol

try:
    from winrm.exceptions import InvalidCredentialsError, WinRMTransportError
    from winrm.transport import Transport
except ImportError as error:
    IMPORT_PROBLEM = str(error)
else:
    IMPORT_PROBLEM = "" if hasattr(Transport, "setup_encryption") else "Transport.setup_encryption is missing"

try:
    from requests_ntlm import HttpNtlmAuth
except ImportError:  # reported by the check of the connection variables
    HttpNtlmAuth = ()
try:
    from spnego._ntlm_raw.crypto import ntowfv1
except ImportError:  # the name is private
    ntowfv1 = None

_WITH_NTLM_V2 = ("3", "4", "5")
"""Values of LM_COMPAT_LEVEL in the environment with which spnego uses only NTLMv2; 3 is its default."""


def require() -> None:
    """Raise VolumeActivationError if pywinrm is missing; its next step is the command that installs pywinrm."""
    if IMPORT_PROBLEM:
        raise VolumeActivationError(
            f"The winrm connection requires pywinrm on the controller ({IMPORT_PROBLEM}).",
            ("Run pip install 'pywinrm>=0.5.0' in the Python that runs Ansible.",),
            error_code="pywinrm_missing",
            cause="The library is not a part of Ansible, and is not installed in the Python that runs Ansible.",
        )


class PywinrmTransport(HttpTransport):
    """Sends messages through a pywinrm Protocol."""

    def __init__(self, protocol: Protocol, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(protocol.transport, _peer(protocol.transport), clock)
        # With message encryption, build_session() calls this to log on immediately; the guard must be mounted before.
        set_up = self._wire.setup_encryption

        def set_up_guarded(session: Session) -> None:
            self._make_ready(session)
            if isinstance(session.auth, HttpNtlmAuth) and not self.endpoint.lower().startswith("https:"):
                _log_on_at_once(session, self.endpoint, lambda: set_up(session))
            else:
                set_up(session)

        self._wire.setup_encryption = set_up_guarded

    def _allow(self, seconds: int) -> None:
        self._wire.read_timeout_sec = seconds

    def _hang_up(self) -> None:
        self._wire.close_session()

    def _attempt(self, message: bytes) -> bytes | RequestNotSentError | ResponseLostError:
        if self._wire.session is None:
            problem = self._log_on()
            if problem:
                return problem
        try:
            return bytes(self._wire.send_message(message))
        except WinRMTransportError as error:
            body = str(error.response_text).encode("utf-8", "replace")
            status = int(error.code)
        except Exception as error:  # noqa: BLE001, see _problem
            return self._problem(error, sent=True)
        return body if b"Envelope" in body else self._status(status, body, sent=True)

    def _log_on(self) -> RequestNotSentError | ResponseLostError | None:
        """Open the session; with message encryption, this exchanges logon messages, but does not send the request."""
        try:
            self._make_ready(self._wire.build_session())
        except Exception as error:  # noqa: BLE001, see _problem
            return self._problem(error, sent=False)
        return None

    def _make_ready(self, session: Session) -> None:
        """Prepare a new session for its first request; a second call has no effect."""
        guard_session(session, self._budget)
        if isinstance(session.auth, HttpNtlmAuth):
            skip_lm_hash(session.auth)
        elif self._peer.is_bound and hasattr(session.auth, "force_preemptive"):
            # pywinrm would send its first ticket before it knows the certificate, and a machine that is not strict accepts this ticket.
            session.auth.force_preemptive = False  # type: ignore[union-attr]  # hasattr() does not narrow the type

    def _problem(self, error: Exception, *, sent: bool) -> RequestNotSentError | ResponseLostError:
        # Every exception that bytes of a machine can cause is handled here: those of requests, spnego, and parsers.
        if isinstance(error, InvalidCredentialsError):
            return credentials_refused(self._peer, self._proxy())
        if isinstance(error, WinRMTransportError):
            return self._status(int(error.code), str(error.response_text).encode("utf-8", "replace"), sent=sent)
        return self._failure(error, sent=sent)


def _peer(wire: Transport) -> PeerAddress:
    endpoint, method = str(wire.endpoint), str(wire.auth_method)
    if method == "ssl" and wire.cert_pem:
        method = "certificate"
    return PeerAddress(
        endpoint,
        str(wire.username or ""),
        method,
        logon_hint="Check ansible_user, ansible_password, and ansible_winrm_transport, and the rights of the account.",
        trust_hint="Set ansible_winrm_ca_trust_path to the certificate of the CA.",
        trust_switch="ansible_winrm_server_cert_validation",
        proxy_variable="ansible_winrm_proxy",
        binding_variable="ansible_winrm_send_cbt",
        is_bound=is_bound(endpoint, method, wire.send_cbt),
        has_empty_password=wire.password == "",
    )


def skip_lm_hash(auth: Any) -> None:
    """Replace the password of a logon by its NT hash, which NTLMv2 uses; a second call has no effect.

    From a password, spnego also computes the LM hash, for which it has DES in Python: this takes longer than the rest of the logon.
    pyspnego 0.11.1 to 0.12 accept the hash; a version that does not read it back gets the password.
    """
    if ntowfv1 is not None and auth.password and os.environ.get("LM_COMPAT_LEVEL", "3") in _WITH_NTLM_V2:
        nt_hash = ntowfv1(auth.password)
        hashes = f"{'0' * 32}:{nt_hash.hex()}"
        if ntowfv1(hashes) == nt_hash:
            auth.password = hashes


def _log_on_at_once(session: Session, endpoint: str, log_on: Callable[[], None]) -> None:
    """Call `log_on` without its first request, an empty one that asks for the authentication methods: WinRM has Negotiate.

    If the machine does not respond to Negotiate with a challenge, the password was not used yet, and `log_on` is called again as it is.
    """
    adapter = session.get_adapter(endpoint)
    if isinstance(adapter, Guard):
        adapter.presumes_negotiate = True
    session.auth.send_cbt = False  # type: ignore[union-attr]  # a connection without TLS has no certificate
    try:
        log_on()
    except (PermissionError, KeyError):  # requests_ntlm raises these if the response does not contain a challenge
        log_on()


__all__ = ["PywinrmTransport", "require"]
