# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the activated machines through WinRS with slmgr.vbs and reg, independently of the collection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

INVENTORY = yaml.safe_load((Path(__file__).parents[2] / "inventory.yml").read_text(encoding="utf-8"))["all"]
ACCOUNT = f"{INVENTORY['vars']['ansible_user']}:{quote(INVENTORY['vars']['ansible_password'])}"
BRANCHES = INVENTORY["children"]["branches"]["hosts"]

testinfra_hosts = [f"winrm://{ACCOUNT}@{branch['ansible_host']}:5985?no_ssl=true" for branch in BRANCHES.values()]

PLATFORM = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"


@pytest.fixture
def detailed(host: Any) -> str:
    """The output of slmgr /dlv, in the language of the machine."""
    done = host.run("cscript //nologo slmgr.vbs /dlv")
    assert done.rc == 0, done.stderr
    return str(done.stdout)


def test_windows_has_the_mak(detailed: str) -> None:
    assert "VOLUME_MAK" in detailed
    assert re.search(r": 66666\s*$", detailed, re.MULTILINE), detailed


def test_an_english_machine_shows_that_it_is_licensed(detailed: str) -> None:
    if "License Status" not in detailed:
        pytest.skip("this machine is Japanese")
    assert re.search(r"^License Status: Licensed\s*$", detailed, re.MULTILINE), detailed


def test_the_license_has_no_end(host: Any, detailed: str) -> None:
    # A license that ends shows its minutes and its days.
    assert not re.search(r": (\d+) \S+ \((\d+) \S+\)", detailed), detailed
    assert host.run("cscript //nologo slmgr.vbs /xpr").rc == 0


def test_no_kms_host_is_left_in_the_registry(host: Any) -> None:
    done = host.run(f'reg query "{PLATFORM}" /v KeyManagementServiceName')
    assert done.rc == 1, done.stdout
