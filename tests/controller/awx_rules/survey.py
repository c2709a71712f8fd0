# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a survey: which of them AWX accepts, and which variables a job gets from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from awx_rules.objects import Question

TEXTS = frozenset({"text", "textarea", "password"})
HIDDEN = "$encrypted$"
"""What the API shows instead of a password. As an answer, it means the default."""


@dataclass(frozen=True)
class Accepted:
    """What AWX takes of a launch."""

    values: Mapping[str, Any]
    ignored: Mapping[str, Any]
    errors: tuple[str, ...]
    """Reasons for which AWX refuses a launch by a person. In a workflow, the job starts without the refused answers."""


def _outside(question: Question, size: float, what: str) -> tuple[str, ...]:
    if question.minimum is not None and size < question.minimum:
        return (f"{question.variable}: {what} is less than {question.minimum:g}",)
    if question.maximum is not None and size > question.maximum:
        return (f"{question.variable}: {what} is more than {question.maximum:g}",)
    return ()


def _number(question: Question, value: Any) -> tuple[str, ...]:
    types = (int,) if question.kind == "integer" else (int, float)
    # The text "5" is no number, and neither are "" and True.
    if type(value) not in types:
        return (f"{question.variable}: {value!r} is not of type {question.kind}",)
    return _outside(question, value, str(value))


def _selection(question: Question, value: Any) -> tuple[str, ...]:
    if question.kind == "multiselect" and not isinstance(value, list):
        return (f"{question.variable}: a list of choices is expected",)
    chosen = value if question.kind == "multiselect" else [value]
    others = [entry for entry in chosen if entry not in question.choices]
    return tuple(f"{question.variable}: {entry!r} is not one of {list(question.choices)}" for entry in others)


def mistakes(question: Question, value: Any) -> tuple[str, ...]:
    """Return why AWX refuses an answer."""
    if question.kind in TEXTS:
        if not isinstance(value, str):
            return (f"{question.variable}: a text is expected",)
        return _outside(question, len(value), "the number of characters")
    if question.kind in {"integer", "float"}:
        return _number(question, value)
    return _selection(question, value)


def accept(questions: Sequence[Question], asks_variables: bool, known: Mapping[str, Any], given: Mapping[str, Any]) -> Accepted:
    """Return which variables of a launch AWX takes. `known` are the extra variables of the template."""
    values: dict[str, Any] = {}
    left = dict(given)
    errors: list[str] = []
    for question in questions:
        if question.variable not in given:
            errors += [f"{question.variable}: an answer is required"] if question.required else []
            continue
        answer = left.pop(question.variable)
        if question.kind == "password" and answer == HIDDEN:
            continue
        found = mistakes(question, answer)
        errors += found
        if not found:
            values[question.variable] = answer
    if asks_variables:
        return Accepted({**values, **left}, {}, tuple(errors))
    return Accepted(values, {name: value for name, value in left.items() if known.get(name) != value}, tuple(errors))


def defaults(questions: Sequence[Question]) -> dict[str, Any]:
    """Return the defaults that become variables. A default that is no valid answer, such as "" for a number, is not used.

    Neither is an empty default of an optional question, except of a password.
    """
    return {
        question.variable: question.default
        for question in questions
        if question.default is not None
        and not (question.default == "" and not question.required and question.kind != "password")
        and not mistakes(question, question.default)
    }


def variables(known: Mapping[str, Any], questions: Sequence[Question], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the extra variables of a job: those of the template, then the defaults of the survey, then those of the launch."""
    return {**known, **defaults(questions), **given}
