# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Request confirmation IDs, each one once.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

What is requested is decided by the records and the journal. A request of an earlier run without an answer is not repeated, unless the task
permits it, because Microsoft might have counted it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .. import _phone
from .._deadline import Deadline
from .._extended_pid import key_part
from . import journal as journals
from .errors import ServiceError
from .journal import Journal, JournalError, Kept
from .message import Question
from .pool import Pool
from .records import IdRequest
from .remaining import left_out
from .service import Ask

KEPT, ANSWERED, PLANNED = "kept", "answered", "planned"
UNKNOWN, REFUSED, NOT_SENT, INVALID = "unknown", "refused", "not_sent", "invalid"

_NOT_WRITTEN = "Save the confirmation ID {}, because another request for it might use another activation."


@dataclass(frozen=True)
class IdOutcome:
    """The outcome of one record. The times are those of the request and of the answer, in UTC."""

    status: str
    confirmation_id: str = ""
    requested_time: str | None = None
    answered_time: str | None = None
    error: ServiceError | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class IdPlan:
    """The questions to ask, without duplicates, the MAK of each, and the outcomes of the other records by their number."""

    requests: Sequence[IdRequest]
    questions: tuple[Question, ...]
    maks: tuple[str, ...]
    known: Mapping[int, IdOutcome]

    def needed(self) -> dict[str, int]:
        """Return the number of confirmation IDs to request for each MAK, by an extended product ID that stands for it."""
        return {pid: self.maks.count(mak) for mak, pid in self._names().items()}

    def _names(self) -> dict[str, str]:
        """Return the extended product ID that stands for each MAK: the first one that most machines with the MAK have.

        A single wrong one in the file must not decide whether the number of remaining activations is known.
        """
        own: dict[str, list[str]] = {}
        for question, mak in zip(self.questions, self.maks, strict=True):
            own.setdefault(mak, []).append(question.extended_pid)
        return {mak: _most_frequent(pids) for mak, pids in own.items()}

    def without(self, refused: Mapping[str, ServiceError]) -> IdPlan:
        """Return the plan without the questions about MAKs that Microsoft refused. `refused` has the extended product IDs of needed()."""
        errors = {mak: refused[pid] for mak, pid in self._names().items() if pid in refused}
        asked = {question.installation_id: mak for question, mak in zip(self.questions, self.maks, strict=True)}
        known = dict(self.known)
        for number, request in enumerate(self.requests):
            if number not in known and request.question and (error := errors.get(asked[request.question.installation_id])):
                known[number] = IdOutcome(REFUSED, error=error)
        left = [(question, mak) for question, mak in zip(self.questions, self.maks, strict=True) if mak not in errors]
        return IdPlan(self.requests, tuple(question for question, _mak in left), tuple(mak for _question, mak in left), known)

    def outcomes(self, found: Mapping[str, IdOutcome]) -> list[IdOutcome]:
        """Return the outcomes of all records, with those of the questions by installation ID."""
        return [
            self.known[number] if number in self.known else found[request.question.installation_id if request.question else ""]
            for number, request in enumerate(self.requests)
        ]


def _most_frequent(extended_pids: Sequence[str]) -> str:
    """Return the first extended product ID with the part that most of them share."""
    counts = Counter(map(key_part, extended_pids))
    return max(extended_pids, key=lambda pid: counts[key_part(pid)])


def plan(requests: Sequence[IdRequest], kept: Mapping[str, Kept], *, ask_again: bool) -> IdPlan:
    """Return what to ask. Pure."""
    known: dict[int, IdOutcome] = {}
    asking: dict[str, IdRequest] = {}
    answers = _answers_in(requests)
    for number, request in enumerate(requests):
        outcome = _without_asking(request, kept, answers, ask_again=ask_again)
        if outcome:
            known[number] = outcome
        elif request.question:
            asking.setdefault(request.question.installation_id, request)
    questions = tuple(request.question for request in asking.values() if request.question)
    return IdPlan(requests, questions, tuple(request.mak for request in asking.values()), known)


def _answers_in(requests: Sequence[IdRequest]) -> dict[str, str]:
    """Return the confirmation IDs of the records by installation ID. Copies of a machine have records with the same installation ID."""
    answers: dict[str, str] = {}
    for request in requests:
        digits = request.confirmation_id
        if request.installation_id and digits.isdigit() and len(digits) in _phone.CONFIRMATION_IDS:
            answers.setdefault(request.installation_id, digits)
    return answers


