# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about Active Directory-based activation (ADBA): membership in the domain, and activation objects that cover the products.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A client looks for an activation object first, and for a KMS host if there is none, unless its activation type allows only one of
them. The license from Active Directory is valid for 180 days from the last contact with the domain, and Windows ends it when the licensing
service starts on a machine that has left the domain (Microsoft's Volume Activation Planning Guide and its pages about Active
Directory-based activation).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..._licensing.ad import objects as ad_objects
from ..._licensing.ad.objects import KnownObject
from ..._licensing.state import report
from ..._licensing.state.edition import edition_of
from ..._licensing.state.model import ActivationType, LicensedProduct, OperatingSystem
from ..._licensing.tokens.products import activated_by_token
from .model import CheckData, CheckFinding, CheckSettings, is_kms_client
from .office import is_left_alone

_NO_OBJECT = 0xC004F081
_MINUTES_A_DAY = 24 * 60
_USE_KMS = "To use KMS instead, run kms_client with activation_type: kms, or with activation_type: all."
_BY_AD = ("You do not have to do anything. To use KMS instead, run kms_client with activation_type: kms.",)
_REJOIN = "Join the machine to a domain of the forest again, and restart it."
_OTHER_WAY = "If the machine must stay outside the domain, run kms_client with activation_type: kms and with kms_host, or use a MAK."
_AGAIN = (
    "Run kms_client with reactivate: true. Windows tries Active Directory first.",
    "If a KMS host activates the machine again, read events 8213 to 8215 with activation_events_info. They contain the reason.",
    "If the activation object is new, wait until the domain controllers have replicated it.",
)


def needs_domain(data: CheckData, desired: CheckSettings) -> bool:
    """Return whether a rule depends on the domain of the machine."""
    return any(_uses_ad(product) or desired.activation_objects is not None for product in _subjects(data))


def findings(data: CheckData, desired: CheckSettings) -> Iterator[CheckFinding]:
    """Yield all findings about Active Directory-based activation. Those about objects only if the objects are known."""
    for product in data.state.products:
        if product.has_key and product.used_type is ActivationType.AD:
            yield CheckFinding("activated_by_ad", _by_ad(data, product), _BY_AD, product.name)
    for product in _subjects(data):
        reason = _outside(data, desired, product)
        if reason:
            yield CheckFinding("left_the_domain", f"{reason}{_valid(data, product)}", (_REJOIN, _OTHER_WAY), product.name)
        elif desired.activation_objects is not None and data.in_domain is not False:
            yield from _objects(data, product, _own(data, desired.activation_objects))


def coverage(data: CheckData, desired: CheckSettings) -> list[dict[str, Any]] | None:
    """Return for each volume product whether an object covers it, as result data; None if the objects are not known."""
    if desired.activation_objects is None:
        return None
    os, own = _system(data), _own(data, desired.activation_objects)
    return [
        {
            "product_name": product.name,
            "activation_id": product.activation_id,
            "covered": ad_objects.covered(product, os, own),
            "objects": [{"object_name": each.name, "object_dn": each.dn} for each in own if each.covers(product, os)],
        }
        for product in _subjects(data)
    ]


def membership(data: CheckData) -> dict[str, Any] | None:
    """Return the domain of the machine, as result data; None if it was not read."""
    return None if data.in_domain is None else {"is_member": data.in_domain, "domain": data.domain}


def _subjects(data: CheckData) -> tuple[LicensedProduct, ...]:
    """Return the products that Active Directory could activate: those with a GVLK that are in use."""
    os = data.state.os
    found = (product for product in data.state.products if product.has_key and not product.is_addon and not product.by_subscription)
    return tuple(each for each in found if is_kms_client(each) and ad_objects.can_use_ad(each, os) and not is_left_alone(data, each))


def _uses_ad(product: LicensedProduct) -> bool:
    return product.used_type is ActivationType.AD or product.allowed_type is ActivationType.AD


def _system(data: CheckData) -> OperatingSystem:
    return ad_objects.with_edition(data.state.os, data.edition_id or edition_of(data.state))


def _own(data: CheckData, objects: Sequence[KnownObject]) -> tuple[KnownObject, ...]:
    return ad_objects.in_forest_of(data.domain, objects)


def _by_ad(data: CheckData, product: LicensedProduct) -> str:
    ad, root = product.ad, ad_objects.forest_of(product.ad.object_dn if product.ad else None)
    by = f"The activation object {ad.object_name or 'without a name'} ({ad.object_dn or 'DN not known'})" if ad else "Active Directory"
    message = f"{by} activated {product.name}. While the machine is in the domain, it does not need a KMS host."
    if data.domain and root and not ad_objects.is_below(data.domain, root):
        message += f" The object is in the forest {root}. The check does not know whether the domain {data.domain} is in this forest."
    return message


