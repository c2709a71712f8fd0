# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about token-based activation: issuance licenses that are missing, expired, or not authorized.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A product that a token activated needs its own issuance license. A product that only allows token-based activation needs any license
that Windows authorizes and that has not expired (SoftwareLicensingTokenActivationLicense). Other licenses do not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ..._licensing.catalog.errors import explain
from ..._licensing.state import report
from ..._licensing.state.model import OSPP_PRODUCT, ActivationType, LicensedProduct
from ..._licensing.tokens.model import OSPP_TOKEN_LICENSE, SPP_TOKEN_LICENSE, TokenLicense
from ..._licensing.tokens.on_the_machine import activate_on_machine
from ..._licensing.tokens.products import activated_by_token, issuance_of
from .model import CheckData, CheckFinding, CheckSettings, is_kms_client
from .office import is_left_alone

_EXPIRED = 0xC004FC07
_INSTALL = "Install the issuance license with token_license."
_NEWER = "Install a newer version of the issuance license with token_license."
_ALLOW_MORE = "If the machine must not use tokens, run kms_client with activation_type: kms, or with activation_type: all."


def classes_needed(data: CheckData) -> tuple[str, ...]:
    """Return the classes of issuance licenses that the rules depend on; empty for a machine without token-based activation."""
    return tuple(dict.fromkeys(_class_of(product) for product in _subjects(data)))


def findings(data: CheckData, desired: CheckSettings) -> Iterator[CheckFinding]:
    """Yield all findings about token-based activation, if the issuance licenses were read."""
    if data.token_licenses is None:
        return
    for product in _subjects(data):
        yield from _about(data, desired, product)


def _subjects(data: CheckData) -> tuple[LicensedProduct, ...]:
    """Return the products in use that a token activated, or that only allow token-based activation."""
    found = (product for product in data.state.products if product.has_key and not product.is_addon and not product.by_subscription)
    return tuple(each for each in found if _uses_token(each) and is_kms_client(each) and not is_left_alone(data, each))


def _uses_token(product: LicensedProduct) -> bool:
    return _is_activated_by_token(product) or product.allowed_type is ActivationType.TOKEN


def _is_activated_by_token(product: LicensedProduct) -> bool:
    return product.status.is_activated and activated_by_token(product) and product.token is not None


def _class_of(product: LicensedProduct) -> str:
    return OSPP_TOKEN_LICENSE if product.class_name == OSPP_PRODUCT else SPP_TOKEN_LICENSE


def _about(data: CheckData, desired: CheckSettings, product: LicensedProduct) -> Iterator[CheckFinding]:
    relevant, now = _relevant(data, product), data.state.os.time
    if not relevant:
        yield CheckFinding("token_license_missing", _missing(product), (_INSTALL, _ALLOW_MORE), product.name)
        return
    usable = [each for each in relevant if not each.authorization_status and not each.has_expired(now)]
    if not usable:
        for each in relevant:
            yield _unusable(each, product, now)
        return
    ends = None if any(each.expires is None for each in usable) else max(each.expires for each in usable if each.expires)
    if ends and desired.min_days_left and ends - now < timedelta(days=desired.min_days_left):
        days = (ends - now).days
        message = f"The issuance license of {product.name} expires in {days} days, at {report.iso(ends)}"
        steps = (_NEWER, activate_on_machine(product))
        yield CheckFinding("token_license_expires_soon", f"{message} (required: {desired.min_days_left} days).", steps, product.name)


def _relevant(data: CheckData, product: LicensedProduct) -> tuple[TokenLicense, ...]:
    """Return the license that activated the product, or all licenses of its licensing service if no token activated it."""
    of_service = (each for each in data.token_licenses or () if each.class_name == _class_of(product))
    if not _is_activated_by_token(product):
        return tuple(of_service)
    return tuple(each for each in of_service if each.issuance == issuance_of(product))


def _missing(product: LicensedProduct) -> str:
    if _is_activated_by_token(product):
        return f"A token activated {product.name}, but the machine does not have {issuance_of(product)}, which it used."
    return f"{product.name} only allows token-based activation, but the machine does not have an issuance license."


def _unusable(found: TokenLicense, product: LicensedProduct, now: datetime) -> CheckFinding:
    """Return the finding about a license that cannot activate the product."""
    status = found.authorization_status
    if status and status != _EXPIRED:
        explanation = explain(status)
        message = f"Windows does not authorize {found.issuance}: {explanation.label}: {explanation.meaning}"
        return CheckFinding(
            "token_license_not_authorized", message, (*explanation.next_steps, _ALLOW_MORE), product.name, explanation.as_dict()
        )
    when = f" at {report.iso(found.expires)}" if found.expires and found.has_expired(now) else ""
    message = f"The issuance license of {product.name} has expired{when}: ID {found.issuance.id}, version {found.issuance.version}."
    return CheckFinding("token_license_expires_soon", message, (_NEWER, activate_on_machine(product)), product.name)
