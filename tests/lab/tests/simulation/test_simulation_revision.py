# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The revision of a build, which cumulative updates raise and only the registry shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from winlab.simulation.estate import Estate

KEY = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"


def machine(estate_of: Callable[[str], Estate], remote: Any, entries: str) -> Any:
    return remote(estate_of(f"dns: none\nmachines: [{{name: m, address: 127.56.32.1, {entries}}}]"), "m")


def revision(remote: Any) -> object:
    return remote.registry("GetDWORDValue", KEY, sValueName="UBR").outputs.get("uValue")


@pytest.mark.parametrize(
    ("entries", "build", "shown"),
    [
        ("os: Server 2022 Standard", "20348", 169),
        ("os: Server 2022 Standard, ubr: 2322", "20348", 2322),
        ("os: Server 2022 Standard, updates: [KB5034765]", "20348", 2322),
        ("os: Server 2022 Standard, updates: [KB5034765, KB5070884, KB9999999]", "20348", 4297),
        ("os: Server 2019 Standard, updates: [KB5034765]", "17763", 107),
        ("os: Windows 10 Pro, ubr: 6456, updates: [KB5046613]", "19045", 6456),
        ("os: Windows 10 Pro, build: 18363", "18363", 1),
    ],
)
def test_the_registry_has_build_and_revision(estate_of: Callable[[str], Estate], remote: Any, entries: str, build: str, shown: int) -> None:
    m = machine(estate_of, remote, entries)
    for name in ("CurrentBuild", "CurrentBuildNumber"):
        assert m.registry("GetStringValue", KEY, sValueName=name).outputs["sValue"] == build
    assert revision(m) == shown
    assert m.query("SELECT Version FROM Win32_OperatingSystem") == [{"Version": f"10.0.{build}"}]
    assert f"{shown:#x}" in m.run(rf'reg query "HKLM\{KEY}" /v UBR').stdout


@pytest.mark.parametrize("os", ["Windows 7 Professional", "Server 2012 R2 Standard"])
def test_windows_before_10_has_no_revision(estate_of: Callable[[str], Estate], remote: Any, os: str) -> None:
    assert machine(estate_of, remote, f"os: {os}").registry("GetDWORDValue", KEY, sValueName="UBR").return_value == 2


def test_an_update_raises_the_revision_and_a_rebuild_takes_it_back(estate_of: Callable[[str], Estate], remote: Any) -> None:
    m = machine(estate_of, remote, "os: Server 2022 Standard")
    estate = m.machine.context
    assert revision(m) == 169
    estate.install_update("m", "KB5070884")
    assert revision(m) == estate.snapshot("m")["os"]["ubr"] == 4297
    estate.install_update("m", "KB5034765")
    assert revision(m) == 4297
    estate.rebuild("m")
    assert revision(m) == 169
