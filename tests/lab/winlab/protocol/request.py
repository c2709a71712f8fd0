# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A WS-Management request read strictly: what WinRM refuses is refused here with the fault it would send."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from winlab.protocol import fault as faults
from winlab.protocol import names
from winlab.protocol.fault import WsmanFault

MINIMUM_ENVELOPE = 8192
SERVER_ENVELOPE = 512_000
MAXIMUM_TIMEOUT = 60.0
"""MaxTimeoutms of a default WinRM service, in seconds."""
_MINIMUM_TIMEOUT = 0.5

_S = "{" + names.SOAP + "}"
_A = "{" + names.ADDRESSING + "}"
_W = "{" + names.WSMAN + "}"
_P = "{" + names.MS_WSMAN + "}"
_MUST_UNDERSTAND = _S + "mustUnderstand"
_UNDERSTOOD = frozenset(
    [_A + name for name in ("Action", "To", "MessageID", "ReplyTo", "FaultTo", "From", "RelatesTo")]
    + [_W + name for name in ("ResourceURI", "SelectorSet", "OptionSet", "MaxEnvelopeSize", "OperationTimeout", "Locale")]
    + [_P + name for name in ("DataLocale", "SessionId", "SequenceId", "OperationID", "ActivityId", "CompressionType")]
)
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


@dataclass(frozen=True)
class Request:
    """One parsed request; `timeout` in seconds, clamped to what the service allows; `body` is the first child of s:Body."""

    action: str
    resource_uri: str
    message_id: str
    to: str
    selectors: Mapping[str, str]
    options: Mapping[str, str]
    max_envelope_size: int
    timeout: float
    body: Element | None
    identify: bool = False

    @property
    def operation(self) -> str:
        """Short name for counters and faults: Enumerate, Pull, Invoke:Activate, Identify ..."""
        if self.identify:
            return "Identify"
        return names.STANDARD_ACTIONS.get(self.action) or "Invoke:" + self.action.rpartition("/")[2]


def decode(data: bytes) -> str:
    """The XML text of a request body; UTF-8 or UTF-16 by its byte order mark."""
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WsmanFault(faults.UNSUPPORTED_ENCODING) from None


def parse_document(data: bytes) -> Element:
    """The document element; a document type declaration is refused, so that no entity is ever expanded."""
    text = decode(data)
    if "<!DOCTYPE" in text:
        raise WsmanFault(faults.SCHEMA_VALIDATION, "A document type declaration is not allowed. ")
    try:
        return ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise WsmanFault(faults.SCHEMA_VALIDATION, f"The request is not well-formed XML: {error}. ") from None


def _text(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise WsmanFault(faults.INVALID_HEADER, "OperationTimeout is not a duration. ")
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    if total < _MINIMUM_TIMEOUT:
        raise WsmanFault(faults.UNSUPPORTED_TIMEOUT)
    return min(total, MAXIMUM_TIMEOUT)


def _envelope_size(text: str) -> int:
    if not text:
        return SERVER_ENVELOPE
    if not text.isdigit():
        raise WsmanFault(faults.INVALID_HEADER, "MaxEnvelopeSize is not a number. ")
    if int(text) < MINIMUM_ENVELOPE:
        raise WsmanFault(faults.ENCODING_LIMIT)
    return min(int(text), SERVER_ENVELOPE)


def _pairs(container: Element | None, child: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for element in container if container is not None else ():
        name = element.get("Name")
        if element.tag != child or not name:
            raise WsmanFault(faults.SCHEMA_VALIDATION)
        if name in pairs and child == _W + "Selector":
            raise WsmanFault(faults.DUPLICATE_SELECTORS)
        pairs[name] = element.text or ""
    return pairs


def _check_headers(header: Element) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for element in header:
        if element.tag not in _UNDERSTOOD and element.get(_MUST_UNDERSTAND) in ("true", "1"):
            raise WsmanFault(faults.MUST_UNDERSTAND)
        found[element.tag] = element
    reply_to = found.get(_A + "ReplyTo")
    if reply_to is not None and _text(reply_to.find(_A + "Address")) != names.ANONYMOUS:
        raise WsmanFault(faults.INVALID_HEADER, "ReplyTo must be anonymous. ")
    return found


def message_id_of(data: bytes) -> str:
    """The MessageID of a request that is being refused, empty when it cannot be read."""
    try:
        found = parse_document(data).find(f"{_S}Header/{_A}MessageID")
    except WsmanFault:
        return ""
    return (found.text or "") if found is not None else ""


def parse(data: bytes) -> Request:
    """Read one request; raises :class:`WsmanFault`."""
    root = parse_document(data)
    if root.tag != _S + "Envelope":
        raise WsmanFault(faults.SCHEMA_VALIDATION)
    header, body = root.find(_S + "Header"), root.find(_S + "Body")
    if body is None:
        raise WsmanFault(faults.SCHEMA_VALIDATION)
    content = body[0] if len(body) else None
    if content is not None and content.tag == "{" + names.IDENTITY + "}Identify":
        return Request("", "", "", "", {}, {}, SERVER_ENVELOPE, MAXIMUM_TIMEOUT, content, identify=True)
    found = _check_headers(header) if header is not None else {}
    action, message_id, to = (found.get(_A + name) for name in ("Action", "MessageID", "To"))
    if not (_text(action) and _text(message_id) and _text(to)):
        raise WsmanFault(faults.HEADER_REQUIRED)
    resource_uri = _text(found.get(_W + "ResourceURI"))
    if not resource_uri:
        raise WsmanFault(faults.INVALID_RESOURCE_URI)
    timeout = _text(found.get(_W + "OperationTimeout"))
    return Request(
        action=_text(action),
        resource_uri=resource_uri,
        message_id=_text(message_id),
        to=_text(to),
        selectors=_pairs(found.get(_W + "SelectorSet"), _W + "Selector"),
        options=_pairs(found.get(_W + "OptionSet"), _W + "Option"),
        max_envelope_size=_envelope_size(_text(found.get(_W + "MaxEnvelopeSize"))),
        timeout=_seconds(timeout) if timeout else MAXIMUM_TIMEOUT,
        body=content,
    )
