# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licensing state as the plain data of a task result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The input is an :class:`ActivationState`. Times are in ISO 8601 format in UTC.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timezone
from typing import Any

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ....module_utils._phone import groups
from ..catalog.errors import explain
from ..catalog.thresholds import THRESHOLDS
from ..esu.licenses import describe_esu
from ..kms.effective import configured_host_of
from ..kms.model import KmsClient
from ..office.names import is_subscription
from .channels import activated_by
from .edition import edition_of
from .model import (
    OSPP_PRODUCT,
    ActivationState,
    ActivationType,
    Application,
    Channel,
    LicensedProduct,
    LicensingService,
    OperatingSystem,
)
from .subscription_model import STATUSES, TYPES, Subscription
from .summary import summary_of


def describe(state: ActivationState) -> dict[str, Any]:
    """Return the machine, the service, and the products of a state.

    `licensed` is the state of the primary Windows product. If Windows was not requested, it is true if every product with a key is
    activated. Data that could not be read is reported as a warning.
    """
    return {
        **({"warnings": [f"{state.os.computer_name}: {note}" for note in state.notes]} if state.notes else {}),
        "msg": summary_of(state),
        "machine": describe_machine(state),
        "licensed": is_licensed(state),
        "service": describe_service(state) if state.generation.has_service else None,
        "windows_product_activation": state.generation.describe(),
        "products": [describe_product(state, product) for product in state.products],
        "esu": describe_esu(state.products),
    }


def describe_machine(state: ActivationState) -> dict[str, Any]:
    """Return the data of the machine. Windows Server 2003 does not have a licensing service with a version."""
    return {**describe_system(state.os), "edition_id": edition_of(state), "licensing_version": state.service.version or None}


def is_licensed(state: ActivationState) -> bool:
    """Return whether the machine is licensed. See :func:`describe`."""
    if Application.WINDOWS in state.applications:
        return state.primary is not None and (state.primary.status.is_activated or state.primary.by_subscription)
    keyed = [product for product in state.products if product.has_key and not product.is_addon]
    return bool(keyed) and all(product.status.is_activated for product in keyed)


def describe_product(state: ActivationState, product: LicensedProduct) -> dict[str, Any]:
    """Return one product of the state in the format of the module results."""
    return {
        "name": product.name,
        "description": product.description,
        "application": product.application.value,
        "application_id": product.application_id,
        "activation_id": product.activation_id or None,
        "channel": product.channel.value,
        "channel_name": product.channel_name,
        "edition": product.family,
        "is_addon": product.is_addon,
        "primary": product is state.primary,
        "partial_product_key": product.partial_product_key,
        "extended_pid": product.extended_pid,
        "installation_id": product.installation_id,
        "installation_id_groups": list(groups(product.installation_id or "")),
        **_describe_status(state, product),
        "activated_by": activated_by(product),
        "managed_by": "subscription" if product.by_subscription or is_subscription(product) else None,
        "licensing_service": "office" if product.class_name == OSPP_PRODUCT else "windows",
        "activation_type": product.allowed_type.name.lower() if product.allowed_type is not None else None,
        "kms": describe_kms(state, product),
        "host_role": _describe_host_role(state, product),
        "ad": asdict(product.ad) if product.ad else None,
        "token": asdict(product.token) if product.token else None,
        "application_rearms_left": product.app_rearms,
        "product_rearms_left": product.sku_rearms,
        "urls": dict(product.urls),
    }


def describe_kms(state: ActivationState, product: LicensedProduct) -> dict[str, Any]:
    """Return the KMS host in use and how it was found.

    A configured host has precedence over the lookup domain, and the lookup domain over discovery. The setting of the product has
    precedence over that of its application, and this over that of the service.
    """
    own, application, service = product.kms, state.application_kms_of(product), state.service_of(product).kms
    host = application.host if application else None
    return {
        **_endpoint(state, product),
        "application_kms_host": host,
        "application_kms_port": (application.port or DEFAULT_PORT) if application and host else None,
        "host_extended_pid": own.host_extended_pid or service.host_extended_pid,
        "lookup_domain": own.lookup_domain or service.lookup_domain,
        "activation_interval": _first(own.activation_interval, service.activation_interval),
        "renewal_interval": _first(own.renewal_interval, service.renewal_interval),
        "required_count": own.required_count if own.required_count is not None else _required_count(product, service),
    }


def _required_count(product: LicensedProduct, service: KmsClient) -> int | None:
    """Return the required count of a product that does not report it. The service of Windows reports the count for Windows."""
    if product.application is Application.OFFICE and product.class_name != OSPP_PRODUCT:
        return THRESHOLDS["office"] if product.channel is Channel.GVLK else None
    return service.required_count


