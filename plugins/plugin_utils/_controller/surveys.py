# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys: from questions by variable to the form of AWX. Pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .shapes import answer_error
from .site import ControllerContentError, Site

_FIELDS = ("question_name", "question_description", "type", "choices", "min", "max")


def question_of(variable: str, question: Mapping[str, Any], *, required: bool, site: Site) -> dict[str, Any]:
    """Return a question in the form of AWX.

    A question has a default only if the site has an answer. It is not required then, because a launch through the API, for example by
    ansible-rulebook, gets the default without sending it only for a question that is not required. Raises ControllerContentError for an
    answer that a controller refuses.
    """
    has_answer = variable in site.answers
    error = answer_error(variable, question, site.answers[variable]) if has_answer else None
    if error:
        raise ControllerContentError(error)
    asked = {name: question[name] for name in _FIELDS if name in question}
    answer = {"default": site.answers[variable]} if has_answer else {}
    return {"variable": variable, "required": required and not has_answer, **asked, **answer}


def survey_of(required: Sequence[str], optional: Sequence[str], questions: Mapping[str, Mapping[str, Any]], site: Site) -> dict[str, Any]:
    """Return the fields of a template for its survey, which has the required questions first. Without questions, there is no survey.

    Raises ControllerContentError for a variable without a question.
    """
    missing = sorted({*required, *optional} - set(questions))
    if missing:
        raise ControllerContentError(f"There is no question for {', '.join(missing)}.")
    spec = [question_of(name, questions[name], required=name in required, site=site) for name in (*required, *optional)]
    if not spec:
        return {"survey_enabled": False}
    return {"survey_enabled": True, "survey_spec": {"name": "", "description": "", "spec": spec}}
