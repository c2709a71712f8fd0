# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways WMI and its providers say no, in the words and codes of wsman.md sections 3.4 and 3.5."""

from __future__ import annotations

from ..interfaces import WmiFault

CANNOT_PROCESS_FILTER = 2150858778
NOT_FOUND = 2150858752
SCHEMA_MISMATCH = 2150858817
INVALID_SELECTORS = 2150858843
ACTION_MISMATCH = 2150858801
NO_KEYS_GIVEN = 2150859002
TIMED_OUT = 2150858793

WBEM_E_INVALID_NAMESPACE = 0x8004100E
WBEM_E_INVALID_CLASS = 0x80041010
WBEM_E_NOT_FOUND = 0x80041002
WBEM_E_ACCESS_DENIED = 0x80041003
WBEM_E_ALREADY_EXISTS = 0x80041019
WBEM_E_INVALID_QUERY = 0x80041017
WBEM_E_INVALID_METHOD = 0x8004102E
WBEM_E_INVALID_METHOD_PARAMETERS = 0x8004102F

_NO_RESOURCE = (
    "The WS-Management service cannot process the request. "
    "The service cannot find the resource identified by the resource URI and selectors. "
)


class LicensingError(Exception):
    """A licensing operation failed with this HRESULT; becomes a provider fault at the edge of WMI."""

    def __init__(self, hresult: int) -> None:
        super().__init__(f"0x{hresult:08X}")
        self.hresult = hresult


def provider_fault(hresult: int) -> WmiFault:
    """A provider failed the call with a code WS-Management does not know."""
    return WmiFault(f"The WMI service or the WMI provider returned an unknown error: HRESULT 0x{hresult:08x} ", hresult=hresult)


def own_fault(code: int, form: str) -> WmiFault:
    """A failure whose code goes out as it is, in the form a provider gave it."""
    number = f"0x{code:08x}" if form == "HRESULT" else str(code)
    return WmiFault(f"The provider failed: {form} {number}. ", hresult=code, form=form)


def no_namespace(operation: str, parameter: str) -> WmiFault:
    """There is no such namespace."""
    text = "The specified namespace could not be found. "
    return WmiFault(text, hresult=WBEM_E_INVALID_NAMESPACE, operation=operation, parameter=parameter)


def access_denied(where: str) -> WmiFault:
    """The account may not do this in a namespace, or with a class."""
    return WmiFault("", hresult=WBEM_E_ACCESS_DENIED, operation="ConnectServer" if "/" in where else "ExecQuery", parameter=where)


def no_class_in_query(wql: str) -> WmiFault:
    """A query names a class this Windows does not have."""
    text = "The specified class does not exist in the given namespace. "
    return WmiFault(text, hresult=WBEM_E_INVALID_CLASS, wsman_code=CANNOT_PROCESS_FILTER, operation="ExecQuery", parameter=wql)


def invalid_query(wql: str) -> WmiFault:
    """WQL that does not parse, or names a column the class does not have."""
    text = "The WS-Management service cannot process the request. The WQL query is invalid. "
    return WmiFault(text, hresult=WBEM_E_INVALID_QUERY, wsman_code=CANNOT_PROCESS_FILTER, operation="ExecQuery", parameter=wql)


def no_class(namespace: str, class_name: str) -> WmiFault:
    """A resource URI names a class this Windows does not have."""
    parameter = f"{namespace}:{class_name}"
    return WmiFault(_NO_RESOURCE, hresult=WBEM_E_INVALID_CLASS, wsman_code=NOT_FOUND, operation="GetObject", parameter=parameter)


def no_instance(class_name: str, keys: dict[str, str]) -> WmiFault:
    """No instance has these keys."""
    path = f"{class_name}." + ",".join(f'{name}="{value}"' for name, value in keys.items())
    return WmiFault(_NO_RESOURCE, hresult=WBEM_E_NOT_FOUND, wsman_code=NOT_FOUND, operation="GetObject", parameter=path)


def wrong_selectors() -> WmiFault:
    """Selectors that are not the keys of the class."""
    text = (
        "The WS-Management service cannot process the request because the selectors for the resource are not valid. "
        "Check the documentation or use the winrm utility to construct a valid selector for the resource. "
    )
    return WmiFault(text, wsman_code=INVALID_SELECTORS)


def no_keys_given() -> WmiFault:
    """The class has keys, and none were given."""
    text = (
        "The WS-Management service cannot process the request. The class is not a singleton: a get or an invocation of one of its "
        "methods must name an instance by its keys. "
    )
    return WmiFault(text, wsman_code=NO_KEYS_GIVEN)


def timed_out() -> WmiFault:
    """The operation takes longer than the service lets it."""
    return WmiFault("", wsman_code=TIMED_OUT)


def no_method(class_name: str, method: str) -> WmiFault:
    """The class does not have this method in this generation of Windows."""
    return WmiFault("The method is not valid. ", hresult=WBEM_E_INVALID_METHOD, operation="ExecMethod", parameter=f"{class_name}::{method}")


def wrong_arguments(class_name: str, method: str) -> WmiFault:
    """A parameter is missing."""
    text = "Invalid method Parameter(s) "
    return WmiFault(text, hresult=WBEM_E_INVALID_METHOD_PARAMETERS, operation="ExecMethod", parameter=f"{class_name}::{method}")


def already_exists(name: str) -> WmiFault:
    """There is an instance of this name."""
    return WmiFault("The object already exists. ", hresult=WBEM_E_ALREADY_EXISTS, operation="PutInstance", parameter=name)


def no_put() -> WmiFault:
    """Instances of the class cannot be written."""
    return WmiFault("The WS-Addressing Action URI in the request is not compatible with the resource. ", wsman_code=ACTION_MISMATCH)


def schema_mismatch() -> WmiFault:
    """A parameter the method does not have, or text that is no value of its type."""
    text = (
        "The WS-Management service cannot process the request because the XML does not match the schema of the method: "
        "an unknown parameter, or a value of the wrong type. "
    )
    return WmiFault(text, wsman_code=SCHEMA_MISMATCH)
