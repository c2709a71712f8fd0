# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The use case of kms_srv_record: for each domain read, plan, update, read again, and verify.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each domain has its own zone, server and outcome. One that fails does not keep the others from being done.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from .discover import ZoneServer, find
from .errors import DnsError, DnsRequestNotSentError, DnsResponseLostError
from .exchange import DnsResponse, TimeLimit, ask
from .model import RecordSet, srv_owner_name
from .plan import Change, DesiredRecords, plan, predicted, remarks, sending
from .query import read_records
from .render import Rendered
from .signing import Signer
from .update import CHANGED_MEANWHILE, build, trial
from .verify import accepted, is_verified_by_records, matches, verify_update

ATTEMPTS = 6
"""How often an exclusive record set is tried while other writers keep changing the records."""

PATIENCE = (0.1, 0.3, 0.6, 1.0, 1.0)
"""Seconds between readings while a server that took an update still tells the records of before.

A secondary that forwards updates gets them back from its primary a moment later.
"""

_MESSAGES, _PAUSES = 8, 20.0
"""All messages about one domain together take at most as long as this many of them, and the pauses between readings."""

BY_ANSWER, BY_SIGNED_RECORDS, BY_RECORDS = "answer", "signed_records", "records"
"""What an update counts as done by: the server's own answer, or after a lost one the records read from it."""


@dataclass(frozen=True)
class ServerSettings:
    """How to reach the servers: the one the task names or None, the TCP port, and seconds for each exchange."""

    server: str | None = None
    port: int = 53
    timeout: float = 10

    def limit(self) -> TimeLimit:
        """The time for all messages about one domain, beginning now."""
        return TimeLimit(self.timeout, _MESSAGES * self.timeout + _PAUSES)


@dataclass
class DomainOutcome:
    """What became of one domain; filled in as far as the work got. `unseen`: the server took an update, and could not be read since.

    `confirmed_by` says what a sent update counts as done by, None when none was sent or when it does not count.
    """

    domain: str
    place: ZoneServer | None = None
    before: RecordSet | None = None
    after: RecordSet | None = None
    change: Change = field(default_factory=Change)
    updates_sent: int = 0
    checks_sent: int = 0
    unseen: bool = False
    confirmed_by: str | None = None
    warnings: list[str] = field(default_factory=list)
    rendered: Rendered | None = None
    problem: DnsError | None = None

    def changed(self, desired: DesiredRecords) -> bool:
        """Whether what the task speaks of differs between the two readings, or would after the predicted change."""
        if self.before is None or self.after is None:
            return self.unseen
        return concerned(self.before, desired) != concerned(self.after, desired)


def concerned(records: RecordSet, desired: DesiredRecords) -> tuple[int | None, frozenset[tuple[int, int, int, str]]]:
    """Return the part of the set that the task is about: the TTL if the task sets it, and the values of the records."""
    ours = records if desired.exclusive else RecordSet(records.ttl, records.of(desired.keys))
    ttl = ours.ttl if desired.present and desired.ttl is not None and ours.records else None
    return ttl, ours.values


def run(domains: Sequence[str], desired: DesiredRecords, way: ServerSettings, signer: Signer, *, check: bool) -> list[DomainOutcome]:
    """All domains, one after the other. Problems are in the outcomes; nothing is raised for them."""
    return [_Job(domain, desired, way, signer).run(check=check) for domain in domains]


