# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the failover: the SRV records of the domain, the replacement, and the clients that the failed host left behind."""

from __future__ import annotations

import pytest

import outside

FIRST_DAYS = 179
ORPHANS = outside.names("orphans")


def test_the_domain_has_the_record_of_the_replacement_only() -> None:
    assert outside.srv_records("molecule.lab") == {(0, 0, 1688, "kms2.molecule.lab")}


def test_the_replacement_is_licensed_with_the_kms_host_key() -> None:
    assert (outside.channel("kms2"), outside.partial_key("kms2"), outside.status("kms2")) == ("VOLUME_KMS_WS22", "77777", "Licensed")


def test_two_runs_used_one_activation_of_the_key() -> None:
    assert outside.activations_used("77777", "Server 2022") == 1


@pytest.mark.parametrize("name", ORPHANS)
def test_each_client_is_served_by_the_host_that_took_over(name: str) -> None:
    assert outside.kms_host(name) == "kms2.molecule.lab:1688"
    assert outside.extended_pids(name)[1:] == outside.extended_pids("kms2")


@pytest.mark.parametrize("name", ORPHANS)
def test_each_activation_is_a_new_one(name: str) -> None:
    assert (outside.minutes_left(name) or 0) > FIRST_DAYS * 24 * 60


@pytest.mark.parametrize("name", ORPHANS)
def test_no_host_is_pinned_in_the_registry(name: str) -> None:
    assert outside.registry(name, "KeyManagementServiceName") is None
