# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging: whatever is collected and whatever comes back, no confirmation ID is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy import merge
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.model import ProxyRecord
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.texts import spelled

from .records import OTHER_SKU, confirmation, identity, mistyped, record

# Few machines, products and IDs, so that all kinds of meetings happen.
numbers = st.integers(0, 5)
answer = st.sampled_from(["", confirmation(1), confirmation(2), mistyped(confirmation(3), 2), "none yet"])
ours = st.builds(
    record,
    st.sampled_from(["PC-01", "pc-01", "PC-02", "PC-03"]),
    numbers,
    confirmation_id=answer,
    application=st.sampled_from(["windows", "office"]),
    activation_id=st.sampled_from(["", OTHER_SKU]),
    note=st.sampled_from(["", "second floor", "Another confirmation ID: x"]),
)
asked = st.builds(lambda found: replace(found, confirmation_id="", note=""), ours)
several = st.lists(ours, max_size=6)


def kept(records: Sequence[ProxyRecord]) -> set[tuple[tuple[str, str], str]]:
    """The confirmation IDs with what they are for."""
    return {(found.identity, found.confirmation_id) for found in records if found.answered}


def is_told(identity: tuple[str, str], confirmation_id: str, records: Sequence[ProxyRecord]) -> bool:
    same = [found for found in records if found.identity == identity]
    return any(confirmation_id == found.confirmation_id or spelled(confirmation_id) in found.note for found in same)


@given(several, st.lists(asked, max_size=6), st.booleans())
def test_a_collection_keeps_every_confirmation_id(known: list[ProxyRecord], found: list[ProxyRecord], knows_all: bool) -> None:
    names = [each.machine for each in (*known, *found)] if knows_all else []
    assert kept(known) <= kept(merge.collected(known, found, names).records)


@given(several, st.lists(asked, max_size=6))
def test_after_a_collection_every_machine_has_a_record_of_what_it_shows(known: list[ProxyRecord], found: list[ProxyRecord]) -> None:
    last = {each.machine.casefold(): each for each in found}
    records = merge.collected(known, list(last.values())).records
    shown = {(each.machine.casefold(), each.identity) for each in records}
    assert {(each.machine.casefold(), each.identity) for each in last.values()} <= shown


@given(several, st.lists(asked, max_size=6))
def test_the_same_collection_once_more_changes_nothing(known: list[ProxyRecord], found: list[ProxyRecord]) -> None:
    machines = {each.machine.casefold(): each for each in found}
    once = merge.collected(known, list(machines.values()))
    again = merge.collected(once.records, list(machines.values()))
    assert (again.changed, again.records) == (False, once.records)


@given(several, several)
def test_every_confirmation_id_of_either_side_is_told_after_something_came_back(
    known: list[ProxyRecord], returned: list[ProxyRecord]
) -> None:
    records = merge.answered(known, returned).records
    for found in (*known, *returned):
        if found.answered:
            assert is_told(found.identity, found.confirmation_id, records)


@given(several, several)
def test_what_came_back_already_changes_nothing(known: list[ProxyRecord], returned: list[ProxyRecord]) -> None:
    one_each = list({each.identity: each for each in returned}.values())
    once = merge.answered(known, one_each)
    again = merge.answered(once.records, one_each)
    assert (again.changed, again.replaced) == (False, ())


@given(several)
def test_a_part_of_a_file_takes_nothing_away(known: list[ProxyRecord]) -> None:
    assert not merge.answered(known, []).changed
    assert not merge.collected(known, []).changed


def test_another_installation_id_takes_the_place_of_the_unanswered_record_and_what_was_written_beside_it() -> None:
    known = [record("PC-01", 1, note="second floor"), record("PC-02", 2)]
    merged = merge.collected(known, [record("PC-01", 7)])
    assert [(found.machine, found.installation_id, found.note) for found in merged.records] == [
        ("PC-01", identity(7), "second floor"),
        ("PC-02", identity(2), ""),
    ]


def test_an_answered_record_stays_beside_the_one_of_the_new_hardware() -> None:
    known = [record("PC-01", 1, 1)]
    assert merge.collected(known, [record("PC-01", 7)]).records == (*known, record("PC-01", 7))


