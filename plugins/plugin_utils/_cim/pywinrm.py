# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport of Ansible's winrm connection: messages through pywinrm, with its logon and message encryption.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Goes below `Protocol.send_message`, which throws away what a fault says of the provider.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .._errors import VolumeActivationError
from .guard import settle
from .http_transport import HttpTransport
from .transport import RequestNotSentError, ResponseLostError
from .transport_errors import credentials_refused

if TYPE_CHECKING:
    from requests import Session
    from winrm.protocol import Protocol

try:
    from winrm.exceptions import InvalidCredentialsError, WinRMTransportError
    from winrm.transport import Transport
except ImportError as error:
    IMPORT_PROBLEM = str(error)
else:
    IMPORT_PROBLEM = "" if hasattr(Transport, "setup_encryption") else "Transport.setup_encryption is not in it"


def require() -> None:
    """Say what to install when pywinrm is missing. Raises VolumeActivationError."""
    if IMPORT_PROBLEM:
        raise VolumeActivationError(
            f"The winrm connection needs pywinrm on the controller ({IMPORT_PROBLEM}).",
            ("Run pip install 'pywinrm>=0.5.0' in the Python that runs Ansible.",),
            error_code="pywinrm_missing",
            cause="Ansible does not bring the library, and the Python that runs it has none.",
        )


class PywinrmTransport(HttpTransport):
    """Sends messages through a pywinrm Protocol."""

    def __init__(self, protocol: Protocol, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(
            protocol.transport,
            str(protocol.transport.auth_method),
            logon_hint="Check ansible_user, ansible_password and ansible_winrm_transport.",
            trust_hint="Give its CA in ansible_winrm_ca_trust_path.",
            trust_switch="ansible_winrm_server_cert_validation",
            proxy_variable="ansible_winrm_proxy",
            clock=clock,
        )
        # With message encryption build_session() logs on at once, through this; the guard has to be there before.
        set_up = self._wire.setup_encryption

        def set_up_guarded(session: Session) -> None:
            settle(session, self._budget)
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
        """Open the session; with message encryption this already exchanges messages, none of them ours."""
        try:
            settle(self._wire.build_session(), self._budget)
        except Exception as error:  # noqa: BLE001, see _problem
            return self._problem(error, sent=False)
        return None

    def _problem(self, error: Exception, *, sent: bool) -> RequestNotSentError | ResponseLostError:
        # Whatever a library makes of bytes from a machine ends here: requests, spnego, or a parser tripping over them.
        if isinstance(error, InvalidCredentialsError):
            return credentials_refused(self._peer)
        if isinstance(error, WinRMTransportError):
            return self._status(int(error.code), str(error.response_text).encode("utf-8", "replace"), sent=sent)
        return self._failure(error, sent=sent)


__all__ = ["PywinrmTransport", "require"]
