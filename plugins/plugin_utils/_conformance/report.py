# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers of a machine as plain data.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._licensing.state.model import ActivationState
from .._licensing.state.report import describe_machine
from .assumptions import judged
from .model import CHANGE, Answers, KitAnswer, KitQuestion, Verdict, ask_nothing
from .questions import FAULTS, READS

_RESTORING = "restoring the machine"
_ABOUT = {
    "change_policies_read": "policies before they are set",
    "change_policies": "setting policies",
    "change_kms_host": "setting a KMS host",
    "change_invalid_key": "a text that is not a key",
    "change_archive": "saving a log to a missing folder",
    "change_key": "installing the key that is there",
    "change_activation": "activating",
}
_REFUSED = frozenset({"change_invalid_key", "change_archive"})


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
        "steps": [],
        "changes_left": [],
        "restore_path": None,
        "machine": describe_machine(state) if isinstance(state, ActivationState) else None,
        "encrypted": answers.encrypted,
        "counts": counts,
        "assumptions": assumptions,
        "questions": [_describe(question, answers.by_name[question.name]) for question in (*READS, *FAULTS, *changes_of(answers))],
        "msg": _message(counts, assumptions),
    }


def changes_of(answers: Answers) -> tuple[KitQuestion, ...]:
    """Return the parts of the changes as questions, in their order; none if the machine was not changed."""
    names = [name for name in answers.by_name if name.startswith(CHANGE)]
    return tuple(KitQuestion(name, _ABOUT.get(name, _RESTORING), ask_nothing, is_fault=name in _REFUSED) for name in names)


def with_changes(result: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result with the keys about changes. Its message then begins with them."""
    if not changes:
        return result
    text = changes["msg"] if changes.get("failed") else f"{changes['msg']} {result['msg']}"
    return {**result, **changes, "msg": text}


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
    recorded, unseen = counts["recorded"], counts["not_visible"]
    text = f"Assumptions - {counts['holds']} hold, {len(wrong)} do not hold, {recorded} only recorded, {unseen} cannot be seen here."
    return f"{text} Please report {', '.join(wrong)}." if wrong else text


__all__ = ["describe"]
