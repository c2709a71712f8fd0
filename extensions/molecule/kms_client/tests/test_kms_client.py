# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the machines that became KMS clients."""

from __future__ import annotations

import pytest

import outside

LONGEST_GRACE_DAYS = 30
CLIENTS = outside.names("clients")
ENGLISH = [name for name in CLIENTS if name != "desktop-unlicensed"]
GVLKS = {"server-mak": "J464C", "server-grace": "R7VHC", "desktop-unlicensed": "2YT43", "desktop-licensed": "T83GX"}
"""The end of the public GVLK of the edition of each machine."""


@pytest.mark.parametrize("name", CLIENTS)
def test_windows_has_the_gvlk_of_its_edition(name: str) -> None:
    assert (outside.channel(name), outside.partial_key(name)) == ("VOLUME_KMSCLIENT", GVLKS[name])


@pytest.mark.parametrize("name", CLIENTS)
def test_windows_is_activated_for_longer_than_any_grace_lasts(name: str) -> None:
    assert (outside.minutes_left(name) or 0) > LONGEST_GRACE_DAYS * 24 * 60


@pytest.mark.parametrize("name", ENGLISH)
def test_an_english_machine_shows_that_it_is_licensed(name: str) -> None:
    assert outside.status(name) == "Licensed"


@pytest.mark.parametrize("name", CLIENTS)
def test_the_host_is_the_one_that_dns_names(name: str) -> None:
    assert outside.srv_records("clients.lab") == {(0, 0, 1688, "kms3.clients.lab")}
    assert outside.kms_host(name) == "kms3.clients.lab:1688"


@pytest.mark.parametrize("name", ENGLISH)
def test_an_english_machine_shows_that_it_found_the_host_in_dns(name: str) -> None:
    assert "KMS machine name from DNS: kms3.clients.lab:1688" in outside.details(name)


@pytest.mark.parametrize("name", CLIENTS)
def test_no_host_is_pinned_in_the_registry(name: str) -> None:
    assert outside.registry(name, "KeyManagementServiceName") is None


@pytest.mark.parametrize("name", CLIENTS)
def test_no_full_key_is_shown(name: str) -> None:
    assert not outside.FULL_KEY.search(outside.details(name))
