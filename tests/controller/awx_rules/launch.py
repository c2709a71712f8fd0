# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A launch of a template: what of it AWX takes, and with what the job runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from awx_rules import survey
from awx_rules.objects import Template, Workflow


class Refused(Exception):
    """AWX does not launch the template. The text has all reasons."""


@dataclass(frozen=True)
class Order:
    """With what a job runs."""

    template: Template
    extra_vars: Mapping[str, Any]
    fields: Mapping[str, Any] = field(default_factory=dict)
    ignored: Mapping[str, Any] = field(default_factory=dict)
    """What the launch gave and AWX did not take, because the template does not ask for it."""


def prompts(template: Template | Workflow, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of a launch that the template asks for, and the others, which AWX ignores."""
    taken = {name: value for name, value in given.items() if name in template.asks}
    return taken, {name: value for name, value in given.items() if name not in template.asks and template.fields.get(name) != value}


def by_person(template: Template, answers: Mapping[str, Any], given: Mapping[str, Any]) -> Order:
    """Return the job of a launch by a person or a schedule. A wrong answer or a missing one refuses the launch."""
    accepted = survey.accept(template.questions, "extra_vars" in template.asks, template.extra_vars, answers)
    if accepted.errors:
        raise Refused(f"{template.name}: {'; '.join(accepted.errors)}")
    taken, ignored = prompts(template, given)
    variables = survey.variables(template.extra_vars, template.questions, accepted.values)
    return Order(template, variables, {**template.fields, **taken}, {**ignored, **accepted.ignored})


def by_workflow(
    template: Template, extra_data: Mapping[str, Any], given: Mapping[str, Any], artifacts: Mapping[str, Any], above: Mapping[str, Any]
) -> Order:
    """Return the job of a node.

    Its variables: those of the template, the defaults of its survey, those of the node, the artifacts of the nodes before it, and `above`,
    the variables of the workflow with its survey. Each beats those before it. Artifacts and variables of a workflow are not compared with
    the survey, and need no `ask_variables_on_launch`.
    """
    accepted = survey.accept(template.questions, "extra_vars" in template.asks, template.extra_vars, extra_data)
    own = {name: value for name, value in artifacts.items() if name != "_ansible_no_log"}
    variables = survey.variables(template.extra_vars, template.questions, {**accepted.values, **own, **above})
    # AWX starts the job anyway. A shipped workflow must not count on that.
    missing = [question.variable for question in template.questions if question.required and question.variable not in variables]
    wrong = [error for error in accepted.errors if not error.endswith("an answer is required")]
    taken, ignored = prompts(template, given)
    if missing or wrong or ignored or accepted.ignored:
        raise Refused(f"{template.name}: no answer for {missing}, {wrong}, not asked for {sorted({**ignored, **accepted.ignored})}")
    return Order(template, variables, {**template.fields, **taken})


def of_workflow(workflow: Workflow, answers: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the variables and fields that a launch of a workflow gives to each of its nodes."""
    accepted = survey.accept(workflow.questions, "extra_vars" in workflow.asks, workflow.extra_vars, answers)
    taken, ignored = prompts(workflow, given)
    if accepted.errors or accepted.ignored or ignored:
        raise Refused(f"{workflow.name}: {'; '.join(accepted.errors)}, not asked for {sorted({**ignored, **accepted.ignored})}")
    return survey.variables(workflow.extra_vars, workflow.questions, accepted.values), {**workflow.fields, **taken}


def merged(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the artifacts of several jobs as the next node gets them. The later ones replace those of the same name as a whole."""
    found: dict[str, Any] = {}
    for part in parts:
        found.update(part)
    return found
