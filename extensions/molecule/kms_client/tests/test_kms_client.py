# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the converted machines through WinRS with slmgr.vbs and reg, independently of the collection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

INVENTORY = yaml.safe_load((Path(__file__).parents[2] / "inventory.yml").read_text(encoding="utf-8"))["all"]
ACCOUNT = f"{INVENTORY['vars']['ansible_user']}:{quote(INVENTORY['vars']['ansible_password'])}"
CLIENTS = INVENTORY["children"]["clients"]["hosts"]
LONGEST_GRACE_DAYS = 30

testinfra_hosts = [f"winrm://{ACCOUNT}@{client['ansible_host']}:5985?no_ssl=true" for client in CLIENTS.values()]

PLATFORM = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform"


@pytest.fixture
def detailed(host: Any) -> str:
    """The output of slmgr /dlv, in the language of the machine."""
    done = host.run("cscript //nologo slmgr.vbs /dlv")
    assert done.rc == 0, done.stderr
    return str(done.stdout)


def test_windows_is_a_volume_kms_client(detailed: str) -> None:
    assert re.search(r"VOLUME_KMSCLIENT", detailed)


def test_windows_is_activated_for_longer_than_any_grace_lasts(detailed: str) -> None:
    # testinfra's shell has code page 437, so Japanese words arrive as question marks; numbers do not.
    remaining = re.search(r": (\d+) \S+ \((\d+) \S+\)", detailed)
    assert remaining is not None, detailed
    assert int(remaining[1]) > LONGEST_GRACE_DAYS * 24 * 60


def test_an_english_machine_shows_that_it_is_licensed(detailed: str) -> None:
    if "License Status" not in detailed:
        pytest.skip("this machine is Japanese")
    assert re.search(r"^License Status: Licensed\s*$", detailed, re.MULTILINE), detailed


def test_the_host_is_the_one_that_dns_names(detailed: str) -> None:
    # The scenario failover may have come before.
    assert re.search(r"kms[12]\.molecule\.lab:1688", detailed)


def test_no_host_is_pinned_in_the_registry(host: Any) -> None:
    done = host.run(f'reg query "{PLATFORM}" /v KeyManagementServiceName')
    assert done.rc == 1, done.stdout


def test_no_full_key_is_shown(detailed: str) -> None:
    assert not re.search(r"(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}", detailed)
