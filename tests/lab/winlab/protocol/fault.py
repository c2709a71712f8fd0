# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults WS-Management itself raises, as data: number, SOAP code, subcode and text (WsmError.h, captures)."""

from __future__ import annotations

from dataclasses import dataclass

RESOURCE_NOT_FOUND = 0x80338000
UNSUPPORTED_TIMEOUT = 0x8033800C
INVALID_HEADER = 0x8033800F
MUST_UNDERSTAND = 0x80338010
HEADER_REQUIRED = 0x80338011
ACTION_NOT_SUPPORTED = 0x80338013
FILTER_DIALECT = 0x80338019
CANNOT_PROCESS_FILTER = 0x8033801A
INVALID_CONTEXT = 0x8033801B
TIMED_OUT = 0x80338029
UNSUPPORTED_ENCODING = 0x8033802C
ACTION_MISMATCH = 0x80338031
ENCODING_LIMIT = 0x80338035
INVALID_RESOURCE_URI = 0x8033803B
SCHEMA_VALIDATION = 0x80338041
ENVELOPE_EXCEEDED = 0x80338048
UNREPORTABLE_SUCCESS = 0x8033804D
UNEXPECTED_SELECTORS = 0x8033805B
DUPLICATE_SELECTORS = 0x8033805F
KEYS_REQUIRED = 0x803380FA
WQL_NEEDS_STAR = 0x803380FB
PROVIDER_NOT_CAPABLE = 0x80338102
ACCESS_DENIED_BY_SERVICE = 0x80338104
ACCESS_DENIED_BY_PROVIDER = 0x80338105
PROVIDER_INVALID_PARAMETER = 0x8033811E
SHELL_QUOTA = 0x803381A5
OPERATION_QUOTA = 0x803381A6
USER_QUOTA = 0x803381A7
SYSTEM_QUOTA = 0x803381A8
ACCESS_DENIED = 0x80070005
NOT_LET_IN = 5
"""The Win32 code with which WinRM itself refuses an account (public reports of pywinrm)."""
ALREADY_EXISTS = 0x80041019


@dataclass(frozen=True)
class FaultKind:
    """How one code looks in a fault; `detail` is the last part of a wsman faultDetail URI or empty."""

    subcode: str
    text: str
    detail: str = ""
    receiver: bool = False
    cim_status: int = 1
    category: int = 0


_SERVICE = "The WS-Management service cannot process the request. "
INTERNAL = FaultKind("w:InternalError", "", receiver=True)

