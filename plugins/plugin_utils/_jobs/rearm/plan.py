# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rearm job: whether a machine needs it, what must not be done, and the steps.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure but for what the plan reads as its final state. A rearm makes Windows forget its CMID and its activation at the next restart, and there
are few of them. So it is done for a reason that is gone afterwards, and never when it costs an activation that somebody has to pay for.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from ..._cim.session import CimError, CimSession
from ..._licensing.plan import loss
from ..._licensing.plan import reboot as rebooting
from ..._licensing.plan.loss import Loss
from ..._licensing.plan.plan import Outcome, Plan
from ..._licensing.plan.step import REBOOT, Step
from ..._licensing.problems import StepIncompleteError, TaskRefusedError
from ..._licensing.state import scope as scopes
from ..._licensing.state.model import OSPP_PRODUCT, WINDOWS_ID, ActivationState, Application, LicensedProduct, LicenseStatus
from ..._licensing.state.read import read_again
from ..._licensing.state.served import Served, refuse
from .model import Need, RearmCase, RearmDesired, RearmPlan, RearmState, Scope
from .steps import PENDING, SKIP_HELP, rearm, remaining

SERVED = Served("knows no rearm and no CMID", "Install it anew, or activate it with mak_client.")

_MINUTES_A_DAY = 24 * 60
_FOR_CLIENTS = "A duplicate CMID matters to KMS clients only: leave this machine out."
_GRACE = frozenset({LicenseStatus.INITIAL_GRACE, LicenseStatus.OUT_OF_TOLERANCE_GRACE, LicenseStatus.NOTIFICATION})


def concerned(state: ActivationState, desired: RearmDesired) -> tuple[LicensedProduct, ...]:
    """The products the rearm is about, the most important first.

    Raises TaskRefusedError when there are none, or none that can be rearmed.
    """
    found = tuple(product for product in _meant(state, desired) if product.has_key)
    if not found:
        scopes.refuse_unread(state)
        raise TaskRefusedError(
            "no_such_product",
            f"{state.os.computer_name} has no product with a key that {_scope_words(desired)} would rearm.",
            ("Read its products and their IDs with activation_info and application: all.",),
        )
    _refuse_unsupported(state, desired, found[0])
    return tuple(sorted(found, key=lambda product: product is not state.primary))


def _meant(state: ActivationState, desired: RearmDesired) -> tuple[LicensedProduct, ...]:
    return tuple(product for product in state.products if _is_meant(product, desired))


def _is_meant(product: LicensedProduct, desired: RearmDesired) -> bool:
    if desired.scope is Scope.PRODUCT:
        return product.activation_id == desired.activation_id
    if desired.scope is Scope.APPLICATION:
        return product.application_id == desired.application_id
    return product.application is Application.WINDOWS


def _refuse_unsupported(state: ActivationState, desired: RearmDesired, product: LicensedProduct) -> None:
    if product.class_name == OSPP_PRODUCT:
        raise TaskRefusedError(
            "not_supported_by_windows",
            f"{product.name} on {state.os.computer_name} is licensed by a service of Office, which cannot be told to rearm from afar.",
            ("Run OSPPREARM.EXE of that Office on the machine.",),
        )
    if desired.scope is not Scope.WINDOWS and product.app_rearms is None and product.sku_rearms is None:
        what = "rearms Windows as a whole and nothing else"
        refuse(state.os, what, "Use scope: windows; Windows 8 and Windows Server 2012 were the first to do more.")


def need(state: ActivationState, desired: RearmDesired, products: tuple[LicensedProduct, ...]) -> Need | None:
    """Why the machine needs it, None when it does not."""
    if (state.service.cmid or "").lower() in desired.cmids:
        return Need.DUPLICATE_CMID
    if desired.max_days_left is not None and any(_ends_within(product, desired.max_days_left) for product in products):
        return Need.GRACE_ENDS
    return Need.FORCED if desired.force else None


def _ends_within(product: LicensedProduct, days: int) -> bool:
    return product.status in _GRACE and product.grace_minutes <= days * _MINUTES_A_DAY


def nothing_to_do(state: ActivationState, desired: RearmDesired, products: tuple[LicensedProduct, ...]) -> RearmPlan:
    """The plan for a machine that needs no rearm."""
    now = settings_dict(state, desired, products)
    return Plan(RearmCase(state, None), (), now, now, reread=_read_again)


def plan(facts: RearmState, desired: RearmDesired, products: tuple[LicensedProduct, ...], why: Need | None) -> RearmPlan:
    """The steps for a machine that needs it. A rearm that waits for its reboot is not done once more.

    Raises TaskRefusedError when it must not or cannot be done.
    """
    before, losses = settings_dict(facts.state, desired, products), loss.losses_of(products)
    steps: list[Step] = []
    if not facts.is_waiting:
        _refuse(facts, desired, products, losses)
        steps.append(_rearm(facts, desired, products, losses))
    if desired.reboot:
        steps.append(rebooting.reboot(facts.booted, desired.reboot_timeout, "so that the rearm takes effect"))
    return Plan(
        state=RearmCase(facts.state, why, facts.is_waiting),
        steps=tuple(steps),
        before=before,
        after=_predict(before, desired, rearms=not facts.is_waiting),
        reread=_read_again,
        compare=lambda final_state: settings_dict(final_state.licenses, desired, _meant(final_state.licenses, desired)),
        warnings=(*_warnings(facts, desired), *(() if facts.is_waiting else loss.warnings(losses))),
        verify_outcome=partial(_verify_outcome, desired),
    )


