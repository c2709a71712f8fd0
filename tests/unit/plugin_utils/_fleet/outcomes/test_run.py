# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which machines make a run fail, and what the run says of itself: nothing that was begun is ever hidden."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.esu_report import STATUSES as ESU_STATUSES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.artifact import OUTCOMES
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.ending import (
    FAIL_ON,
    FailOnError,
    statuses_of,
    truth_of,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.from_results import outcome_of
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.report import (
    PROBLEMS,
    STATUSES,
    MachineOutcome,
    report,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.outcomes.run import RunEnding, prefix_of, run_ending
from ansible_collections.winops.volume_activation.plugins.plugin_utils._fleet.summary import summarize
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.report import PROBLEMS as PROXY_PROBLEMS
from ansible_collections.winops.volume_activation.plugins.plugin_utils._proxy.report import STATUSES as PROXY_STATUSES

OFF = {"unreachable": True, "msg": "pc: refused", "error": {"code": "unreachable", "meaning": "Refused."}}
BOOK = "convert_to_kms"


def a_report(*statuses: str, begun: bool = False) -> dict[str, Any]:
    """A machine with each of these statuses, named after it."""
    return report(MachineOutcome(f"{place}-{status}", status, "Why.", is_begun=begun) for place, status in enumerate(statuses))


def ended(*statuses: str, begun: bool = False, **how: Any) -> RunEnding:
    return run_ending(a_report(*statuses, begun=begun), BOOK, **how)


@given(st.lists(st.sampled_from(list(STATUSES)), max_size=8), st.booleans())
def test_without_variables_the_same_machines_fail_as_before_there_were_any(statuses: list[str], begun: bool) -> None:
    found = a_report(*statuses, begun=begun)
    end = run_ending(found, BOOK)
    assert sorted(end.failing) == sorted(found["problems"])
    assert end.failures == found["failures"]
    assert (end.outcome == "failed") == bool(found["problems"])
    assert sum(end.counts.values()) == 2 * len(statuses)


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ((), "nothing_to_do"),
        (("unchanged", "already_licensed", "not_affected"), "nothing_to_do"),
        (("activated", "unchanged"), "ok"),
        (("changed",), "ok"),
        (("planned",), "ok"),
        (("activated", "not_yet"), "incomplete"),
        (("waiting",), "incomplete"),
        (("waiting_for_count",), "incomplete"),
        (("not_run", "activated"), "incomplete"),
        (("activated", "refused"), "failed"),
        (("activated", "unreachable"), "failed"),
    ],
)
def test_the_outcome_is_one_of_a_few_words(statuses: tuple[str, ...], outcome: str) -> None:
    assert ended(*statuses).outcome == outcome
    assert outcome in OUTCOMES


def test_in_check_mode_a_change_is_planned_and_no_change_is_nothing_to_do() -> None:
    assert ended("planned", "unchanged", check_mode=True).outcome == "planned"
    assert ended("unchanged", check_mode=True).outcome == "nothing_to_do"
    assert ended("planned", "refused", check_mode=True).outcome == "failed"
    assert ended("planned", "refused", check_mode=True, fail_on=["not_run"]).outcome == "incomplete"


def test_a_machine_that_is_off_need_not_make_the_run_fail_and_is_still_told() -> None:
    end = ended("activated", "unreachable", fail_on_unreachable="false")
    assert (end.failing, end.outcome, end.failures) == ((), "incomplete", {})
    assert (end.counts, end.not_done) == ({"machines": 2, "activated": 1, "unreachable": 1}, ("1-unreachable",))
    assert end.summary == "2 machines: 1 activated, 1 not reached."


def test_a_machine_whose_connection_was_lost_after_a_step_makes_the_run_fail_in_any_case() -> None:
    end = ended("activated", "unreachable", begun=True, fail_on_unreachable=False, fail_on=[])
    assert (end.failing, end.outcome) == (("1-unreachable",), "failed")


@pytest.mark.parametrize(("step", "is_begun"), [("done", True), ("uncertain", True), ("neither", False)])
def test_a_step_that_was_done_or_might_have_been_is_begun(step: str, is_begun: bool) -> None:
    """A request to activate whose response was lost might have used an activation."""
    steps = [{"action": "activate", "description": "activate", "done": False, "uncertain": False, "loses": None, step: True}]
    found = report([outcome_of("pc", (), [{**OFF, "steps": steps}])])
    assert found["interrupted"] == (["pc"] if is_begun else [])
    assert bool(run_ending(found, BOOK, fail_on_unreachable=False).failing) is is_begun


def test_a_machine_that_was_changed_by_one_task_and_not_reached_by_the_next_is_begun() -> None:
    rearmed = {"steps": [{"action": "rearm", "description": "rearm", "done": True, "loses": None}], "changed": True}
    found = report([outcome_of("pc", (), [rearmed, OFF])])
    assert (found["machines"]["unreachable"], found["interrupted"]) == (["pc"], ["pc"])


def test_a_machine_that_was_only_read_before_is_not_begun() -> None:
    planned = {"steps": [{"action": "activate", "description": "activate", "done": False, "loses": None}]}
    assert report([outcome_of("pc", [planned], [OFF])])["interrupted"] == []


@given(st.lists(st.sampled_from(list(STATUSES)), max_size=6), st.lists(st.sampled_from(FAIL_ON[BOOK].choices)), st.booleans())
def test_a_failed_machine_fails_the_run_whatever_the_variables_say(statuses: list[str], fail_on: list[str], off: bool) -> None:
    found = a_report(*statuses)
    end = run_ending(found, BOOK, fail_on=fail_on, fail_on_unreachable=off)
    assert set(found["machines"]["failed"]) <= set(end.failing)
    assert set(found["problems"]) <= set(end.not_done), "who does not make the run fail is still in the artifact"
    expected = {*fail_on, "failed", *(["unreachable"] if off else [])}
    assert {name.partition("-")[2] for name in end.failing} == expected & set(statuses)
    assert set(end.failures) == set(end.failing), "each machine that fails says why"


