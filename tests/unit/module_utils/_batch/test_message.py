# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request is the one of the public clients, byte for byte."""

from __future__ import annotations

import base64
import hashlib
import hmac
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._batch.message import Question, digest, envelope

PID = "55041-00140-015-871562-03-1033-7078.0000-0992009"
IID = "1" * 54
SERVICE = "{http://www.microsoft.com/BatchActivationService}"
KEY_HALF = "fe319875fb4884869cf3f1ce99a89064ab571fca470450583024e214628779a0"


def inner_and_digest(message: bytes) -> tuple[bytes, str]:
    root = ElementTree.fromstring(message)
    request = root.find(f"{{http://schemas.xmlsoap.org/soap/envelope/}}Body/{SERVICE}BatchActivate/{SERVICE}request")
    assert request is not None
    assert [child.tag for child in request] == [f"{SERVICE}Digest", f"{SERVICE}RequestXml"]
    return base64.b64decode(request.findtext(f"{SERVICE}RequestXml") or "", validate=True), request.findtext(f"{SERVICE}Digest") or ""


def test_a_question_for_a_confirmation_id_is_the_documented_request() -> None:
    inner, given_digest = inner_and_digest(envelope(Question(PID, IID)))
    by_hand = (
        '<ActivationRequest xmlns="http://www.microsoft.com/DRM/SL/BatchActivationRequest/1.0"><VersionNumber>2.0</VersionNumber>'
        f"<RequestType>1</RequestType><Requests><Request><PID>{PID}</PID><IID>{IID}</IID></Request></Requests></ActivationRequest>"
    ).encode("utf-16-le")
    assert inner == by_hand
    assert given_digest == base64.b64encode(hmac.digest(bytes.fromhex(KEY_HALF) + bytes(32), by_hand, "sha256")).decode()


def test_a_question_for_the_remaining_activations_has_no_installation_id() -> None:
    inner, _digest = inner_and_digest(envelope(Question(PID)))
    text = inner.decode("utf-16-le")
    assert "<RequestType>2</RequestType>" in text
    assert "IID" not in text


@given(st.binary(max_size=2000))
def test_the_digest_is_hmac_sha256_by_its_definition(request: bytes) -> None:
    """RFC 2104 with the 32 bytes of the key filled up to a block of 64 bytes."""
    key = bytes.fromhex(KEY_HALF) + bytes(32)
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + request).digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()
    assert digest(request) == base64.b64encode(outer).decode()
