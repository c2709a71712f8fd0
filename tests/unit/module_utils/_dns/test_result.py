# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of kms_srv_record: one line says what was done for each domain, and the difference is for diff mode."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.errors import DnsError
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.model import RecordSet, SrvRecord
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.plan import DesiredRecords
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.result import result_of
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.service import DomainOutcome

KMS1, KMS2, OTHER = SrvRecord("kms1.corp.test"), SrvRecord("kms2.corp.test"), SrvRecord("other.corp.test")
OLD_PORT = SrvRecord("kms1.corp.test", 1700)
NOTHING, DESIRED = RecordSet(), DesiredRecords((KMS1, KMS2))


def outcome(before: RecordSet | None, after: RecordSet | None, domain: str = "corp.test", sent: int = 0) -> DomainOutcome:
    return DomainOutcome(domain, None, before, after, updates_sent=sent)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (NOTHING, RecordSet(3600, (KMS1,)), "added 1 record."),
        (NOTHING, RecordSet(3600, (KMS1, KMS2, OTHER)), "added 2 records."),
        (RecordSet(3600, (OLD_PORT,)), RecordSet(3600, (KMS1,)), "added 1 record, removed 1 record."),
        (RecordSet(3600, (KMS1,)), RecordSet(3600, (KMS1,)), "nothing to do."),
        (RecordSet(3600, (KMS1,)), RecordSet(3600, (KMS1, OTHER)), "nothing to do."),
    ],
)
def test_the_message_counts_the_records_of_the_task(before: RecordSet, after: RecordSet, words: str) -> None:
    assert result_of([outcome(before, after)], DESIRED)["msg"] == f"corp.test: {words}"


def test_the_message_names_a_ttl_that_changed() -> None:
    desired = DesiredRecords((KMS1,), ttl=60)
    result = result_of([outcome(RecordSet(3600, (KMS1,)), RecordSet(60, (KMS1,)))], desired)
    assert result["msg"] == "corp.test: changed the TTL."


def test_the_message_of_a_refresh_says_that_records_were_sent() -> None:
    same = RecordSet(3600, (KMS1,))
    assert result_of([outcome(same, same, sent=1)], DESIRED)["msg"] == "corp.test: refreshed the records."


def test_the_message_of_check_mode_is_about_what_would_be_done() -> None:
    result = result_of([outcome(NOTHING, RecordSet(3600, (KMS1,)))], DESIRED, check=True)
    assert result["msg"] == "corp.test: would add 1 record."


def test_domains_with_the_same_result_are_named_together() -> None:
    done = [outcome(NOTHING, RecordSet(3600, (KMS1,)), domain) for domain in ("a.test", "b.test")]
    result = result_of([*done, outcome(NOTHING, NOTHING, "c.test")], DESIRED)
    assert result["msg"] == "a.test, b.test: added 1 record; c.test: nothing to do."


def test_a_failure_of_one_domain_also_names_the_domains_that_were_changed() -> None:
    done = outcome(NOTHING, RecordSet(3600, (KMS1,)), "a.test")
    failed = replace(outcome(NOTHING, NOTHING, "b.test"), problem=DnsError("REFUSED"))
    result = result_of([done, failed, outcome(NOTHING, NOTHING, "c.test")], DESIRED)
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"].startswith("b.test: ")
    assert result["msg"].endswith(" Without an error: a.test: added 1 record.")
    assert "c.test" not in result["msg"]


def test_rendering_says_that_it_rendered() -> None:
    result = result_of([outcome(NOTHING, RecordSet(3600, (KMS1,)))], DESIRED, rendering=True)
    assert (result["changed"], result["msg"]) == (False, "corp.test: rendered the records.")


@pytest.mark.parametrize("wanted", [True, False])
def test_the_difference_is_returned_in_diff_mode_only(wanted: bool) -> None:
    result = result_of([outcome(NOTHING, RecordSet(3600, (KMS1,)))], DESIRED, diff=wanted)
    assert ("diff" in result) == wanted
