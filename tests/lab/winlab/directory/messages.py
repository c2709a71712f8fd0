# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LDAP messages (RFC 4511), on the definitions of ldap3 and the codec of pyasn1.

The definitions of ldap3 are made for clients. They cannot read a filter inside a filter, so filters are read level by level here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ldap3.protocol import rfc4511
from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import namedtype, tag, univ

PAGED = "1.2.840.113556.1.4.319"
DOMAIN_SCOPE = "1.2.840.113556.1.4.1339"
START_TLS = "1.3.6.1.4.1.1466.20037"
WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"
LARGEST = 8 << 20
"""Bytes a message may have: the largest license blob, and something."""
_LONG_LENGTH = 0x80


class Malformed(Exception):
    """The bytes are no LDAP message."""


def _context(number: int) -> Any:
    return tag.Tag(tag.tagClassContext, tag.tagFormatConstructed, number)


def _replaced(original: Any, name: str, kind: Any) -> Any:
    """The components of a definition, one of them of another kind."""
    parts = original.componentType.namedTypes
    return namedtype.NamedTypes(*(namedtype.NamedType(name, kind) if part.name == name else part for part in parts))


class _FilterLevel(univ.Choice):  # type: ignore[misc]
    """One level of a filter; what is inside stays bytes."""

    componentType = namedtype.NamedTypes(  # noqa: N815  # a name of pyasn1
        namedtype.NamedType("and", univ.SetOf(componentType=univ.Any()).subtype(implicitTag=_context(0))),
        namedtype.NamedType("or", univ.SetOf(componentType=univ.Any()).subtype(implicitTag=_context(1))),
        namedtype.NamedType("not", univ.Any().subtype(explicitTag=_context(2))),
        *(part for part in rfc4511.Filter.componentType.namedTypes if part.name not in ("and", "or", "notFilter")),
    )


class _SearchRequest(univ.Sequence):  # type: ignore[misc]
    tagSet = rfc4511.SearchRequest.tagSet  # noqa: N815  # a name of pyasn1
    componentType = _replaced(rfc4511.SearchRequest, "filter", univ.Any())  # noqa: N815  # a name of pyasn1


class _Operation(univ.Choice):  # type: ignore[misc]
    componentType = _replaced(rfc4511.ProtocolOp, "searchRequest", _SearchRequest())  # noqa: N815  # a name of pyasn1


class _Message(univ.Sequence):  # type: ignore[misc]
    componentType = _replaced(rfc4511.LDAPMessage, "protocolOp", _Operation())  # noqa: N815  # a name of pyasn1


class _PagedValue(univ.Sequence):  # type: ignore[misc]
    """realSearchControlValue of RFC 2696."""

    componentType = namedtype.NamedTypes(namedtype.NamedType("size", univ.Integer()), namedtype.NamedType("cookie", univ.OctetString()))  # noqa: N815  # a name of pyasn1


@dataclass(frozen=True)
class Test:
    """A condition of a filter: and, or, not with conditions inside; equality and presence of an attribute; other kinds by their names."""

    kind: str
    inside: tuple[Test, ...] = ()
    attribute: str = ""
    value: bytes = b""


@dataclass(frozen=True)
class Request:
    """One request: its number, its kind by the name of RFC 4511, its content as decoded, and its controls with their values."""

    number: int
    kind: str
    content: Any
    controls: Mapping[str, tuple[bool, bytes]] = field(default_factory=dict)


def size_of(data: bytes) -> int | None:
    """How many bytes the message at the beginning has, None while that is not known; raises Malformed."""
    if len(data) < 2:
        return None
    if data[0] != 0x30:
        raise Malformed(f"a message begins with a sequence, not with {data[0]:#x}")
    if data[1] < _LONG_LENGTH:
        return 2 + data[1]
    count = data[1] - _LONG_LENGTH
    if not 1 <= count <= 4:
        raise Malformed("a length of this form")
    if len(data) < 2 + count:
        return None
    size = int.from_bytes(data[2 : 2 + count], "big")
    if size > LARGEST:
        raise Malformed(f"a message of {size} bytes")
    return 2 + count + size


def read(data: bytes) -> Request:
    """A whole message; raises Malformed."""
    try:
        message, rest = decoder.decode(data, asn1Spec=_Message())
        if rest:
            raise Malformed("bytes after the message")
        operation = message["protocolOp"]
        given = message["controls"] if message["controls"].isValue else ()
        controls = {
            str(each["controlType"]): (bool(each["criticality"]), bytes(each["controlValue"]) if each["controlValue"].isValue else b"")
            for each in given
        }
        return Request(int(message["messageID"]), operation.getName(), operation.getComponent(), controls)
    except (PyAsn1Error, ValueError, KeyError, IndexError, RecursionError) as error:
        raise Malformed(str(error).partition("\n")[0][:200]) from None