@pytest.mark.parametrize("unset", [None, ""])
@pytest.mark.parametrize("prefix", FAIL_ON)
def test_an_empty_answer_is_the_default(prefix: str, unset: Any) -> None:
    assert statuses_of(prefix, unset) == FAIL_ON[prefix].default
    assert truth_of(prefix, unset) is None


@pytest.mark.parametrize(
    "given_text", ["refused, not_yet", "refused\nnot_yet\n", ["refused", "not_yet"], ("refused", "not_yet", "refused")]
)
def test_a_list_may_be_a_text_as_a_survey_sends_it(given_text: Any) -> None:
    assert statuses_of(BOOK, given_text) == ("refused", "not_yet", "failed")


def test_an_empty_list_leaves_only_the_machines_that_failed() -> None:
    assert statuses_of(BOOK, []) == ("failed",)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (
            ["refuse"],
            "convert_to_kms_fail_on contains refuse, and can contain refused, failed, not_yet, waiting_for_count, waiting, not_run.",
        ),
        (["unreachable"], "convert_to_kms_fail_on contains unreachable, which convert_to_kms_fail_on_unreachable decides. Remove it."),
        (7, "convert_to_kms_fail_on must be a list of refused"),
        ([["refused"]], "convert_to_kms_fail_on must be a list of refused"),
        ({"refused": True}, "convert_to_kms_fail_on must be a list of refused"),
    ],
)
def test_a_status_that_does_not_exist_is_refused(value: Any, words: str) -> None:
    with pytest.raises(FailOnError, match=words[:40]) as caught:
        statuses_of(BOOK, value)
    assert str(caught.value).startswith(words)


@pytest.mark.parametrize("text", ["maybe", "2", [], {}])
def test_a_text_that_is_not_a_boolean_is_refused(text: Any) -> None:
    with pytest.raises(FailOnError, match="convert_to_kms_fail_on_unreachable must be true or false"):
        truth_of(BOOK, text)


def test_the_choices_are_statuses_of_the_reports_and_the_defaults_are_the_problems() -> None:
    statuses: Mapping[str, Any] = {"activate_esu": ESU_STATUSES, "proxy_activation": PROXY_STATUSES}
    not_run = ("refused", "failed", "not_run")
    problems = {"activate_esu": not_run, "kms_to_adba": not_run, "proxy_activation": PROXY_PROBLEMS}
    for prefix, rule in FAIL_ON.items():
        assert set(rule.choices) <= set(statuses.get(prefix, STATUSES))
        assert set(rule.default) == set(problems.get(prefix, PROBLEMS)) - {"unreachable"}
        assert set(rule.default) <= set(rule.choices)


def test_the_playbooks_of_proxy_activation_share_their_variables() -> None:
    assert {prefix_of(name) for name in ("proxy_collect", "proxy_activate", "proxy_deposit")} == {"proxy_activation"}
    assert prefix_of("activate_esu") == "activate_esu"


PROXY_OFF = {"machines": {"activated": ["a"], "unreachable": ["b", "c"]}, "complete": False, "interrupted": ["c"], "summary": "1 of 3."}


@pytest.mark.parametrize(
    ("how", "failing"),
    [
        ({"failing": []}, ("c",)),
        ({"failing": ["b", "c"]}, ("b", "c")),
        ({"failing": ["b", "c"], "fail_on_unreachable": False}, ("c",)),
        ({"failing": [], "fail_on_unreachable": "true"}, ("c", "b")),
        ({"fail_on": ["missing"]}, ("c",)),
        ({"fail_on": ["missing"], "fail_on_unreachable": True}, ("c", "b")),
    ],
)
def test_a_machine_that_is_off_fails_a_run_of_proxy_activation_if_the_user_wants_it(how: dict[str, Any], failing: tuple[str, ...]) -> None:
    """These runs go on where they ended, so that such a machine does not make them fail by default. One that was begun does."""
    assert run_ending(PROXY_OFF, "proxy_deposit", **how).failing == failing


def test_a_playbook_may_select_the_machines_itself() -> None:
    end = ended("activated", "unreachable", "refused", failing=["1-unreachable"])
    assert (end.failing, end.outcome) == (("1-unreachable",), "failed")
    assert ended("activated", "refused", failing=[]).outcome == "incomplete"


def test_the_summary_of_a_check_counts_machines_by_license_and_by_what_could_not_be_read() -> None:
    licensed = {"products": [], "licensed": True, "machine": {"computer_name": "A"}}
    found = summarize({"a": licensed, "b": OFF, "c": {**licensed, "failed": True, "msg": "wrong"}, "d": None}, 30)
    end = run_ending(found, "activation_check", failing=[])
    assert end.outcome == "incomplete"
    assert end.counts["machines"] == 4
    assert (end.counts["unreachable"], end.counts["not_run"]) == (1, 1)
    assert set(end.not_done) >= {"b"}
    assert run_ending(found, "activation_check", failing=["b"]).outcome == "failed"


def test_a_playbook_without_machines_says_itself_what_it_did() -> None:
    end = run_ending({"outcome": "ok", "counts": {"domains": "2"}, "summary": "Done."}, "kms_srv_cleanup")
    assert (end.outcome, end.counts, end.summary, end.not_done) == ("ok", {"domains": 2}, "Done.", ())
    with pytest.raises(ValueError, match="the outcome is fine, and must be one of ok, "):
        run_ending({"outcome": "fine"}, "kms_srv_cleanup")
