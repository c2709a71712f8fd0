# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers of a machine as plain data.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import Any

from .._licensing.state.model import ActivationState
from .._licensing.state.report import describe_machine
from .assumptions import judged
from .model import Answers, KitAnswer, KitQuestion, Verdict
from .questions import FAULTS, READS


def describe(answers: Answers) -> dict[str, Any]:
    """Return the result of a machine: its description, each assumption with what was seen, and each question with its cost."""
    assumptions = [
        {
            "id": assumption.id,
            "area": assumption.area,
            "text": assumption.text,
            "verdict": finding.verdict.value,
            "seen": finding.seen,
            "if_wrong": assumption.if_wrong if finding.verdict is Verdict.DOES_NOT_HOLD else None,
        }
        for assumption, finding in judged(answers)
    ]
    counts = {verdict.value: sum(1 for each in assumptions if each["verdict"] == verdict.value) for verdict in Verdict}
    state = answers.value("state")
    return {
        "changed": False,
        "machine": describe_machine(state) if isinstance(state, ActivationState) else None,
        "encrypted": answers.encrypted,
        "counts": counts,
        "assumptions": assumptions,
        "questions": [_describe(question, answers.by_name[question.name]) for question in (*READS, *FAULTS)],
        "msg": _message(counts, assumptions),
    }


def _describe(question: KitQuestion, answer: KitAnswer) -> dict[str, Any]:
    return {
        "name": question.name,
        "about": question.about,
        "fault_expected": question.is_fault,
        "request_count": len(answer.exchanges),
        "byte_count": sum(exchange.size for exchange in answer.exchanges),
        "seconds": round(answer.seconds, 3),
        "code": None if answer.code is None else f"0x{answer.code:08X}",
        "error_text": answer.error,
    }


def _message(counts: dict[str, int], assumptions: list[dict[str, Any]]) -> str:
    wrong = [each["id"] for each in assumptions if each["verdict"] == Verdict.DOES_NOT_HOLD.value]
    text = f"{counts['holds']} assumptions hold, {len(wrong)} do not, and {counts['not_visible']} cannot be seen here."
    return f"{text} Please report {', '.join(wrong)}." if wrong else text


__all__ = ["describe"]
