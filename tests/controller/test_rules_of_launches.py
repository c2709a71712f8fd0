# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys, prompts, and the variables of a job."""

from __future__ import annotations

from typing import Any

import pytest

from awx_rules import survey
from awx_rules.launch import Refused, by_person, by_workflow, merged, of_workflow
from awx_rules.objects import ObjectError, Question, Template, asks, questions, template, workflow

MACHINES = Question("machines", "text", required=True)
WAIT = Question("wait", "integer", required=False, default=5, minimum=0, maximum=600)
SHARE = Question("share", "float", required=False)
LOOK = Question("look", "multiplechoice", required=False, default="true", choices=("true", "false"))
PARTS = Question("parts", "multiselect", required=False, choices=("windows", "office"))
KEY = Question("key", "password", required=False, default="", minimum=None)
SURVEY = (MACHINES, WAIT, LOOK, KEY)


def job_template(**fields: Any) -> Template:
    return Template("T", "t.yml", **{"questions": SURVEY, "extra_vars": {"machines": "all", "own": 1}, **fields})


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (MACHINES, ""),
        (MACHINES, "web*"),
        (WAIT, 0),
        (WAIT, 600),
        (SHARE, 2),
        (SHARE, 2.5),
        (LOOK, "false"),
        (PARTS, []),
        (PARTS, ["office"]),
    ],
)
def test_an_answer_of_the_type_is_taken(question: Question, answer: Any) -> None:
    assert survey.mistakes(question, answer) == ()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (MACHINES, 5), (MACHINES, None), (WAIT, "5"), (WAIT, ""), (WAIT, True), (WAIT, 601), (WAIT, -1), (SHARE, "2.5"), (LOOK, ""),
        (LOOK, True),
        (PARTS, "office"), (PARTS, ["server"]), (Question("key", "password", required=True, minimum=5), "1234"),
    ],
)  # fmt: skip
def test_an_answer_of_another_type_is_refused(question: Question, answer: Any) -> None:
    assert len(survey.mistakes(question, answer)) == 1


def test_a_launch_without_a_required_answer_is_refused_also_if_the_template_has_the_variable() -> None:
    with pytest.raises(Refused, match="machines: an answer is required"):
        by_person(job_template(), {}, {})


def test_an_empty_text_is_an_answer() -> None:
    assert by_person(job_template(), {"machines": ""}, {}).extra_vars["machines"] == ""


def test_answers_beat_defaults_and_defaults_beat_the_variables_of_the_template() -> None:
    found = by_person(job_template(extra_vars={"wait": 1, "look": "false", "own": 1}), {"machines": "web", "wait": 9}, {})
    assert found.extra_vars == {"machines": "web", "wait": 9, "look": "true", "own": 1, "key": ""}


def test_an_empty_default_is_a_variable_only_for_a_required_question_or_a_password() -> None:
    texts = [Question(name, "text", required=name == "b", default="") for name in "ab"]
    assert survey.defaults([*texts, KEY, Question("n", "integer", required=True, default="")]) == {"b": "", "key": ""}


def test_the_hidden_password_means_the_default() -> None:
    asked = Question("key", "password", required=True, default="kept")
    assert by_person(job_template(questions=(asked,)), {"key": survey.HIDDEN}, {}).extra_vars["key"] == "kept"


def test_a_variable_that_nobody_asked_for_is_ignored() -> None:
    found = by_person(job_template(), {"machines": "web", "other": 1, "own": 1}, {"limit": "web", "job_type": "check"})
    assert found.ignored == {"other": 1, "limit": "web", "job_type": "check"}
    assert "other" not in found.extra_vars
    assert found.fields == {}


def test_a_prompt_opens_its_field_only() -> None:
    asking = job_template(asks=frozenset({"limit", "extra_vars"}), fields={"limit": "all", "job_type": "run"})
    found = by_person(asking, {"machines": "web", "other": 1}, {"limit": "web", "job_type": "check"})
    assert found.fields == {"limit": "web", "job_type": "run"}
    assert found.extra_vars["other"] == 1
    assert found.ignored == {"job_type": "check"}


def test_artifacts_beat_a_node_and_the_workflow_beats_artifacts() -> None:
    order = by_workflow(
        job_template(), {"machines": "node", "wait": 1}, {}, {"wait": 2, "seen": 2, "key": "artifact"}, {"key": "workflow", "more": 3}
    )
    assert order.extra_vars == {"machines": "node", "own": 1, "wait": 2, "look": "true", "seen": 2, "key": "workflow", "more": 3}


def test_artifacts_need_no_question_and_are_not_compared_with_the_survey() -> None:
    assert by_workflow(job_template(), {"machines": "a"}, {}, {"wait": "many", "_ansible_no_log": True}, {}).extra_vars["wait"] == "many"


def test_a_workflow_can_answer_a_required_question_of_its_nodes() -> None:
    assert by_workflow(job_template(extra_vars={}), {}, {}, {}, {"machines": "web"}).extra_vars["machines"] == "web"
    with pytest.raises(Refused, match="machines"):
        by_workflow(job_template(extra_vars={}), {}, {}, {}, {})


@pytest.mark.parametrize(("data", "prompts"), [({"wait": "5"}, {}), ({"other": 1}, {}), ({}, {"limit": "web"})])
def test_a_node_that_gives_what_its_template_does_not_take_is_refused(data: dict[str, Any], prompts: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        by_workflow(job_template(), {"machines": "a", **data}, prompts, {}, {})


def test_the_artifacts_of_a_later_parent_replace_a_name_as_a_whole() -> None:
    assert merged([{"a": {"x": 1}, "b": 1}, {"a": {"y": 2}}]) == {"a": {"y": 2}, "b": 1}


def test_a_workflow_asks_its_own_survey() -> None:
    spec = {"spec": [{"question_name": "M", "variable": "m", "type": "text", "required": True}]}
    found = workflow({"name": "W", "survey_enabled": True, "survey_spec": spec, "ask_limit_on_launch": True, "extra_vars": {"a": 1}})
    assert of_workflow(found, {"m": "x"}, {"limit": "web"}) == ({"a": 1, "m": "x"}, {"limit": "web"})
    for answers, prompts in (({}, {}), ({"m": "x", "n": 1}, {}), ({"m": "x"}, {"job_type": "check"})):
        with pytest.raises(Refused):
            of_workflow(found, answers, prompts)


def test_a_survey_that_is_not_enabled_asks_nothing() -> None:
    spec = {
        "spec": [{"question_name": "M", "variable": "m", "type": "multiplechoice", "required": False, "choices": "a\n\nb\n", "max": ""}]
    }
    assert questions({"name": "T", "survey_spec": spec, "survey_enabled": False}) == ()
    assert questions({"name": "T", "survey_spec": spec, "survey_enabled": True}) == (
        Question("m", "multiplechoice", required=False, choices=("a", "b")),
    )


def test_an_option_that_awx_does_not_have_is_an_error() -> None:
    with pytest.raises(ObjectError, match="ask_limit_at_launch"):
        asks({"name": "T", "ask_limit_at_launch": True})
    with pytest.raises(ObjectError, match="variable"):
        questions(
            {"name": "T", "survey_enabled": True, "survey_spec": {"spec": [{"question_name": "M", "type": "text", "required": True}]}}
        )


def test_a_template_keeps_the_fields_that_decide_how_a_job_runs() -> None:
    found = template({"name": "T", "playbook": "t.yml", "job_type": "check", "limit": "", "job_slice_count": 3, "credentials": ["c"]})
    assert found.fields == {"job_type": "check", "job_slice_count": 3, "credentials": ["c"]}
