# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CIM values, instances and envelopes as WinRM sends them: one line, alphabetical properties, no XML declaration."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from functools import lru_cache

from winlab.interfaces import Instance, MethodAnswer, Value
from winlab.protocol import names

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_XSI = f'xmlns:xsi="{names.XSI}"'
_CIM = f'xmlns:cim="{names.CIM}"'

_LANGUAGES = {"en": "en-US", "ja": "ja-JP"}
_SPOKEN = ('<s:Envelope xml:lang="en-US"', '<s:Text xml:lang="en-US">')

_PREFIXES = {
    "s": names.SOAP,
    "a": names.ADDRESSING,
    "x": names.TRANSFER,
    "e": names.EVENTING,
    "n": names.ENUMERATION,
    "w": names.WSMAN,
    "p": names.MS_WSMAN,
    "rsp": names.SHELL,
}


def escape(text: str) -> str:
    """Text for element content; characters XML 1.0 cannot carry become a question mark."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return _NOT_XML.sub("?", text)


def escape_attribute(text: str) -> str:
    """Text for a double-quoted attribute or, as WinRM does in faults, for content that quotes a key."""
    return escape(text).replace('"', "&quot;")


def wire_time(moment: datetime) -> str:
    """UTC with a Z and no more fraction digits than the value needs, as in the captures."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    text = moment.isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


@lru_cache(maxsize=1024)
def _ordered(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(keys, key=str.lower))


def _scalar(value: str | int | bool | datetime, cim: str) -> str:
    if isinstance(value, str):
        return escape(value)
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    return f"<{cim}Datetime>{wire_time(value)}</{cim}Datetime>"


def _element(tag: str, value: Value, cim: str, out: list[str]) -> None:
    if value is None:
        out.append(f'<{tag} xsi:nil="true"/>')
    elif isinstance(value, (str, int, datetime)):
        out.append(f"<{tag}>{_scalar(value, cim)}</{tag}>")
    else:  # an array: an empty one leaves no trace, one element looks like a scalar
        out.extend(f"<{tag}>{escape(item)}</{tag}>" for item in value)


def _outputs(values: Mapping[str, Value]) -> str:
    """Output parameters in the order they are given; NULL ones are there, arrays too."""
    out: list[str] = []
    for name, value in values.items():
        _element(f"p:{name}", None if isinstance(value, Sequence) and not isinstance(value, str) and not value else value, "cim:", out)
    return "".join(out)


def _properties(values: Mapping[str, Value], prefix: str, cim: str) -> str:
    out: list[str] = []
    for name in _ordered(tuple(values)):
        _element(prefix + name, values[name], cim, out)
    return "".join(out)


def instance_xml(uri: str, instance: Instance) -> str:
    """A whole instance, in the namespace of its own class, which is the class's URI."""
    name, uri = instance.class_name, escape_attribute(uri)
    body = _properties(instance.values, "p:", "cim:")
    return f'<p:{name} {_XSI} xmlns:p="{uri}" {_CIM} xsi:type="p:{name}_Type">{body}</p:{name}>'


def fragment_xml(instance: Instance) -> str:
    """A projection: children without a namespace."""
    return f'<w:XmlFragment {_XSI} xmlns:w="{names.WSMAN}">{_properties(instance.values, "", "")}</w:XmlFragment>'


def reference_xml(uri: str, own_selectors: Mapping[str, str], keys: Sequence[str], instance: Instance) -> str:
    """The endpoint reference of an instance of the class with this URI, and the selectors that belong to the URI."""
    known = {**own_selectors, **{key: instance.values.get(key) for key in keys}}
    selectors = "".join(
        f'<w:Selector Name="{escape_attribute(key)}">{_scalar(value, "")}</w:Selector>'
        for key, value in known.items()
        if isinstance(value, (str, int, datetime))
    )
    return (
        f"<a:EndpointReference><a:Address>{names.ANONYMOUS}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{escape(uri)}</w:ResourceURI>"
        f'<w:SelectorSet xmlns:w="{names.WSMAN}">{selectors}</w:SelectorSet>'
        "</a:ReferenceParameters></a:EndpointReference>"
    )


def method_output_xml(uri: str, method: str, answer: MethodAnswer) -> str:
    """Output parameters in their own order, ReturnValue last; an empty element for a method that returns nothing."""
    if answer.return_value is None:
        return f'<p:{method}_OUTPUT xmlns:p="{escape_attribute(uri)}"/>'
    body = _outputs(answer.outputs)
    return (
        f'<p:{method}_OUTPUT {_XSI} xmlns:p="{escape_attribute(uri)}" {_CIM}>{body}'
        f"<p:ReturnValue>{answer.return_value}</p:ReturnValue></p:{method}_OUTPUT>"
    )


@lru_cache(maxsize=64)
def _envelope_head(prefixes: str, action: str) -> str:
    declared = "".join(f' xmlns:{prefix}="{_PREFIXES[prefix]}"' for prefix in prefixes.split())
    return f'<s:Envelope xml:lang="en-US"{declared}><s:Header><a:Action>{escape(action)}</a:Action><a:MessageID>'


def in_language(text: str, language: str) -> str:
    """The answer as a machine of this language ("en", "ja") marks it, whatever language the client asked for; the words stay English."""
    for opening in _SPOKEN:
        text = text.replace(opening, opening.replace("en-US", _LANGUAGES[language]), 1)
    return text


def message_id() -> str:
    """A fresh message or context identifier in WinRM's spelling."""
    return "uuid:" + str(uuid.uuid4()).upper()


def envelope(prefixes: str, action: str, relates_to: str, body: str) -> str:
    """A whole answer. `prefixes` are declared on the envelope in that order; `relates_to` is echoed letter by letter."""
    relates = f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo>" if relates_to else ""
    return (
        f"{_envelope_head(prefixes, action)}{message_id()}</a:MessageID><a:To>{names.ANONYMOUS}</a:To>{relates}</s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    )
