# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify that both KMS hosts have the new key, and that a host with the new key activated each client."""

from __future__ import annotations

import pytest

import outside

HOSTS = outside.names("rotation_hosts")
CLIENTS = outside.names("rotation_clients")
FIRST_DAYS = 179


@pytest.mark.parametrize("name", HOSTS)
def test_the_host_has_the_new_key(name: str) -> None:
    assert (outside.channel(name), outside.partial_key(name), outside.minutes_left(name)) == ("VOLUME_KMS_WS22", "88888", None)


def test_an_english_host_is_licensed_and_serves() -> None:
    assert outside.status("rotation-kms1") == "Licensed"
    assert "Key Management Service is enabled on this machine" in outside.details("rotation-kms1")


def test_two_runs_used_one_activation_for_each_host() -> None:
    assert outside.activations_used("88888", "Server 2022") == len(HOSTS)


@pytest.mark.parametrize("name", CLIENTS)
def test_the_client_was_activated_by_a_host_with_its_new_extended_pid(name: str) -> None:
    (activated_by,) = outside.extended_pids(name)[1:]
    assert activated_by in {pid for host in HOSTS for pid in outside.extended_pids(host)}
    assert outside.status(name) == "Licensed"
    assert (outside.minutes_left(name) or 0) > FIRST_DAYS * 24 * 60


def test_a_client_that_is_set_to_a_host_stays_set_to_it() -> None:
    assert outside.registry("rotation-pinned", "KeyManagementServiceName") == "rotation-kms2.rotation.lab"
    assert outside.registry("rotation-found", "KeyManagementServiceName") is None


def test_both_hosts_stay_published() -> None:
    assert outside.srv_records("rotation.lab") == {(0, 0, 1688, f"{name}.rotation.lab") for name in HOSTS}
