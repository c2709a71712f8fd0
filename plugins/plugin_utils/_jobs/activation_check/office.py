# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about Office: a volume edition without a key, keys that are not in use, and Microsoft 365.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. What a subscription licenses has no other finding, and neither has a key that is not in use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..._errors import sentence
from ..._licensing.catalog.office import title_of
from ..._licensing.office import report as office_report
from ..._licensing.office.click_to_run import Installation
from ..._licensing.office.installed import is_only_subscription, without_key
from ..._licensing.office.leftovers import Leftover, leftovers
from ..._licensing.office.names import is_subscription
from ..._licensing.plan import loss
from ..._licensing.state.channels import channel_label
from ..._licensing.state.model import Application, LicensedProduct
from .model import CheckData, CheckFinding

_LEAVE = "You do not have to do anything. The modules of this collection leave Microsoft 365 unchanged."
_VNEXTDIAG = "To read the activation of a user, run vnextdiag.ps1 -action list in the session of this user."
_NO_KEY = (
    "Run kms_client with application: office to install the GVLK of the product and to activate it.",
    "If your agreement has a MAK for the product, run mak_client with application: office and this MAK.",
)


_REPAIR = (
    "Repair Office on the machine, or remove it. The check does not know whether this Office is licensed.",
    "If the message contains a code for denied access, use an account that is a local administrator.",
)


def is_left_alone(data: CheckData, product: LicensedProduct) -> bool:
    """Return whether the rules about licenses and renewal do not apply to a product, because it is not in use or has a subscription."""
    return is_subscription(product) or product.activation_id in data.unused


def findings(data: CheckData) -> Iterator[CheckFinding]:
    """Yield all findings about what Office is installed."""
    if Application.OFFICE not in data.state.applications:
        return
    for note in (*data.state.notes, *data.office.notes):
        yield CheckFinding("office_not_read", sentence(note), _REPAIR)
    missing = without_key(data.state, data.office)
    yield from map(_without_key, missing)
    if not missing and data.office.unkeyed and not data.state.keyed(Application.OFFICE):
        yield CheckFinding("office_no_key", "Office is installed from volume media, and does not have a product key.", _NO_KEY)
    for leftover in leftovers(data.state, data.office):
        yield _leftover(leftover)
    for message in office_report.about_subscription(data.office) or _old_subscription(data):
        yield CheckFinding("managed_by_subscription", message, (_LEAVE, _VNEXTDIAG))


def with_application(data: CheckData, finding: CheckFinding) -> CheckFinding:
    """Return a finding about an Office product with `application: office` in the tasks of its next steps."""
    names = {product.name for product in data.state.products if product.application is Application.OFFICE}
    if finding.product_name not in names:
        return finding
    return replace(finding, next_steps=tuple(_TASK.sub(_of_office, step) for step in finding.next_steps))


_TASK = re.compile(r"\b(?P<task>[Rr]un (?:kms|mak)_client)(?P<after> with (?!application)| to |,)")


def _of_office(found: re.Match[str]) -> str:
    after = " and " if found["after"] == " with " else found["after"]
    return f"{found['task']} with application: office{after}"


def expects_key(data: CheckData) -> bool:
    """Return whether a machine without an Office key has the finding no_product_key: only Office was requested, and nothing explains it."""
    is_explained = data.office.unkeyed or without_key(data.state, data.office) or is_only_subscription(data.office)
    return Application.WINDOWS not in data.state.applications and not is_explained


def _without_key(installation: Installation) -> CheckFinding:
    title = title_of(installation.product, installation.release or "", installation.is_click_to_run_2016)
    return CheckFinding("office_no_key", f"{title} is installed, and does not have a product key.", _NO_KEY, title)


def _leftover(leftover: Leftover) -> CheckFinding:
    product = leftover.product
    message = f"The {channel_label(product)} ending in {product.partial_product_key} of {product.name} is not in use. {leftover.reason}"
    lost = f" This loses {loss.describe(loss.losses_of((product,)))}: add lose_activation: true." if loss.loss_of(product) else ""
    steps = (
        f"Remove the key with product_key, application: office, state: absent, and activation_id: {product.activation_id}.{lost}",
        f"On the machine, the command is: cscript ospp.vbs /unpkey:{product.partial_product_key}",
    )
    return CheckFinding("leftover_key", message, steps, product.name)


def _old_subscription(data: CheckData) -> Iterator[str]:
    """Yield a sentence about the licenses of a subscription, which the licensing service has for Microsoft 365 before version 1910."""
    found = [product for product in data.state.keyed(Application.OFFICE) if is_subscription(product)]
    if found:
        yield f"A subscription licenses {found[0].name} (key ending in {found[0].partial_product_key})."


__all__ = ["expects_key", "findings", "is_left_alone", "with_application"]
