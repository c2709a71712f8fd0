# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that installs license files: the licensing service that receives them, and the files that the machine needs.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A machine lists products, but not files. If a product is listed, the plan therefore assumes that all its files are installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..._cim.session import CimSession
from ..._licensing.plan.plan import Outcome, Plan
from ..._licensing.plan.step import Step
from ..._licensing.problems import TaskRefusedError
from ..._licensing.state import scope
from ..._licensing.state.model import OFFICE_2010_ID, OSPP_SERVICE, SPP_SERVICE, WINDOWS_ID, Application, OperatingSystem
from ..._licensing.state.read import existing_ids, find_service, read_os
from ..._licensing.state.served import Served, shares_service_with_office
from .model import DesiredLicenses, LicenseFile, LicenseState

SERVED = Served("does not use license files", "Exclude this machine: its license is part of Windows.")

_RESUME = (
    "not all license files were installed. Run the task with reinstall: true, because the machine might list their products already,"
    " and the task does not install the files of listed products"
)


def plan_for(session: CimSession, desired: DesiredLicenses) -> Plan[LicenseState]:
    """Read the data of the plan with three queries, and return the plan. Raises TaskRefusedError, CimError, and UnreachableError."""
    _refuse_without_product_id(desired)
    os = read_os(session)
    SERVED.reader_for(os)
    class_name = _service_class(os, desired)
    service = find_service(session, class_name)
    if service is None:
        message = f"{os.computer_name} does not have {OSPP_SERVICE}, the licensing service of Office."
        steps = ("Install or repair Office first.", "For the licenses of a KMS host for Office, set application: windows.")
        raise TaskRefusedError("office_service_missing", message, steps)
    state = LicenseState(os, service, desired.files)
    return plan(_read(session, state, desired), desired)


def _read(session: CimSession, state: LicenseState, desired: DesiredLicenses) -> LicenseState:
    """Return the state with the products that the machine lists now. One query."""
    return replace(state, listed=existing_ids(session, desired.activation_ids, scope.product_class(state.service)))


def _refuse_without_product_id(desired: DesiredLicenses) -> None:
    if not desired.activation_ids and not desired.reinstall:
        raise TaskRefusedError(
            "no_product_id",
            "The files do not contain a product ID, so the module cannot check whether they are installed.",
            ("Add the files of the product to the same task.", "To install the files with every run, set reinstall: true."),
        )


def _service_class(os: OperatingSystem, desired: DesiredLicenses) -> str:
    """Return the class of the licensing service that receives the files. Raises TaskRefusedError for files of another service."""
    if desired.application is Application.WINDOWS:
        return SPP_SERVICE
    known = [file for file in desired.files if file.application_ids]
    of_windows = next((file for file in known if WINDOWS_ID in file.application_ids), None)
    if of_windows:
        message = f"{of_windows.name} is a license file of Windows, not of Office."
        raise TaskRefusedError("application_mismatch", message, ("Set application: windows.",))
    if not shares_service_with_office(os):
        return OSPP_SERVICE
    older = [OFFICE_2010_ID in file.application_ids for file in known]
    if any(older) and not all(older):
        message = "The files are for Office 2010 and for a later Office, which use different licensing services on this Windows."
        raise TaskRefusedError("mixed_office_versions", message, ("Install the files of each Office version in a separate task.",))
    return OSPP_SERVICE if any(older) else SPP_SERVICE


def plan(state: LicenseState, desired: DesiredLicenses) -> Plan[LicenseState]:
    """Return a plan with one step for each file that the machine needs. Pure."""
    steps: list[Step] = []
    touched, files, products = set(state.listed), needed(state, desired), desired.activation_ids
    for file in files:
        steps.append(
            _install(state, file, shows_effect=touched.isdisjoint(file.activation_ids), resume=_RESUME if len(files) > 1 else None)
        )
        touched.update(file.activation_ids)

    def verify_outcome(outcome: Outcome[LicenseState]) -> Outcome[LicenseState]:
        return replace(outcome, warnings=(*outcome.warnings, *_unlisted(desired, outcome.state)))

    return Plan(
        state=state,
        steps=tuple(steps),
        before=settings_dict(products, state.listed),
        after=settings_dict(products, frozenset(products) if steps else state.listed),
        reread=lambda session, before: _read(session, before, desired),
        compare=lambda final_state: settings_dict(products, final_state.listed),
        verify_outcome=verify_outcome,
        next_step="Read it with activation_info and include_products_without_key: true, and run the task again.",
    )


def needed(state: LicenseState, desired: DesiredLicenses) -> tuple[LicenseFile, ...]:
    """Return the files to install, in order: files of products that are not listed, and with them files without a product."""
    if desired.reinstall:
        return desired.files
    missing = frozenset(desired.activation_ids) - state.listed
    return tuple(file for file in desired.files if missing and (not file.activation_ids or not missing.isdisjoint(file.activation_ids)))


def settings_dict(products: tuple[str, ...], listed: frozenset[str]) -> Mapping[str, Any]:
    """Return the data for before and after."""
    present = [identity for identity in products if identity in listed]
    return {"listed": present, "missing": [identity for identity in products if identity not in listed]}


def _install(state: LicenseState, file: LicenseFile, *, shows_effect: bool, resume: str | None) -> Step:
    """Return the step for a file. `shows_effect` is true if the machine does not list the products of the file yet.

    The list then shows whether the machine accepted the file. In other cases, a file whose response was lost is sent again, which is safe.
    """
    service = state.service
    products = scope.product_class(service)

    def verify(session: CimSession) -> bool:
        return frozenset(file.activation_ids) <= existing_ids(session, file.activation_ids, products)

    return Step(
        "install_license_file",
        service.path,
        "InstallLicense",
        f"install the license file {file.name}",
        {"License": file.text},
        verify=verify if shows_effect and file.activation_ids else None,
        resume=resume,
    )


def _unlisted(desired: DesiredLicenses, final_state: LicenseState) -> tuple[str, ...]:
    """Return a warning if the machine accepted the files, but does not list their products."""
    missing = settings_dict(desired.activation_ids, final_state.listed)["missing"]
    message = f"the machine accepted the license files, but does not list {', '.join(missing)}"
    return (f"{message}. Another file of the product might be missing. The next run installs the files again.",) if missing else ()


def describe(before: LicenseState) -> dict[str, Any]:
    """Return the result data of this module."""
    return {
        "files": [
            {
                "path": file.path,
                "title": file.title,
                "activation_ids": list(file.activation_ids),
                "is_listed": before.listed.issuperset(file.activation_ids) if file.activation_ids else None,
            }
            for file in before.files
        ]
    }


__all__ = ["DesiredLicenses", "LicenseFile", "LicenseState", "describe", "plan", "plan_for"]