def test_a_record_of_another_product_of_the_machine_stays() -> None:
    known = [record("PC-01", 1), record("PC-01", 2, application="office", activation_id=OTHER_SKU)]
    assert [found.installation_id for found in merge.collected(known, [record("PC-01", 7)]).records] == [identity(7), identity(2)]


def test_the_same_hardware_under_another_name_keeps_its_confirmation_id() -> None:
    (found,) = merge.collected([record("OLD", 1, 1)], [record("NEW", 1)]).records
    assert (found.machine, found.computer_name, found.confirmation_id) == ("NEW", "NEW", confirmation(1))


def test_copies_that_show_the_same_installation_id_have_a_record_each_and_one_answer() -> None:
    known = [record("PC-01", 1, 1)]
    once = merge.collected(known, [record("PC-02", 1)], ["PC-01", "PC-02"])
    assert [(found.machine, found.confirmation_id) for found in once.records] == [("PC-01", confirmation(1)), ("PC-02", confirmation(1))]
    assert not merge.collected(once.records, [record("PC-01", 1), record("PC-02", 1)]).changed


def test_two_machines_whose_names_differ_in_case_have_a_record_each() -> None:
    """Both are in the inventory. The second one must not take the place of the first one in the file."""
    found = [record("PC-01", 1), record("pc-01", 2)]
    first = merge.collected([], found, ["PC-01", "pc-01"])
    assert [(one.machine, one.installation_id) for one in first.records] == [("PC-01", identity(1)), ("pc-01", identity(2))]
    assert not merge.collected(first.records, found, ["PC-01", "pc-01"]).changed
    copies = merge.collected([], [record("PC-01", 1), record("pc-01", 1)])
    assert [one.machine for one in copies.records] == ["PC-01", "pc-01"]


def test_a_name_that_a_person_wrote_in_another_case_is_still_the_machine() -> None:
    merged = merge.collected([record("pc-01", 1)], [record("PC-01", 2)], ["PC-01", "PC-02"])
    assert [(one.machine, one.installation_id) for one in merged.records] == [("PC-01", identity(2))]


def test_the_moment_of_the_first_reading_stays() -> None:
    later = replace(record("PC-01", 1), collected_time="2027-01-01T00:00:00Z")
    assert not merge.collected([record("PC-01", 1)], [later]).changed


def test_a_corrected_confirmation_id_counts_and_the_former_is_in_the_note() -> None:
    wrong, right = mistyped(confirmation(1), 2), confirmation(1)
    merged = merge.answered([record("PC-01", 1, confirmation_id=wrong)], [record("PC-01", 1, 1)])
    (found,) = merged.records
    assert (found.confirmation_id, found.note) == (right, f"Another confirmation ID: {spelled(wrong)}")
    assert [each.confirmation_id for each in merged.replaced] == [wrong]


def test_one_that_came_back_with_a_wrong_check_digit_does_not_drive_out_one_that_fits() -> None:
    wrong = mistyped(confirmation(1), 2)
    merged = merge.answered([record("PC-01", 1, 1)], [record("PC-01", 1, confirmation_id=wrong)])
    assert (merged.records[0].confirmation_id, merged.replaced) == (confirmation(1), ())
    assert spelled(wrong) in merged.records[0].note


def test_an_old_unanswered_record_that_comes_back_does_not_return() -> None:
    known = [record("PC-01", 7)]
    assert not merge.answered(known, [record("PC-01", 1)]).changed
    assert len(merge.answered(known, [record("PC-01", 1, 1), record("PC-09", 9)]).records) == 3


def test_a_record_of_an_older_file_gets_its_extended_pid_from_the_machine_and_from_a_returned_file() -> None:
    old = record(extended_pid="")
    for merged in (merge.collected([old], [record()]), merge.answered([old], [record()])):
        assert [(found.extended_pid, found.installation_id) for found in merged.records] == [(record().extended_pid, identity(1))]


def test_a_returned_file_without_extended_pids_takes_none_away() -> None:
    merged = merge.answered([record()], [record(cid=1, extended_pid="")])
    assert [(found.extended_pid, found.confirmation_id) for found in merged.records] == [(record().extended_pid, confirmation(1))]
