# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run kms_srv_record: for each domain read, plan, update, read again, and verify.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each domain has its own zone, server, and outcome. An error in one domain does not affect the others.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from .discover import ZoneServer, find
from .errors import DnsError, DnsRequestNotSentError, DnsResponseLostError
from .exchange import DnsResponse, TimeLimit, ask
from .model import RecordSet, srv_owner_name
from .plan import DesiredRecords, RecordChange, plan, plan_warnings, predicted, sending
from .query import read_records
from .render import Rendered
from .signing import Signer
from .update import CHANGED_MEANWHILE, build, trial
from .verify import accepted, is_verified_by_records, matches, verify_update

ATTEMPTS = 6
"""Maximum number of attempts to write an exclusive record set while other writers change the records."""

READ_DELAYS = (0.1, 0.3, 0.6, 1.0, 1.0)
"""Time in seconds between reads while a server that accepted an update still returns the former records.

A secondary server that forwards updates gets them back from its primary server a moment later.
"""

_MESSAGES, _PAUSES = 8, 20.0
"""Limit of the time for all messages of one domain: this number of timeouts, and these seconds for the pauses between reads."""

BY_ANSWER, BY_SIGNED_RECORDS, BY_RECORDS = "answer", "signed_records", "records"
"""What confirmed an update: the response of the server, or the records that were read after a lost response."""


@dataclass(frozen=True)
class ServerSettings:
    """How to reach the servers: the server of the task or None, the TCP port, and the timeout in seconds for each message."""

    server: str | None = None
    port: int = 53
    timeout: float = 10

    def limit(self) -> TimeLimit:
        """Return the time limit for all messages of one domain, which begins now."""
        return TimeLimit(self.timeout, _MESSAGES * self.timeout + _PAUSES)


@dataclass
class DomainOutcome:
    """The outcome of one domain, as far as it was processed. `unseen`: the server accepted an update, and could not be read afterwards.

    `confirmed_by` is what confirmed the update, or None if no update was sent or the update was not confirmed.
    """

    domain: str
    place: ZoneServer | None = None
    before: RecordSet | None = None
    after: RecordSet | None = None
    change: RecordChange = field(default_factory=RecordChange)
    updates_sent: int = 0
    checks_sent: int = 0
    unseen: bool = False
    confirmed_by: str | None = None
    warnings: list[str] = field(default_factory=list)
    rendered: Rendered | None = None
    problem: DnsError | None = None

    def changed(self, desired: DesiredRecords) -> bool:
        """Whether the records of the task changed, or would change in check mode."""
        if self.before is None or self.after is None:
            return self.unseen
        return concerned(self.before, desired) != concerned(self.after, desired)


def concerned(records: RecordSet, desired: DesiredRecords) -> tuple[int | None, frozenset[tuple[int, int, int, str]]]:
    """Return the part of the set that the task is about: the TTL if the task sets it, and the values of the records."""
    ours = records if desired.exclusive else RecordSet(records.ttl, records.of(desired.keys))
    ttl = ours.ttl if desired.present and desired.ttl is not None and ours.records else None
    return ttl, ours.values


def run(domains: Sequence[str], desired: DesiredRecords, settings: ServerSettings, signer: Signer, *, check: bool) -> list[DomainOutcome]:
    """Process all domains, one after the other. Errors are in the outcomes and are not raised."""
    return [_Job(domain, desired, settings, signer).run(check=check) for domain in domains]


