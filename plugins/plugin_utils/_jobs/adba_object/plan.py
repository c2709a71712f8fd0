# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that creates an activation object of Active Directory.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The object of the task is the one with its key, whatever its name is. The key goes with the request, and is not installed on the machine.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ....module_utils import _phone as phone
from ..._adba.model import ActivationObject
from ..._cim.session import CimSession
from ..._licensing.hosting.read import read_name
from ..._licensing.plan.activation import ActivationMethod
from ..._licensing.plan.budget import refuse_overuse
from ..._licensing.plan.plan import Outcome, Plan
from ..._licensing.plan.step import ACTIVATE, Step
from ..._licensing.problems import LicensingError, TaskRefusedError
from ..._licensing.state.model import SPP_SERVICE, LicensingService
from ..._licensing.state.read import find_service, read_os
from . import refusals
from .creation import create, read_installation_id
from .model import DesiredObject, ForestOfTask, Hop, ObjectState

CONSUMES = "1 activation of this KMS host key"


def plan_for(session: CimSession, forest: ForestOfTask, desired: DesiredObject, hop: Hop) -> Plan[ObjectState]:
    """Read the directory and the machine, and return the plan. Sends one query to the machine if there is nothing to do.

    Raises TaskRefusedError, ObjectNotCreatedError, and what reading raises.
    """
    refusals.refuse_key(desired)
    objects, os = forest.objects(), read_os(session)
    found = next((item for item in objects if desired.is_met_by(item)), None)
    if found:
        return _plan(ObjectState(os, found), (), forest, desired)
    refusals.refuse_system(os)
    refusals.refuse_unread(objects, desired)
    refusals.refuse_name(objects, desired)
    refusals.refuse_domain(os, read_name(session, os)[1], forest.domains())
    refusals.refuse_hop(os, hop)
    is_counted = desired.method is ActivationMethod.ONLINE
    refuse_overuse(desired.budget, int(is_counted), is_retried=desired.is_retried)
    service = find_service(session, SPP_SERVICE)
    if service is None:
        raise LicensingError(f"{os.computer_name} does not have an instance of {SPP_SERVICE}.")
    state = ObjectState(os, None, _installation_id(session, service, desired))
    waits = not is_counted and desired.confirmation_id is None
    return _plan(state, () if waits else (_step(service, forest, desired),), forest, desired)


def describe(found: ActivationObject | None) -> dict[str, Any]:
    """Return the object for before and after."""
    if found is None:
        return {"object": None}
    names = {"name": found.shown_name, "activation_id": found.activation_id, "partial_product_key": found.partial_product_key}
    return {"object": names}


def _installation_id(session: CimSession, service: LicensingService, desired: DesiredObject) -> str | None:
    """Return the installation ID for the telephone. Raises TaskRefusedError if the confirmation ID was issued for another one."""
    if desired.method is ActivationMethod.ONLINE or not desired.sends_key or (desired.confirmation_id and not desired.installation_id):
        return None
    found = read_installation_id(session, service.path, desired.product_key.reveal())
    if desired.installation_id not in (None, "".join(filter(str.isdigit, found))):
        raise TaskRefusedError(
            phone.STALE,
            f"The confirmation ID was issued for another installation ID than the current one ({phone.grouped(found)}).",
            ("Get a confirmation ID for the current installation ID, then run the task again.",),
        )
    return found


def _step(service: LicensingService, forest: ForestOfTask, desired: DesiredObject) -> Step:
    """Return the step. Depositing a confirmation ID uses no activation: Microsoft counted it when it gave the confirmation ID."""
    name, confirmation = desired.name or "", desired.confirmation_id
    arguments = {"ConfirmationID": confirmation, "ActivationObjectName": name} if confirmation else {"ActivationObjectName": name}
    method = "DepositActiveDirectoryOfflineActivationConfirmation" if confirmation else "DoActiveDirectoryOnlineActivation"
    step = Step(
        ACTIVATE,
        service.path,
        method,
        f"create {desired.label}{' with its confirmation ID' if confirmation else ''}",
        arguments,
        key=desired.product_key,
        consumes=None if confirmation else CONSUMES,
        repeatable=False,
    )
    return replace(step, run=create(step, lambda: any(map(desired.is_met_by, forest.objects_again()))))


def _plan(state: ObjectState, steps: tuple[Step, ...], forest: ForestOfTask, desired: DesiredObject) -> Plan[ObjectState]:
    predicted = {
        "name": desired.name,
        "activation_id": desired.activation_id,
        "partial_product_key": desired.product_key.partial_product_key,
    }

    def reread(_session: CimSession, before: ObjectState) -> ObjectState:
        return replace(before, found=next((item for item in forest.objects_again() if desired.is_met_by(item)), None))

    return Plan(
        state=state,
        steps=steps,
        before=describe(state.found),
        after={"object": predicted} if steps else describe(state.found),
        reread=reread,
        compare=lambda final_state: describe(final_state.found),
        verify_outcome=_verify,
        warnings=_warnings(state, desired, has_steps=bool(steps)),
        subject="directory",
        next_step="Read the directory with adba_object_info before you run the task again.",
    )


def _warnings(state: ObjectState, desired: DesiredObject, *, has_steps: bool) -> tuple[str, ...]:
    if has_steps:
        hints = phone.hints(desired.confirmation_id) if desired.confirmation_id else ()
        return tuple(f"Confirmation ID of the key ending in {desired.product_key.partial_product_key}: {hint}" for hint in hints)
    if state.found and desired.name and not state.found.has_name(desired.name):
        return (f"The object with the key has another name than the task sets: {state.found.label}. Objects cannot be renamed.",)
    return ()


def _verify(outcome: Outcome[ObjectState]) -> Outcome[ObjectState]:
    if outcome.state.found or not outcome.did(ACTIVATE):
        return outcome
    text = (
        "Windows created the object, and the domain controller of the task does not show it yet, because it was created on another one. Do"
        " not run the task again before adba_object_info shows the object: another run could use another activation of the key."
    )
    return replace(outcome, warnings=(*outcome.warnings, text))


def outcome_text(state: ObjectState, desired: DesiredObject) -> str | None:
    """Return what to do for a task that waits for a confirmation ID, None for any other task."""
    if state.found or desired.method is ActivationMethod.ONLINE or desired.confirmation_id:
        return None
    if state.installation_id is None:
        return f"would read the installation ID for {desired.label}, and then needs a confirmation ID."
    return (
        f"{desired.label} needs a confirmation ID. Get it from the Microsoft Licensing Activation Center for the installation ID"
        f" {phone.grouped(state.installation_id)}, and run the task again with confirmation_id."
    )


__all__ = ["CONSUMES", "describe", "outcome_text", "plan_for"]
