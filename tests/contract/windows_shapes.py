# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes in the shapes of recorded WinRM answers, written for these tests: no recording is copied, and no code of lab or client is used.

The envelope has the language of a Japanese machine, because that is what Windows sends whatever language the request names.
"""

from __future__ import annotations

WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/"
REQUEST = "REQUEST-ID"
"""Where an answer names its request; the player puts the identifier of the request there."""

_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_CIM = 'xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common"'
_FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
_WMI_ERROR = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/MSFT_WmiError"
_ROLE = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
_CONTEXT = "uuid:0A1B2C3D-0000-4000-8000-00000000000A"


def envelope(body: str) -> bytes:
    """An answer in one line, without an XML declaration."""
    return (
        '<s:Envelope xml:lang="ja-JP" xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration"'
        ' xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd">'
        "<s:Header><a:Action>urn:answer</a:Action><a:MessageID>uuid:0A1B2C3D-0000-4000-8000-000000000001</a:MessageID>"
        f"<a:To>{_ROLE}</a:To><a:RelatesTo>{REQUEST}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def instance(class_name: str, properties: str) -> str:
    """A whole instance of a class in root/cimv2."""
    return f'<p:{class_name} {_XSI} xmlns:p="{WMI}{class_name}" {_CIM} xsi:type="p:{class_name}_Type">{properties}</p:{class_name}>'


def only_page(*instances: str) -> bytes:
    """An optimized Enumerate that is finished at once."""
    items = "".join(instances)
    return envelope(
        "<n:EnumerateResponse><n:EnumerationContext></n:EnumerationContext>"
        f"<w:Items>{items}</w:Items><w:EndOfSequence/></n:EnumerateResponse>"
    )


def context_only() -> bytes:
    """An Enumerate without OptimizeEnumeration, or of a service that ignores it."""
    return envelope(f"<n:EnumerateResponse><n:EnumerationContext>{_CONTEXT}</n:EnumerationContext></n:EnumerateResponse>")


def last_page(*instances: str) -> bytes:
    """The Pull that ends an enumeration."""
    return envelope(f"<n:PullResponse><n:Items>{''.join(instances)}</n:Items><n:EndOfSequence/></n:PullResponse>")


def output(class_name: str, method: str, parameters: str) -> bytes:
    """Output of a method: no xsi:type, parameters in the order of their declaration, ReturnValue last."""
    return envelope(
        f'<p:{method}_OUTPUT {_XSI} xmlns:p="{WMI}{class_name}" {_CIM}>{parameters}<p:ReturnValue>0</p:ReturnValue></p:{method}_OUTPUT>'
    )


def reference(class_name: str, key: str, value: str) -> str:
    """An endpoint reference, as it stands inside a parameter that refers to an instance."""
    return (
        f'<a:Address xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing">{_ROLE}</a:Address>'
        '<a:ReferenceParameters xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing">'
        f'<w:ResourceURI xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">{WMI}{class_name}</w:ResourceURI>'
        '<w:SelectorSet xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd">'
        f'<w:Selector Name="{key}">{value}</w:Selector></w:SelectorSet></a:ReferenceParameters>'
    )


def _fault(subcode: str, reason: str, detail: str) -> bytes:
    return envelope(
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="ja-JP">{reason}</s:Text></s:Reason><s:Detail>{detail}</s:Detail></s:Fault>'
    )


def wmi_error(message_id: str, code: int, text: str, *, kind: str = "HRESULT", status: int = 1, subcode: str = "w:InternalError") -> bytes:
    """MSFT_WmiError: WinRM 3 and later, asked with a URI of Microsoft."""

    def element(name: str, value: str | int, type_name: str = "String") -> str:
        return f'<p:{name} xsi:type="cim:cim{type_name}">{value}</p:{name}>'

    fields = (
        element("CIMStatusCode", status, "UnsignedInt"),
        '<p:ErrorSource xsi:type="cim:cimString" xsi:nil="true"/>',
        element("Message", text),
        element("MessageID", message_id),
        element("PerceivedSeverity", 0, "UnsignedShort"),
        element("error_Category", 0, "UnsignedInt"),
        element("error_Code", code, "UnsignedInt"),
        element("error_Type", kind),
        element("error_WindowsErrorMessage", text),
    )
    binding = 'b:IsCIM_Error="true" xmlns:b="http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd"'
    head = f'<p:MSFT_WmiError {binding} {_CIM} xmlns:p="{_WMI_ERROR}" xsi:type="p:MSFT_WmiError_Type" {_XSI}>'
    return _fault(subcode, text, f"{head}{''.join(fields)}</p:MSFT_WmiError>")


def unknown_error(code: int) -> bytes:
    """A HRESULT of a provider that WinRM has no text for; the words around it are in the language of the machine."""
    text = f"要求を処理できません。WMI プロバイダーが不明なエラーを返しました: HRESULT 0x{code:08x} "
    return wmi_error(f"HRESULT 0x{code:08x}", code, text)


def nested(code: int, text: str, *, subcode: str = "a:DestinationUnreachable", detail: str = "") -> bytes:
    """WSManFault within WSManFault: up to WinRM 2, and Server 2012 R2 asked with a URI of the DMTF."""
    inner = f'<f:WSManFault xmlns:f="{_FAULT}" Code="{code}" Machine="SV01"><f:Message>{text}</f:Message></f:WSManFault>'
    status = (
        f'<p:__ExtendedStatus {_XSI} xmlns:p="{WMI}__ExtendedStatus" {_CIM} xsi:type="p:__ExtendedStatus_Type">'
        '<p:Description xsi:nil="true"/><p:Operation>GetObject</p:Operation><p:StatusCode xsi:nil="true"/></p:__ExtendedStatus>'
    )
    provider = (
        '<f:ProviderFault provider="WMI Provider" path="%systemroot%\\system32\\WsmWmiPl.dll">'
        f"{inner}<f:ExtendedError>{status}</f:ExtendedError></f:ProviderFault>"
    )
    fault = f'<f:WSManFault xmlns:f="{_FAULT}" Code="{code}" Machine="127.0.0.1"><f:Message>{provider}</f:Message></f:WSManFault>'
    return _fault(subcode, "リソースが見つかりません。", detail + fault)


def refusal(code: int, text: str, subcode: str) -> bytes:
    """What WS-Management refuses by itself: one WSManFault."""
    inner = f'<f:WSManFault xmlns:f="{_FAULT}" Code="{code}" Machine="127.0.0.1"><f:Message>{text}</f:Message></f:WSManFault>'
    return _fault(subcode, text, inner)
