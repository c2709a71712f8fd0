# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The budget of a play: more than is allowed is refused, whatever a single task knows of the play."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.budget import Budget
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError


def refuses(budget: Budget, own: int = 1) -> bool:
    try:
        budget.refuse_more(own)
    except TaskRefusedError:
        return True
    return False


@given(st.integers(0, 200), st.integers(1, 200), st.one_of(st.none(), st.integers(0, 200)))
def test_a_play_is_refused_exactly_when_it_may_spend_more(limit: int, machines: int, planned: int | None) -> None:
    needed = machines if planned is None else max(planned, 1)
    assert refuses(Budget(limit, machines, planned)) == (needed > limit)


@given(st.integers(0, 50), st.integers(1, 50))
def test_a_loop_that_nobody_added_up_is_always_refused(limit: int, machines: int) -> None:
    assert refuses(Budget(limit, machines, is_repeated=True))
    assert not refuses(Budget(limit, machines, planned=limit, is_repeated=True)) or limit == 0


def test_a_refusal_says_the_numbers_and_how_to_count_better() -> None:
    with pytest.raises(TaskRefusedError, match=r"100 machines.*more than max_activations: 60\. Nothing was changed") as refused:
        Budget(60, 100).refuse_more()
    assert "convert_to_mak" in refused.value.next_steps[0]
    with pytest.raises(TaskRefusedError, match="The play needs 61 activations") as refused:
        Budget(60, 100, 61).refuse_more()
    assert not any("convert_to_mak" in step for step in refused.value.next_steps)


def test_a_task_that_takes_no_plan_is_not_sent_to_the_one_who_adds_up() -> None:
    for budget in (Budget(1, 2, takes_plan=False), Budget(9, 1, is_repeated=True, takes_plan=False)):
        with pytest.raises(TaskRefusedError) as refused:
            budget.refuse_more()
        assert not any("mak_client" in step for step in refused.value.next_steps)
    assert "without a loop" in refused.value.next_steps[0]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20), st.integers(0, 60))
def test_machines_that_know_nothing_of_each_other_never_use_more_than_the_limit_together(uses: list[int], limit: int) -> None:
    budget = Budget(limit, len(uses))
    assert sum(own for own in uses if own and not refuses(budget, own)) <= limit
