# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record the requests of one plan that belong in the ledger: activations, keys, confirmation IDs, and rearms.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Each entry is recorded before its request is sent. If the process is killed after that, the ledger shows that the result is not known.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from ..._cim.session import CimError
from ..._errors import VolumeActivationError
from ..catalog import gvlk
from ..plan.activation import Activation, ActivationMethod, Attempts
from ..plan.diagnose import Failure
from ..plan.step import ACTIVATE, ACTIVATE_AGAIN, REARM, REMOVE_KEY, Step, StepResult
from ..problems import StepIncompleteError
from ..state.model import ActivationType, Channel, LicensedProduct
from .entry import EntryMethod, EntryResult, LedgerEvent, Recorder, RequestEntry

ActivationOutcome = Callable[[], tuple[bool, "Attempts | None"]]
"""Returns whether a request has an unknown result, and the attempts of an activation, None if an exception ended them."""


class PlanRecords:
    """The entries of one plan. `expected` is the channel that the plan expects of its new key, None if it expects none."""

    def __init__(self, recorder: Recorder | None, expected: Channel | None = None) -> None:
        self._recorder = recorder
        self._expected = expected
        self._key: RequestEntry | None = None
        self._activation: RequestEntry | None = None

    @contextmanager
    def step(self, step: Step, result: Callable[[], StepResult], *, is_rollback: bool = False) -> Iterator[None]:
        """Record a step that is carried out in this block. `result` returns its result afterwards.

        Raises VolumeActivationError before the block if the entry cannot be recorded. A rollback is carried out in any case, because a
        machine without a license is worse than an entry that only the warnings contain.
        """
        entry = self._entry_of(step) if self._recorder else None
        if self._recorder is None or entry is None:
            yield
            return
        self._recorder.begin(entry, is_required=not is_rollback)
        problem: BaseException | None = None
        try:
            yield
        except BaseException as error:
            problem = error
            raise
        finally:
            done = _ended(entry, step, result(), problem)
            self._key = done if step.key and step.action != ACTIVATE else self._key
            self._recorder.end(done)

    @contextmanager
    def activation(self, product: LicensedProduct, desired: Activation, outcome: ActivationOutcome) -> Iterator[None]:
        """Record an activation that is carried out in this block. `outcome` returns its outcome afterwards. Raises as :meth:`step` does."""
        if self._recorder is None:
            yield
            return
        entry = self._activation_of(product, desired)
        self._recorder.begin(entry)
        problem: BaseException | None = None
        try:
            yield
        except BaseException as error:
            problem = error
            raise
        finally:
            is_open, attempts = outcome()
            ended = _attempted(entry, attempts) if attempts else _interrupted(entry, problem, is_open=is_open)
            self._activation = ended
            self._recorder.end(ended)

    def found(self, product: LicensedProduct) -> None:
        """Complete the entry of the new key with its product, which only the machine knows."""
        key = self._key
        if self._recorder is None or key is None or product.partial_product_key != key.partial_product_key:
            return
        complete = _with_product(key, product)
        if complete != key:
            self._key = complete
            self._recorder.end(complete)

    def lost(self, loses: str) -> None:
        """Add to the entry of the new key which activation it replaced, which was not known before."""
        if self._recorder is not None and self._key is not None:
            entry = self._key = replace(self._key, loses=loses)
            self._recorder.end(entry)

    def verified(self, product: LicensedProduct | None, failure: Failure | None) -> None:
        """Correct the entry of the activation by what the machine shows afterwards.

        If `failure` is not None, Windows returned success, but does not show that the product is activated.
        """
        entry = self._activation
        if self._recorder is None or entry is None:
            return
        if failure:
            result = EntryResult.FAILED if failure.is_known else EntryResult.UNKNOWN
            self._recorder.end(replace(entry, result=result, code=_code_of(failure)))
        elif product and entry.method is EntryMethod.KMS and product.used_type is ActivationType.AD:
            self._recorder.end(replace(entry, method=EntryMethod.ACTIVE_DIRECTORY))

    def _entry_of(self, step: Step) -> RequestEntry | None:
        """Return the entry of a step, None for a step that does not belong in the ledger."""
        if step.action == ACTIVATE:
            return _entry_of_object(step)
        if step.key:
            return self._entry_of_key(step)
        if step.action == ACTIVATE_AGAIN:
            return self._entry_of_return(step)
        event = {REMOVE_KEY: LedgerEvent.KEY_REMOVED, REARM: LedgerEvent.REARMED}.get(step.action)
        if event is None:
            return None
        entry = _entry(event, step.action, step.description, step.consumes, step.loses)
        entry = replace(entry, rearms_used=None) if event is LedgerEvent.REARMED else entry
        return _with_product(entry, step.product) if step.product else entry

    def _entry_of_key(self, step: Step) -> RequestEntry:
        entry = _entry(LedgerEvent.KEY_INSTALLED, step.action, step.description, step.consumes, step.loses)
        entry = _with_product(entry, step.product) if step.product else entry
        known = gvlk.known(step.key) if step.key else None
        if known:
            entry = replace(entry, product_name=known.product, application=known.application.value)
        channel = Channel.GVLK if known else self._expected
        return _named(replace(
            entry,
            channel=channel.value if channel else None,
            partial_product_key=step.key.partial_product_key if step.key else None,
        ))  # fmt: skip

    def _entry_of_return(self, step: Step) -> RequestEntry:
        """Return the entry of the activation after a rollback, which is by KMS unless it uses an activation of a fallback key."""
        entry = _entry(LedgerEvent.ACTIVATED, step.action, step.description, step.consumes, step.loses)
        entry = replace(entry, method=EntryMethod.ONLINE if step.consumes else EntryMethod.KMS)
        if step.product:
            return _with_product(entry, step.product)
        key = self._key
        return replace(entry, channel=key.channel, partial_product_key=key.partial_product_key) if key else entry

    def _activation_of(self, product: LicensedProduct, desired: Activation) -> RequestEntry:
        event = LedgerEvent.CONFIRMATION_ID_DEPOSITED if desired.confirmation_id else LedgerEvent.ACTIVATED
        entry = _with_product(_entry(event, ACTIVATE, desired.description, desired.consumes), product)
        if entry.partial_product_key is None and self._key:
            entry = replace(entry, partial_product_key=self._key.partial_product_key)
        return replace(entry, method=_method_of(desired))


