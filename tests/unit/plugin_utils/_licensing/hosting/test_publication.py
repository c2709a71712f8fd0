# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DnsDomainPublishList line by line, whatever somebody wrote into it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting import publication
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.hosting.publication import PublishedDomain

domains = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){0,2}", fullmatch=True)
numbers = st.integers(0, 65535)
entries = st.builds(PublishedDomain, domains, numbers, numbers)


@given(entries)
def test_a_line_that_was_written_is_read_as_the_same_entry(entry: PublishedDomain) -> None:
    assert publication.parse_line(entry.line) == entry


@given(st.lists(entries, max_size=5), st.randoms())
def test_the_order_of_lines_the_case_and_a_final_dot_mean_nothing(found: list[PublishedDomain], chance: object) -> None:
    other = [PublishedDomain(f"{entry.domain.upper()}.", entry.priority, entry.weight) for entry in found]
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert publication.same_list(found, other)


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("a.example", PublishedDomain("a.example")),
        (" a.example , 10 , 5 ", PublishedDomain("a.example", 10, 5)),
        ("a.example,10", PublishedDomain("a.example", 10)),
        ("a.example,x,-1", PublishedDomain("a.example")),
        ("a.example,\u00b2,5", PublishedDomain("a.example", 0, 5)),
        ("a.example,1,2,3", PublishedDomain("a.example", 1, 2)),
        ("", None),
        (" , 1", None),
    ],
)
def test_a_line_written_by_hand_is_read_as_well_as_it_can_be(line: str, entry: PublishedDomain | None) -> None:
    assert publication.parse_line(line) == entry


def test_another_weight_is_another_list() -> None:
    assert not publication.same_list([PublishedDomain("a.example")], [PublishedDomain("a.example", 0, 1)])
    assert not publication.same_list([PublishedDomain("a.example")], [])
