# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The right that a refused read requires."""

from __future__ import annotations

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.catalog.rights import (
    DENIED,
    explain_error,
    needed_right,
    with_right,
)

WINRM = 0x80338104


@pytest.mark.parametrize(
    ("operation", "code", "words"),
    [
        ("Query of Win32_OperatingSystem", WINRM, r"Remote Enable on the WMI namespace root\cimv2"),
        ("Query of SoftwareLicensingProduct", 0x80041003, r"Remote Enable on the WMI namespace root\cimv2"),
        ("Query of MSFT_NetFirewallRule", WINRM, r"Remote Enable on the WMI namespace root\StandardCimv2"),
        ("Query of MSFT_NetProtocolPortFilter", 0x80070005, r"root\StandardCimv2"),
        ("Query of Win32_NTLogEvent", WINRM, "Event Log Readers"),
        ("Query of Win32_Service", WINRM, "service control manager"),
        ("Query of Win32_OperatingSystem", 5, "Remote Management Users"),
        ("StdRegProv.GetStringValue", WINRM, r"Execute Methods on the WMI namespace root\default"),
        ("StdRegProv.EnumKey", 5, "read access to this registry key"),
        (r"reading HKLM\SOFTWARE\X in the registry", 5, "read access to this registry key"),
        (r"reading HKLM\SOFTWARE\X in the registry", 0x80041003, r"root\default"),
    ],
)
def test_refused_read_names_its_right(operation: str, code: int, words: str) -> None:
    assert words in (needed_right(operation, code) or "")
    error = CimError(code, "no", operation)
    assert words in explain_error(error).next_steps[0]
    assert words in with_right(error)


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("Query of Win32_OperatingSystem", 0x80041010),
        ("SoftwareLicensingService.InstallProductKey", WINRM),
        ("StdRegProv.SetDWORDValue", 5),
        ("StdRegProv.DeleteValue", WINRM),
        ("Put of MSFT_NetProtocolPortFilter", 0x80070005),
    ],
)
def test_other_failure_and_refused_change_keep_the_steps_of_the_catalog(operation: str, code: int) -> None:
    error = CimError(code, "no", operation)
    assert needed_right(operation, code) is None
    assert "Grant the account" not in " ".join(explain_error(error).next_steps)
    assert with_right(error) == str(error)


@pytest.mark.parametrize("code", sorted(DENIED))
def test_step_about_one_namespace_is_not_repeated_for_another(code: int) -> None:
    steps = explain_error(CimError(code, "no", "Query of MSFT_NetFirewallRule")).next_steps
    assert sum("Enable Account" in step for step in steps) <= 1
    assert "root\\cimv2" not in " ".join(steps)
