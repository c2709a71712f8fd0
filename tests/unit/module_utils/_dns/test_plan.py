# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A change touches the records of the task's own hosts, and after it there is nothing left to change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.module_utils._dns.model import DEFAULT_TTL, RecordSet, SrvRecord
from ansible_collections.winops.volume_activation.plugins.module_utils._dns.plan import (
    DesiredRecords,
    RecordChange,
    plan,
    plan_warnings,
    predicted,
    refreshing,
    sending,
)

HOSTS = st.sampled_from(["a.corp.test", "A.corp.test", "b.corp.test", "c.corp.test", "d.corp.test"])
SMALL = st.integers(0, 2)
RECORDS = st.builds(SrvRecord, HOSTS, st.sampled_from([1688, 1689]), SMALL, SMALL)
TTLS = st.sampled_from([0, 60, 300, DEFAULT_TTL])


def different(records: list[SrvRecord]) -> tuple[SrvRecord, ...]:
    return tuple({record.value: record for record in records}.values())


def one_each(records: list[SrvRecord]) -> tuple[SrvRecord, ...]:
    return tuple({record.key: record for record in records}.values())


SETS = (
    st.lists(RECORDS, max_size=6)
    .map(different)
    .flatmap(lambda records: st.builds(RecordSet, TTLS, st.just(records)) if records else st.just(RecordSet()))
)
WISHED = st.lists(RECORDS, min_size=1, max_size=4).map(one_each)
PRESENT = st.builds(DesiredRecords, WISHED, st.just(True), st.none() | TTLS, st.booleans())
ABSENT = st.builds(DesiredRecords, WISHED, st.just(False))
WISHES = PRESENT | ABSENT


def values(records: tuple[SrvRecord, ...]) -> set[tuple[int, int, int, str]]:
    return {record.value for record in records}


@given(SETS, WISHES)
def test_after_a_change_there_is_nothing_left_to_change(current: RecordSet, desired: DesiredRecords) -> None:
    assert not plan(predicted(current, plan(current, desired)), desired)


@given(SETS, WISHES)
def test_after_a_change_the_hosts_have_exactly_the_wished_records(current: RecordSet, desired: DesiredRecords) -> None:
    after = predicted(current, plan(current, desired))
    assert values(after.of(desired.keys)) == (values(desired.records) if desired.present else set())


@given(SETS, WISHES)
def test_records_of_other_hosts_are_named_only_by_an_exclusive_wish(current: RecordSet, desired: DesiredRecords) -> None:
    change = plan(current, desired)
    foreign = {record.key for record in (*change.delete, *change.add)} - desired.keys
    assert foreign == ({record.key for record in current.others(desired.keys)} if desired.exclusive else set())


@given(SETS, WISHES)
def test_only_values_that_are_there_are_deleted(current: RecordSet, desired: DesiredRecords) -> None:
    assert values(plan(current, desired).delete) <= current.values


@given(SETS, WISHES, st.randoms())
def test_the_order_of_records_and_wishes_makes_no_difference(current: RecordSet, desired: DesiredRecords, random: object) -> None:
    shuffled = list(current.records)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    turned = DesiredRecords(desired.records[::-1], desired.present, desired.ttl, desired.exclusive)
    one, other = plan(current, desired), plan(RecordSet(current.ttl, tuple(shuffled)), turned)
    assert (values(one.delete), values(one.add), one.ttl) == (values(other.delete), values(other.add), other.ttl)


@given(SETS, WISHES)
def test_a_ttl_nobody_asked_for_is_never_changed(current: RecordSet, desired: DesiredRecords) -> None:
    silent = DesiredRecords(desired.records, desired.present, None, desired.exclusive)
    after = predicted(current, plan(current, silent))
    if after.records:
        assert after.ttl == (current.ttl if current.records else DEFAULT_TTL)


@given(SETS, PRESENT)
def test_a_ttl_that_is_asked_for_is_reached(current: RecordSet, desired: DesiredRecords) -> None:
    after = predicted(current, plan(current, desired))
    assert desired.ttl is None or after.ttl == desired.ttl


@given(SETS, PRESENT)
def test_a_new_ttl_deletes_the_value_it_adds_again(current: RecordSet, desired: DesiredRecords) -> None:
    change = plan(current, desired)
    kept = values(change.add) & current.values
    assert kept <= values(change.delete)


@given(SETS, WISHES)
def test_two_tasks_with_different_hosts_can_run_in_any_order(current: RecordSet, desired: DesiredRecords) -> None:
    mine = DesiredRecords(desired.records, desired.present)
    theirs = DesiredRecords((SrvRecord("z.corp.test"),))
    change, other = plan(current, mine), plan(current, theirs)
    first = predicted(predicted(current, change), other)
    second = predicted(predicted(current, other), change)
    assert first.values == second.values


@given(SETS, WISHES)
def test_refreshing_sends_wished_records_that_are_there_and_changes_nothing(current: RecordSet, desired: DesiredRecords) -> None:
    again = refreshing(current, DesiredRecords(desired.records, desired.present, None, refresh=True))
    assert not again.delete
    assert values(again.add) == (values(desired.records) & current.values if desired.present else set())
    assert not again or predicted(current, again) == RecordSet(current.ttl, predicted(current, RecordChange()).records)


@given(SETS, WISHES)
def test_a_refresh_is_sent_along_with_a_change_and_makes_no_other_one(current: RecordSet, desired: DesiredRecords) -> None:
    refreshed = DesiredRecords(desired.records, desired.present, desired.ttl, desired.exclusive, refresh=True)
    sent = sending(current, refreshed)
    assert values(sent.add) == (values(desired.records) if desired.present else set())
    assert predicted(current, sent) == predicted(current, plan(current, desired)) or predicted(current, sent).values == current.values
    assert sending(current, desired) == plan(current, desired)


def test_an_exclusive_wish_without_records_removes_all() -> None:
    current = RecordSet(300, (SrvRecord("a.corp.test"), SrvRecord("b.corp.test")))
    assert predicted(current, plan(current, DesiredRecords((), exclusive=True))) == RecordSet()


def test_a_ttl_that_changes_other_hosts_too_is_told() -> None:
    current = RecordSet(300, (SrvRecord("other.corp.test"),))
    desired = DesiredRecords((SrvRecord("mine.corp.test"),), ttl=60)
    (said,) = plan_warnings(current, desired, plan(current, desired))
    assert "from 300 to 60" in said
    assert "other.corp.test" in said


def test_a_host_that_publishes_itself_beside_our_record_is_told() -> None:
    current = RecordSet(300, (SrvRecord("a.corp.test", priority=5), SrvRecord("a.corp.test")))
    desired = DesiredRecords((SrvRecord("a.corp.test", priority=5),))
    (said,) = plan_warnings(current, desired, plan(current, desired))
    assert "a.corp.test has more than one record" in said
    assert plan(current, desired).delete == (SrvRecord("a.corp.test"),)
