# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activate a product, over connections that can break and with KMS hosts that might not be ready.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Activate is sent again only after a temporary failure, and before the deadline of the task. If it uses an activation of the key, Microsoft
might have counted a failed attempt, so Activate is sent again only if the request cannot have reached Microsoft. If the connection breaks,
Activate is not sent again: the module reads the product until it shows the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from ..._cim.session import CimError, CimSession, CimUnknownOutcomeError, UnreachableError
from ..._errors import sentence
from ..catalog.errors import explain
from ..events.kms import RequestSent
from ..state.model import ActivationState, LicensedProduct
from ..state.provider import Provider
from . import diagnose
from .deposit import why_refused
from .diagnose import Failure
from .timer import RetryTimer

_SETTLE_SECONDS = 120.0
"""Minimum time in seconds to watch an activation whose response was lost."""

_READS_UNTIL_FINAL = 4
"""Consecutive reads that must show the same failed request before it counts as the last one: 35 seconds. If a KMS host does not respond,
Activate continues with the next KMS host in DNS after 21 seconds."""

_TIMED_OUT = 0x80338029
"""Code of WinRM for an operation that exceeded its timeout. It stands for every lost response."""

_NEVER_ARRIVED = frozenset({0x80072EE7, 0x80072EFD, 0x8007274D, 0x80070426, 0xC004F075, 0xC004FD00})
"""Codes after which Microsoft cannot have received the request: the name was not resolved, no connection was established (WinINet and
Winsock), or the licensing service did not run, was stopping, or did not send the request."""

_MAY_HAVE_ARRIVED = frozenset({0x80072EE2, 0x80072EF1, 0x80072EFE, 0x80072F76, 0x8007274C, 0x800705B4, _TIMED_OUT})
"""Codes of an interrupted exchange with Microsoft, which might have counted the attempt."""


class ActivationMethod(Enum):
    """Who requests the activation from Microsoft: the machine, the administrator by telephone, or another computer for the machine."""

    ONLINE = "online"
    TELEPHONE = "telephone"
    PROXY = "proxy"


@dataclass(frozen=True)
class Activation:
    """How to activate a product. `description` is a verb phrase; `retry_timeout` is in seconds, 0 for one attempt.

    If `confirmation_id` (digits only) is set, it is deposited, and no online activation is requested; `installation_id` is the one that it
    was issued for, if known. An activation that `consumes` something is not sent again if the request might have reached Microsoft.
    `method` is meaningful for a key that Microsoft activates, and `is_by_directory` for a KMS client that only Active Directory activates.
    """

    description: str
    retry_timeout: int = 0
    kms_host: str | None = None
    consumes: str | None = None
    confirmation_id: str | None = None
    installation_id: str | None = None
    method: ActivationMethod = ActivationMethod.ONLINE
    is_by_directory: bool = False


@dataclass(frozen=True)
class Attempts:
    """The result of an activation. Without a failure, the machine returned success, or shows that it is activated."""

    number: int
    failure: Failure | None

    @property
    def may_have_consumed(self) -> bool:
        """Whether the activation failed in a way that Microsoft might have counted it."""
        return self.failure is not None and (self.failure.code in _MAY_HAVE_ARRIVED or not self.failure.is_known)


class _FailureDetector:
    """Detects whether a failed request in the event log is the last one of an Activate, or if other KMS hosts might follow."""

    def __init__(self, *, only_host: bool) -> None:
        self._only_host = only_host
        self._request: RequestSent | None = None
        self._reads = 0

    def is_final(self, request: RequestSent | None) -> bool:
        """Record the newest request in the event log, and return whether it is the last one and failed."""
        if request is None or not request.result:
            return False
        self._reads = self._reads + 1 if request == self._request else 1
        self._request = request
        return self._only_host or self._reads >= _READS_UNTIL_FINAL


def may_have_arrived(code: int) -> bool:
    """Return whether a code means an interrupted exchange with Microsoft, which might have counted the attempt."""
    return code in _MAY_HAVE_ARRIVED


