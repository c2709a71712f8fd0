# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the policies through WinRS with reg.exe, independently of the collection."""

from __future__ import annotations

import re
from typing import Any

import pytest

import outside
from outside import PLATFORM

testinfra_hosts = outside.machines("offices")

POLICIES = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform"
UPGRADE = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\WAU"
PAGE = "https://helpdesk.example.com/activation"


@pytest.mark.parametrize(
    ("key", "name", "kind", "data"),
    [
        (PLATFORM, "ActivationAlternateURL", "REG_SZ", PAGE),
        (rf"{PLATFORM}\Activation", "AlternateURL", "REG_SZ", PAGE),
        (UPGRADE, "Disabled", "REG_DWORD", "0x1"),
        (POLICIES, "NoGenTicket", "REG_DWORD", "0x1"),
        (POLICIES, "NoAcquireGT", "REG_DWORD", "0x1"),
    ],
)
def test_each_value_has_its_type_and_its_data(host: Any, key: str, name: str, kind: str, data: str) -> None:
    done = host.run(f'reg query "{key}" /v {name}')
    assert done.rc == 0, done.stderr
    assert re.search(rf"^\s+{name}\s+{kind}\s+{re.escape(data)}\s*$", done.stdout, re.MULTILINE), done.stdout


def test_32_bit_programs_see_the_same_page(host: Any) -> None:
    done = host.run(f'reg query "{PLATFORM}" /v ActivationAlternateURL /reg:32')
    assert PAGE in done.stdout, done.stderr


def test_a_value_that_is_to_be_absent_is_gone(host: Any) -> None:
    done = host.run(f'reg query "{PLATFORM}" /v SkipRearm')
    assert done.rc == 1, done.stdout


def test_only_the_keys_that_were_created_are_marked(host: Any) -> None:
    assert host.run(f'reg query "{POLICIES}" /v WinopsCreated').rc == 0
    assert host.run(f'reg query "{UPGRADE}" /v WinopsCreated').rc == 1
