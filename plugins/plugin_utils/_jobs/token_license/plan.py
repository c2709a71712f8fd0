# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that installs or removes one issuance license of token-based activation.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A license is recognized by its ID and version (ILID and ILVID), which Microsoft documents as unique together, and which are options of the
task. The format of the file is not documented, so the plan does not read them from it. After the installation, the machine shows which
license the file contained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..._cim.session import CimSession
from ..._licensing.plan import loss
from ..._licensing.plan.plan import Outcome, Plan
from ..._licensing.plan.step import Step
from ..._licensing.problems import StepIncompleteError, TaskRefusedError
from ..._licensing.state import scope
from ..._licensing.state.model import OSPP_SERVICE, OperatingSystem
from ..._licensing.state.read import find_service, read_os
from ..._licensing.state.served import Served, refuse
from ..._licensing.tokens.model import IssuanceLicense, TokenLicense
from ..._licensing.tokens.products import activated_with
from ..._licensing.tokens.read import has_token_licenses, read_keyed_products, read_token_licenses, token_license_class
from ..._licensing.tokens.report import describe_token_licenses, status_label
from .model import IssuanceFile, TokenLicenseDesired, TokenLicenseState

INSTALL, REMOVE = "install_token_license", "remove_token_license"
WRONG_LICENSE = "wrong_issuance_license"
SERVED = Served("does not have token-based activation", "Use Windows 7, Windows Server 2008 R2, or later.")

_ACCEPT = "Set lose_activation: true to accept the loss."
_ANOTHER_WAY = "Activate the product in another way first, for example with kms_client."
_CARD = "Windows can only be activated by a token again on the machine, with the certificate or smart card."
_DIFFERENT = "The ID and the version of the task are not those of the license in the file."
_READ = "Read the issuance licenses with activation_info and include_token_licenses: true, and run the task again."


def plan_for(session: CimSession, desired: TokenLicenseDesired) -> Plan[TokenLicenseState]:
    """Read the issuance licenses with three queries, and to remove one, the products with a key. Return the plan.

    Raises TaskRefusedError, LicensingError, MalformedResponseError, CimError, and UnreachableError.
    """
    os = read_os(session)
    _refuse_older(os)
    service = find_service(session, desired.service_class)
    if service is None:
        message = f"{os.computer_name} does not have {OSPP_SERVICE}, the licensing service of Office."
        steps = ("Install or repair Office first.", "If Office uses the licensing service of Windows, set licensing_service: windows.")
        raise TaskRefusedError("office_service_missing", message, steps)
    state = _read(session, TokenLicenseState(os, service))
    if not desired.files and state.of(desired.issuance):
        products = read_keyed_products(session, scope.product_class(service))
        state = replace(state, activated=activated_with(products, desired.issuance))
    return plan(state, desired)


def plan(state: TokenLicenseState, desired: TokenLicenseDesired) -> Plan[TokenLicenseState]:
    """Return the plan, with no step if the license is in the desired state. Pure. Raises TaskRefusedError."""
    found = state.of(desired.issuance)
    steps = _installation(state, desired, found) if desired.files else _removals(state, desired, found)
    before = [each.issuance for each in state.token_licenses]
    after = before if not steps else [each for each in before if each != desired.issuance]
    if steps and desired.files:
        after = [*after, desired.issuance]

    def verify_outcome(outcome: Outcome[TokenLicenseState]) -> Outcome[TokenLicenseState]:
        return _verified(state, desired, outcome) if desired.files and outcome.did(INSTALL) else outcome

    return Plan(
        state=state,
        steps=steps,
        before=settings_dict(before),
        after=settings_dict(after),
        reread=_read,
        compare=lambda final_state: settings_dict([each.issuance for each in final_state.token_licenses]),
        warnings=(*_about_unusable(state, found if desired.files else ()), *_about_loss(steps)),
        verify_outcome=verify_outcome,
        subject="issuance license",
        next_step=_READ,
    )


def settings_dict(issued: list[IssuanceLicense]) -> Mapping[str, Any]:
    """Return the data for before and after."""
    return {
        "issuance_licenses": [
            {"issuance_license_id": each.id, "issuance_license_version": each.version} for each in sorted(dict.fromkeys(issued))
        ]
    }


def describe(state: TokenLicenseState) -> dict[str, Any]:
    """Return the result data of this module."""
    return {"token_licenses": describe_token_licenses(state.token_licenses)}


def _read(session: CimSession, state: TokenLicenseState) -> TokenLicenseState:
    """Return the state with the issuance licenses of now. One query."""
    return replace(state, token_licenses=read_token_licenses(session, token_license_class(state.service.class_name)))