def _outside(data: CheckData, desired: CheckSettings, product: LicensedProduct) -> str | None:
    """Return why Active Directory does not activate the machine anymore, or None.

    A forest can contain domains with different names. It is therefore another forest only if the objects show the forest of the machine.
    """
    if not _uses_ad(product) or data.in_domain is None:
        return None
    by_ad = product.used_type is ActivationType.AD
    if not data.in_domain:
        then = f"Active Directory activated {product.name}" if by_ad else f"{product.name} only allows activation by Active Directory"
        return f"{then}, but the machine is not a member of a domain."
    root = ad_objects.forest_of(product.ad.object_dn if product.ad else None)
    if not by_ad or root is None or data.domain is None or ad_objects.is_below(data.domain, root):
        return None
    own = {each.forest for each in desired.activation_objects or () if each.forest and ad_objects.is_below(data.domain, each.forest)}
    if not own:
        return None
    now = f"the machine is a member of {data.domain}, which is in the forest {min(own)}"
    return f"An activation object of the forest {root} activated {product.name}, but {now}."


def _valid(data: CheckData, product: LicensedProduct) -> str:
    if not product.status.is_activated or not product.grace_minutes:
        return ""
    return f" Windows does not renew the license, which is valid until {report.iso(data.state.expires(product))} at the latest."


def _objects(data: CheckData, product: LicensedProduct, objects: Sequence[KnownObject]) -> Iterator[CheckFinding]:
    os, failed = _system(data), product.reason == _NO_OBJECT and not product.status.is_activated
    is_covered = ad_objects.covered(product, os, objects)
    if is_covered:
        yield from _by_kms(data, product, objects)
    elif (is_covered is False and _uses_ad(product)) or failed:
        yield CheckFinding("no_object_covers", _uncovered(data, product, objects, failed=failed), _create(data, product), product.name)
    if is_covered is False and product.allowed_type in (None, ActivationType.ALL, ActivationType.AD) and not activated_by_token(product):
        yield from _too_old(data, product, objects)


def _by_kms(data: CheckData, product: LicensedProduct, objects: Sequence[KnownObject]) -> Iterator[CheckFinding]:
    by_kms = product.used_type is ActivationType.KMS and product.status.is_activated
    if not by_kms or product.allowed_type not in (ActivationType.ALL, ActivationType.AD):
        return
    covering = [each.name for each in objects if each.covers(product, _system(data))]
    days = f" It is licensed for {product.grace_minutes // _MINUTES_A_DAY} more days." if product.grace_minutes else ""
    message = f"A KMS host activated {product.name}, although the activation object {covering[0]} covers it.{days}"
    yield CheckFinding("activated_by_kms_although_ad", message, _AGAIN, product.name)


def _uncovered(data: CheckData, product: LicensedProduct, objects: Sequence[KnownObject], *, failed: bool) -> str:
    several = f"none of the {len(objects)} activation objects covers it" if len(objects) > 1 else "the activation object does not cover it"
    found = several if objects else "there is no activation object"
    if failed:
        unknown = ad_objects.covered(product, _system(data), objects) is None
        known = "it is not known what the activation objects cover" if unknown else found
        return f"Windows did not find an activation object for {product.name} (0xC004F081), and {known}."
    if product.used_type is ActivationType.AD:
        return f"Active Directory activated {product.name}, but {found} now, so Windows cannot renew the license.{_valid(data, product)}"
    return f"{product.name} only allows activation by Active Directory, but {found}."


def _create(data: CheckData, product: LicensedProduct) -> tuple[str, ...]:
    key = ad_objects.required_key(product, _system(data))
    which = f"the KMS host key (CSVLK) of {key} or of a later version" if key else "a KMS host key (CSVLK) for this version"
    read = "Check with adba_object_info that the account that read the objects is allowed to read all of them."
    return f"Create an activation object with adba_object and {which}.", read, _USE_KMS


def _too_old(data: CheckData, product: LicensedProduct, objects: Sequence[KnownObject]) -> Iterator[CheckFinding]:
    last = ad_objects.newest([each for each in objects if each.application is product.application])
    if last is None:
        return
    key = ad_objects.required_key(product, _system(data))
    required = f" It requires an object with the KMS host key (CSVLK) of {key} or of a later version." if key else ""
    message = (
        f"No activation object covers {product.name} on build {data.state.os.build}: the newest, {last.name}, is for {last.product_name}."
    )
    yield CheckFinding("object_too_old", f"{message}{required}", _create(data, product), product.name)


__all__ = ["coverage", "findings", "membership", "needs_domain"]
