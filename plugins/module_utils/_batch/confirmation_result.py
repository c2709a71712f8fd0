# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the result of mak_confirmation_id.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .confirm import ANSWERED, INVALID, KEPT, NOT_SENT, PLANNED, REFUSED, UNKNOWN, IdOutcome, as_record
from .records import IdRequest
from .remaining import Remaining, failure_of

_WORDS = {
    ANSWERED: "received from Microsoft",
    KEPT: "known before",
    PLANNED: "to request",
    REFUSED: "refused by Microsoft",
    UNKNOWN: "requested without an answer",
    NOT_SENT: "not requested",
    INVALID: "not valid",
}


def result_of(
    requests: Sequence[IdRequest],
    outcomes: Sequence[IdOutcome],
    *,
    requests_sent: int = 0,
    needed: Mapping[str, int] | None = None,
    left: Sequence[Remaining] = (),
) -> dict[str, Any]:
    """Return the result. The task fails if a record has an error."""
    failed = failure_of(
        {_label(number, request): outcome.error for number, request, outcome in _numbered(requests, outcomes) if outcome.error}
    )
    summary = f"Confirmation IDs: {_summary(outcomes)}."
    return {
        "changed": any(outcome.status in (PLANNED, ANSWERED) or _was_requested(outcome) for outcome in outcomes),
        "msg": f"{summary} {failed['msg']}" if failed else summary,
        "records": [as_record(request, outcome) for _number, request, outcome in _numbered(requests, outcomes)],
        "requests_sent": requests_sent,
        "activations_used": len({outcome.confirmation_id for outcome in outcomes if outcome.status == ANSWERED}),
        "maks": _maks(needed or {}, left, requests, outcomes),
        **{name: failed[name] for name in ("failed", "error") if failed},
    }


def _was_requested(outcome: IdOutcome) -> bool:
    """Whether the request of a record that was refused or has no answer was sent by this task."""
    if outcome.status == REFUSED:
        return outcome.requested_time is not None
    return _is_open(outcome)


def _is_open(outcome: IdOutcome) -> bool:
    """Whether this task sent a request that has no answer."""
    return outcome.status == UNKNOWN and outcome.error is not None and outcome.error.error_code != "unknown_outcome"


def _numbered(requests: Sequence[IdRequest], outcomes: Sequence[IdOutcome]) -> list[tuple[int, IdRequest, IdOutcome]]:
    return [(number, request, outcome) for number, (request, outcome) in enumerate(zip(requests, outcomes, strict=True))]


def _label(number: int, request: IdRequest) -> str:
    """Return a name for a record that no other record has."""
    return request.name if request.given.get("machine") else f"records[{number}]"


def _summary(outcomes: Sequence[IdOutcome]) -> str:
    counts = {status: sum(outcome.status == status for outcome in outcomes) for status in _WORDS}
    return ", ".join(f"{count} {_WORDS[status]}" for status, count in counts.items() if count) or "none to request"


def _maks(
    needed: Mapping[str, int], left: Sequence[Remaining], requests: Sequence[IdRequest], outcomes: Sequence[IdOutcome]
) -> list[dict[str, Any]]:
    """Return each MAK with the activations that were needed, those that were used, and the requests of this task without an answer."""
    known = {one.extended_pid: one for one in left}
    asked = [(request, request.question, outcome) for request, outcome in zip(requests, outcomes, strict=True) if request.question]
    names: dict[str, str] = {}
    first: dict[str, tuple[str, IdOutcome]] = {}  # records with the same installation ID are one request
    for request, question, outcome in asked:
        names.setdefault(question.extended_pid, request.mak)
        first.setdefault(question.installation_id, (request.mak, outcome))
    used = [mak for mak, outcome in first.values() if outcome.status == ANSWERED]
    unknown = [mak for mak, outcome in first.values() if _is_open(outcome)]
    return [
        {
            **known.get(pid, Remaining(pid)).as_dict(),
            "needed_activations": count,
            "activations_used": used.count(names[pid]),
            "unknown_activations": unknown.count(names[pid]),
        }
        for pid, count in needed.items()
    ]