def activate(
    session: CimSession, state: ActivationState, product: LicensedProduct, desired: Activation, timer: RetryTimer, provider: Provider
) -> Attempts:
    """Activate until it succeeds, fails permanently, or `desired.retry_timeout` is over."""
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
            watcher = _ActivationWatcher(session, product, lost, provider, desired.consumes)
            return Attempts(number, _settle(session, state, watcher, timer.delays(until), is_first=number == 1))
        except CimError as error:
            failure = diagnose.diagnose(session, state, product, error.code)
        if not _may_try_again(failure, desired) or not wait_a_little():
            return Attempts(number, failure)


def _may_try_again(failure: Failure, desired: Activation) -> bool:
    return failure.transient and (desired.consumes is None or failure.code in _NEVER_ARRIVED)


def deposit(
    session: CimSession, state: ActivationState, product: LicensedProduct, confirmation_id: str, timer: RetryTimer, provider: Provider
) -> Attempts:
    """Deposit the confirmation ID for the installation ID of the product. This does not use an activation, even if it is repeated."""
    try:
        provider.deposit(session, product, confirmation_id)
    except CimUnknownOutcomeError as lost:
        wait_a_little = timer.delays(timer.clock() + _SETTLE_SECONDS)
        watcher = _ActivationWatcher(session, product, lost, provider)
        return Attempts(1, _settle(session, state, watcher, wait_a_little, is_first=False))
    except CimError as error:
        return Attempts(1, why_refused(state, confirmation_id, error.code))
    return Attempts(1, None)


@dataclass(frozen=True)
class _ActivationWatcher:
    """Reads a product whose activation was sent and whose response was lost."""

    session: CimSession
    before: LicensedProduct
    lost: CimUnknownOutcomeError
    provider: Provider
    consumes: str | None = None

    def read(self) -> LicensedProduct | None:
        """Return the current product."""
        try:
            return self.provider.read_product(self.session, self.before)
        except UnreachableError as problem:
            used = f" Microsoft might have counted {self.consumes}." if self.consumes else ""
            message = f"{sentence(str(self.lost))}{used} Then the machine could not be queried: {problem.message}"
            raise problem.with_message(message) from problem


def _settle(
    session: CimSession, state: ActivationState, watcher: _ActivationWatcher, wait_a_little: Callable[[], bool], *, is_first: bool
) -> Failure | None:
    """Watch the product after a lost response, because Activate might still be running; return the failure, or None if it is activated.

    The event log is used only after the first attempt. Later it might show the failure of an earlier attempt.
    """
    before = watcher.before
    detector = _FailureDetector(only_host=before.kms.host is not None)
    while True:
        now = watcher.read()
        if now and _took_effect(before, now):
            return None
        request = diagnose.last_request(session, state, before) if is_first else None
        if request and request.result == 0 and now and now.status.is_activated:
            return None
        if detector.is_final(request) or not wait_a_little():
            code = diagnose.code_of(request) if request and request.result else None
            return _unknown(watcher) if code is None else diagnose.diagnose(session, state, before, code)


def _took_effect(before: LicensedProduct, now: LicensedProduct) -> bool:
    """Return whether the product was activated. If it was activated before, only a longer remaining time shows a new activation."""
    return now.status.is_activated and (not before.status.is_activated or now.grace_minutes > before.grace_minutes)


def _unknown(watcher: _ActivationWatcher) -> Failure:
    """Return the failure of an activation without a result: with the code of WinRM if the machine returned one, else as a lost response."""
    lost = watcher.lost
    explanation = lost.explain() if lost.code is None else explain(lost.code)
    summary = f"the response was lost ({lost.reason}), and the machine does not show that it is activated"
    meaning = f"The outcome is unknown: {summary}."
    cause = f"The module requested the activation, but {summary}."
    error = {**explanation.as_dict(), "meaning": meaning, "cause": cause, "next_steps": list(_next_steps(watcher))}
    return Failure(lost.code or _TIMED_OUT, error, f"{explanation.label}: {meaning}", explanation.transient, is_known=False)


def _next_steps(watcher: _ActivationWatcher) -> tuple[str, ...]:
    """Return what to do after an activation without a result. The first step costs nothing."""
    read = "Read the machine with activation_info after a few minutes, because the activation might still take effect."
    if watcher.consumes:
        return (read, f"Run the task again only if the product is not licensed then. Microsoft might have counted {watcher.consumes}.")
    return (read, "If the product is not licensed then, run the task again. This does not use an activation.")
