# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the requests to the batch activation service.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A request contains an extended product ID and an installation ID, and nothing else about a machine or an organization.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from . import protocol


@dataclass(frozen=True)
class Question:
    """A question about the MAK with this extended product ID. With an installation ID (digits only), it is for a confirmation ID.

    Without one, it is for the number of remaining activations. The texts are validated before: they contain only digits, hyphens, and
    periods, which XML does not have to escape.
    """

    extended_pid: str
    installation_id: str = ""

    @property
    def request_type(self) -> int:
        """The type of the request."""
        return protocol.CONFIRMATION_ID_REQUEST if self.installation_id else protocol.REMAINING_REQUEST


def envelope(question: Question) -> bytes:
    """Return the SOAP message of a question."""
    request = inner_request(question).encode("utf-16-le")
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<soap:Envelope xmlns:soap="{protocol.SOAP_NAMESPACE}"><soap:Body>'
        f'<BatchActivate xmlns="{protocol.SERVICE_NAMESPACE}"><request>'
        f"<Digest>{digest(request)}</Digest><RequestXml>{base64.b64encode(request).decode()}</RequestXml>"
        "</request></BatchActivate></soap:Body></soap:Envelope>"
    ).encode()


def inner_request(question: Question) -> str:
    """Return the request inside the SOAP message, which the digest protects."""
    installation_id = f"<IID>{question.installation_id}</IID>" if question.installation_id else ""
    return (
        f'<ActivationRequest xmlns="{protocol.REQUEST_NAMESPACE}"><VersionNumber>{protocol.VERSION}</VersionNumber>'
        f"<RequestType>{question.request_type}</RequestType>"
        f"<Requests><Request><PID>{question.extended_pid}</PID>{installation_id}</Request></Requests></ActivationRequest>"
    )


def digest(request: bytes) -> str:
    """Return the digest of a request in UTF-16LE."""
    return base64.b64encode(hmac.new(protocol.DIGEST_KEY, request, hashlib.sha256).digest()).decode()