def _entry_of_object(step: Step) -> RequestEntry:
    """Return the entry of a step that activates a forest: the key goes with the request, and no machine has it afterwards."""
    event = LedgerEvent.ACTIVATED if step.consumes else LedgerEvent.CONFIRMATION_ID_DEPOSITED
    return replace(
        _entry(event, step.action, step.description, step.consumes),
        method=EntryMethod.ONLINE if step.consumes else EntryMethod.TELEPHONE,
        channel=Channel.CSVLK.value,
        partial_product_key=step.key.partial_product_key if step.key else None,
    )


def _entry(event: LedgerEvent, action: str, description: str, consumes: str | None, loses: str | None = None) -> RequestEntry:
    is_counted = event is LedgerEvent.ACTIVATED and consumes is not None
    return RequestEntry(
        uuid.uuid4().hex[:16],
        event,
        action=action,
        description=description,
        consumes=consumes,
        loses=loses,
        activations_used=None if is_counted else 0,
    )


def _method_of(desired: Activation) -> EntryMethod:
    if desired.is_by_directory:
        return EntryMethod.ACTIVE_DIRECTORY
    if desired.confirmation_id:  # also if the task does not say how it was obtained
        return EntryMethod.PROXY if desired.method is ActivationMethod.PROXY else EntryMethod.TELEPHONE
    return EntryMethod.ONLINE if desired.consumes else EntryMethod.KMS


def _with_product(entry: RequestEntry, product: LicensedProduct) -> RequestEntry:
    """Return the entry with what the machine shows about a product. A machine that does not show the key does not show its channel."""
    channel = entry.channel if product.channel is Channel.UNKNOWN else product.channel.value
    return _named(replace(
        entry,
        product_name=product.name,
        activation_id=product.activation_id or None,
        application=product.application.value,
        channel=channel,
        partial_product_key=product.partial_product_key or entry.partial_product_key,
        extended_pid=product.extended_pid,
    ))  # fmt: skip


def _named(entry: RequestEntry) -> RequestEntry:
    """Return the entry with the event that its channel requires."""
    if entry.event not in (LedgerEvent.KEY_INSTALLED, LedgerEvent.HOST_KEY_INSTALLED):
        return entry
    return replace(entry, event=LedgerEvent.HOST_KEY_INSTALLED if entry.channel == Channel.CSVLK.value else LedgerEvent.KEY_INSTALLED)


def _ended(entry: RequestEntry, step: Step, result: StepResult, problem: BaseException | None) -> RequestEntry:
    """Return the entry of a step with its result."""
    if result.done:
        return _counted(replace(entry, result=EntryResult.DONE, loses=result.loses), 1)
    if result.uncertain:
        return replace(entry, result=EntryResult.UNKNOWN, code=_code_of_error(problem))
    if problem is None:
        return _counted(replace(entry, result=EntryResult.NOT_REQUIRED, loses=None), 0)
    cause = problem.__cause__
    failed = replace(entry, result=EntryResult.FAILED, loses=None, code=_code_of_error(problem))
    might = step.consumes is not None and isinstance(cause, StepIncompleteError) and cause.might_have_consumed
    return failed if might else _counted(failed, 0)


def _attempted(entry: RequestEntry, attempts: Attempts) -> RequestEntry:
    """Return the entry of an activation with the result of its attempts."""
    failure = attempts.failure
    if failure is None:
        return _counted(replace(entry, result=EntryResult.DONE), 1)
    result = EntryResult.FAILED if failure.is_known else EntryResult.UNKNOWN
    failed = replace(entry, result=result, code=_code_of(failure))
    return failed if attempts.may_have_consumed else _counted(failed, 0)


def _interrupted(entry: RequestEntry, problem: BaseException | None, *, is_open: bool) -> RequestEntry:
    """Return the entry of an activation that an exception ended. `is_open`: a request was sent, and its result is not known."""
    if is_open:
        return replace(entry, result=EntryResult.UNKNOWN, code=_code_of_error(problem))
    return _counted(replace(entry, result=EntryResult.FAILED, code=_code_of_error(problem)), 0)


def _counted(entry: RequestEntry, number: int) -> RequestEntry:
    """Return the entry with the number of activations or rearms that a request used, if it can use any."""
    return replace(
        entry,
        activations_used=number if entry.activations_used is None else entry.activations_used,
        rearms_used=number if entry.rearms_used is None else entry.rearms_used,
    )


def _code_of(failure: Failure) -> str:
    return str(failure.error["code"])


def _code_of_error(problem: BaseException | None) -> str | None:
    if isinstance(problem, CimError):
        return f"0x{problem.code:08X}"
    if isinstance(problem, VolumeActivationError):
        return problem.explain().code
    return "interrupted" if problem else None
