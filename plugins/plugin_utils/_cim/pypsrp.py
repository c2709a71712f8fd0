# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport of Ansible's psrp connection: messages through pypsrp's HTTP layer, without a PowerShell runspace.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Goes below `WSMan.invoke`, whose WSManFaultError drops what a fault says of the provider.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from .._errors import VolumeActivationError
from .guard import settle
from .http_transport import HttpTransport
from .transport import RequestNotSentError, ResponseLostError
from .transport_errors import credentials_refused

try:
    from pypsrp.exceptions import AuthenticationError, WinRMTransportError
    from pypsrp.wsman import WSMan
    from pypsrp.wsman import log as _wsman_log
except ImportError as error:
    IMPORT_PROBLEM = str(error)
else:
    IMPORT_PROBLEM = ""


def require() -> None:
    """Say what to install when pypsrp is missing. Raises VolumeActivationError."""
    if IMPORT_PROBLEM:
        raise VolumeActivationError(
            f"The psrp connection needs pypsrp on the controller ({IMPORT_PROBLEM}).",
            ("Run pip install 'pypsrp>=0.9.0' in the Python that runs Ansible.",),
            error_code="pypsrp_missing",
            cause="Ansible does not bring the library, and the Python that runs it has none.",
        )


def client(options: Mapping[str, Any]) -> WSMan:
    """pypsrp's client for the options of the psrp connection. Raises ValueError when they contradict each other."""
    return WSMan(**options)


def _holds_no_message(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(("Sending message", "Received message"))


class PypsrpTransport(HttpTransport):
    """Sends messages through the HTTP layer of a pypsrp WSMan object."""

    def __init__(self, wsman: WSMan, clock: Callable[[], float] = time.monotonic) -> None:
        # pypsrp logs whole messages at DEBUG, and ours can hold a product key. Adding a filter twice has no effect.
        _wsman_log.addFilter(_holds_no_message)
        super().__init__(
            wsman.transport,
            str(wsman.transport.auth),
            logon_hint="Check ansible_user, ansible_password and ansible_psrp_auth.",
            trust_hint="Give its CA in ansible_psrp_ca_cert.",
            trust_switch="ansible_psrp_cert_validation",
            proxy_variable="ansible_psrp_proxy",
            clock=clock,
        )

    def _allow(self, seconds: int) -> None:
        self._wire.read_timeout = seconds

    def _hang_up(self) -> None:
        self._wire.close()

    def _attempt(self, message: bytes) -> bytes | RequestNotSentError | ResponseLostError:
        try:
            if self._wire.session is None:
                self._wire.session = self._wire._build_session()
                settle(self._wire.session, self._budget)
            return bytes(self._wire.send(message))
        except WinRMTransportError as error:
            body = _body(error)
            status = int(error.code)
        except Exception as error:  # noqa: BLE001, see _problem
            return self._problem(error)
        return body if b"Envelope" in body else self._status(status, body, sent=self._log_on_done())

    def _problem(self, error: Exception) -> RequestNotSentError | ResponseLostError:
        # Whatever a library makes of bytes from a machine ends here: requests, spnego, or a parser tripping over them.
        if isinstance(error, AuthenticationError):
            return credentials_refused(self._peer)
        return self._failure(error, sent=self._log_on_done())

    def _log_on_done(self) -> bool:
        """With message encryption a blank message goes first; until it has set up the encryption, ours has not left."""
        return not self._wire.wrap_required or self._wire.encryption is not None


def _body(error: WinRMTransportError) -> bytes:
    """The fault as the machine sent it: pypsrp decodes a plain one by guesswork when the machine names no charset."""
    response = getattr(error.__context__, "response", None)
    if response is not None and not response.headers.get("Content-Type", "").startswith("multipart/"):
        return bytes(response.content)
    return str(error.response_text).encode("utf-8", "replace")


__all__ = ["PypsrpTransport", "client", "require"]
