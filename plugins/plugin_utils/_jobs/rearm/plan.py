# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a rearm: whether it is required, whether it is allowed, and its steps.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure, except for the reading of the final state. A rearm removes the CMID and the activation of Windows at the next reboot, and the number
of rearms is limited. The module therefore rearms a machine only for a reason that the rearm removes, and never if an activation would be
lost that cannot be restored.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from ..._cim.session import CimError, CimSession
from ..._licensing.office.names import is_subscription
from ..._licensing.office.programs import ospprearm_steps
from ..._licensing.plan import loss
from ..._licensing.plan import reboot as rebooting
from ..._licensing.plan.loss import Loss
from ..._licensing.plan.plan import Outcome, Plan
from ..._licensing.plan.step import REBOOT, Step
from ..._licensing.problems import StepIncompleteError, TaskRefusedError
from ..._licensing.state import scope as scopes
from ..._licensing.state.model import (
    OSPP_PRODUCT,
    WINDOWS_ID,
    ActivationState,
    Application,
    LicensedProduct,
    LicenseStatus,
    LicensingService,
)
from ..._licensing.state.read import read_again
from ..._licensing.state.served import Served, refuse
from .model import Need, RearmCase, RearmDesired, RearmPlan, RearmState, Scope
from .steps import PENDING, SKIP_HELP, rearm, remaining

SERVED = Served("does not have rearms and CMIDs", "Reinstall the machine, or activate it with mak_client.")

_MINUTES_A_DAY = 24 * 60
_FOR_CLIENTS = "Exclude this machine: a duplicate CMID is a problem only for KMS clients."
_GRACE = frozenset({LicenseStatus.INITIAL_GRACE, LicenseStatus.OUT_OF_TOLERANCE_GRACE, LicenseStatus.NOTIFICATION})


def affected_products(state: ActivationState, desired: RearmDesired) -> tuple[LicensedProduct, ...]:
    """Return the products of the rearm, the primary product first.

    Raises TaskRefusedError if there are none, or if they cannot be rearmed.
    """
    found = tuple(product for product in _products_in_scope(state, desired) if product.has_key)
    if not found:
        scopes.refuse_unread(state)
        raise TaskRefusedError(
            "no_such_product",
            f"{state.os.computer_name} does not have a product with a key for {_format_scope(desired)}.",
            ("Read the products of the machine and their IDs with activation_info and application: all.",),
        )
    _refuse_unsupported(state, desired, found[0])
    return tuple(sorted(found, key=lambda product: product is not state.primary))


def _products_in_scope(state: ActivationState, desired: RearmDesired) -> tuple[LicensedProduct, ...]:
    return tuple(product for product in state.products if _is_in_scope(product, desired))


def _is_in_scope(product: LicensedProduct, desired: RearmDesired) -> bool:
    if desired.scope is Scope.PRODUCT:
        return product.activation_id == desired.activation_id
    if desired.scope is Scope.APPLICATION:
        return product.application_id == desired.application_id
    return product.application is Application.WINDOWS


def _refuse_unsupported(state: ActivationState, desired: RearmDesired, product: LicensedProduct) -> None:
    if product.class_name == OSPP_PRODUCT:
        raise TaskRefusedError(
            "not_supported_by_windows",
            f"{product.name} on {state.os.computer_name} uses the licensing service of Office, which does not support a remote rearm.",
            ospprearm_steps(product),
        )
    if desired.scope is Scope.PRODUCT and is_subscription(product):
        raise TaskRefusedError(
            "managed_by_subscription",
            f"A subscription licenses {product.name} on {state.os.computer_name}, so its grace period does not have to be reset.",
            ("Exclude this machine from the task.",),
        )
    if desired.scope is not Scope.WINDOWS and product.app_rearms is None and product.sku_rearms is None:
        what = "can only rearm Windows as a whole"
        refuse(state.os, what, "Set scope: windows. Other scopes require Windows 8 or Windows Server 2012.")


def need(state: ActivationState, desired: RearmDesired, products: tuple[LicensedProduct, ...]) -> Need | None:
    """Return the reason for a rearm, or None if a rearm is not required."""
    if (state.service.cmid or "").lower() in desired.cmids:
        return Need.DUPLICATE_CMID
    if desired.max_days_left is not None and any(_ends_within(product, desired.max_days_left) for product in products):
        return Need.GRACE_ENDS
    return Need.FORCED if desired.force else None


def _ends_within(product: LicensedProduct, days: int) -> bool:
    return product.status in _GRACE and product.grace_minutes <= days * _MINUTES_A_DAY


