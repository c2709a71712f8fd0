# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other way into a machine: commands in a remote shell through pywinrm, and what slmgr and reg print there.

Nothing of the collection is used here, so that a state it reports can be proven by somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from winrm.protocol import Protocol

SPP_KEY = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
SPP_KEY_32 = r"HKLM\SOFTWARE\Wow6432Node\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"
_VALUE = re.compile(r"^\s+(?P<name>\S+)\s+REG_(?P<type>\w+)\s+(?P<data>.*?)\s*$", re.MULTILINE)


def command(variables: Mapping[str, Any], line: str, *arguments: str) -> str:
    """Run a command in a shell of the machine that these inventory variables name; its output."""
    client = Protocol(
        endpoint=f"http://{variables['ansible_host']}:5985/wsman",
        transport="basic" if variables.get("ansible_winrm_transport") == "basic" else "ntlm",
        username=variables["ansible_user"],
        password=variables["ansible_password"],
    )
    shell = client.open_shell(codepage=65001)
    try:
        number = client.run_command(shell, line, arguments)
        stdout, stderr, code = client.get_command_output(shell, number)
        client.cleanup_command(shell, number)
    finally:
        client.close_shell(shell)
        client.transport.close_session()
    assert code == 0, (line, arguments, stdout, stderr)
    return str(stdout.decode("utf-8"))


def slmgr(variables: Mapping[str, Any], *options: str) -> str:
    """What Microsoft's script prints."""
    return command(variables, "cscript", "//nologo", r"C:\Windows\System32\slmgr.vbs", *options)


def ospp(variables: Mapping[str, Any], office: int, *options: str) -> str:
    """What the script of one Office prints; `office` is the number in the name of its folder."""
    return command(variables, "cscript", "//nologo", rf'"C:\Program Files\Microsoft Office\Office{office}\ospp.vbs"', *options)


def ospp_products(text: str) -> dict[str, dict[str, str]]:
    """The products of /dstatus by the names of their licenses ("Office16ProPlusVL_KMS_Client"): what each label shows."""
    found: dict[str, dict[str, str]] = {}
    for part in re.split(r"^-{30,}\s*$", text, flags=re.MULTILINE):
        shown = {name.strip(): value.strip() for name, colon, value in (line.partition(": ") for line in part.splitlines()) if colon}
        if "SKU ID" in shown:
            found[shown["LICENSE NAME"].split()[2]] = shown
    return found


def slmgr_fields(text: str) -> dict[str, str]:
    """The "Name: value" lines of slmgr's English text; the first of a name counts."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.strip().partition(": ")
        if colon:
            fields.setdefault(name, value.strip())
    return fields


def registry(variables: Mapping[str, Any], key: str = SPP_KEY) -> dict[str, str]:
    """The values of a registry key as reg.exe prints them."""
    return {found["name"]: found["data"] for found in _VALUE.finditer(command(variables, "reg", "query", f'"{key}"'))}
