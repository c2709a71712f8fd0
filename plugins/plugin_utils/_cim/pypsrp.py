# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport of Ansible's psrp connection: sends messages through the HTTP layer of pypsrp, without a PowerShell runspace.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

It does not use `WSMan.invoke`, because its WSManFaultError does not contain the provider's part of a fault.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from .._errors import VolumeActivationError
from .guard import guard_session
from .http_transport import HttpTransport, is_bound
from .logon.peer import PeerAddress
from .logon.refusal import credentials_refused
from .transport import RequestNotSentError, ResponseLostError

try:
    from pypsrp.exceptions import AuthenticationError, WinRMTransportError
    from pypsrp.wsman import WSMan
    from pypsrp.wsman import log as _wsman_log
except ImportError as error:
    IMPORT_PROBLEM = str(error)
else:
    IMPORT_PROBLEM = ""


def require() -> None:
    """Raise VolumeActivationError if pypsrp is missing; its next step is the command that installs pypsrp."""
    if IMPORT_PROBLEM:
        raise VolumeActivationError(
            f"The psrp connection requires pypsrp on the controller ({IMPORT_PROBLEM}).",
            ("Run pip install 'pypsrp>=0.9.0' in the Python that runs Ansible.",),
            error_code="pypsrp_missing",
            cause="The library is not a part of Ansible, and is not installed in the Python that runs Ansible.",
        )


def client(options: Mapping[str, Any]) -> WSMan:
    """Return the client of pypsrp for the options of the psrp connection. Raises ValueError for contradictory options."""
    return WSMan(**options)


def _holds_no_message(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(("Sending message", "Received message"))


class PypsrpTransport(HttpTransport):
    """Sends messages through the HTTP layer of a pypsrp WSMan object."""

    def __init__(self, wsman: WSMan, clock: Callable[[], float] = time.monotonic) -> None:
        # pypsrp logs complete messages at DEBUG, which can contain a product key. Adding the filter again has no effect.
        _wsman_log.addFilter(_holds_no_message)
        super().__init__(wsman.transport, _peer(wsman.transport), clock)

    def _allow(self, seconds: int) -> None:
        self._wire.read_timeout = seconds

    def _hang_up(self) -> None:
        self._wire.close()

    def _attempt(self, message: bytes) -> bytes | RequestNotSentError | ResponseLostError:
        try:
            if self._wire.session is None:
                self._wire.session = self._wire._build_session()
                guard_session(self._wire.session, self._budget)
            return bytes(self._wire.send(message))
        except WinRMTransportError as error:
            body = _body(error)
            status = int(error.code)
        except Exception as error:  # noqa: BLE001, see _problem
            return self._problem(error)
        return body if b"Envelope" in body else self._status(status, body, sent=self._log_on_done())

    def _problem(self, error: Exception) -> RequestNotSentError | ResponseLostError:
        # Every exception that bytes of a machine can cause is handled here: those of requests, spnego, and parsers.
        if isinstance(error, AuthenticationError):
            return credentials_refused(self._peer, self._proxy())
        return self._failure(error, sent=self._log_on_done())

    def _log_on_done(self) -> bool:
        """Return whether the message was sent: with message encryption, an empty message that sets up the encryption precedes it."""
        return not self._wire.wrap_required or self._wire.encryption is not None


def _peer(wire: Any) -> PeerAddress:
    endpoint, method = str(wire.endpoint), str(wire.auth)
    return PeerAddress(
        endpoint,
        str(wire.username or ""),
        method,
        logon_hint="Check ansible_user, ansible_password, and ansible_psrp_auth, and the rights of the account.",
        trust_hint="Set ansible_psrp_ca_cert to the certificate of the CA.",
        trust_switch="ansible_psrp_cert_validation",
        proxy_variable="ansible_psrp_proxy",
        binding_variable="ansible_psrp_negotiate_send_cbt",
        is_bound=is_bound(endpoint, method, getattr(wire, "negotiate_send_cbt", None)),
        has_empty_password=wire.password == "",
    )


def _body(error: WinRMTransportError) -> bytes:
    """Return the fault as the machine sent it: pypsrp guesses the charset of an unencrypted fault if the machine does not specify it."""
    response = getattr(error.__context__, "response", None)
    if response is not None and not response.headers.get("Content-Type", "").startswith("multipart/"):
        return bytes(response.content)
    return str(error.response_text).encode("utf-8", "replace")


__all__ = ["PypsrpTransport", "client", "require"]