def nothing_to_do(state: ActivationState, desired: RearmDesired, products: tuple[LicensedProduct, ...]) -> RearmPlan:
    """Return the plan for a machine that does not require a rearm."""
    now = settings_dict(state, desired, products)
    return Plan(RearmCase(state, None), (), now, now, reread=_read_again)


def plan(facts: RearmState, desired: RearmDesired, products: tuple[LicensedProduct, ...], why: Need | None) -> RearmPlan:
    """Return the plan for a machine that requires a rearm. A rearm that is waiting for its reboot is not repeated.

    Raises TaskRefusedError if the rearm is not allowed or not possible.
    """
    before, losses = settings_dict(facts.state, desired, products), loss.losses_of(products)
    steps: list[Step] = []
    if not facts.is_waiting:
        _refuse(facts, desired, products, losses)
        steps.append(_rearm(facts, desired, products, losses))
    if desired.reboot:
        steps.append(rebooting.reboot(facts.booted, desired.reboot_timeout, "so that the rearm takes effect"))
    return Plan(
        state=RearmCase(facts.state, why, facts.is_waiting, bool(products) and products[0].application is Application.OFFICE),
        steps=tuple(steps),
        before=before,
        after=_predict(before, desired, rearms=not facts.is_waiting),
        reread=_read_again,
        compare=lambda final_state: settings_dict(final_state.licenses, desired, _products_in_scope(final_state.licenses, desired)),
        warnings=(*_warnings(facts, desired), *(() if facts.is_waiting else loss.warnings(losses))),
        verify_outcome=partial(_verify_outcome, desired),
    )


def _read_again(session: CimSession, case: RearmCase) -> RearmCase:
    """Read the licenses again. Between the rearm and the reboot, Windows might not return them; the case then has no licenses."""
    try:
        return replace(case, licenses=read_again(session, case.licenses))
    except CimError as error:
        if error.code != PENDING:
            raise
        return replace(case, licenses=replace(case.licenses, service=LicensingService(""), products=()))


def _verify_outcome(desired: RearmDesired, outcome: Outcome[RearmCase]) -> Outcome[RearmCase]:
    """Return a failed outcome if the machine still has its old CMID after the reboot, because it was not rearmed."""
    old = outcome.before["cmid"]
    if desired.scope is not Scope.WINDOWS or not outcome.did(REBOOT) or old is None or outcome.after["cmid"] != old:
        return outcome
    message = f"the machine was rebooted and still has the CMID {old}, so Windows did not rearm it."
    problem = StepIncompleteError(message, ("Read the events 12306, 12307, and 8212 with activation_events_info.", SKIP_HELP))
    return replace(outcome, message=message, error=problem.explain().as_dict())


def settings_dict(state: ActivationState, desired: RearmDesired, products: tuple[LicensedProduct, ...]) -> dict[str, Any]:
    """Return the data for before and after. The values are None while Windows does not return the licenses."""
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
            "skip_rearm", f"SkipRearm is set to 1 in the registry of {name}, so Windows would skip the rearm.", (SKIP_HELP,)
        )
    if losses and not desired.lose_activation:
        raise loss.refusal(name, losses, "a rearm", (loss.LOSE_ACTIVATION, _FOR_CLIENTS))
    left = remaining(desired.scope, facts.state.service, products[0])
    if left is None:
        return
    if left < 1:
        steps = ("Activate the machine instead. For another CMID, reinstall it from an image that was prepared with sysprep /generalize.",)
        raise TaskRefusedError("no_rearms_left", f"{name} has no rearms left.", steps)
    if left - 1 < desired.min_rearms_left:
        message = f"{name} has {left} {_rearms(left)} left, but min_rearms_left requires {desired.min_rearms_left} after this rearm."
        raise TaskRefusedError("rearm_limit", message, ("To use this rearm anyway, lower min_rearms_left.",))


def _predict(before: dict[str, Any], desired: RearmDesired, *, rearms: bool) -> dict[str, Any]:
    """Return the expected data for after. The new CMID is not known before the reboot."""
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
    """Return a warning if a rearm of another application is waiting, because only one rearm can wait for a reboot."""
    meant = {Scope.WINDOWS: WINDOWS_ID, Scope.APPLICATION: desired.application_id}.get(desired.scope)
    if not facts.waiting or meant is None or any(item.application_id == meant for item in facts.waiting):
        return ()
    what = facts.waiting[0].application_id
    return (f"a rearm of application {what} is waiting for a reboot, so {meant} was not rearmed: run the task again after the reboot",)


def _format_scope(desired: RearmDesired) -> str:
    if desired.scope is Scope.PRODUCT:
        return f"activation_id {desired.activation_id}"
    return f"application_id {desired.application_id}" if desired.scope is Scope.APPLICATION else "scope: windows"
