# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which changes of endpoints and domains make an event: each once, whatever statuses follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.errors import DnsError
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.probe import Probe
from ansible_collections.winops.volume_activation.plugins.module_utils._kms.status import ProbeStatus
from ansible_collections.winops.volume_activation.plugins.plugin_utils._watching.comparison import (
    Observation,
    compare_domains,
    compare_endpoints,
)

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=timezone.utc)
KEY = ("kms1", 1688)
SAYS_NOTHING = ("not_allowed", "not_asked", "unknown", "busy")


def probe(status: str) -> Probe:
    return Probe("kms1:1688", "kms1", 1688, None, status, status == "available", None, "", ())


def told(statuses: Sequence[str], silent_after: int = 3, *, always: bool = False) -> list[tuple[str, int, str]]:
    """Change, failures, and begin of the status of each event, for a round a minute."""
    states, found = {}, []
    for minute, status in enumerate(statuses):
        now = NOON + timedelta(minutes=minute)
        observed = {KEY: Observation(probe(status))} if status != "no record" else {}
        states, events = compare_endpoints(states, observed, now, silent_after, always=always)
        found += [event["kms_endpoint"] for event in events]
    return [(event["change"], event["consecutive_failures"], event["since"][11:16]) for event in found]


def test_host_that_fails_is_silent_once_and_responds_again_once() -> None:
    rounds = ["available", "timeout", "timeout", "connection_refused", "connection_refused", "available", "available"]
    assert told(rounds) == [
        ("found", 0, "12:00"),
        ("status", 1, "12:01"),
        ("silent", 3, "12:03"),
        ("responds", 0, "12:05"),
    ]


def test_host_that_never_responded_becomes_silent() -> None:
    assert told(["timeout"] * 4, silent_after=1) == [("silent", 1, "12:00")]


def test_failure_that_ends_in_time_is_not_silence() -> None:
    assert [change for change, *_rest in told(["available", "timeout", "timeout", "available", "timeout"])] == [
        "found",
        "status",
        "status",
        "status",
    ]


def test_probe_that_says_nothing_neither_counts_nor_ends_the_failures() -> None:
    assert told(["timeout", "busy", "timeout", "unknown", "timeout"])[-1] == ("silent", 3, "12:04")
    assert told(["timeout", "timeout", "timeout", "unknown", "timeout"])[2:] == [("status", 3, "12:03"), ("status", 4, "12:04")]


def test_always_makes_an_event_of_each_round() -> None:
    assert [change for change, *_rest in told(["available"] * 3, always=True)] == ["found", "none", "none"]


def test_endpoint_without_record_is_gone_and_begins_anew() -> None:
    assert [change for change, *_rest in told(["timeout", "timeout", "no record", "timeout"])] == ["found", "gone", "found"]


@given(st.lists(st.sampled_from([status.value for status in ProbeStatus]), max_size=40), st.integers(1, 4))
def test_silent_and_responds_alternate_and_agree_with_a_plain_count(statuses: list[str], silent_after: int) -> None:
    turns = [change for change, *_rest in told(statuses, silent_after) if change in ("silent", "responds")]
    expected, failures, silent = [], 0, False
    for status in (each for each in statuses if each not in SAYS_NOTHING):
        failures = 0 if status == "available" else failures + 1
        if (failures >= silent_after) != silent:
            silent = not silent
            expected.append("silent" if silent else "responds")
    assert turns == expected


def test_domain_that_cannot_be_read_makes_an_event_for_each_error_and_one_for_its_end() -> None:
    states, found = {}, []
    for minute, code in enumerate([None, "timeout", "timeout", "SERVFAIL", None, None]):
        problem = DnsError(code) if code else None
        states, events = compare_domains(states, {"corp.example.com": problem}, NOON + timedelta(minutes=minute), always=False)
        found += [event["kms_dns"] for event in events]
    assert [(event["change"], event["code"], event["consecutive_failures"], event["since"][11:16]) for event in found] == [
        ("failed", "timeout", 1, "12:01"),
        ("failed", "SERVFAIL", 3, "12:01"),
        ("recovered", None, 0, "12:01"),
    ]
    assert found[0]["meaning"]
    assert found[0]["next_steps"]
