# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask the batch activation service one question.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPException, HTTPResponse

from .._deadline import Deadline
from .._visible import visible
from . import protocol
from .connection import Connector, Secured, tls_context
from .errors import ServiceError
from .message import Question, envelope
from .response import Answer, fault_in, read_answer
from .settings import ServiceSettings
from .stream import BoundedSocket, StreamError

MOST_BYTES = 1024 * 1024
"""Maximum number of bytes of a response, its headers included. A usual response has less than two thousand."""

_OK, _REDIRECTED, _REFUSED, _TIMED_OUT, _FAILED = 200, 300, 400, 408, 500

Ask = Callable[[Question, Deadline], Answer]
"""Returns the answer to a question. Raises ServiceError."""


class BatchService:
    """The service, as the options of a task describe it. Raises OSError if the certificates cannot be read."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._connector = Connector(settings, tls_context(settings.ca_path))

    def ask(self, question: Question, deadline: Deadline) -> Answer:
        """Return the answer to a question. Raises ServiceError."""
        own = deadline.within(self._settings.timeout)
        connection = self._connector.connect(own)
        try:
            status, reason, body = self._exchange(connection, envelope(question), own)
        finally:
            connection.close()
        _raise_status(status, reason, body)
        return read_answer(body, question)

    def _exchange(self, connection: Secured, message: bytes, deadline: Deadline) -> tuple[int, str, bytes]:
        stream = BoundedSocket(connection, deadline, MOST_BYTES)
        try:
            stream.send(self._head(message) + message)
            response = HTTPResponse(stream, method="POST")  # type: ignore[arg-type]
            response.begin()
            if response.headers.get("Content-Encoding", "identity").casefold() != "identity":
                raise ServiceError("response_invalid", "The response is compressed, which was not requested.")
            return response.status, response.reason, response.read()
        except StreamError:
            raise ServiceError("response_too_large", f"The limit is {MOST_BYTES} bytes.") from None
        except TimeoutError:
            raise ServiceError("response_lost", "No complete response arrived in time.") from None
        except (OSError, HTTPException, ValueError) as error:
            raise ServiceError("response_lost", f"The connection ended: {visible(str(error) or type(error).__name__)[:200]}.") from None

    def _head(self, message: bytes) -> bytes:
        endpoint = self._settings.endpoint
        host = endpoint.shown.removesuffix(":443")
        return (
            f"POST {self._settings.path} HTTP/1.1\r\nHost: {host}\r\n"
            'Content-Type: text/xml; charset="utf-8"\r\nAccept: text/xml\r\nAccept-Encoding: identity\r\n'
            f"SOAPAction: {protocol.SOAP_ACTION}\r\nContent-Length: {len(message)}\r\nConnection: close\r\n\r\n"
        ).encode()


def _raise_status(status: int, reason: str, body: bytes) -> None:
    """Raise ServiceError for a status that is not a success."""
    if status == _OK:
        return
    words = f"The HTTP status is {status} {visible(reason)[:80]}.".replace(" .", ".")
    if _REDIRECTED <= status < _REFUSED:
        raise ServiceError("redirected", words)
    if _REFUSED <= status < _FAILED and status != _TIMED_OUT:
        raise ServiceError("request_refused", words)
    fault = fault_in(body)
    raise ServiceError("service_fault" if fault else "service_failed", f"{words} {fault}".strip())
