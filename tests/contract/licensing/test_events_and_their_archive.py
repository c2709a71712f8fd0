# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event logs of lab machines: every query is bounded, and a saved log is found again when its answer was lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import CimError, ResponseTooLargeError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.activation_events.search import EventQuery, find
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_event_archive import plan as kms_archive
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_event_archive.plan import (
    ArchiveState,
    DesiredArchive,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.publication import last_of_each_domain
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import (
    StepFailedError,
    TaskRefusedError,
)

Sessions = Callable[[str], Any]
SAVE = "BackupEventlog"
WISH = DesiredArchive()


def archive(session: Any, desired: DesiredArchive = WISH) -> Any:
    return apply(kms_archive.plan(kms_archive.read_archive_state(session, desired)), session, sleep=lambda _seconds: None)


def test_every_query_of_the_log_names_one_log_the_events_the_writers_and_from_when_on(session: Sessions) -> None:
    client = session("client22")
    for desired in (EventQuery(), EventQuery(max_events=5), EventQuery(since=timedelta(hours=1), event_ids=(12288,))):
        find(client, desired)
    queries = [request for request in client.requests if "Win32_NTLogEvent" in request]
    assert len(queries) > 10
    for query in queries:
        assert all(f"{part}" in query for part in ("WHERE Logfile='", "EventCode", "SourceName='", "TimeGenerated >= '"))
        assert query.count(" OR ") + query.count(" AND ") < 24


def test_more_events_than_a_task_keeps_are_refused_with_the_options_that_narrow_them(session: Sessions) -> None:
    client = session("client22")
    ask = client.query

    def query(wql: str, namespace: str = "root/cimv2") -> Any:
        if "Win32_NTLogEvent" in wql:
            raise ResponseTooLargeError(
                "http://192.0.2.1", "the responses require more memory than a task can use (48 MiB).", ("Request less data.",)
            )
        return ask(wql, namespace)

    client.query = query
    with pytest.raises(
        TaskRefusedError, match=r"CLIENT22 has too many of these events: .* \(48 MiB\)\. Set since to fewer hours"
    ) as refused:
        find(client, EventQuery())
    assert refused.value.error_code == "too_many_events"
    assert "event_ids, or the log with logs" in str(refused.value)


def test_a_windows_that_refuses_to_look_into_a_log_it_does_not_have_is_no_failure(session: Sessions) -> None:
    client = session("grace22")
    ask = client.query

    def query(wql: str, namespace: str = "root/cimv2") -> Any:
        if "Win32_NTLogEvent" in wql and "Key Management Service" in wql:
            raise CimError(0x80041002, "", "query")
        return ask(wql, namespace)

    client.query = query
    assert [(log.name, log.exists) for log in find(client, EventQuery()).logs] == [("application", True), ("key_management_service", False)]
    host = session("host22")
    host_ask, host.query = host.query, query
    ask = host_ask
    with pytest.raises(CimError):
        find(host, EventQuery())


def test_an_event_of_another_program_says_nothing_of_a_domain(session: Sessions) -> None:
    host = session("host22")
    now = host.machine.now()
    host.machine.events.put(12294, now, ("Volume Shadow Copy Service error",), "VSS")
    host.machine.events.put(12294, now, ("corp.example",), "Microsoft-Windows-Security-SPP")
    assert [told.domain for told in last_of_each_domain(host, now - timedelta(hours=1))] == ["corp.example"]


@pytest.mark.parametrize(("answers", "sent"), [((True,), 1), ((False,), 2), ((False, True), 2)])
def test_after_a_lost_answer_the_file_is_looked_for_before_anything_is_sent_again(
    session: Sessions, answers: tuple[bool, ...], sent: int
) -> None:
    host = session("kms1")
    host.lose_answer_of(SAVE, *answers)
    outcome = archive(host)
    assert (outcome.changed, outcome.after["exists"], host.requests.count(SAVE)) == (True, True, sent)
    assert len(host.machine.files) == 1


def test_a_file_that_appears_in_between_is_as_good_as_one_of_our_own(session: Sessions) -> None:
    host, other = session("kms1"), session("kms1")
    host.before(SAVE, lambda: archive(other))
    outcome = archive(host)
    assert outcome.after["exists"]
    assert len(host.machine.files) == 1


def test_a_yes_without_a_file_is_a_failure(session: Sessions) -> None:
    host = session("kms1")
    host.swallow(SAVE)
    with pytest.raises(StepFailedError, match="the file does not exist"):
        archive(host)


def test_a_host_that_is_lost_on_the_way_is_unreachable(session: Sessions) -> None:
    host = session("kms1")
    plan = kms_archive.plan(kms_archive.read_archive_state(host, WISH))
    host.break_at(SAVE)
    with pytest.raises(UnreachableError):
        apply(plan, host)


def test_check_mode_asks_and_writes_nothing(session: Sessions) -> None:
    host = session("host22")
    plan = kms_archive.plan(kms_archive.read_archive_state(host, WISH))
    assert isinstance(plan.state, ArchiveState)
    assert (plan.changed, host.writes, len(host.requests)) == (True, [], 5)


def test_a_machine_that_never_was_a_host_is_refused(session: Sessions) -> None:
    for name, code in (("client22", "no_kms_log"), ("seven", "not_a_kms_host"), ("old03", "not_supported_by_windows")):
        with pytest.raises(TaskRefusedError) as refusal:
            archive(session(name))
        assert refusal.value.error_code == code