def _read_again(session: CimSession, case: RearmCase) -> RearmCase:
    """Between the rearm and its restart the machine may refuse to show its licenses."""
    try:
        return replace(case, licenses=read_again(session, case.licenses))
    except CimError as error:
        if error.code != PENDING:
            raise
        return case


def _verify_outcome(desired: RearmDesired, outcome: Outcome[RearmCase]) -> Outcome[RearmCase]:
    """A machine that was restarted and has its old CMID was not rearmed, whatever it said."""
    old = outcome.before["cmid"]
    if desired.scope is not Scope.WINDOWS or not outcome.did(REBOOT) or old is None or outcome.after["cmid"] != old:
        return outcome
    words = f"it was rebooted and still has the CMID {old}, so Windows did not rearm it."
    why = StepIncompleteError(words, ("Read events 12306, 12307 and 8212 of it with activation_events_info.", SKIP_HELP))
    return replace(outcome, message=words, error=why.explain().as_dict())


def settings_dict(state: ActivationState, desired: RearmDesired, products: tuple[LicensedProduct, ...]) -> dict[str, Any]:
    """What a person compares before and after; null while the machine hides it."""
    product = next(iter(products), None)
    return {
        "cmid": state.service.cmid,
        "channel": product.channel.value if product else None,
        "status": product.status.name.lower() if product else None,
        "rearms_left": remaining(desired.scope, state.service, product) if product else None,
    }


def _rearm(facts: RearmState, desired: RearmDesired, products: tuple[LicensedProduct, ...], losses: tuple[Loss, ...]) -> Step:
    left = remaining(desired.scope, facts.state.service, products[0])
    what = (
        "Windows"
        if desired.scope is Scope.WINDOWS
        else products[0].name
        if desired.scope is Scope.PRODUCT
        else "the application of " + products[0].name
    )
    after = f", which leaves {left - 1} {_rearms(left - 1)}" if left is not None else ""
    consumes = f"1 rearm{f' of {left}' if left is not None else ''}"
    return rearm(desired, facts, products[0], f"rearm {what}{after}", consumes, losses)


def _rearms(number: int) -> str:
    return "rearm" if number == 1 else "rearms"


def _refuse(facts: RearmState, desired: RearmDesired, products: tuple[LicensedProduct, ...], losses: tuple[Loss, ...]) -> None:
    name = facts.state.os.computer_name
    if facts.skips:
        raise TaskRefusedError(
            "skip_rearm", f"SkipRearm is set to 1 in the registry of {name}: Windows would skip the rearm.", (SKIP_HELP,)
        )
    if losses and not desired.lose_activation:
        raise loss.refusal(name, losses, "a rearm", (loss.LOSE_ACTIVATION, _FOR_CLIENTS))
    left = remaining(desired.scope, facts.state.service, products[0])
    if left is None:
        return
    if left < 1:
        steps = ("Activate the machine instead. For another CMID, install it anew from an image prepared with sysprep /generalize.",)
        raise TaskRefusedError("no_rearms_left", f"{name} has no rearm left.", steps)
    if left - 1 < desired.min_rearms_left:
        words = f"{name} has {left} {_rearms(left)} left, and min_rearms_left asks for {desired.min_rearms_left} to be left afterwards."
        raise TaskRefusedError("rearm_limit", words, ("Lower min_rearms_left when this one is worth it.",))


def _predict(before: dict[str, Any], desired: RearmDesired, *, rearms: bool) -> dict[str, Any]:
    """The new CMID nobody knows before the restart."""
    after = dict(before)
    if rearms and before["rearms_left"] is not None:
        after["rearms_left"] = before["rearms_left"] - 1
    if desired.reboot:
        after["status"] = LicenseStatus.INITIAL_GRACE.name.lower()
        after["cmid"] = None if _renews_cmid(desired) else before["cmid"]
    return after


def _renews_cmid(desired: RearmDesired) -> bool:
    return desired.scope is Scope.WINDOWS or (desired.scope is Scope.APPLICATION and desired.application_id == WINDOWS_ID)


def _warnings(facts: RearmState, desired: RearmDesired) -> tuple[str, ...]:
    """A rearm that waits may be of something else, and there is only one at a time."""
    meant = {Scope.WINDOWS: WINDOWS_ID, Scope.APPLICATION: desired.application_id}.get(desired.scope)
    if not facts.waiting or meant is None or any(item.application_id == meant for item in facts.waiting):
        return ()
    what = facts.waiting[0].application_id
    return (f"a rearm of application {what} waits for its reboot, and none of {meant} can be done before: run the task again after it",)


def _scope_words(desired: RearmDesired) -> str:
    if desired.scope is Scope.PRODUCT:
        return f"activation_id {desired.activation_id}"
    return f"application_id {desired.application_id}" if desired.scope is Scope.APPLICATION else "scope: windows"