def _endpoint(state: ActivationState, product: LicensedProduct) -> dict[str, Any]:
    own, service = product.kms, state.service_of(product).kms
    nowhere = {"kms_host": None, "kms_port": None, "source": None, "scope": None, "address": None}
    if product.channel is not Channel.GVLK:
        return nowhere
    if product.used_type is ActivationType.AD:
        return {**nowhere, "source": "ad"}
    address = own.discovered_address or service.discovered_address
    fixed = configured_host_of(state, product)
    if fixed:
        return {
            "kms_host": fixed.host,
            "kms_port": fixed.port or DEFAULT_PORT,
            "source": "configured",
            "scope": fixed.scope,
            "address": address,
        }
    found = own if own.discovered_host else service
    if not found.discovered_host:
        return nowhere
    source = "lookup_domain" if own.lookup_domain or service.lookup_domain else "discovered"
    return {
        "kms_host": found.discovered_host,
        "kms_port": found.discovered_port or DEFAULT_PORT,
        "source": source,
        "scope": None,
        "address": address,
    }


def kms_label(kms: dict[str, Any]) -> str | None:
    """Return host:port of the result of :func:`describe_kms`, or None if no host is known."""
    return hosts.with_port(kms["kms_host"], kms["kms_port"]) if kms["kms_host"] else None


def describe_system(os: OperatingSystem) -> dict[str, Any]:
    """Return the fields of a machine whose licenses were not read."""
    return {
        "computer_name": os.computer_name,
        "caption": os.caption,
        "version": os.version,
        "build": os.build,
        "edition_id": None,
        "product_type": os.product_type.name.lower(),
        "language": os.language,
        "current_time": iso(os.time),
        "licensing_version": None,
    }


def _describe_status(state: ActivationState, product: LicensedProduct) -> dict[str, Any]:
    return {
        "status": product.status.name.lower(),
        "status_code": int(product.status),
        "reason": describe_reason(product.reason),
        "grace_minutes": product.grace_minutes,
        "expires": iso(state.expires(product)),
        "permanent": product.is_permanent,
        "evaluation_end_time": iso(product.evaluation_end),
        "trusted_time": iso(product.trusted_time),
        "genuine_status": product.genuine_status,
    }


def describe_reason(reason: int | None) -> dict[str, str | None] | None:
    """Return the explanation of LicenseStatusReason, or None if there is no reason."""
    if reason is None:
        return None
    explanation = explain(reason)
    return {"code": explanation.code, "symbol": explanation.symbol, "meaning": explanation.meaning}


def _describe_host_role(state: ActivationState, product: LicensedProduct) -> dict[str, Any] | None:
    """Return the counts of a KMS host. Windows 6.0 has them in the service only, so the CSVLK product gets the counts of the service."""
    side = product.kms_host
    if not side.enabled and product.channel is Channel.CSVLK and side.current_count is None:
        side = state.service_of(product).kms_host
    if not side.enabled:
        return None
    return {"current_count": side.current_count, "request_counters": asdict(side.requests)}


def describe_service(state: ActivationState) -> dict[str, Any]:
    """Return the licensing service with its settings as a KMS client and as a KMS host."""
    service = state.service
    return {
        "version": service.version,
        "cmid": service.cmid,
        "kms_host": service.kms.host,
        "kms_port": (service.kms.port or DEFAULT_PORT) if service.kms.host else service.kms.port,
        "lookup_domain": service.kms.lookup_domain,
        "host_caching": service.host_caching,
        "discovered_host": service.kms.discovered_host,
        "discovered_port": service.kms.discovered_port,
        "discovered_address": service.kms.discovered_address,
        "activation_interval": service.kms.activation_interval,
        "renewal_interval": service.kms.renewal_interval,
        "windows_rearms_left": _first(service.windows_rearms, state.primary.app_rearms if state.primary else None),
        **_describe_host_side(service),
        "oem_marker": {
            "status_code": service.oem_marker_status,
            "minor_version": service.oem_marker_minor_version,
            "exists": service.oem_marker_present,
        },
        "policy_cache_refresh_required": service.policy_cache_refresh_required,
        "subscription": _describe_subscription(service.subscription),
    }


def _describe_subscription(subscription: Subscription | None) -> dict[str, Any] | None:
    """Return the subscription, or None if Windows does not have these fields."""
    if subscription is None:
        return None
    return {
        "type": TYPES.get(-1 if subscription.type is None else subscription.type),
        "type_code": subscription.type,
        "status": STATUSES.get(-1 if subscription.status is None else subscription.status),
        "status_code": subscription.status,
        "edition": subscription.edition,
        "expires": iso(subscription.expires),
    }


def _describe_host_side(service: LicensingService) -> dict[str, Any]:
    return {
        "is_kms_host": service.kms_host.enabled,
        "listening_port": service.listening_port or DEFAULT_PORT,
        "dns_publishing": service.dns_publishing,
        "low_priority": service.low_priority,
        "current_count": service.kms_host.current_count,
        "required_count": service.kms.required_count,
        "request_counters": asdict(service.kms_host.requests),
    }


def iso(value: datetime | None) -> str | None:
    """Return a time such as 2026-11-20T09:38:10Z, or None for None."""
    return None if value is None else value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _first(one: int | None, other: int | None) -> int | None:
    return one if one is not None else other


# Ansible imports an action plugin before it forks. The error catalog is therefore read here once, and not for every machine.
explain(0)