class _Job:
    """The work for one domain."""

    def __init__(self, domain: str, desired: DesiredRecords, settings: ServerSettings, signer: Signer) -> None:
        self.desired = desired
        self.settings = settings
        self.signer = signer
        self.name = srv_owner_name(domain)
        self.outcome = DomainOutcome(domain)
        self.limit = settings.limit()

    def run(self, *, check: bool) -> DomainOutcome:
        """Update the records, or predict the result in check mode."""
        try:
            self._run(check=check)
        except DnsError as problem:
            self.outcome.problem = problem
            place = self.outcome.place
            if place and place.passed_over:
                self.outcome.warnings.append(f"{place.endpoint} was used because another server failed: {place.passed_over}")
        return self.outcome

    def _run(self, *, check: bool) -> None:
        outcome, settings = self.outcome, self.settings
        outcome.place = find(outcome.domain, settings.server, settings.port, settings.timeout, limit=self.limit)
        outcome.before = outcome.after = self._read(outcome.place)
        outcome.change = plan(outcome.before, self.desired)
        outcome.warnings += plan_warnings(outcome.before, self.desired, outcome.change)
        if check:
            self._predict(outcome.place, outcome.before)
        elif outcome.change:
            self._apply(outcome.place, outcome.before)
        elif sending(outcome.before, self.desired):
            self._settle(self._send(outcome.place, outcome.before), outcome.place, outcome.before, shows=False)

    def _predict(self, place: ZoneServer, before: RecordSet) -> None:
        """Predict the result. A key is verified with a signed message that does not change anything."""
        if self.outcome.change and self.signer.signs:
            message = trial(place.zone.name)
            self.signer.sign(message, place.endpoint)
            self.outcome.checks_sent += 1
            answer = ask(message, place.endpoint, self.limit)
            if answer.flaw or answer.rcode != "NOERROR":
                code = answer.rcode if answer.flaw == "unsigned_answer" and answer.rcode != "NOERROR" else answer.flaw or answer.rcode
                raise DnsError(code, "This was the response to a signed message that verifies the key and does not change anything.")
        self.outcome.after = predicted(before, self.outcome.change)

    def _apply(self, place: ZoneServer, before: RecordSet) -> None:
        """Send the change. Only an exclusive record set is sent again, if other writers changed the records in the meantime."""
        if not self.desired.exclusive:
            self._settle(self._send(place, before), place, before)
            return
        seen = before
        for _attempt in range(ATTEMPTS):
            answer = self._send(place, seen)
            if not _was_overtaken(answer) and self._settled(answer, place, seen):
                return
            seen, is_conclusive = self._read_final_records(answer, place)
            self.outcome.after = seen
            if not plan(seen, self.desired):
                self._count_as_done(answer, is_conclusive=is_conclusive)
                return
        raise DnsError("exclusive_conflict", f"Attempts: {ATTEMPTS}.")

    def _settled(self, answer: DnsResponse | DnsResponseLostError, place: ZoneServer, seen: RecordSet) -> bool:
        """Verify the update. Return False if other writers changed the records at the same time, which the guard of Samba permits."""
        try:
            self._settle(answer, place, seen)
        except DnsError as problem:
            if problem.error_code != "not_verified":
                raise
            return False
        return True

    def _send(self, place: ZoneServer, seen: RecordSet) -> DnsResponse | DnsResponseLostError:
        """Send the change that is required for the records that were read."""
        try:
            answer = self._update(place, seen)
            if answer.flaw == "BADKEY" and self.signer.renew():
                # The server does not have the session any more, so it did not apply the update. Try once more with a new session.
                answer = self._update(place, seen)
        except DnsResponseLostError as lost:
            return lost
        return answer

    def _update(self, place: ZoneServer, seen: RecordSet) -> DnsResponse:
        message = build(place.zone.name, self.name, sending(seen, self.desired), seen if self.desired.exclusive else None)
        self.signer.sign(message, place.endpoint)
        self.outcome.updates_sent += 1
        try:
            return ask(message, place.endpoint, self.limit)
        except DnsRequestNotSentError:
            self.outcome.updates_sent -= 1
            raise

    def _settle(self, answer: DnsResponse | DnsResponseLostError, place: ZoneServer, seen: RecordSet, *, shows: bool = True) -> None:
        """Read the records after the update, and verify it. `shows`: the records show the update; those after a refresh do not."""
        is_conclusive = True
        try:
            if accepted(answer):
                self.outcome.after = self._read_change(place, seen)
            else:
                self.outcome.after, is_conclusive = self._read_final_records(answer, place)
        except DnsError as problem:
            self.outcome.after, self.outcome.unseen = None, accepted(answer)
            self.outcome.warnings.append(f"The records could not be read after the update: {problem}")
        kerberos, signed = self.signer.kerberos, self.signer.signs
        wrong, warning = verify_update(
            answer, self.outcome.after, self.desired, kerberos=kerberos, shows=shows, is_conclusive=is_conclusive, signed=signed
        )
        if warning:
            self.outcome.warnings.append(warning)
        if wrong:
            raise wrong
        self._count_as_done(answer, is_conclusive=is_conclusive)

    def _count_as_done(self, answer: DnsResponse | DnsResponseLostError, *, is_conclusive: bool) -> None:
        """Record what confirmed the update. Raises DnsError if the records are right, but the response was not signed."""
        if not is_conclusive:
            raise DnsError("unsigned_answer", "The response to the query that verifies the update was not signed.")
        by_records = BY_SIGNED_RECORDS if self.signer.signs else BY_RECORDS
        self.outcome.confirmed_by = BY_ANSWER if accepted(answer) else by_records

    def _read_final_records(self, answer: DnsResponse | DnsResponseLostError, place: ZoneServer) -> tuple[RecordSet, bool]:
        """Return the records after an update that the server did not confirm, and whether they are conclusive.

        An attacker who suppressed the response could also forge the next one. Therefore, if updates are signed, this query is signed too,
        and the response must be signed. Records from an unsigned response are only shown, and are not conclusive.
        """
        if accepted(answer) or not self.signer.signs:
            return self._read(place), True
        if not is_verified_by_records(answer):
            return self._read(place), False
        try:
            return self._read_signed(place), True
        except (DnsRequestNotSentError, DnsResponseLostError):
            raise
        except DnsError as problem:
            self.outcome.warnings.append(f"The records could not be read in a signed response: {problem}")
            return self._read(place), False

    def _read_signed(self, place: ZoneServer) -> RecordSet:
        try:
            return read_records(self.outcome.domain, place.endpoint, self.limit, self.signer)
        except DnsError as problem:
            if problem.error_code != "BADKEY" or not self.signer.renew():
                raise
        return read_records(self.outcome.domain, place.endpoint, self.limit, self.signer)

    def _read_change(self, place: ZoneServer, seen: RecordSet) -> RecordSet:
        """Return the records after an update that the server accepted. They are read again while they are unchanged."""
        after = self._read(place)
        for pause in READ_DELAYS:
            if matches(after, self.desired) or (after.ttl, after.values) != (seen.ttl, seen.values):
                break
            time.sleep(pause)
            after = self._read(place)
        return after

    def _read(self, place: ZoneServer) -> RecordSet:
        return read_records(self.outcome.domain, place.endpoint, self.limit)


def _was_overtaken(answer: DnsResponse | DnsResponseLostError) -> bool:
    """Whether the prerequisite of the update failed. In this case, Samba sends the request back."""
    return isinstance(answer, DnsResponse) and answer.rcode in CHANGED_MEANWHILE and answer.flaw in (None, "echoed_request")
