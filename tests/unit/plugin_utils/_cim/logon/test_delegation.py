# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which logon a machine can pass on to another one."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.logon.delegation import SecondHop, of_psrp, of_winrm


@pytest.mark.parametrize(
    ("transports", "delegation", "expected"),
    [
        (("credssp",), None, SecondHop(True, "a logon with delegation")),
        (("kerberos",), True, SecondHop(True, "a logon with delegation")),
        (("kerberos",), "true", SecondHop(True, "a logon with delegation")),
        (("kerberos",), "false", SecondHop(False, "Kerberos without delegation")),
        (("kerberos",), None, SecondHop(False, "Kerberos without delegation")),
        (("ntlm",), True, SecondHop(False, "NTLM")),
        (("basic",), True, SecondHop(False, "Basic")),
        (("certificate",), True, SecondHop(False, "a certificate")),
        (("credssp", "ntlm"), True, SecondHop(False, "NTLM")),
        ((), True, SecondHop(False, "a logon with delegation")),
    ],
)
def test_winrm_passes_a_logon_on_by_credssp_and_by_kerberos_with_delegation(
    transports: tuple[str, ...], delegation: Any, expected: SecondHop
) -> None:
    assert of_winrm(transports, delegation) == expected


@pytest.mark.parametrize(
    ("authentication", "delegate", "expected"),
    [
        ("credssp", None, True),
        ("kerberos", True, True),
        ("negotiate", True, True),
        ("negotiate", None, False),
        ("ntlm", True, False),
        ("basic", True, False),
    ],
)
def test_psrp_passes_a_logon_on_by_credssp_and_by_kerberos_with_delegation(authentication: str, delegate: Any, expected: bool) -> None:
    assert of_psrp(authentication, delegate).is_possible is expected