class _Job:
    """The work for one domain."""

    def __init__(self, domain: str, desired: DesiredRecords, way: ServerSettings, signer: Signer) -> None:
        self.desired = desired
        self.way = way
        self.signer = signer
        self.name = srv_owner_name(domain)
        self.outcome = DomainOutcome(domain)
        self.limit = way.limit()

    def run(self, *, check: bool) -> DomainOutcome:
        """Do it, or foresee it."""
        try:
            self._run(check=check)
        except DnsError as problem:
            self.outcome.problem = problem
            place = self.outcome.place
            if place and place.passed_over:
                self.outcome.warnings.append(f"{place.endpoint} was taken because of another server: {place.passed_over}")
        return self.outcome

    def _run(self, *, check: bool) -> None:
        outcome, way = self.outcome, self.way
        outcome.place = find(outcome.domain, way.server, way.port, way.timeout, limit=self.limit)
        outcome.before = outcome.after = self._read(outcome.place)
        outcome.change = plan(outcome.before, self.desired)
        outcome.warnings += remarks(outcome.before, self.desired, outcome.change)
        if check:
            self._foresee(outcome.place, outcome.before)
        elif outcome.change:
            self._carry_out(outcome.place, outcome.before)
        elif sending(outcome.before, self.desired):
            self._settle(self._send(outcome.place, outcome.before), outcome.place, outcome.before, shows=False)

    def _foresee(self, place: ZoneServer, before: RecordSet) -> None:
        """Say what would come of it. A key is tried with a message that changes nothing, so that a bad one shows now."""
        if self.outcome.change and self.signer.signs:
            message = trial(place.zone.name)
            self.signer.sign(message, place.endpoint)
            self.outcome.checks_sent += 1
            answer = ask(message, place.endpoint, self.limit)
            if answer.flaw or answer.rcode != "NOERROR":
                code = answer.rcode if answer.flaw == "unsigned_answer" and answer.rcode != "NOERROR" else answer.flaw or answer.rcode
                raise DnsError(code, "It was the answer to a signed message that changes nothing, sent to try the key.")
        self.outcome.after = predicted(before, self.outcome.change)

    def _carry_out(self, place: ZoneServer, before: RecordSet) -> None:
        """Send the change. Only an exclusive record set is tried again, when others wrote between reading and writing."""
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
        raise DnsError("exclusive_conflict", f"It was tried {ATTEMPTS} times.")

    def _settled(self, answer: DnsResponse | DnsResponseLostError, place: ZoneServer, seen: RecordSet) -> bool:
        """Verify the update; return False when the server took the update and others wrote at the same moment (Samba's guard lets them)."""
        try:
            self._settle(answer, place, seen)
        except DnsError as problem:
            if problem.error_code != "not_verified":
                raise
            return False
        return True

    def _send(self, place: ZoneServer, seen: RecordSet) -> DnsResponse | DnsResponseLostError:
        """Send what is missing from the records that were seen."""
        try:
            answer = self._update(place, seen)
            if answer.flaw == "BADKEY" and self.signer.renew():
                # The server forgot the session, so it cannot have taken the update. A new session is worth one more try.
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
        """Note by what. Raises DnsError when the records are right, and nobody knows who says so."""
        if not is_conclusive:
            raise DnsError("unsigned_answer", "The answer to the read that should confirm the update was not signed.")
        by_records = BY_SIGNED_RECORDS if self.signer.signs else BY_RECORDS
        self.outcome.confirmed_by = BY_ANSWER if accepted(answer) else by_records

    def _read_final_records(self, answer: DnsResponse | DnsResponseLostError, place: ZoneServer) -> tuple[RecordSet, bool]:
        """The records after an update that the server did not say it took, and whether they prove anything.

        Whoever kept the answer back may answer the reading too, so where updates are signed this reading is signed as well, and the
        server has to sign what it returns. What it returns otherwise is read to be shown, and proves nothing.
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
            self.outcome.warnings.append(f"The records could not be read in a signed answer: {problem}")
            return self._read(place), False

    def _read_signed(self, place: ZoneServer) -> RecordSet:
        try:
            return read_records(self.outcome.domain, place.endpoint, self.limit, self.signer)
        except DnsError as problem:
            if problem.error_code != "BADKEY" or not self.signer.renew():
                raise
        return read_records(self.outcome.domain, place.endpoint, self.limit, self.signer)

    def _read_change(self, place: ZoneServer, seen: RecordSet) -> RecordSet:
        """The records after an update that the server took; again, when they are still those that were seen before."""
        after = self._read(place)
        for pause in PATIENCE:
            if matches(after, self.desired) or (after.ttl, after.values) != (seen.ttl, seen.values):
                break
            time.sleep(pause)
            after = self._read(place)
        return after

    def _read(self, place: ZoneServer) -> RecordSet:
        return read_records(self.outcome.domain, place.endpoint, self.limit)


def _was_overtaken(answer: DnsResponse | DnsResponseLostError) -> bool:
    """Whether the guard did not hold. Samba answers that with the request sent back."""
    return isinstance(answer, DnsResponse) and answer.rcode in CHANGED_MEANWHILE and answer.flaw in (None, "echoed_request")
