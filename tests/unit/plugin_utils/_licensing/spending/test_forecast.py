# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a play will use: what is added up is never less than what can be used, for the play, its programmes, and its MAKs."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.spending.forecast import PlayState, add_up
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.spending.maks import MakNumbers

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


@given(forecasts, st.data())
def test_every_machine_is_in_one_list_and_the_sum_is_never_too_small(found: dict[str, Any], data: st.DataObject) -> None:
    play_hosts = data.draw(st.sets(st.sampled_from(sorted(found)))) if found else set()
    budget = add_up(PlayState(found, play_hosts))
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
    found = add_up(PlayState(forecasts, forecasts, ["here"], questions))
    assert (found["planned_activations"], found["machines"]["unread"], found["machines"]["not_activating"]) == (
        1,
        ["later"],
        ["also_later", "here"],
    )


def test_a_machine_that_was_skipped_counts_and_one_that_left_the_play_before_does_not() -> None:
    found = add_up(PlayState({"skipped": {"skipped": True, "changed": False}, "gone": None}, ["skipped"]))
    assert (found["planned_activations"], found["machines"]["unread"], found["machines"]["dropped"]) == (1, ["skipped"], ["gone"])


def test_a_machine_of_a_later_batch_counts_and_one_the_play_has_dropped_does_not() -> None:
    found = add_up(PlayState({"read": {"activations_used": 0}, "later": None, "gone": {"unreachable": True}}, ["read", "later"]))
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
    found = add_up(PlayState(forecasts, forecasts, (), options))
    assert found["planned_activations"] == 4
    assert {name: each["planned_activations"] for name, each in found["programmes"].items()} == {
        "windows_10_year_2": 2,
        "windows_server_2012_year_3": 1,
    }
    assert found["programmes"]["windows_10_year_2"]["machines"]["unread"] == ["w3"]
    assert add_up(PlayState({"plain": forecasts["plain"]}, ["plain"]))["programmes"] == {}


def shows(pid: str, partial: str = "TTWX3", channel: str = "mak", **more: Any) -> dict[str, Any]:
    """A machine that shows a product and would use an activation of its key."""
    products = [{"channel": channel, "partial_product_key": partial, "extended_pid": pid}]
    return {"activations_used": 1, "products": products, "activation": {"partial_product_key": partial}, **more}


def licensed(pid: str, partial: str = "TTWX3") -> dict[str, Any]:
    return shows(pid, partial, activations_used=0)


def installing(partial: str, **more: Any) -> dict[str, Any]:
    """A machine that would get a MAK."""
    return shows("8", "T83GX", "gvlk", **{"activation": {"partial_product_key": partial}, **more})


def brief(budget: dict[str, Any]) -> dict[str, tuple[Any, int]]:
    return {mak["partial_product_key"]: (mak["extended_pid"], mak["planned_activations"]) for mak in budget["maks"]}


def test_the_maks_that_machines_show_are_named_with_what_microsoft_has_left() -> None:
    forecasts = {"a": shows("1-2"), "b": shows("1-1"), "c": shows("9", "3V66T"), "d": installing("TTWX3"), "f": licensed("7", "22222")}
    assert brief(add_up(PlayState(forecasts, forecasts))) == {"22222": ("7", 0), "3V66T": ("9", 1), "TTWX3": ("1-1", 3)}
    left = {"1-2": {"extended_pid": "1-2", "remaining_activations": 7, "checked_time": "T"}}
    found = add_up(PlayState(forecasts, forecasts), MakNumbers(left))
    mak = found["maks"][2]
    assert (mak["extended_pid"], mak["remaining_activations"], mak["checked_time"], mak["forecast_activations"]) == ("1-2", 7, "T", 4)
    assert (mak["machines"], mak["activations_used"], mak["agrees"]) == (["a", "b", "d"], None, None)
    assert found["lines"] == [
        "MAK ending in 3V66T: not known how many are left, 1 planned.",
        "MAK ending in TTWX3: 7 left at Microsoft at T, 3 planned, forecast 4.",
    ]


def test_a_mak_that_no_machine_has_yet_is_known_by_what_the_user_set() -> None:
    forecasts = {"a": installing("TTWX3"), "b": installing("TTWX3")}
    assert brief(add_up(PlayState(forecasts, forecasts))) == {"TTWX3": (None, 2)}
    assert brief(add_up(PlayState(forecasts, forecasts, extended_pids={"a": " 5 ", "b": ""}))) == {"TTWX3": ("5", 2)}
    given_and_shown = {"a": shows("1-1"), "b": installing("TTWX3")}
    assert brief(add_up(PlayState(given_and_shown, given_and_shown, extended_pids={"a": "5"}))) == {"TTWX3": ("5", 2)}


def test_machines_that_were_not_read_count_for_the_maks_that_are_activated_and_not_for_those_that_are_replaced() -> None:
    replaced = shows("1", "22222", activation={"partial_product_key": "TTWX3"})
    forecasts = {"a": replaced, "later": None}
    assert brief(add_up(PlayState(forecasts, forecasts))) == {"22222": ("1", 0), "TTWX3": (None, 2)}
    nobody_activates = {"a": licensed("1"), "later": None}
    assert brief(add_up(PlayState(nobody_activates, nobody_activates))) == {"TTWX3": ("1", 1)}
    nothing_is_known: dict[str, Any] = {"later": None}
    assert brief(add_up(PlayState(nothing_is_known, nothing_is_known, extended_pids={"later": "5"}))) == {None: ("5", 1)}


@given(st.lists(st.sampled_from(["A", "B"])), st.integers(0, 3))
def test_each_mak_has_its_machines_and_those_that_were_not_read(keys: list[str], unread: int) -> None:
    forecasts: dict[str, Any] = {f"read-{number}": installing(key) for number, key in enumerate(keys)}
    forecasts |= {f"unread-{number}": None for number in range(unread)}
    budget = add_up(PlayState(forecasts, forecasts))
    assert brief(budget) == {key: (None, keys.count(key) + unread) for key in sorted(set(keys))} or not keys
    assert sum(mak["planned_activations"] for mak in budget["maks"]) >= budget["planned_activations"]


def test_after_the_run_each_mak_has_what_was_used_and_what_was_without_an_answer() -> None:
    forecasts = {name: installing("TTWX3") for name in "abcd"}
    lost = {"activations_used": 0, "steps": [{"action": "activate", "consumes": "1 activation", "uncertain": True}]}
    results = {"a": {"activations_used": 1}, "b": lost, "c": {"failed": True, "activations_used": 0}, "d": None}
    numbers = MakNumbers(
        {"5": {"remaining_activations": 9, "checked_time": "T1"}}, {"5": {"remaining_activations": 7, "checked_time": "T2"}}, results
    )
    (mak,) = add_up(PlayState(forecasts, forecasts, extended_pids=dict.fromkeys("abcd", "5")), numbers)["maks"]
    assert (mak["activations_used"], mak["unknown_activations"], mak["forecast_activations"]) == (1, 1, 8)
    assert (mak["remaining_activations_after"], mak["checked_after_time"], mak["agrees"]) == (7, "T2", True)
    assert "Microsoft counted 1 of the 1 request without an answer" in mak["line"]
