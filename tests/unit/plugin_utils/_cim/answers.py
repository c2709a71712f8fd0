# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers as Windows writes them, built without the code under test; and a machine that plays them back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.limits import Room

SOAP = (
    '<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
    ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"'
    ' xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault">'
)
TYPES = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common"'
CIMV2 = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2"

Values = Mapping[str, "str | Sequence[str] | None"]


def envelope(body: str, relates_to: str | None = None) -> bytes:
    """A SOAP message; `relates_to` is left out when None, as WinRM 3.0 does in some faults."""
    relation = "" if relates_to is None else f"<a:RelatesTo>{relates_to}</a:RelatesTo>"
    header = f"<a:Action>some/action</a:Action><a:MessageID>uuid:0</a:MessageID>{relation}"
    return f"{SOAP}<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>".encode()


def element(tag: str, value: str | Sequence[str] | None) -> str:
    """A property: NULL by xsi:nil, an array as siblings, an empty array as nothing."""
    if value is None:
        return f'<{tag} xsi:nil="true"/>'
    texts = [value] if isinstance(value, str) else value
    return "".join(f"<{tag}>{escape(text, {chr(13): '&#13;'})}</{tag}>" for text in texts)


def instance(class_name: str, values: Values) -> str:
    """An instance of SELECT *: elements in the namespace of the class."""
    fields = "".join(element(f"p:{name}", value) for name, value in values.items())
    return f'<p:{class_name} {TYPES} xmlns:p="{CIMV2}/{class_name}" xsi:type="p:{class_name}_Type">{fields}</p:{class_name}>'


def fragment(values: Values) -> str:
    """An instance of a projection: elements in no namespace."""
    return f"<w:XmlFragment {TYPES}>{''.join(element(name, value) for name, value in values.items())}</w:XmlFragment>"


def first_page(instances: Iterable[str], context: str = "", *, ended: bool = True) -> str:
    """The body of an answer to an optimized Enumerate."""
    end = "<w:EndOfSequence/>" if ended else ""
    items = f"<w:Items>{''.join(instances)}</w:Items>"
    return f"<n:EnumerateResponse><n:EnumerationContext>{context}</n:EnumerationContext>{items}{end}</n:EnumerateResponse>"


def next_page(instances: Iterable[str], context: str = "", *, ended: bool = True) -> str:
    """The body of an answer to a Pull."""
    again = f"<n:EnumerationContext>{context}</n:EnumerationContext>" if context else ""
    end = "<n:EndOfSequence/>" if ended else ""
    return f"<n:PullResponse>{again}<n:Items>{''.join(instances)}</n:Items>{end}</n:PullResponse>"


def output(class_name: str, method: str, values: Values, return_value: str | None = "0") -> str:
    """The body of an answer to a method call."""
    fields = "".join(element(f"p:{name}", value) for name, value in values.items())
    fields += "" if return_value is None else element("p:ReturnValue", return_value)
    return f'<p:{method}_OUTPUT {TYPES} xmlns:p="{CIMV2}/{class_name}">{fields}</p:{method}_OUTPUT>'


def fault_winrm2(
    wsman_code: int, text: str, *, inner: int | None = None, status_code: int | None = None, subcode: str = "w:InternalError"
) -> str:
    """A fault as WinRM 1.1 and 2.0 nest it."""
    status = 'xsi:nil="true"/>' if status_code is None else f">{status_code}</p:StatusCode>"
    extended = (
        f'<f:ExtendedError><p:__ExtendedStatus {TYPES} xmlns:p="{CIMV2}/__ExtendedStatus"><p:Operation>ExecMethod</p:Operation>'
        f"<p:ProviderName>SPP</p:ProviderName><p:StatusCode {status}</p:__ExtendedStatus></f:ExtendedError>"
    ).replace("<p:StatusCode >", "<p:StatusCode>")
    nested = f'<f:WSManFault Code="{inner or wsman_code}" Machine="m"><f:Message>{escape(text)}</f:Message></f:WSManFault>{extended}'
    detail = (
        f'<f:WSManFault Code="{wsman_code}" Machine="m"><f:Message><f:ProviderFault provider="WMI Provider" path="WsmWmiPl.dll">'
        f"{nested}</f:ProviderFault></f:Message></f:WSManFault>"
    )
    return _fault(subcode, "something general", detail)


def fault_winrm3(
    code: int, text: str, *, message_id: str | None = None, error_type: str = "HRESULT", subcode: str = "w:InternalError"
) -> str:
    """A fault as WinRM 3.0 and later describe it."""
    known = message_id if message_id is not None else f"HRESULT 0x{code:08x}"
    detail = (
        f'<p:MSFT_WmiError {TYPES} xmlns:p="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError">'
        f"<p:CIMStatusCode>27</p:CIMStatusCode><p:Message>{escape(text)}</p:Message><p:MessageID>{known}</p:MessageID>"
        f"<p:error_Code>{code}</p:error_Code><p:error_Type>{error_type}</p:error_Type></p:MSFT_WmiError>"
    )
    return _fault(subcode, "something general", detail)


def fault_plain(code: int, text: str, subcode: str) -> str:
    """A fault of WS-Management itself or of a plain Win32 error: one WSManFault with bare text."""
    return _fault(subcode, text, f'<f:WSManFault Code="{code}" Machine="m"><f:Message>{escape(text)}</f:Message></f:WSManFault>')


def fault_timed_out() -> str:
    """The fault of an operation that ran into its OperationTimeout."""
    return fault_plain(2150858793, "The WS-Management service cannot complete the operation within the time given.", "w:TimedOut")


def _fault(subcode: str, reason: str, detail: str) -> str:
    return (
        f"<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{escape(reason)}</s:Text></s:Reason><s:Detail>{detail}</s:Detail></s:Fault>'
    )


def message_id(message: bytes) -> str:
    """The MessageID of a request."""
    found = re.search(rb"<a:MessageID>([^<]*)</a:MessageID>", message)
    assert found is not None
    return found.group(1).decode()


def action(message: bytes) -> str:
    """The last part of a request's action: Enumerate, Pull or a method's name."""
    found = re.search(rb"<a:Action[^>]*>[^<]*/([^</]*)</a:Action>", message)
    assert found is not None
    return found.group(1).decode()


class Machine:
    """A byte transport that answers from a script: bodies are wrapped and related, bytes go out as they are, exceptions are raised.

    When the script is at its end, its last answer is repeated if `endless`, else the test fails.
    """

    endpoint = "http://machine.example:5985/wsman"
    encrypted = True

    def __init__(self, *script: str | bytes | Exception, endless: bool = False) -> None:
        self.script = list(script)
        self.endless = endless
        self.messages: list[bytes] = []
        self.timeouts: list[float] = []
        self.resets: list[int] = []
        self.on_send: Callable[[], None] = lambda: None

    @property
    def actions(self) -> list[str]:
        return [action(message) for message in self.messages]

    def share(self, room: Room) -> None:
        del room

    def send(self, message: bytes, timeout: float) -> bytes:
        self.messages.append(message)
        self.timeouts.append(timeout)
        self.on_send()
        assert self.script, f"one request too many: {action(message)}"
        answer = self.script[0] if self.endless and len(self.script) == 1 else self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, bytes) else envelope(answer, message_id(message))

    def reset(self) -> None:
        self.resets.append(len(self.messages))