def _without_asking(request: IdRequest, kept: Mapping[str, Kept], answers: Mapping[str, str], *, ask_again: bool) -> IdOutcome | None:
    if request.confirmation_id:
        return IdOutcome(KEPT, request.confirmation_id)
    if request.error or not request.question:
        return IdOutcome(INVALID, error=request.error)
    former = kept.get(request.question.installation_id)
    if former and former.confirmation_id:
        return IdOutcome(KEPT, former.confirmation_id, former.requested_time, former.answered_time, warnings=hints(former.confirmation_id))
    answer = answers.get(request.question.installation_id)
    if answer:
        return IdOutcome(KEPT, answer, warnings=hints(answer))
    if former and former.is_unknown and not ask_again:
        error = ServiceError("unknown_outcome", f"Time of the request: {former.requested_time}.")
        return IdOutcome(UNKNOWN, requested_time=former.requested_time, error=error)
    return None


def hints(confirmation_id: str) -> tuple[str, ...]:
    """Return what is suspicious about a confirmation ID. Only Windows decides whether it is right."""
    return tuple(f"The confirmation ID might be wrong: {hint}." for hint in _phone.hints(confirmation_id))


def predicted(planned: IdPlan) -> list[IdOutcome]:
    """Return the outcomes in check mode."""
    return planned.outcomes({question.installation_id: IdOutcome(PLANNED) for question in planned.questions})


@dataclass
class Requester:
    """Asks the questions of a plan. `requests_sent` counts those that might have reached the service."""

    ask: Ask
    journal: Journal
    deadline: Deadline
    at_once: int = 1
    requests_sent: int = field(default=0, init=False)
    _begun: set[str] = field(default_factory=set, init=False)

    def run(self, planned: IdPlan) -> list[IdOutcome]:
        """Return the outcomes of all records."""
        pool = Pool(self._request, self.at_once, self.deadline)
        results = pool.run(planned.questions)
        found = {
            question.installation_id: result or self._left(question, pool.breaker.reason)
            for question, result in zip(planned.questions, results, strict=True)
        }
        self.requests_sent = sum(outcome.status in (ANSWERED, REFUSED, UNKNOWN) for outcome in found.values())
        return planned.outcomes(found)

    def _left(self, question: Question, reason: ServiceError | None) -> IdOutcome:
        """Return the outcome of a question that was not asked, or whose answer did not arrive before the deadline."""
        kept = self.journal.kept.get(question.installation_id)
        if kept and kept.is_unknown and question.installation_id in self._begun:
            error = ServiceError("response_lost", "The deadline of the task was reached.")
            return IdOutcome(UNKNOWN, requested_time=kept.requested_time, error=error)
        return IdOutcome(NOT_SENT, error=left_out(reason))

    def _request(self, question: Question) -> tuple[IdOutcome, ServiceError | None]:
        """Ask one question. The journal has the request before it is sent, and the answer before it is returned."""
        try:
            self.journal.write(journals.REQUESTED, question.installation_id, extended_pid=question.extended_pid)
        except JournalError as failure:
            error = ServiceError("journal_failed", failure.message)
            return IdOutcome(NOT_SENT, error=error), error
        self._begun.add(question.installation_id)
        requested = self.journal.kept[question.installation_id].requested_time
        try:
            answer = self.ask(question, self.deadline)
        except ServiceError as error:
            return self._without_answer(question, requested, error), error
        digits = answer.confirmation_id
        try:
            self.journal.write(journals.ANSWERED, question.installation_id, confirmation_id=digits)
        except JournalError as error:
            warnings = (f"{error.message} {_NOT_WRITTEN.format(_phone.grouped(digits))}", *hints(digits))
            return IdOutcome(ANSWERED, digits, requested, journals.now(), warnings=warnings), None
        return IdOutcome(
            ANSWERED, digits, requested, self.journal.kept[question.installation_id].answered_time, warnings=hints(digits)
        ), None

    def _without_answer(self, question: Question, requested: str | None, error: ServiceError) -> IdOutcome:
        """Note that a question was refused or not sent, so that it can be asked again. A question that might be counted stays as it is."""
        if error.is_lost:
            return IdOutcome(UNKNOWN, requested_time=requested, error=error)
        event, status = (journals.NOT_SENT, NOT_SENT) if error.is_not_sent else (journals.REFUSED, REFUSED)
        try:
            self.journal.write(event, question.installation_id, code=error.error_code)
        except JournalError:
            return IdOutcome(UNKNOWN, requested_time=requested, error=error)
        return IdOutcome(status, requested_time=requested, error=error)


def as_record(request: IdRequest, outcome: IdOutcome) -> dict[str, Any]:
    """Return a record with its outcome as plain data."""
    return {
        **request.given,
        "confirmation_id": outcome.confirmation_id,
        "status": outcome.status,
        "requested_time": outcome.requested_time,
        "answered_time": outcome.answered_time,
        "warnings": list(outcome.warnings),
        "error": outcome.error.explain().as_dict() if outcome.error else None,
    }
