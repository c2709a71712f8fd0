# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults as envelopes, in the shape of the machine's generation.

winrm2 (Windows up to 6.1): nested WSManFault, ProviderFault, __ExtendedStatus. winrm3 (6.2 and later): MSFT_WmiError for
what WMI and its providers report; what WS-Management itself refuses stays a WSManFault in both.
No fault of a licensing method was ever captured: for those, the codes' places follow captured faults of other providers.
"""

from __future__ import annotations

from winlab.interfaces import WmiFault
from winlab.protocol import fault as faults
from winlab.protocol import names
from winlab.protocol.xmltext import envelope, escape, escape_attribute

_PROVIDER_PATH = "%systemroot%\\system32\\WsmWmiPl.dll"
_UNKNOWN = (
    "The WS-Management service cannot process the request. The WMI service or the WMI provider returned an unknown error: HRESULT 0x{:08x} "
)
_NO_CODE = "The operation failed. "
_ACTION_OF = {"a": names.ADDRESSING + "/fault", "n": names.ENUMERATION + "/fault", "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"}


def _fault(relates_to: str, kind: faults.FaultKind, reason: str, detail: str) -> str:
    if kind.subcode:
        code = "s:Receiver" if kind.receiver else "s:Sender"
        code_xml = f"<s:Value>{code}</s:Value><s:Subcode><s:Value>{kind.subcode}</s:Value></s:Subcode>"
    else:
        code_xml = "<s:Value>s:MustUnderstand</s:Value>"
    body = (
        f'<s:Fault><s:Code>{code_xml}</s:Code><s:Reason><s:Text xml:lang="en-US">{escape(reason)}</s:Text></s:Reason>'
        f"<s:Detail>{detail}</s:Detail></s:Fault>"
    )
    action = _ACTION_OF[kind.subcode[:1] or "w"]
    return envelope("s a x e n w p", action, relates_to, body)


def _fault_detail(kind: faults.FaultKind) -> str:
    return f"<w:FaultDetail>{names.FAULT_DETAIL}{kind.detail}</w:FaultDetail>" if kind.detail else ""


def _wsman_fault(code: int, machine: str, message: str) -> str:
    return (
        f'<f:WSManFault xmlns:f="{names.FAULT}" Code="{code}" Machine="{escape_attribute(machine)}">'
        f"<f:Message>{message}</f:Message></f:WSManFault>"
    )


def refusal(fault: faults.WsmanFault, relates_to: str, machine: str) -> str:
    """What WS-Management refuses by itself."""
    kind = faults.KINDS[fault.code]
    return _fault(relates_to, kind, kind.text, _fault_detail(kind) + _wsman_fault(fault.code, machine, escape(fault.message)))


def quota(fault: faults.WsmanFault, relates_to: str, machine: str, shape: str) -> str:
    """A quota fault: MSFT_WmiError on newer machines, which do not name the request in it (captured)."""
    kind = faults.KINDS[fault.code]
    if shape == "winrm3":
        return _fault("", kind, kind.text, _wmi_error(kind, fault.code, fault.message))
    return _fault(relates_to, faults.INTERNAL, kind.text, _wsman_fault(fault.code, machine, escape(fault.message)))


def _classify(fault: WmiFault, query: bool) -> tuple[int, faults.FaultKind]:
    """The code that is sent and the kind of fault it makes."""
    if fault.wsman_code is not None:
        code = fault.wsman_code
    elif fault.form:
        return fault.hresult, faults.INTERNAL
    else:
        code = faults.OF_WBEM.get(fault.hresult, fault.hresult)
        if query and code == faults.RESOURCE_NOT_FOUND:  # a query names its class in the filter, not in the URI
            code = faults.CANNOT_PROCESS_FILTER
    return code, faults.KINDS.get(code, faults.INTERNAL)


def provider_failure(fault: WmiFault, relates_to: str, *, reached_as: str, machine: str, shape: str, query: bool) -> str:
    """What WMI or a provider reported. `reached_as` is the name the client used, `machine` the computer's own.

    `shape` is "dmtf" for a request with a URI of the DMTF, which even newer machines answer in the older shape (captured on 2012 R2).
    """
    code, kind = _classify(fault, query)
    if code == faults.TIMED_OUT:  # it is WS-Management that waits no longer
        return refusal(faults.WsmanFault(code), relates_to, machine)
    if fault.form:
        reason = message = fault.text
    elif kind is faults.INTERNAL:
        reason = message = _UNKNOWN.format(code)
    else:
        reason, message = kind.text, fault.text or kind.text
    if fault.shape in ("text", "no_code"):
        return _fault(relates_to, kind, reason if fault.shape == "text" else _NO_CODE, "")
    if fault.shape == "plain":
        return _fault(relates_to, kind, reason, _fault_detail(kind) + _wsman_fault(code, reached_as, escape(message)))
    if (fault.shape or shape) == "winrm3":
        return _fault(relates_to, kind, reason, _fault_detail(kind) + _wmi_error(kind, code, message, fault.form or "HRESULT"))
    inner = (
        f'<f:ProviderFault path="{_PROVIDER_PATH}" provider="WMI Provider">{_wsman_fault(code, machine, escape(message))}'
        f"<f:ExtendedError>{_extended_status(fault, typed=shape == 'dmtf')}</f:ExtendedError></f:ProviderFault>"
    )
    return _fault(relates_to, kind, reason, _fault_detail(kind) + _wsman_fault(code, reached_as, inner))


def _extended_status(fault: WmiFault, *, typed: bool) -> str:
    """What WMI says beside the code. `typed`: as in the capture of an answer to a URI of the DMTF, where every element has its type."""

    def element(name: str, value: str, kind: str = "String") -> str:
        of_type = f' xsi:type="cim:cim{kind}"' if typed else ""
        return f"<p:{name}{of_type}>{escape_attribute(value)}</p:{name}>" if value else f'<p:{name} xsi:nil="true"{of_type}/>'

    prefix = names.DMTF_PREFIX if typed else f"{names.WMI_PREFIX}root/cimv2/"
    return (
        f'<p:__ExtendedStatus xmlns:xsi="{names.XSI}" xmlns:p="{prefix}__ExtendedStatus" xmlns:cim="{names.CIM}" '
        'xsi:type="p:__ExtendedStatus_Type">'
        + element("Description", "")
        + element("Operation", fault.operation)
        + element("ParameterInfo", fault.parameter)
        + element("ProviderName", "WinMgmt")
        + element("StatusCode", "", "UnsignedInt")
        + "</p:__ExtendedStatus>"
    )


_ERROR_TYPES = {"Windows System Error": "WIN32", "MI RESULT": "MI"}
"""What error_Type says beside a MessageID of this form; the other forms are their own type."""


def _wmi_error(kind: faults.FaultKind, code: int, message: str, form: str = "HRESULT") -> str:
    def number(name: str, value: int, short: bool = False) -> str:
        return f'<p:{name} xsi:type="cim:cimUnsigned{"Short" if short else "Int"}">{value}</p:{name}>'

    def nothing(name: str) -> str:
        return f'<p:{name} xsi:nil="true" xsi:type="cim:cimString"/>'

    def text(name: str, value: str) -> str:
        return f'<p:{name} xsi:type="cim:cimString">{escape(value)}</p:{name}>'

    fields = (
        number("CIMStatusCode", kind.cim_status),
        nothing("CIMStatusCodeDescription"),
        nothing("ErrorSource"),
        number("ErrorSourceFormat", 0, short=True),
        number("ErrorType", 0, short=True),
        text("Message", message),
        text("MessageID", f"HRESULT 0x{code:08x}" if form == "HRESULT" else f"{form} {code}"),
        nothing("OtherErrorSourceFormat"),
        nothing("OtherErrorType"),
        nothing("OwningEntity"),
        number("PerceivedSeverity", 0, short=True),
        number("ProbableCause", 0, short=True),
        nothing("ProbableCauseDescription"),
        number("error_Category", kind.category),
        number("error_Code", code),
        text("error_Type", _ERROR_TYPES.get(form, form)),
        text("error_WindowsErrorMessage", message),
    )
    return (
        f'<p:MSFT_WmiError b:IsCIM_Error="true" xmlns:b="{names.CIM_BINDING}" xmlns:cim="{names.CIM}" xmlns:p="{names.WMI_ERROR}" '
        f'xsi:type="p:MSFT_WmiError_Type" xmlns:xsi="{names.XSI}">{"".join(fields)}</p:MSFT_WmiError>'
    )
