# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of the batch activation service: SOAP 1.1 around a signed text, read strictly.

Facts: notes on the batch activation service. The shape of answers is that of one that a public client quotes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from winlab.interfaces import BatchAnswer, BatchQuestion

PATH = "/BatchActivation/BatchActivation.asmx"
CONTENT_TYPE = 'text/xml; charset="utf-8"'
ANSWER_TYPE = "text/xml; charset=utf-8"
SERVICE = "http://www.microsoft.com/BatchActivationService"
ACTION = SERVICE + "/BatchActivate"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
REQUEST = "http://www.microsoft.com/DRM/SL/BatchActivationRequest/1.0"
RESPONSE = "http://www.microsoft.com/DRM/SL/BatchActivationResponse/1.0"
_XSI, _XSD = "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/2001/XMLSchema"
DIGEST_KEY = bytes.fromhex("fe319875fb4884869cf3f1ce99a89064ab571fca470450583024e214628779a0") + bytes(32)
"""The constant of the protocol, which clients publish. It belongs to nobody and authenticates nobody."""
CONFIRMATION_IDS, REMAINING = 1, 2
_VERSION = "2.0"


class Malformed(Exception):
    """The message gets a SOAP fault with this code (Client or Server) and text."""

    def __init__(self, text: str, code: str = "Client") -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True)
class BatchRequest:
    """The questions of one message, and the signed text they stood in."""

    request_type: int
    questions: tuple[BatchQuestion, ...]
    text: str


def parse_xml(text: str) -> Element:
    """The document element. A document type declaration is refused, so that no entity is ever expanded."""
    if "<!DOCTYPE" in text:
        raise Malformed("Server was unable to read request. ---> For security reasons DTD is prohibited in this XML document.")
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise Malformed(f"Server was unable to read request. ---> There is an error in XML document: {error}.") from None


def _children(element: Element, space: str, *names: str) -> list[Element]:
    """The children, which must be exactly these in this order, without attributes and text between them."""
    found = list(element)
    wanted = [f"{{{space}}}{name}" for name in names]
    stray = (element.text or "").strip() or any((child.tail or "").strip() for child in found)
    if [child.tag for child in found] != wanted or any(child.attrib for child in found) or stray:
        raise Malformed(
            f"{element.tag} must contain exactly {', '.join(wanted)}, not {', '.join(child.tag for child in found) or 'nothing'}."
        )
    return found


def _leaf(element: Element) -> str:
    if len(element):
        raise Malformed(f"{element.tag} must contain text.")
    return element.text or ""


