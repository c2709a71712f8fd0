# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compose the plan of kms_client from the plan of Windows and the plans of Office products, and its result from their outcomes.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A task that is only about Windows has the plan of the job kms_client. Every other task has a plan with several parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, cast

from .._cim.session import CimError, CimSession
from .._jobs.kms_client.plan import SERVED
from .._jobs.office import clients
from .._jobs.office import plan as office_plan
from .._jobs.office import report as office_report
from .._jobs.office import run as office_run
from .._jobs.office.clients import ClientsPlan
from .._jobs.office.model import OfficeDesired, ProductPart, Selection
from .._jobs.office.run import ClientsOutcome
from .._licensing.kms.application_level import with_application_levels
from .._licensing.office.read import read_office_machine, with_office_service
from .._licensing.office.volume import OfficeMachine
from .._licensing.plan import apply as applying
from .._licensing.plan import plan as planning
from .._licensing.plan.plan import LicenseOutcome, LicensePlan
from .._licensing.problems import OfficeNotReadError, TaskRefusedError
from .._licensing.state import scope
from .._licensing.state.edition import with_edition_id
from .._licensing.state.model import OSPP_PRODUCT
from .._licensing.state.read import notes_of, read_state
from .._probing.verification import desired_of, verified, verified_plan
from .actions.state import Runner
from .result import license_of

_MOST_STEPS = 4
"""Number of next steps that an error can have."""

_UNREAD_SERVICE = "the machine returned its products, but not OfficeSoftwareProtectionService"


def plan_for(session: CimSession, options: Mapping[str, Any]) -> LicensePlan | ClientsPlan:
    """Read the machine, and return the plan of the task. Raises TaskRefusedError, and what reading raises."""
    if options["application"] == "windows":
        return verified_plan(session, with_edition_id(session, read_state(session, served=SERVED)), options)
    machine = read_office_machine(session, scope.APPLICATIONS[options["application"]], SERVED)
    return _plan_clients(session, machine, options)


def _plan_clients(session: CimSession, machine: OfficeMachine, options: Mapping[str, Any]) -> ClientsPlan:
    """Return the plans of all products. If Office cannot be read, a task that is also about Windows has only its plan."""
    desired, unread = _office_desired(options), None
    try:
        machine, selection, parts = _office_parts(session, machine, desired)
    except OfficeNotReadError as refusal:
        if not desired.with_windows:
            raise
        selection, parts, unread = Selection((), ()), (), refusal
    except TaskRefusedError as refusal:
        if not desired.with_windows:
            raise
        raise _or_only(refusal, "windows") from refusal
    windows = None
    if desired.with_windows:
        machine = replace(machine, licenses=with_edition_id(session, machine.licenses))
        try:
            windows = verified_plan(session, machine.licenses, options)
        except TaskRefusedError as refusal:
            if not parts:
                raise
            raise _or_only(refusal, "office") from refusal
    office = tuple(_verified(session, part, options) for part in parts)
    return clients.plan(machine, desired, windows, selection, office, unread)


def _or_only(refusal: TaskRefusedError, application: str) -> TaskRefusedError:
    """Return the refusal of one part of a task about Windows and Office, with the step that leaves this part out."""
    steps = (*refusal.next_steps[: _MOST_STEPS - 1], f"To change only {application.capitalize()}, set application: {application}.")
    return TaskRefusedError(refusal.error_code, refusal.message, steps, cause=refusal.cause, source=refusal.source)


def _office_parts(
    session: CimSession, machine: OfficeMachine, desired: OfficeDesired
) -> tuple[OfficeMachine, Selection, tuple[ProductPart, ...]]:
    """Return the products of the task with their plans, and the machine with what they require. Raises TaskRefusedError."""
    selection, parts = clients.parts_of(machine, desired)
    if any(_changes_older_service(part) for part in parts):
        machine = _with_office_service(session, machine)
        selection, parts = clients.parts_of(machine, desired)
    if parts and (desired.clear_application_settings or any(part.plan.changed for part in parts)):
        products = [part.product.client for part in parts]
        machine = replace(machine, licenses=with_application_levels(session, machine.licenses, products))
        selection, parts = clients.parts_of(machine, desired)
    return machine, selection, parts


def _office_desired(options: Mapping[str, Any]) -> OfficeDesired:
    settings = desired_of(options)
    given = {field.name: getattr(settings, field.name) for field in fields(OfficeDesired) if hasattr(settings, field.name)}
    given.update(
        products=tuple(options["products"] or ()),
        remove_leftover_keys=options["remove_leftover_keys"],
        with_windows=options["application"] == "all",
    )
    return OfficeDesired(**given)


def _changes_older_service(part: ProductPart) -> bool:
    licenses = part.case.machine.licenses
    if part.product.client.class_name != OSPP_PRODUCT or licenses.office_service:
        return False
    return part.case.desired.host_caching is not None or part.plan.changed


def _with_office_service(session: CimSession, machine: OfficeMachine) -> OfficeMachine:
    """Return the machine with the older licensing service of Office. Raises OfficeNotReadError if it is missing or cannot be read."""
    problem: CimError | str = _UNREAD_SERVICE
    try:
        found = with_office_service(session, machine)
        if found.licenses.office_service is not None:
            return found
    except CimError as error:
        problem = error
    scope.refuse_unread(replace(machine.licenses, notes=notes_of(problem)))
    return machine


def _verified(session: CimSession, part: ProductPart, options: Mapping[str, Any]) -> ProductPart:
    """Return the plan of a product. A KMS host must respond before the activation of a MAK is lost."""
    request = office_plan.verification_of(part.case, part.plan)
    return part if request is None else replace(part, plan=verified(session, part.case.machine.licenses, options, request))


def _predict(plan: LicensePlan | ClientsPlan) -> Any:
    return office_run.predict(plan) if isinstance(plan, ClientsPlan) else planning.predict(plan)


def _carry_out(plan: LicensePlan | ClientsPlan, *arguments: Any) -> Any:
    return office_run.carry_out(plan, *arguments) if isinstance(plan, ClientsPlan) else applying.apply(plan, *arguments)


def _settings_now(plan: LicensePlan | ClientsPlan, session: CimSession) -> Mapping[str, Any]:
    return office_run.settings_now(plan, session) if isinstance(plan, ClientsPlan) else planning.settings_now(plan, session)


RUNNER = Runner(_predict, _carry_out, _settings_now)
"""Carries out both kinds of plans."""

EMPTY: Mapping[str, Any] = {
    "products": [],
    "activation": None,
    "activations": [],
    "leftover_keys": [],
    "office_installations": [],
    "restart_office_programs": False,
}
"""The results of a task that failed before the machine was read."""


def describe(plan: LicensePlan | ClientsPlan, outcome: LicenseOutcome | ClientsOutcome) -> dict[str, Any]:
    """Return the results that only kms_client has. The outcome is of the kind of the plan."""
    if isinstance(plan, ClientsPlan):
        return office_report.describe(cast("ClientsOutcome", outcome))
    done = cast("LicenseOutcome", outcome)
    return {
        **EMPTY,
        **license_of(plan, done),
        "activation": dict(done.activation),
        "activations": [dict(done.activation)],
        "activations_used": done.activations_used,
        "rolled_back": done.rolled_back,
    }


__all__ = ["EMPTY", "RUNNER", "describe", "plan_for"]
