# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading named's log of updates: lines as BIND 9.18 writes them."""

from __future__ import annotations

from winlab.simulation.update_log import read_updates

START = "2026-11-20T12:37:34.933Z client @0x7f0fb1cd8c98 127.0.0.1#35192/key kms-update: updating zone 'corp.test/IN': "
OTHER = "2026-11-20T12:37:35.001Z client @0x7f0fb1cd8c98 127.0.0.1#35200/key lab-hosts: updating zone 'corp.test/IN': "
SOA = "ns1.corp.test. hostmaster.corp.test."
JOURNAL = [
    "2026-11-20T12:37:34.933Z writing to journal",
    f"2026-11-20T12:37:34.933Z del corp.test.\t\t300\tIN\tSOA\t{SOA} 3 3600 600 86400 60",
    "2026-11-20T12:37:34.933Z del _vlmcs._tcp.corp.test.\t600\tIN\tSRV\t0 0 1688 kms1.corp.test.",
    "2026-11-20T12:37:34.933Z del _vlmcs._tcp.corp.test.\t600\tIN\tSRV\t0 0 1688 KMS9.corp.test.",
    f"2026-11-20T12:37:34.933Z add corp.test.\t\t300\tIN\tSOA\t{SOA} 4 3600 600 86400 60",
    "2026-11-20T12:37:34.933Z add _vlmcs._tcp.corp.test.\t300\tIN\tSRV\t0 0 1688 KMS9.corp.test.",
    "2026-11-20T12:37:34.933Z add _vlmcs._tcp.corp.test.\t300\tIN\tSRV\t0 0 1688 kms2.corp.test.",
    "2026-11-20T12:37:34.933Z zone_settimer: zone corp.test/IN: enter",
]
REPLACE = [
    START + "deleting an RR at _vlmcs._tcp.corp.test SRV",
    START + "adding an RR at '_vlmcs._tcp.corp.test' SRV 0 0 1688 kms2.corp.test.",
    START + "checking for NSEC3PARAM changes",
]


def brief(lines: list[str]) -> list[tuple[str, str | None, str, bool]]:
    return [(entry["kind"], entry["data"], entry["key"], entry["changed"]) for entry in read_updates(lines)]


def test_a_deletion_gets_its_data_from_the_journal_and_a_changed_ttl_of_others_is_no_change_of_theirs() -> None:
    assert brief(REPLACE + JOURNAL) == [
        ("delete", "0 0 1688 kms1.corp.test", "kms-update", True),
        ("add", "0 0 1688 kms2.corp.test", "kms-update", True),
    ]


def test_what_found_nothing_to_do_is_there_and_says_so() -> None:
    assert brief(REPLACE) == [("delete", None, "kms-update", False), ("add", "0 0 1688 kms2.corp.test", "kms-update", False)]


def test_deleting_all_is_one_entry_for_each_record() -> None:
    for what in ("deleting rrset at '_vlmcs._tcp.corp.test' SRV", "delete all rrsets from name '_vlmcs._tcp.corp.test'"):
        gone = [line for line in JOURNAL if " add _vlmcs" not in line]
        assert brief([START + what, *gone]) == [
            ("delete", "0 0 1688 kms1.corp.test", "kms-update", True),
            ("delete", "0 0 1688 kms9.corp.test", "kms-update", True),
        ]


def test_updates_of_two_clients_are_kept_apart() -> None:
    lines = [OTHER + "adding an RR at '_vlmcs._tcp.corp.test' SRV 0 0 1688 kms2.corp.test.", *REPLACE, *JOURNAL]
    assert [entry[2:] for entry in brief(lines)] == [("lab-hosts", False), ("kms-update", True), ("kms-update", True)]


def test_refusals_failed_prerequisites_and_other_types_are_no_updates() -> None:
    assert not read_updates(
        [
            START + "update failed: rejected by secure update (REFUSED)",
            START + "update unsuccessful: _vlmcs._tcp.corp.test: 'name in use' prerequisite not satisfied (NXDOMAIN)",
            START + "adding an RR at 'www.corp.test' A 192.0.2.1",
            "2026-11-20T12:37:33.869Z all zones loaded",
            JOURNAL[2],
        ]
    )
