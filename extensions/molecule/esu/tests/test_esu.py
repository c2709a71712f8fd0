# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify Extended Security Updates, whose license is apart from that of Windows."""

from __future__ import annotations

import re

import pytest

import outside

EXTENDED = outside.names("extended")
YEAR_2 = "1043add5-23b1-4afb-9a0f-64343c8f3f8d"
OWN_KEYS = {"extended-desktop": ("RETAIL", "8TG6K"), "extended-laptop": ("VOLUME_KMSCLIENT", "2YT43")}


@pytest.mark.parametrize("name", EXTENDED)
def test_the_license_of_the_year_has_its_key_and_does_not_end(name: str) -> None:
    shown = outside.output(outside.machine(name), f"cscript //nologo slmgr.vbs /dlv {YEAR_2}")
    assert YEAR_2 in shown
    assert "Client-ESU-Year2" in shown
    assert re.search(r": 77777\s*$", shown, re.MULTILINE), shown
    assert not re.search(r": (\d+) \S+ \((\d+) \S+\)", shown), shown


@pytest.mark.parametrize("name", EXTENDED)
def test_windows_keeps_its_own_key(name: str) -> None:
    assert (outside.channel(name), outside.partial_key(name)) == OWN_KEYS[name]


def test_two_runs_used_one_activation_for_each_machine() -> None:
    assert outside.activations_used("77777", "ESU Windows 10 year 2") == len(EXTENDED)
