# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify the new keys of the KMS host and of the machine with a MAK, and the clients, of which only one needed an activation."""

from __future__ import annotations

import outside

FIRST_DAYS = 179


def test_the_kms_host_is_licensed_with_the_new_key() -> None:
    assert (outside.channel("genuine-kms"), outside.partial_key("genuine-kms")) == ("VOLUME_KMS_WS19", "99999")
    assert outside.status("genuine-kms") == "Licensed"
    assert outside.activations_used("99999", "Server 2019") == 1


def test_the_client_is_activated_again_by_the_host_with_its_new_key() -> None:
    assert outside.channel("genuine-client") == "VOLUME_KMSCLIENT"
    assert outside.kms_host("genuine-client") == "genuine-kms.genuine.lab:1688"
    assert outside.extended_pids("genuine-client")[1:] == outside.extended_pids("genuine-kms")
    assert (outside.minutes_left("genuine-client") or 0) > FIRST_DAYS * 24 * 60


def test_the_machine_with_a_mak_is_licensed_with_the_new_one() -> None:
    assert (outside.channel("genuine-mak"), outside.partial_key("genuine-mak")) == ("VOLUME_MAK", "77777")
    assert (outside.status("genuine-mak"), outside.minutes_left("genuine-mak")) == ("Licensed", None)
    assert outside.activations_used("77777", "Server 2019 Standard") == 1


def test_a_genuine_client_was_not_activated_again() -> None:
    assert outside.status("genuine-fine") == "Licensed"
    (activated_by,) = outside.extended_pids("genuine-fine")[1:]
    assert activated_by not in outside.extended_pids("genuine-kms")