def _refuse_older(os: OperatingSystem) -> None:
    SERVED.reader_for(os)
    if not has_token_licenses(os):
        refuse(os, "does not show its issuance licenses", SERVED.instead)


def _installation(state: TokenLicenseState, desired: TokenLicenseDesired, found: tuple[TokenLicense, ...]) -> tuple[Step, ...]:
    """Return a step for each file. The license can be listed after any of them, so only the last one shows whether it took effect."""
    if found:
        return ()
    class_name = token_license_class(state.service.class_name)

    def is_listed(session: CimSession) -> bool:
        return any(each.issuance == desired.issuance for each in read_token_licenses(session, class_name))

    def installation(file: IssuanceFile) -> Step:
        description = f"install {desired.issuance}, from {file.name}"
        verify = is_listed if file is desired.files[-1] else None
        return Step(INSTALL, state.service.path, "InstallLicense", description, {"License": file.text}, verify=verify)

    return tuple(map(installation, desired.files))


def _removals(state: TokenLicenseState, desired: TokenLicenseDesired, found: tuple[TokenLicense, ...]) -> tuple[Step, ...]:
    """Return a step for each license with the ID and version, as slmgr.vbs /ril removes all of them. Raises TaskRefusedError."""
    if not found:
        return ()
    loses = _loss(state)
    if loses and not desired.lose_activation:
        message = f"{state.os.computer_name} would lose {loses} by removing {desired.issuance}. {_CARD}"
        raise TaskRefusedError(loss.WOULD_BE_LOST, message, (_ANOTHER_WAY, _ACCEPT), cause=_CARD)
    return tuple(_removal(each, loses) for each in found)


def _removal(installed: TokenLicense, loses: str | None) -> Step:
    def is_removed(session: CimSession) -> bool:
        return all(other.license_id != installed.license_id for other in read_token_licenses(session, installed.class_name))

    return Step(REMOVE, installed.path, "Uninstall", f"remove {installed.issuance}", loses=loses, verify=is_removed)


def _loss(state: TokenLicenseState) -> str | None:
    """Return the activations that end with the license, as a noun phrase, or None."""
    return " and ".join(f"the token-based activation of {product.name}" for product in state.activated) or None


def _about_loss(steps: tuple[Step, ...]) -> tuple[str, ...]:
    loses = steps[0].loses if steps else None
    return (f"This task loses {loses}. {_CARD}",) if loses else ()


def _about_unusable(state: TokenLicenseState, found: tuple[TokenLicense, ...]) -> tuple[str, ...]:
    """Return a warning for each license that Windows has, and cannot use."""
    warnings = []
    for each in found:
        if each.authorization_status:
            warnings.append(f"Windows does not authorize {each.issuance} ({status_label(each.authorization_status)}).")
        elif each.expires and each.has_expired(state.os.time):
            warnings.append(f"{str(each.issuance).capitalize()}, expired on {each.expires:%Y-%m-%d}.")
    return tuple(warnings)


def _verified(before: TokenLicenseState, desired: TokenLicenseDesired, outcome: Outcome[TokenLicenseState]) -> Outcome[TokenLicenseState]:
    """Return the outcome with warnings about the new license, or a failed one if the file contained another license."""
    found = outcome.state.of(desired.issuance)
    if found:
        return replace(outcome, warnings=(*outcome.warnings, *_about_unusable(outcome.state, found)))
    new = sorted({each.issuance for each in outcome.state.token_licenses} - {each.issuance for each in before.token_licenses})
    names = " and ".join(file.name for file in desired.files)
    if new:
        message = f"the machine accepted {names}, but now has {' and '.join(map(str, new))}, not {desired.issuance}."
        steps = ("Set issuance_license_id and issuance_license_version to those of the file, or specify the file of the license.",)
    else:
        has = " and ".join(map(str, sorted({each.issuance for each in before.token_licenses})))
        already = f" Before the task, it had {has}." if has else ""
        message = f"the machine accepted {names}, but does not list {desired.issuance}, nor any other new issuance license.{already}"
        same = ("If the file contains a license that the machine already had, set the ID and the version of this license.",) if has else ()
        steps = (*same, "Specify the file of the issuance license. For other license files, use license_file.")
    problem = StepIncompleteError(message, steps, error_code=WRONG_LICENSE, cause=_DIFFERENT)
    return replace(outcome, message=message, error=problem.explain().as_dict())


__all__ = ["INSTALL", "REMOVE", "TokenLicenseDesired", "TokenLicenseState", "describe", "plan", "plan_for"]
