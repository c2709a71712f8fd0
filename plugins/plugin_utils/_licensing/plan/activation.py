# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activating a product over a connection that may break, against hosts that may not be ready.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Activate is sent again only after the machine said no for a reason that may pass, and until the deadline the task sets. Where
it consumes an activation, Microsoft may have counted an attempt that failed, so it is sent again only when the request cannot
have arrived. When the connection breaks it is not sent again: the product is read until it shows what became of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from ..._cim.session import CimError, CimSession, CimUnknownOutcomeError, UnreachableError
from ..catalog.errors import explain
from ..events.kms import RequestSent
from ..state.model import ActivationState, LicensedProduct
from ..state.provider import Provider
from . import diagnose
from .deposit import why_refused
from .diagnose import Failure
from .timer import RetryTimer

_SETTLE_SECONDS = 120.0
"""How long an activation whose answer was lost is watched, when the task does not wait longer."""

_LOOKS_AT_LAST_WORD = 4
"""Looks in a row that show the same failed request until it counts as the last one: 35 seconds, while a KMS host that is
silent holds Activate up for 21 before the next one DNS names is asked."""

_TIMED_OUT = 0x80338029
"""WinRM's own code for an operation that outlived its timeout; stands for every lost answer."""

_NEVER_ARRIVED = frozenset({0x80072EE7, 0x80072EFD, 0x8007274D, 0x80070426, 0xC004F075, 0xC004FD00})
"""Codes after which Microsoft has heard nothing: the name was not resolved, no connection came about (twice, of WinINet and of
Winsock), the licensing service did not run, was stopping, or held the request back itself."""

_MAY_HAVE_ARRIVED = frozenset({0x80072EE2, 0x80072EF1, 0x80072EFE, 0x80072F76, 0x8007274C, 0x800705B4, _TIMED_OUT})
"""Codes of a conversation with Microsoft that broke off: it may have counted the attempt."""


class ActivationMethod(Enum):
    """Who asks Microsoft: the machine itself, a person on the telephone, or another computer on its behalf."""

    ONLINE = "online"
    TELEPHONE = "telephone"
    PROXY = "proxy"


@dataclass(frozen=True)
class Activation:
    """How to activate `target`: `description` for people, `retry_timeout` seconds to keep trying, 0 for one attempt.

    With `confirmation_id`, digits only, it is deposited instead of asking Microsoft online; `installation_id` is the one it
    was given for, when that is known. What `consumes` something is not tried again once the request may have arrived.
    """

    description: str
    retry_timeout: int = 0
    kms_host: str | None = None
    consumes: str | None = None
    confirmation_id: str | None = None
    installation_id: str | None = None


@dataclass(frozen=True)
class Attempts:
    """How an activation went: no failure means the machine said yes, or shows that it did."""

    number: int
    failure: Failure | None

    @property
    def may_have_spent(self) -> bool:
        """Whether it failed in a way that leaves open whether Microsoft counted it."""
        return self.failure is not None and (self.failure.code in _MAY_HAVE_ARRIVED or not self.failure.is_known)


class _FailureDetector:
    """Whether a failed request in the event log is the end of an Activate, or other KMS hosts may still be asked."""

    def __init__(self, *, only_host: bool) -> None:
        self._only_host = only_host
        self._request: RequestSent | None = None
        self._looks = 0

    def is_spoken(self, request: RequestSent | None) -> bool:
        """Take what a look at the event log showed."""
        if request is None or not request.result:
            return False
        self._looks = self._looks + 1 if request == self._request else 1
        self._request = request
        return self._only_host or self._looks >= _LOOKS_AT_LAST_WORD


def activate(
    session: CimSession, state: ActivationState, product: LicensedProduct, desired: Activation, timer: RetryTimer, provider: Provider
) -> Attempts:
    """Activate until it works, fails for good, or the seconds of `desired.retry_timeout` are over."""
    deadline = timer.clock() + desired.retry_timeout
    wait_a_little = timer.delays(deadline)
    number = 0
    while True:
        number += 1
        try:
            provider.activate(session, product)
            return Attempts(number, None)
        except CimUnknownOutcomeError as lost:
            until = max(deadline, timer.clock() + _SETTLE_SECONDS)
            look = _Look(session, product, lost, provider, desired.consumes)
            return Attempts(number, _settle(session, state, look, timer.delays(until), is_first=number == 1))
        except CimError as error:
            failure = diagnose.diagnose(session, state, product, error.code)
        if not _may_try_again(failure, desired) or not wait_a_little():
            return Attempts(number, failure)


def _may_try_again(failure: Failure, desired: Activation) -> bool:
    return failure.transient and (desired.consumes is None or failure.code in _NEVER_ARRIVED)


def deposit(
    session: CimSession, state: ActivationState, product: LicensedProduct, confirmation_id: str, timer: RetryTimer, provider: Provider
) -> Attempts:
    """Deposit the confirmation ID that belongs to the product's installation ID; it consumes nothing, however often it is done."""
    try:
        provider.deposit(session, product, confirmation_id)
    except CimUnknownOutcomeError as lost:
        wait_a_little = timer.delays(timer.clock() + _SETTLE_SECONDS)
        return Attempts(1, _settle(session, state, _Look(session, product, lost, provider), wait_a_little, is_first=False))
    except CimError as error:
        return Attempts(1, why_refused(state, confirmation_id, error.code))
    return Attempts(1, None)


@dataclass(frozen=True)
class _Look:
    """A product whose activation was sent and not answered, and how to see what became of it."""

    session: CimSession
    before: LicensedProduct
    lost: CimUnknownOutcomeError
    provider: Provider
    consumes: str | None = None

    def now(self) -> LicensedProduct | None:
        """The product as it is now."""
        try:
            return self.provider.look(self.session, self.before)
        except UnreachableError as problem:
            cost = f"; whether this spent {self.consumes} is not known" if self.consumes else ""
            raise problem.with_message(f"{self.lost}{cost}; then the machine could not be asked: {problem.message}") from problem


def _settle(
    session: CimSession, state: ActivationState, look: _Look, wait_a_little: Callable[[], bool], *, is_first: bool
) -> Failure | None:
    """Watch the product after a lost answer; Activate may still be running on the machine.

    The event log helps only after the first attempt: later it may show the failure of an earlier one.
    """
    before = look.before
    last_word = _FailureDetector(only_host=before.kms.host is not None)
    while True:
        now = look.now()
        if now and _took_effect(before, now):
            return None
        request = diagnose.last_request(session, state, before) if is_first else None
        if request and request.result == 0 and now and now.status.is_activated:
            return None
        if last_word.is_spoken(request) or not wait_a_little():
            code = diagnose.code_of(request) if request and request.result else None
            return _unknown(look.lost) if code is None else diagnose.diagnose(session, state, before, code)


def _took_effect(before: LicensedProduct, now: LicensedProduct) -> bool:
    """A product that was activated before shows a new activation only by more time on its clock."""
    return now.status.is_activated and (not before.status.is_activated or now.grace_minutes > before.grace_minutes)


def _unknown(lost: CimUnknownOutcomeError) -> Failure:
    explanation = explain(_TIMED_OUT)
    summary = f"the answer was lost ({lost.reason}) and the machine does not show that it is activated"
    error = {**explanation.as_dict(), "cause": f"Activate was sent, but {summary}."}
    return Failure(_TIMED_OUT, error, f"{explanation.code} {explanation.symbol}: {summary}.", explanation.transient, is_known=False)