def signed_parts(body: bytes) -> tuple[str, str]:
    """Digest and RequestXml of an envelope, both base64; raises Malformed."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("Server was unable to read request. ---> Invalid character in the given encoding.") from None
    envelope = parse_xml(text)
    if envelope.tag != f"{{{SOAP}}}Envelope":
        raise Malformed(
            "Possible SOAP version mismatch: Envelope namespace is not http://schemas.xmlsoap.org/soap/envelope/.", "VersionMismatch"
        )
    (soap_body,) = _children(envelope, SOAP, "Body")
    (call,) = _children(soap_body, SERVICE, "BatchActivate")
    (request,) = _children(call, SERVICE, "request")
    digest, request_xml = _children(request, SERVICE, "Digest", "RequestXml")
    return _leaf(digest), _leaf(request_xml)


def _decoded(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed(f"{name} is not base64.") from None


def request_text(digest: str, request_xml: str) -> str:
    """The signed text of a message; raises Malformed unless the digest fits its bytes and they are UTF-16LE without a byte order mark."""
    signed = _decoded("RequestXml", request_xml)
    if not hmac.compare_digest(_decoded("Digest", digest), hmac.digest(DIGEST_KEY, signed, hashlib.sha256)):
        raise Malformed("The digest does not fit RequestXml.", "Server")
    try:
        text = signed.decode("utf-16-le")
    except UnicodeDecodeError:
        raise Malformed("RequestXml is not UTF-16LE.") from None
    if not text.startswith("<ActivationRequest"):
        raise Malformed("RequestXml does not begin with ActivationRequest in UTF-16LE.")
    return text


def read_questions(text: str, *, several: bool) -> BatchRequest:
    """The questions of a signed text; raises Malformed."""
    root = parse_xml(text)
    if root.tag != f"{{{REQUEST}}}ActivationRequest":
        raise Malformed(f"RequestXml must contain ActivationRequest in namespace {REQUEST}.")
    version, kind, requests = _children(root, REQUEST, "VersionNumber", "RequestType", "Requests")
    if _leaf(version) != _VERSION:
        raise Malformed(f"VersionNumber must be {_VERSION}.")
    if _leaf(kind) not in (str(CONFIRMATION_IDS), str(REMAINING)):
        raise Malformed("RequestType must be 1 or 2.")
    count = len(requests)
    if count == 0 or (count > 1 and not several):
        raise Malformed(f"Requests must contain one Request, not {count}.")
    entries = _children(requests, REQUEST, *["Request"] * count)
    return BatchRequest(int(_leaf(kind)), tuple(_question(entry, int(_leaf(kind))) for entry in entries), text)


def _question(entry: Element, kind: int) -> BatchQuestion:
    if kind == REMAINING:
        (pid,) = _children(entry, REQUEST, "PID")
        return BatchQuestion(_leaf(pid), None)
    pid, iid = _children(entry, REQUEST, "PID", "IID")
    return BatchQuestion(_leaf(pid), _leaf(iid))


def _envelope(body: str) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{SOAP}" xmlns:xsi="{_XSI}" xmlns:xsd="{_XSD}">'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    )


def fault(malformed: Malformed) -> str:
    """The envelope of a SOAP fault."""
    return _envelope(
        f"<soap:Fault><faultcode>soap:{malformed.code}</faultcode><faultstring>{escape(malformed.text)}</faultstring>"
        "<detail /></soap:Fault>"
    )


def answer(kind: int, answers: Sequence[tuple[BatchQuestion, BatchAnswer]], padding: int = 0) -> str:
    """The envelope of an answer; `padding` blanks go into it."""
    entries = "".join(_entry(question, found) for question, found in answers)
    # The text in the text has a declaration of its own, which names UTF-16 although the message is UTF-8.
    text = (
        f'<?xml version="1.0" encoding="utf-16"?>\r\n<ActivationResponse xmlns:xsd="{_XSD}" xmlns:xsi="{_XSI}" xmlns="{RESPONSE}">\r\n'
        f"  <VersionNumber>1.0</VersionNumber>\r\n  <ResponseType>{kind}</ResponseType>\r\n  <BatchId>{{{uuid.uuid4()}}}</BatchId>\r\n"
        f"  <Responses>{' ' * padding}\r\n{entries}  </Responses>\r\n</ActivationResponse>"
    )
    return _envelope(
        f'<BatchActivateResponse xmlns="{SERVICE}"><BatchActivateResult><ResponseXml>{escape(text)}</ResponseXml>'
        "</BatchActivateResult></BatchActivateResponse>"
    )


def _entry(question: BatchQuestion, found: BatchAnswer) -> str:
    values = [("PID", question.extended_pid)]
    if not found.error:
        values.append(("ActivationRemaining", str(-1 if found.remaining is None else found.remaining)))
    if question.installation_id is not None:
        values.append(("IID", question.installation_id))
    if found.confirmation_id:
        values.append(("CID", found.confirmation_id))
    lines = [f"      <{name}>{escape(value)}</{name}>\r\n" for name, value in values]
    if found.error:
        lines.append(f"      <ErrorInfo>\r\n        <ErrorCode>0x{found.error:X}</ErrorCode>\r\n      </ErrorInfo>\r\n")
    return f"    <Response>\r\n{''.join(lines)}    </Response>\r\n"