def read_filter(data: bytes, depth: int = 0) -> Test:
    """A filter; raises Malformed."""
    if depth > 32:
        raise Malformed("a filter with more than 32 levels")
    try:
        level, _rest = decoder.decode(data, asn1Spec=_FilterLevel())
        kind, content = level.getName(), level.getComponent()
        if kind in ("and", "or"):
            return Test(kind, tuple(read_filter(bytes(part), depth + 1) for part in content))
        if kind == "not":
            return Test(kind, (read_filter(bytes(content), depth + 1),))
        if kind == "present":
            return Test(kind, attribute=str(content))
        if kind == "equalityMatch":
            return Test(kind, attribute=str(content["attributeDesc"]), value=bytes(content["assertionValue"]))
        return Test(kind)
    except (PyAsn1Error, ValueError, KeyError, IndexError) as error:
        raise Malformed(str(error).partition("\n")[0][:200]) from None


def paged_value(data: bytes) -> tuple[int, bytes]:
    """Size and cookie of the control for paged results; raises Malformed."""
    try:
        value, _rest = decoder.decode(data, asn1Spec=_PagedValue())
        return int(value["size"]), bytes(value["cookie"])
    except (PyAsn1Error, ValueError) as error:
        raise Malformed(str(error)[:200]) from None


@dataclass(frozen=True)
class Outcome:
    """How an operation ended: the result code of RFC 4511 and a text for people."""

    code: int = 0
    text: str = ""
    matched: str = ""
    referrals: tuple[str, ...] = ()


_RESPONSES: Mapping[str, tuple[str, Any]] = {
    "bindRequest": ("bindResponse", rfc4511.BindResponse), "searchRequest": ("searchResDone", rfc4511.SearchResultDone),
    "modifyRequest": ("modifyResponse", rfc4511.ModifyResponse), "addRequest": ("addResponse", rfc4511.AddResponse),
    "delRequest": ("delResponse", rfc4511.DelResponse), "modDNRequest": ("modDNResponse", rfc4511.ModifyDNResponse),
    "compareRequest": ("compareResponse", rfc4511.CompareResponse), "extendedReq": ("extendedResp", rfc4511.ExtendedResponse),
}  # fmt: skip


def _message(number: int, name: str, content: Any, page: tuple[int, bytes] | None = None) -> bytes:
    message = rfc4511.LDAPMessage()
    message["messageID"] = number
    message["protocolOp"] = rfc4511.ProtocolOp().setComponentByName(name, content)
    if page is not None:
        value = _PagedValue()
        value["size"], value["cookie"] = page
        control = rfc4511.Control()
        control["controlType"], control["controlValue"] = PAGED, rfc4511.ControlValue(encoder.encode(value))
        message["controls"] = rfc4511.Controls()
        message["controls"][0] = control
    encoded: bytes = encoder.encode(message)
    return encoded


def _result(kind: Any, outcome: Outcome) -> Any:
    content = kind()
    content["resultCode"] = rfc4511.ResultCode(outcome.code)
    content["matchedDN"] = outcome.matched
    content["diagnosticMessage"] = outcome.text
    if outcome.referrals:
        content["referral"] = rfc4511.Referral()
        for index, url in enumerate(outcome.referrals):
            content["referral"][index] = rfc4511.URI(url)
    return content


def done(request: Request, outcome: Outcome, page: tuple[int, bytes] | None = None) -> bytes:
    """The answer that ends an operation; `page` is size and cookie of the control for paged results."""
    name, kind = _RESPONSES[request.kind]
    return _message(request.number, name, _result(kind, outcome), page)


def bound(request: Request, outcome: Outcome, token: bytes | None) -> bytes:
    """The answer to a bind with SASL."""
    content = _result(rfc4511.BindResponse, outcome)
    if token is not None:
        content["serverSaslCreds"] = rfc4511.ServerSaslCreds(token)
    return _message(request.number, "bindResponse", content)


def extended(request: Request, outcome: Outcome, name: str = "", value: bytes | None = None) -> bytes:
    """The answer to an extended request."""
    content = _result(rfc4511.ExtendedResponse, outcome)
    if name:
        content["responseName"] = rfc4511.ResponseName(name)
    if value is not None:
        content["responseValue"] = rfc4511.ResponseValue(value)
    return _message(request.number, "extendedResp", content)


def entry(request: Request, dn: str, attributes: Iterable[tuple[str, Sequence[bytes]]]) -> bytes:
    """One entry of a search."""
    content = rfc4511.SearchResultEntry()
    content["object"] = dn
    shown = rfc4511.PartialAttributeList()
    for index, (name, values) in enumerate(attributes):
        part = rfc4511.PartialAttribute()
        part["type"] = name
        part["vals"] = rfc4511.Vals()
        for number, value in enumerate(values):
            part["vals"][number] = rfc4511.AttributeValue(value)
        shown[index] = part
    content["attributes"] = shown
    return _message(request.number, "searchResEntry", content)


def reference(request: Request, url: str) -> bytes:
    """Where a search would go on."""
    content = rfc4511.SearchResultReference()
    content[0] = rfc4511.URI(url)
    return _message(request.number, "searchResRef", content)
