# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in the registry of a Windows Server 2003: facts of the installation, nothing of a licensing service."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from .computer import Computer
from .editions import Os
from .registry import REG_SZ, Key, Registry, build_base
from .registry_content import COMPUTER_NAME, CURRENT_VERSION, TCPIP, write_names
from .wpa import product_id


@cache
def _base(os: Os) -> Mapping[str, Key]:
    major, minor, build = os.version
    return build_base({
        CURRENT_VERSION: {
            "ProductName": (REG_SZ, "Microsoft Windows Server 2003"),
            "CurrentBuild": (REG_SZ, "1.511.1 () (Obsolete data - do not use)"),
            "CurrentBuildNumber": (REG_SZ, str(build)),
            "CurrentVersion": (REG_SZ, f"{major}.{minor}"),
            "SystemRoot": (REG_SZ, r"C:\WINDOWS"),
            "RegisteredOwner": (REG_SZ, "winlab"),
            "RegisteredOrganization": (REG_SZ, "winlab"),
        },
        r"HKLM\SOFTWARE\Policies\Microsoft": {},
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies": {},
        COMPUTER_NAME: {},
        TCPIP: {},
    })  # fmt: skip


def fresh_registry(computer: Computer) -> Registry:
    """The registry as it is when first looked at."""
    registry = Registry(_base(computer.os))
    write_names(registry, computer)
    registry.set(CURRENT_VERSION, "ProductId", REG_SZ, product_id(computer))
    return registry