KINDS: dict[int, FaultKind] = {
    RESOURCE_NOT_FOUND: FaultKind(
        "a:DestinationUnreachable",
        _SERVICE + "The service cannot find the resource identified by the resource URI and selectors. ",
        "InvalidResourceURI",
        cim_status=6,
        category=13,
    ),
    UNSUPPORTED_TIMEOUT: FaultKind(
        "w:UnsupportedFeature", "The OperationTimeout is below the minimum of the service. ", "OperationTimeout"
    ),
    INVALID_HEADER: FaultKind("a:InvalidMessageInformationHeader", _SERVICE + "The request contains one or more invalid SOAP headers. "),
    MUST_UNDERSTAND: FaultKind("", "The service does not understand a SOAP header that the client marked mustUnderstand. "),
    HEADER_REQUIRED: FaultKind(
        "a:MessageInformationHeaderRequired", _SERVICE + "The request does not have all the expected SOAP headers. "
    ),
    ACTION_NOT_SUPPORTED: FaultKind(
        "a:ActionNotSupported", "The WS-Management service does not support the action specified in the request. "
    ),
    FILTER_DIALECT: FaultKind("n:FilterDialectRequestedUnavailable", "The filter dialect was not supported for this resource. "),
    CANNOT_PROCESS_FILTER: FaultKind(
        "n:CannotProcessFilter",
        "The data source could not process the filter. The filter might be missing or it might be invalid. "
        "Change the filter and try the request again.  ",
        cim_status=15,
        category=26,
    ),
    INVALID_CONTEXT: FaultKind(
        "n:InvalidEnumerationContext",
        "The WS-Enumeration context in the enumeration is not valid. Start a new enumeration. ",
        receiver=True,
    ),
    TIMED_OUT: FaultKind(
        "w:TimedOut",
        "The WS-Management service cannot complete the operation within the time specified in OperationTimeout.  ",
        receiver=True,
    ),
    UNSUPPORTED_ENCODING: FaultKind("w:EncodingLimit", "The request is not encoded in UTF-8 or UTF-16. ", "CharacterSet"),
    ACTION_MISMATCH: FaultKind("w:ActionMismatch", "The WS-Addressing Action URI in the request is not compatible with the resource. "),
    ENCODING_LIMIT: FaultKind(
        "w:EncodingLimit", "The MaxEnvelopeSize of the request is below the minimum of 8192 octets. ", "MinimumEnvelopeLimit"
    ),
    INVALID_RESOURCE_URI: FaultKind(
        "a:DestinationUnreachable",
        _SERVICE + "The resource URI is missing or it has an incorrect format. ",
        "InvalidResourceURI",
    ),
    SCHEMA_VALIDATION: FaultKind(
        "w:SchemaValidationError", "The SOAP XML in the message does not match the corresponding XML schema definition. "
    ),
    ENVELOPE_EXCEEDED: FaultKind(
        "w:EncodingLimit", "The response exceeds the maximum envelope size in the request. ", "MaxEnvelopeSizeExceeded"
    ),
    UNREPORTABLE_SUCCESS: FaultKind(
        "w:EncodingLimit", "The operation succeeded and cannot be reversed but the result is too large to send. ", "UnreportableSuccess"
    ),
    UNEXPECTED_SELECTORS: FaultKind(
        "w:InvalidSelectors",
        "The request contained invalid selectors for the resource. ",
        "UnexpectedSelectors",
        cim_status=4,
        category=5,
    ),
    DUPLICATE_SELECTORS: FaultKind("w:InvalidSelectors", "The request contains duplicate selectors. ", "DuplicateSelectors"),
    KEYS_REQUIRED: FaultKind(
        "w:InvalidSelectors",
        "The WMI provider needs the keys of the instance: the class is not a singleton. ",
        "InsufficientSelectors",
        cim_status=4,
        category=5,
    ),
    WQL_NEEDS_STAR: FaultKind(
        "n:CannotProcessFilter", "A WQL query needs the class name * in the resource URI and no keys. ", cim_status=4, category=5
    ),
    PROVIDER_NOT_CAPABLE: FaultKind(
        "w:UnsupportedFeature", "The WMI provider is not capable of the operation. ", cim_status=7, category=11
    ),
    ACCESS_DENIED_BY_SERVICE: FaultKind(
        "w:AccessDenied", _SERVICE + "The WMI service returned an 'access denied' error. ", cim_status=2, category=18
    ),
    ACCESS_DENIED_BY_PROVIDER: FaultKind(
        "w:AccessDenied", _SERVICE + "The WMI provider returned an 'access denied' error. ", cim_status=2, category=18
    ),
    PROVIDER_INVALID_PARAMETER: FaultKind(
        "w:InvalidParameter", "The WMI provider reports that a parameter is not valid. ", cim_status=4, category=5
    ),
    SHELL_QUOTA: FaultKind(
        "w:QuotaLimit",
        _SERVICE
        + "The maximum number of concurrent shells for this user has been exceeded. "
        + "Close existing shells or raise the quota for this user. ",
        cim_status=27,
        category=30,
    ),
    OPERATION_QUOTA: FaultKind(
        "w:QuotaLimit",
        _SERVICE
        + "The maximum number of concurrent operations for this user has been exceeded. "
        + "Close existing operations for this user, or raise the quota for this user. ",
        cim_status=27,
        category=30,
    ),
    USER_QUOTA: FaultKind(
        "w:QuotaLimit",
        _SERVICE + "The load quota for the current user has been exceeded. Send future requests at a slower rate or raise the quota. ",
        cim_status=27,
        category=30,
    ),
    SYSTEM_QUOTA: FaultKind(
        "w:QuotaLimit",
        _SERVICE + "The load quota for the system has been exceeded. Send future requests at a slower rate or raise the system quota. ",
        cim_status=27,
        category=30,
    ),
    NOT_LET_IN: FaultKind("w:AccessDenied", "Access is denied. "),
    ACCESS_DENIED: FaultKind("w:AccessDenied", "Access is denied. ", cim_status=2, category=18),
    ALREADY_EXISTS: FaultKind("w:AlreadyExists", "The object already exists. ", cim_status=11, category=20),
}

QUOTAS = {"shells": SHELL_QUOTA, "operations": OPERATION_QUOTA, "user": USER_QUOTA, "system": SYSTEM_QUOTA, "envelope": ENVELOPE_EXCEEDED}
"""The limits a test can have the service run into, by name."""

OF_WBEM: dict[int, int] = {
    0x80041002: RESOURCE_NOT_FOUND,  # WBEM_E_NOT_FOUND
    0x80041003: ACCESS_DENIED_BY_SERVICE,  # WBEM_E_ACCESS_DENIED
    0x80041008: PROVIDER_INVALID_PARAMETER,  # WBEM_E_INVALID_PARAMETER
    0x8004100E: RESOURCE_NOT_FOUND,  # WBEM_E_INVALID_NAMESPACE
    0x80041010: RESOURCE_NOT_FOUND,  # WBEM_E_INVALID_CLASS
    0x80041017: CANNOT_PROCESS_FILTER,  # WBEM_E_INVALID_QUERY
    0x80041024: PROVIDER_NOT_CAPABLE,  # WBEM_E_PROVIDER_NOT_CAPABLE
    0x8004102E: ACTION_MISMATCH,  # WBEM_E_METHOD_NOT_IMPLEMENTED
    0x8004102F: PROVIDER_INVALID_PARAMETER,  # WBEM_E_INVALID_METHOD_PARAMETERS
    0x80041055: ACTION_MISMATCH,  # WBEM_E_INVALID_METHOD
}
"""WMI's own codes that the plug-in turns into codes of its own; every other code comes through as it is."""


class WsmanFault(Exception):
    """A request WS-Management refuses by itself. `message` is the text inside WSManFault, the kind's own when empty."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message or KINDS[code].text)
        self.code = code
        self.message = message or KINDS[code].text
