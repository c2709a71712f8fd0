# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step of a rearm. It consumes one of a limited number of rearms, so the request is sent only once.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Windows also reports success for a skipped rearm, so the step reads the event log. After a lost response, the log and the number of rearms
show the outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ..._cim.session import CimError, CimPath, CimSession, CimUnknownOutcomeError, CimValue
from ..._licensing.plan import loss
from ..._licensing.plan.loss import Loss
from ..._licensing.plan.step import REARM, Step
from ..._licensing.plan.timer import RetryTimer
from ..._licensing.problems import StepNotRequiredError, StepWithoutEffectError
from ..._licensing.state.model import LicensedProduct, LicensingService
from ..._licensing.state.read import read_product_by_id, read_service_again
from . import events as rearm_events
from .model import RearmDesired, RearmState, Scope

PENDING = 0xC004D302
_CLOCK_MARGIN = timedelta(seconds=2)
"""The event log contains whole seconds."""
_CHECKS, _CHECK_INTERVAL = 3, 2.0

SKIP_HELP = (
    r"Remove the value SkipRearm under HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform (module"
    " activation_policy with skip_rearm: absent), and run the task again."
)


@dataclass(frozen=True)
class RearmCall:
    """The method of a rearm, and the product that shows the number of rearms left."""

    target: CimPath
    method: str
    arguments: Mapping[str, CimValue]
    product: LicensedProduct


def call_for(desired: RearmDesired, state: RearmState, product: LicensedProduct) -> RearmCall:
    """Return the method. ReArmWindows and ReArmApp are methods of the service, and ReArmSku is a method of the product."""
    service = state.state.service
    if desired.scope is Scope.PRODUCT:
        return RearmCall(product.path, "ReArmSku", {}, product)
    if desired.scope is Scope.APPLICATION:
        return RearmCall(service.path, "ReArmApp", {"ApplicationId": product.application_id}, product)
    return RearmCall(service.path, "ReArmWindows", {}, product)


def remaining(scope: Scope, service: LicensingService, product: LicensedProduct) -> int | None:
    """Return the rearms left of the product or its application. Before Windows 8, only the service reports them."""
    if scope is Scope.PRODUCT:
        return product.sku_rearms
    if product.app_rearms is not None:
        return product.app_rearms
    return service.windows_rearms if scope is Scope.WINDOWS else None


def rearm(
    desired: RearmDesired, facts: RearmState, product: LicensedProduct, description: str, consumes: str, losses: Sequence[Loss]
) -> Step:
    """Return the step that rearms once and verifies the effect."""
    call = call_for(desired, facts, product)
    before = remaining(desired.scope, facts.state.service, product)

    def took_effect(session: CimSession) -> bool:
        newest = _newest(session, facts)
        if newest is not None:
            return not newest.skipped
        return _is_lower(session, desired.scope, facts.state.service, product, before)

    def run(session: CimSession, timer: RetryTimer) -> None:
        try:
            session.invoke(call.target, call.method, call.arguments)
        except CimUnknownOutcomeError:
            if not _took_effect_in_time(session, timer, took_effect):
                raise
        except CimError as error:
            if error.code == PENDING:
                raise StepNotRequiredError("an earlier rearm is waiting for a reboot, so the module did not rearm again") from error
            raise
        newest = _newest(session, facts)
        if newest is not None and newest.skipped:
            raise StepWithoutEffectError(
                "Windows skipped the rearm (event 12307), because SkipRearm is set. Nothing was changed.", (SKIP_HELP,)
            )

    return Step(
        REARM,
        call.target,
        call.method,
        description,
        call.arguments,
        consumes=consumes,
        loses=loss.describe(losses),
        verify=took_effect,
        run=run,
        repeatable=False,
        product=product,
    )


def _took_effect_in_time(session: CimSession, timer: RetryTimer, took_effect: Callable[[CimSession], bool]) -> bool:
    for check in range(_CHECKS):
        if check:
            timer.sleep(_CHECK_INTERVAL)
        if took_effect(session):
            return True
    return False


def _newest(session: CimSession, facts: RearmState) -> rearm_events.Rearmed | None:
    """Return the newest event of a rearm since the machine was read, or None if there is none or the log cannot be read."""
    try:
        return next(iter(rearm_events.since(session, facts.state.os.time - _CLOCK_MARGIN)), None)
    except CimError:
        return None


def _is_lower(session: CimSession, scope: Scope, service: LicensingService, product: LicensedProduct, before: int | None) -> bool:
    try:
        now = read_product_by_id(session, product)
        left = remaining(scope, read_service_again(session, service), now) if now else None
    except CimError as error:
        return error.code == PENDING
    return before is not None and left is not None and left < before
