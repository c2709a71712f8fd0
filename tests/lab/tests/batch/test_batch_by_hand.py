# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The batch activation service, asked with a request put together by hand from the facts: bytes over TLS, no client library."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl

from .batch_lab import MAK, BatchLab

KEY = bytes.fromhex("fe319875fb488486 9cf3f1ce99a89064 ab571fca47045058 3024e214628779a0")


def raw_question(pid: str, iid: str) -> bytes:
    """One HTTP request, letter by letter."""
    text = (
        '<ActivationRequest xmlns="http://www.microsoft.com/DRM/SL/BatchActivationRequest/1.0"><VersionNumber>2.0</VersionNumber>'
        f"<RequestType>1</RequestType><Requests><Request><PID>{pid}</PID><IID>{iid}</IID></Request></Requests></ActivationRequest>"
    )
    signed = b"".join(bytes([ord(character), 0]) for character in text)
    digest = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    body = (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        '<BatchActivate xmlns="http://www.microsoft.com/BatchActivationService"><request>'
        f"<Digest>{digest}</Digest><RequestXml>{base64.b64encode(signed).decode()}</RequestXml>"
        "</request></BatchActivate></soap:Body></soap:Envelope>"
    )
    head = (
        "POST /BatchActivation/BatchActivation.asmx HTTP/1.1\r\nHost: activation.sls.microsoft.com\r\nAccept: text/xml\r\n"
        'Content-Type: text/xml; charset="utf-8"\r\nSOAPAction: http://www.microsoft.com/BatchActivationService/BatchActivate\r\n'
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return (head + body).encode("ascii")


def test_a_request_made_by_hand_gets_the_confirmation_id_and_costs_one_activation(batch_lab: BatchLab) -> None:
    pid, iid = batch_lab.shown("srv")
    trusted = ssl.create_default_context(cafile=batch_lab.client.batch()["ca"])
    plain = socket.create_connection((batch_lab.address, 8443), timeout=30)
    # The certificate is one for the name of the real service.
    with plain, trusted.wrap_socket(plain, server_hostname="activation.sls.microsoft.com") as tls:
        tls.sendall(raw_question(pid, iid))
        answer = b"".join(iter(lambda: tls.recv(65536), b"")).decode()
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 200 OK\r\n")
    assert "Content-Type: text/xml; charset=utf-8" in head
    assert body.startswith('<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"')
    confirmation_id = body.partition("&lt;CID&gt;")[2].partition("&lt;/CID&gt;")[0]
    assert (len(confirmation_id), confirmation_id.isdigit()) == (48, True)
    assert confirmation_id == batch_lab.client.phone(iid)
    assert (batch_lab.key(MAK)["used"], batch_lab.key(MAK)["questions"][iid]) == (2, {"asked": 1, "answered": 1})
