# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the machines that moved from KMS to Active Directory."""

from __future__ import annotations

import pytest

import outside

LONGEST_GRACE_DAYS = 30
MACHINES = outside.names("joined")
MOVED = [name for name in MACHINES if name != "joined-mak"]
OBJECT = "joined-2022"


@pytest.mark.parametrize("name", MOVED)
def test_the_activation_object_is_the_one_of_the_forest(name: str) -> None:
    assert f"AO DN: CN={OBJECT},CN=Activation Objects," in " ".join(outside.details(name).split())


@pytest.mark.parametrize("name", MOVED)
def test_windows_is_activated_for_longer_than_any_grace_lasts(name: str) -> None:
    assert (outside.minutes_left(name) or 0) > LONGEST_GRACE_DAYS * 24 * 60


@pytest.mark.parametrize("name", MOVED)
def test_only_active_directory_is_allowed(name: str) -> None:
    assert outside.registry(name, "VLActivationType") == "0x1"


def test_the_kms_host_stays_as_the_way_back() -> None:
    assert outside.registry("joined-pinned", "KeyManagementServiceName") == "kms1.molecule.lab"


def test_a_machine_with_a_mak_is_not_changed() -> None:
    assert outside.channel("joined-mak") == "VOLUME_MAK"
    assert outside.registry("joined-mak", "VLActivationType") is None


@pytest.mark.parametrize("name", MACHINES)
def test_no_full_key_is_shown(name: str) -> None:
    assert not outside.FULL_KEY.search(outside.details(name))
