# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activating a product over a connection that may break, against hosts that may not be ready.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Activate is sent again only after the machine said no for a reason that may pass, and until the deadline the task sets. When
the connection breaks it is not sent again: the product is read until it shows what became of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .._cim.session import CimError, CimSession, CimUncertain, UnreachableError
from . import diagnose
from .diagnose import Failure
from .errors import explain
from .events import RequestSent
from .model import ActivationState, LicensedProduct
from .read import read_product_by_id

_FIRST_DELAY = 5.0
_LONGEST_DELAY = 60.0
_SETTLE_SECONDS = 120.0
"""How long an activation whose answer was lost is watched, when the task does not wait longer."""

_LOOKS_AT_LAST_WORD = 4
"""Looks in a row that show the same failed request until it counts as the last one: 35 seconds, while a KMS host that is
silent holds Activate up for 21 before the next one DNS names is asked."""

_TIMED_OUT = 0x80338029
"""WinRM's own code for an operation that outlived its timeout; stands for every lost answer."""


@dataclass(frozen=True)
class Attempts:
    """How an activation went: no failure means the machine said yes, or shows that it did."""

    number: int
    failure: Failure | None


@dataclass(frozen=True)
class Patience:
    """Time as this room sees it: seconds of any steady clock, and a way to wait."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]

    def delays(self, deadline: float) -> Callable[[], bool]:
        """A function that waits a little longer each time it is called, and says False once the deadline has passed."""
        delay = _FIRST_DELAY

        def wait() -> bool:
            nonlocal delay
            left = deadline - self.clock()
            if left <= 0:
                return False
            self.sleep(min(delay, left))
            delay = min(delay * 2, _LONGEST_DELAY)
            return True

        return wait


class _LastWord:
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


def activate(session: CimSession, state: ActivationState, product: LicensedProduct, wait: int, patience: Patience) -> Attempts:
    """Call Activate until it works, fails for good, or `wait` seconds are over."""
    deadline = patience.clock() + wait
    wait_a_little = patience.delays(deadline)
    number = 0
    while True:
        number += 1
        try:
            session.invoke(product.path, "Activate", {})
            return Attempts(number, None)
        except CimUncertain as lost:
            until = max(deadline, patience.clock() + _SETTLE_SECONDS)
            return Attempts(number, _settle(session, state, product, lost, patience.delays(until), is_first=number == 1))
        except CimError as error:
            failure = diagnose.diagnose(session, state, product, error.code)
        if not failure.transient or not wait_a_little():
            return Attempts(number, failure)


def deposit(session: CimSession, state: ActivationState, product: LicensedProduct, confirmation_id: str, patience: Patience) -> Attempts:
    """Deposit the confirmation ID that belongs to the product's installation ID; it spends nothing, however often it is done."""
    arguments = {"InstallationId": product.installation_id, "ConfirmationId": confirmation_id}
    try:
        session.invoke(product.path, "DepositOfflineConfirmationId", arguments)
    except CimUncertain as lost:
        wait_a_little = patience.delays(patience.clock() + _SETTLE_SECONDS)
        return Attempts(1, _settle(session, state, product, lost, wait_a_little, is_first=False))
    except CimError as error:
        return Attempts(1, diagnose.diagnose(session, state, product, error.code))
    return Attempts(1, None)


def _settle(
    session: CimSession,
    state: ActivationState,
    before: LicensedProduct,
    lost: CimUncertain,
    wait_a_little: Callable[[], bool],
    *,
    is_first: bool,
) -> Failure | None:
    """Watch the product after a lost answer; Activate may still be running on the machine.

    The event log helps only after the first attempt: later it may show the failure of an earlier one.
    """
    last_word = _LastWord(only_host=before.kms.host is not None)
    while True:
        now = _look(session, before, lost)
        if now and _took_effect(before, now):
            return None
        request = diagnose.last_request(session, state, before) if is_first else None
        if request and request.result == 0 and now and now.status.is_activated:
            return None
        if last_word.is_spoken(request) or not wait_a_little():
            return diagnose.diagnose(session, state, before, diagnose.code_of(request)) if request and request.result else _unknown(lost)


def _look(session: CimSession, product: LicensedProduct, lost: CimUncertain) -> LicensedProduct | None:
    try:
        return read_product_by_id(session, product)
    except UnreachableError as problem:
        raise UnreachableError(f"{lost}; then the machine could not be asked: {problem}") from problem


def _took_effect(before: LicensedProduct, now: LicensedProduct) -> bool:
    """A product that was activated before shows a new activation only by more time on its clock."""
    return now.status.is_activated and (not before.status.is_activated or now.grace_minutes > before.grace_minutes)


def _unknown(lost: CimUncertain) -> Failure:
    explanation = explain(_TIMED_OUT)
    summary = f"the answer was lost ({lost.reason}) and the machine does not show that it is activated"
    error = {**explanation.as_dict(), "cause": f"Activate was sent, but {summary}."}
    return Failure(_TIMED_OUT, error, f"{explanation.code} {explanation.symbol}: {summary}.", explanation.transient)
