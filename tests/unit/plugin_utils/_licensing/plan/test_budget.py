# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The budget of a play: what is added up is never less than what can be spent, and more than is allowed is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.budget import Budget, add_up
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.problems import TaskRefusedError

forecasts = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=4),
    st.one_of(
        st.none(),
        st.just({}),
        st.builds(lambda spent: {"activations_used": spent}, st.integers(0, 1)),
        st.just({"failed": True, "msg": "refused"}),
        st.just({"unreachable": True}),
        st.just({"failed": True, "activations_used": 0}),
    ),
)


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


@given(forecasts, st.data())
def test_every_machine_is_in_one_list_and_the_sum_is_never_too_small(found: dict[str, Any], data: st.DataObject) -> None:
    play_hosts = data.draw(st.sets(st.sampled_from(sorted(found)))) if found else set()
    budget = add_up(found, play_hosts)
    lists = [budget["machines"][name] for name in ("activating", "unread", "not_activating", "dropped")]
    assert sorted(name for names in lists for name in names) == sorted(found)
    for machine, forecast in found.items():
        known = bool(forecast) and not forecast.get("failed") and not forecast.get("unreachable")
        costs = machine in budget["machines"]["activating"] or machine in budget["machines"]["unread"]
        if known:
            assert costs == bool(forecast["activations_used"])
        elif machine in play_hosts:
            assert costs
    assert budget["planned_activations"] == len(budget["machines"]["activating"]) + len(budget["machines"]["unread"])


def test_what_a_machine_of_a_later_batch_said_to_another_question_is_not_counted_on() -> None:
    forecasts = {name: {"activations_used": 0} for name in ("here", "later", "also_later")}
    questions = {"here": ["online", "windows"], "later": ["offline", "windows"], "also_later": ["online", "windows"]}
    found = add_up(forecasts, forecasts, ["here"], questions)
    assert (found["planned_activations"], found["machines"]["unread"], found["machines"]["not_activating"]) == (
        1,
        ["later"],
        ["also_later", "here"],
    )


def test_a_machine_that_was_skipped_counts_and_one_that_left_the_play_before_does_not() -> None:
    found = add_up({"skipped": {"skipped": True, "changed": False}, "gone": None}, ["skipped"])
    assert (found["planned_activations"], found["machines"]["unread"], found["machines"]["dropped"]) == (1, ["skipped"], ["gone"])


def test_a_machine_of_a_later_batch_counts_and_one_the_play_has_dropped_does_not() -> None:
    found = add_up({"read": {"activations_used": 0}, "later": None, "gone": {"unreachable": True}}, ["read", "later"])
    assert (found["planned_activations"], found["machines"]["unread"], found["machines"]["dropped"]) == (1, ["later"], ["gone"])


def test_every_programme_is_added_up_by_itself_because_it_has_a_mak_of_its_own() -> None:
    addon = {"is_addon": True, "activation_id": "55b1dd2d-2209-4ea0-a805-06298bad25b3"}
    forecasts: dict[str, Any] = {
        "w1": {"activations_used": 1},
        "w2": {"activations_used": 0},
        "w3": {"unreachable": True},
        "s1": {"activations_used": 1, "products": [addon]},
        "plain": {"activations_used": 1, "products": [{"is_addon": False, "activation_id": "x"}]},
    }
    options = {name: [True, "online", "windows", "windows_10_year_2"] for name in ("w1", "w2", "w3")}
    found = add_up(forecasts, forecasts, (), options)
    assert found["planned_activations"] == 4
    assert {name: each["planned_activations"] for name, each in found["programmes"].items()} == {
        "windows_10_year_2": 2,
        "windows_server_2012_year_3": 1,
    }
    assert found["programmes"]["windows_10_year_2"]["machines"]["unread"] == ["w3"]
    assert add_up({"plain": forecasts["plain"]}, ["plain"])["programmes"] == {}


def test_the_maks_that_machines_show_are_named_with_what_microsoft_has_left() -> None:
    def shows(pid: str, partial: str = "TTWX3", channel: str = "mak") -> dict[str, object]:
        return {"activations_used": 1, "products": [{"channel": channel, "partial_product_key": partial, "extended_pid": pid}]}

    forecasts = {
        "a": shows("1-2"),
        "b": shows("1-1"),
        "c": shows("9", "3V66T"),
        "d": shows("8", "T83GX", "gvlk"),
        "e": None,
        "f": shows(""),
    }
    left = [{"extended_pid": "1-2", "remaining_activations": 7, "checked_time": "T"}]
    assert add_up(forecasts, forecasts)["maks"] == [
        {"partial_product_key": "3V66T", "extended_pid": "9", "remaining_activations": None, "checked_time": None},
        {"partial_product_key": "TTWX3", "extended_pid": "1-1", "remaining_activations": None, "checked_time": None},
    ]
    assert add_up(forecasts, forecasts, left=left)["maks"][1] == {"partial_product_key": "TTWX3", **left[0]}
