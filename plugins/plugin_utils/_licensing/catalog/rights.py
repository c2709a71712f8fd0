# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The right that an account lacks if a machine refuses a read. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The code of a refusal does not name the right: the same code comes from every WMI namespace and from every provider. The request does. A
refused change is not here, because every change requires an administrator, and the error catalog says so. Which right belongs to which
request: Microsoft Learn: Access to WMI Namespaces, and the guide to rights, which marks what is inferred.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ..._cim.session import CimError
from ..._errors import ErrorExplanation
from .errors import MACHINE, explain

_WIN32_DENIED = 5
DENIED = frozenset({_WIN32_DENIED, 0x80070005, 0x80041003, 0x80338104, 0x80338105, 0x80338106})
"""Access denied: by Win32, by a provider, by WMI, and in the codes that WinRM has for these."""

_QUERY = re.compile(r"Query of (\w+)")
_READS_REGISTRY = re.compile(r"reading HKLM|StdRegProv\.(Get|Enum|CheckAccess)")

_LOGON = "membership in the local group Remote Management Users"
_CIMV2 = r"Enable Account and Remote Enable on the WMI namespace root\cimv2"
_FIREWALL = r"Enable Account and Remote Enable on the WMI namespace root\StandardCimv2"
_REGISTRY = r"Enable Account, Remote Enable, and Execute Methods on the WMI namespace root\default"
_SERVICES = "the right to list services over the network, which the service control manager gives only to administrators by default"
_OF_CLASS = {
    "Win32_NTLogEvent": f"membership in the local group Event Log Readers, and {_CIMV2}",
    "Win32_Service": _SERVICES,
    "MSFT_NetFirewallRule": _FIREWALL,
    "MSFT_NetProtocolPortFilter": _FIREWALL,
}


def needed_right(operation: str, code: int) -> str | None:
    """Return the right that a refused read requires, as a part of a sentence; None if it was not refused, or is not a known read.

    :param operation: The operation of a :class:`CimError`.
    :param code: Its code.
    """
    if code not in DENIED:
        return None
    if _READS_REGISTRY.match(operation):
        return "read access to this registry key" if code == _WIN32_DENIED else _REGISTRY
    query = _QUERY.match(operation)
    if query is None:
        return None
    return _LOGON if code == _WIN32_DENIED else _OF_CLASS.get(query.group(1), _CIMV2)


def explain_error(error: CimError) -> ErrorExplanation:
    """Return the explanation of an error; if it is a refused read, the first next step names the right."""
    explanation = explain(error.code, context=MACHINE)
    right = needed_right(error.operation, error.code)
    if right is None:
        return explanation
    step = f"Grant the account {right}, or use an account from the local Administrators group."
    return replace(explanation, next_steps=(step, *(each for each in explanation.next_steps if "Enable Account" not in each)))


def with_right(error: CimError) -> str:
    """Return the text of an error for a warning, with the right that the account lacks if it is a refused read."""
    right = needed_right(error.operation, error.code)
    return f"{error} (the account requires {right})" if right else str(error)


__all__ = ["DENIED", "explain_error", "needed_right", "with_right"]
