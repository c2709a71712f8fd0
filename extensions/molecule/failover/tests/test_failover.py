# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the clients after the failover through WinRS with slmgr.vbs and reg, independently of the collection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

INVENTORY = yaml.safe_load((Path(__file__).parents[2] / "inventory.yml").read_text(encoding="utf-8"))["all"]
ACCOUNT = f"{INVENTORY['vars']['ansible_user']}:{quote(INVENTORY['vars']['ansible_password'])}"
CLIENTS = INVENTORY["children"]["orphans"]["hosts"]
FIRST_DAYS = 179

testinfra_hosts = [f"winrm://{ACCOUNT}@{client['ansible_host']}:5985?no_ssl=true" for client in CLIENTS.values()]

PLATFORM = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"


@pytest.fixture
def detailed(host: Any) -> str:
    """The output of slmgr /dlv, in the language of the machine."""
    done = host.run("cscript //nologo slmgr.vbs /dlv")
    assert done.rc == 0, done.stderr
    return str(done.stdout)


def test_the_client_is_served_by_the_host_that_took_over(detailed: str) -> None:
    assert "kms2.molecule.lab:1688" in detailed
    assert "kms1" not in detailed


def test_the_activation_is_a_new_one(detailed: str) -> None:
    # testinfra's shell has code page 437, so Japanese words arrive as question marks; numbers do not.
    remaining = re.search(r": (\d+) \S+ \((\d+) \S+\)", detailed)
    assert remaining is not None, detailed
    assert int(remaining[1]) > FIRST_DAYS * 24 * 60


def test_no_host_is_pinned_in_the_registry(host: Any) -> None:
    done = host.run(f'reg query "{PLATFORM}" /v KeyManagementServiceName')
    assert done.rc == 1, done.stdout
