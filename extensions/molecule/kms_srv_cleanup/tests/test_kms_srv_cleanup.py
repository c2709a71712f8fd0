# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verify that only the KMS host that works is published, and that the client with a KMS host key is a client again."""

from __future__ import annotations

import outside

ROGUE = "cleanup-rogue"


def test_the_domain_has_the_record_of_the_host_that_works_only() -> None:
    assert outside.srv_records("cleanup.lab") == {(0, 0, 1688, "cleanup-kms.cleanup.lab")}


def test_the_host_that_works_was_not_changed() -> None:
    assert (outside.channel("cleanup-kms"), outside.status("cleanup-kms")) == ("VOLUME_KMS_WS25", "Licensed")
    assert "DNS publishing enabled" in outside.details("cleanup-kms")


def test_the_rogue_has_the_gvlk_of_its_edition_again() -> None:
    assert (outside.channel(ROGUE), outside.partial_key(ROGUE)) == ("VOLUME_KMSCLIENT", "2YT43")


def test_the_rogue_does_not_publish_itself() -> None:
    assert outside.registry(ROGUE, "DisableDnsPublishing") == "0x1"


def test_the_firewall_of_the_rogue_is_closed_and_nothing_listens() -> None:
    shown = outside.output(outside.machine(ROGUE), 'netsh advfirewall firewall show rule name="Key Management Service (TCP-In)"')
    enabled = [line.split()[-1] for line in shown.splitlines() if line.startswith("Enabled:")]
    assert enabled == ["No", "No"]
    assert not outside.is_listening(ROGUE, 1688)
    assert outside.is_listening("cleanup-kms", 1688)
