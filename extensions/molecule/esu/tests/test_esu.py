# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify Extended Security Updates through WinRS with slmgr.vbs, independently of the collection."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

INVENTORY = yaml.safe_load((Path(__file__).parents[2] / "inventory.yml").read_text(encoding="utf-8"))["all"]
ACCOUNT = f"{INVENTORY['vars']['ansible_user']}:{quote(INVENTORY['vars']['ansible_password'])}"
EXTENDED = INVENTORY["children"]["extended"]["hosts"]

testinfra_hosts = [f"winrm://{ACCOUNT}@{machine['ansible_host']}:5985?no_ssl=true" for machine in EXTENDED.values()]

YEAR_2 = "1043add5-23b1-4afb-9a0f-64343c8f3f8d"


def slmgr(host: Any, *options: str) -> str:
    done = host.run(f"cscript //nologo slmgr.vbs {' '.join(options)}")
    assert done.rc == 0, done.stderr
    return str(done.stdout)


def test_the_license_of_the_year_has_its_key_and_does_not_end(host: Any) -> None:
    shown = slmgr(host, "/dlv", YEAR_2)
    assert YEAR_2 in shown
    assert "Client-ESU-Year2" in shown
    assert re.search(r": 77777\s*$", shown, re.MULTILINE), shown
    assert not re.search(r": (\d+) \S+ \((\d+) \S+\)", shown), shown


def test_windows_keeps_its_own_key(host: Any) -> None:
    shown = slmgr(host, "/dlv")
    assert "VOLUME_KMSCLIENT" in shown or "RETAIL" in shown
    assert "77777" not in shown
