# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WS-Management requests: WQL Enumerate, Pull, Put, and method calls as the WMI plug-in of WinRM accepts them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Envelopes are built as text, because they have one fixed shape and serializing a tree is much slower. Each variable part is
escaped by :func:`escape`, or is verified to be a plain name.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from .._errors import InvalidOptionsError, VolumeActivationError
from .session import CimPath, CimValue

_WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/"
_ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
_PUT = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Put"
_WQL_DIALECT = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
_MAX_ENVELOPE = 153600  # limit of the oldest WinRM in bytes; the limits of newer versions are higher
_MAX_ELEMENTS = 32000  # MaxBatchItems of WinRM; only an upper bound, because the size limits a page first

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMESPACE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:/[A-Za-z_][A-Za-z0-9_]*)*")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}
_SPECIAL = re.compile('[&<>"\r]')

_HEAD = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
    f' xmlns:n="{_ENUMERATION}" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"'
    ' xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"><s:Header><a:To>'
)
_REPLY_TO = (
    '<a:ReplyTo><a:Address s:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>'
    f'<w:MaxEnvelopeSize s:mustUnderstand="true">{_MAX_ENVELOPE}</w:MaxEnvelopeSize>'
    # English if the machine has it: the texts are shown in messages, and never used in decisions.
    '<w:Locale s:mustUnderstand="false" xml:lang="en-US"/><p:DataLocale s:mustUnderstand="false" xml:lang="en-US"/>'
)


@dataclass(frozen=True, repr=False)
class Request:
    """One complete message. It has no repr, because it might contain a product key."""

    message: bytes
    message_id: str


def escape(text: str) -> str:
    """Return a text as XML character data or attribute value.

    Raises ValueError for characters that XML 1.0 does not allow (control characters, lone surrogates); its message does not
    contain the text.
    """
    if _NOT_XML.search(text):
        raise ValueError("contains a character that XML does not allow (a control character or half of a surrogate pair)")
    return _SPECIAL.sub(lambda found: _ESCAPES[found.group()], text)


def class_uri(namespace: str, class_name: str) -> str:
    """Return the resource URI of a WMI class, or of all classes of a namespace for "*"."""
    folder = namespace.replace("\\", "/")
    if not _NAMESPACE.fullmatch(folder):
        raise VolumeActivationError(f"{namespace!r} is not a WMI namespace.")
    return f"{_WMI}{folder}/{class_name if class_name == '*' else _name(class_name)}"


def enumerate_wql(endpoint: str, namespace: str, wql: str, timeout: float) -> Request:
    """Return the request that starts a WQL query. `timeout` is the time in seconds after which the machine cancels the operation."""
    body = (
        f"<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>{_MAX_ELEMENTS}</w:MaxElements>"
        f'<w:Filter Dialect="{_WQL_DIALECT}">{_checked("the query", wql)}</w:Filter></n:Enumerate>'
    )
    return _request(endpoint, class_uri(namespace, "*"), f"{_ENUMERATION}/Enumerate", body=body, timeout=timeout)


def pull(endpoint: str, namespace: str, context: str, timeout: float) -> Request:
    """Return the request for the next page of a query; `context` comes from the previous response."""
    body = (
        f"<n:Pull><n:EnumerationContext>{_checked('the enumeration context', context)}</n:EnumerationContext>"
        f"<n:MaxElements>{_MAX_ELEMENTS}</n:MaxElements></n:Pull>"
    )
    return _request(endpoint, class_uri(namespace, "*"), f"{_ENUMERATION}/Pull", body=body, timeout=timeout)


def invoke(endpoint: str, target: CimPath, method: str, arguments: Mapping[str, CimValue], timeout: float) -> Request:
    """Return the request that calls a method of a class, or of one instance if the path has keys."""
    uri = class_uri(target.namespace, target.class_name)
    fields = "".join(_argument(name, value) for name, value in arguments.items())
    body = f'<p:{_name(method)}_INPUT xmlns:p="{uri}">{fields}</p:{method}_INPUT>'
    return _request(endpoint, uri, f"{uri}/{method}", body=body, timeout=timeout, header=_selectors(target))


def put(endpoint: str, target: CimPath, properties: Mapping[str, CimValue], timeout: float) -> Request:
    """Return the request that writes properties of one instance; the other properties keep their values."""
    uri = class_uri(target.namespace, target.class_name)
    fields = "".join(_argument(name, value) for name, value in properties.items())
    body = f'<p:{target.class_name} xmlns:p="{uri}">{fields}</p:{target.class_name}>'
    return _request(endpoint, uri, _PUT, body=body, timeout=timeout, header=_selectors(target))


def _selectors(target: CimPath) -> str:
    selectors = "".join(
        f'<w:Selector Name="{_name(name)}">{_checked(f"key {name}", value)}</w:Selector>' for name, value in target.keys.items()
    )
    return f"<w:SelectorSet>{selectors}</w:SelectorSet>" if selectors else ""


def _argument(name: str, value: CimValue) -> str:
    tag = _name(name)
    if value is None:
        return ""
    if isinstance(value, bool):
        texts = ["true" if value else "false"]
    elif isinstance(value, (str, int)):
        texts = [str(value)]
    else:
        texts = list(value)
    return "".join(f"<p:{tag}>{_checked(f'argument {name}', text)}</p:{tag}>" for text in texts)


def _request(endpoint: str, uri: str, action: str, *, body: str, timeout: float, header: str = "") -> Request:
    message_id = f"uuid:{str(uuid.uuid4()).upper()}"
    text = (
        f'{_HEAD}{escape(endpoint)}</a:To><w:ResourceURI s:mustUnderstand="true">{uri}</w:ResourceURI>{_REPLY_TO}'
        f'<a:Action s:mustUnderstand="true">{action}</a:Action><a:MessageID>{message_id}</a:MessageID>'
        f"<w:OperationTimeout>PT{timeout:.3f}S</w:OperationTimeout>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    return Request(text.encode("utf-8"), message_id)


def _checked(what: str, text: str) -> str:
    try:
        return escape(text)
    except ValueError as error:
        problem = str(error)
    # Raised outside the except block, so that the error has no context that might quote the value.
    raise VolumeActivationError(
        f"{what} {problem}.",
        ("Remove the character from the value in the task.",),
        error_code="invalid_options",
        cause=InvalidOptionsError.cause,
    )


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise VolumeActivationError(f"{text!r} is not a CIM name.")
    return text


__all__ = ["Request", "class_uri", "enumerate_wql", "escape", "invoke", "pull", "put"]
