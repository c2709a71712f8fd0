# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carry out the plans of several products one after the other, and read the final state.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A failure of one product does not stop the others. The task fails at the end, with the products that failed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..._cim.session import CimSession
from ..._errors import sentence
from ..._licensing.plan.account import Account
from ..._licensing.plan.activation_report import activation_report
from ..._licensing.plan.apply import apply_license
from ..._licensing.plan.plan import LicenseOutcome, LicensePlan, predict_license, results_of, target_in
from ..._licensing.plan.step import ACTIVATE, StepResult
from ..._licensing.problems import OfficeNotReadError, StepFailedError
from ..._licensing.state.model import ActivationState
from .clients import ClientsPlan

RESTART = "Restart the Office programs that are open on the machine. They show the new license only after a restart."
_KEY_ACTIONS = frozenset({"install_product_key", "remove_product_key"})


@dataclass(frozen=True)
class ClientsOutcome:
    """The outcome of the plans of all products, in the order of the plan. `state` is the final state."""

    plan: ClientsPlan
    state: ActivationState
    parts: tuple[LicenseOutcome, ...]
    after: Mapping[str, Any]
    is_predicted: bool = False

    @property
    def before(self) -> Mapping[str, Any]:
        """The settings before the plans."""
        return self.plan.before

    @property
    def changed(self) -> bool:
        """Whether a step was done, or in check mode would be done."""
        return any(part.changed for part in self.parts)

    @property
    def steps(self) -> tuple[StepResult, ...]:
        """All steps in order."""
        return tuple(step for part in self.parts for step in part.steps)

    @property
    def failures(self) -> tuple[tuple[str | None, LicenseOutcome], ...]:
        """The parts that failed, with the name of their Office product, or None for Windows."""
        pairs = zip(self.plan.parts, self.parts, strict=True)
        return tuple((self.plan.title_of(plan), outcome) for plan, outcome in pairs if outcome.failed)

    @property
    def failed(self) -> bool:
        """Whether the task must fail."""
        return bool(self.failures) or self.plan.unread is not None

    @property
    def error(self) -> Mapping[str, Any] | None:
        """The explained code of the first part that failed, or why Office could not be read."""
        if self.failures:
            return self.failures[0][1].error
        if self.plan.unread is None:
            return None
        return {**self.plan.unread.explain().as_dict(), "meaning": _unread_meaning(self.plan.unread, self.plan.state.os.computer_name)}

    @property
    def message(self) -> str | None:
        """The messages of the parts that failed, without their next steps."""
        failures = self.failures
        listed = [f"{title or 'Windows'}: {_without_next_step(outcome)}" for title, outcome in failures]
        if self.plan.unread:
            office = f"Office: {_unread_meaning(self.plan.unread, self.plan.state.os.computer_name)}"
            return " ".join((*listed, office) if listed else (office, "Windows is not affected."))
        total = len(self.plan.office) + (self.plan.windows is not None)
        if not listed:
            return None
        return " ".join(listed if total == 1 else (f"{len(failures)} of {total} products failed.", *listed))

    @property
    def warnings(self) -> tuple[str, ...]:
        """All warnings, without duplicates; those of an Office product begin with its name."""
        found = list(self.plan.warnings)
        for plan, outcome in zip(self.plan.parts, self.parts, strict=True):
            title = self.plan.title_of(plan)
            found += [f"{title}: {warning}" if title else warning for warning in outcome.warnings]
        return tuple(dict.fromkeys((*found, *((RESTART,) if self.restart_office_programs and not self.is_predicted else ()))))

    @property
    def restart_office_programs(self) -> bool:
        """Whether a key of Office was changed or a product of Office was activated, or in check mode would be."""
        pairs = zip(self.plan.parts, self.parts, strict=True)
        office = [outcome for plan, outcome in pairs if plan is not self.plan.windows and not outcome.rolled_back]
        steps = [step for outcome in office for step in outcome.steps if step.action in (ACTIVATE, *_KEY_ACTIONS)]
        return any(step.done or self.is_predicted for step in steps)

    @property
    def activations_used(self) -> int:
        """Number of activations that were used. Only the rollback of Windows to its previous key uses any."""
        return sum(part.activations_used for part in self.parts)

    @property
    def rolled_back(self) -> bool:
        """Whether the previous key of a product was restored."""
        return any(part.rolled_back for part in self.parts)

    def activation_of(self, plan: LicensePlan) -> Mapping[str, Any]:
        """Return the activation of one plan."""
        return next(outcome.activation for part, outcome in zip(self.plan.parts, self.parts, strict=True) if part is plan)


def predict(plan: ClientsPlan) -> ClientsOutcome:
    """Return the outcome that :func:`carry_out` would have if all steps succeeded. Check mode uses it; it sends no query."""
    return ClientsOutcome(plan, plan.state, tuple(map(predict_license, plan.parts)), plan.after, is_predicted=plan.changed)


def carry_out(
    plan: ClientsPlan,
    session: CimSession,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    account: Account | None = None,
) -> ClientsOutcome:
    """Carry out the plans, and return the outcome. Sends no request if there is nothing to do.

    Raises UnreachableError if the connection is lost; the account then has the steps of all plans.
    """
    if not plan.changed:
        return ClientsOutcome(plan, plan.state, tuple(map(predict_license, plan.parts)), plan.after)
    account = account or Account()
    done: list[LicenseOutcome] = []
    for number, part in enumerate(plan.parts, start=1):
        account.expect(step for later in plan.parts[number:] for step in results_of(later))
        done.append(_carry_out(part, session, clock, sleep, account))
    last = next((outcome for part, outcome in zip(reversed(plan.parts), reversed(done), strict=True) if part.changed), None)
    # The last plan has read the final state, unless a step of it failed.
    final_state = last.state if last and last.state is not plan.state else plan.reread(session, plan.state)
    return ClientsOutcome(plan, final_state, tuple(done), plan.compare(final_state))


def settings_now(plan: ClientsPlan, session: CimSession) -> Mapping[str, Any]:
    """Read the state again, and return the settings to compare. Raises what reading raises."""
    return plan.compare(plan.reread(session, plan.state))


def _carry_out(
    plan: LicensePlan, session: CimSession, clock: Callable[[], float], sleep: Callable[[float], None], account: Account
) -> LicenseOutcome:
    """Carry out one plan. A failed step becomes part of its outcome, so that the other plans follow."""
    try:
        return apply_license(plan, session, clock, sleep, account)
    except StepFailedError as failed:
        return _stopped(plan, failed)


def _stopped(plan: LicensePlan, failed: StepFailedError) -> LicenseOutcome:
    error = failed.explain().as_dict()
    subject = target_in(plan, plan.state) or plan.license_before
    activation = activation_report("failed", plan.target_key, subject=subject, error=error)
    return replace(
        predict_license(plan),
        steps=failed.steps,
        changed=any(step.done or step.uncertain for step in failed.steps),
        activation=activation,
        error=error,
        message=failed.message,
    )


def _unread_meaning(unread: OfficeNotReadError, computer: str) -> str:
    """Return why Office could not be read. The message of the task already names the machine."""
    return sentence(unread.message.removeprefix(f"{computer}: "))


def _without_next_step(outcome: LicenseOutcome) -> str:
    """Return the message of a failed part. The next step of the first failure follows all messages."""
    return sentence((outcome.message or "").partition(" Next: ")[0])
