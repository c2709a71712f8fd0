# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that change the KMS client settings of one Office product.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The methods and arguments are those that ospp.vbs uses. SoftwareLicensingProduct has all of them, and OfficeSoftwareProtectionProduct those
for the KMS host and its port.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._cim.session import CimValue
from ..plan.step import Step, not_shown
from ..state.model import ActivationState, ActivationType, LicensedProduct
from ..state.target import license_in
from .model import KmsClient

ACTIVATION_TYPES = {
    ActivationType.ALL: "all types of volume activation",
    ActivationType.AD: "only activation through Active Directory",
    ActivationType.KMS: "only activation by a KMS host",
    ActivationType.TOKEN: "only token-based activation",
}
"""The types of activation as objects of the verb allow."""

_OVERRIDES = "which overrides the setting of the machine"


SET_PRODUCT_KMS_HOST = "set_product_kms_host"


def set_host(product: LicensedProduct, host: str) -> Step:
    """Return the step that sets the KMS host of a product."""
    before = f" (was {_label(product.kms)})" if product.kms.host else ""
    stored = hosts.wire_host(host)
    return _write(
        product,
        SET_PRODUCT_KMS_HOST,
        "SetKeyManagementServiceMachine",
        f"set the KMS host of {product.name} to {stored}{before}",
        lambda own: hosts.same_name(own.kms.host, host),
        MachineName=stored,
    )


def restore_host(product: LicensedProduct) -> Step:
    """Return the step that restores the previous KMS host if the port of the new one could not be set."""
    action, before = "restore_product_kms_host", product.kms.host
    if not before:
        return _write(product, action, "ClearKeyManagementServiceMachine", f"clear the KMS host of {product.name} again", None)
    stored = hosts.wire_host(before)
    text = f"restore the KMS host {stored} of {product.name}"
    return _write(product, action, "SetKeyManagementServiceMachine", text, None, MachineName=stored)


def set_port(product: LicensedProduct, port: int, restore: tuple[Step, ...]) -> Step:
    """Return the step that sets the KMS port of a product. `restore` are the steps after a failure."""
    step = _write(
        product,
        "set_product_kms_port",
        "SetKeyManagementServicePort",
        f"set the KMS port of {product.name} to {port}",
        lambda own: (own.kms.port or DEFAULT_PORT) == port,
        PortNumber=port,
    )
    return replace(step, on_failure=restore)


def clear_host(product: LicensedProduct) -> Step:
    """Return the step that clears the KMS host of a product."""
    own = product.kms
    return _write(
        product,
        "clear_product_kms_host",
        "ClearKeyManagementServiceMachine",
        f"clear the KMS host {_label(own)} of {product.name}, {_OVERRIDES}",
        lambda shown: not hosts.same_name(shown.kms.host, own.host),
    )


def clear_port(product: LicensedProduct, restore: tuple[Step, ...] = ()) -> Step:
    """Return the step that clears the KMS port of a product. `restore` are the steps after a failure."""
    port = product.kms.port
    step = _write(
        product,
        "clear_product_kms_port",
        "ClearKeyManagementServicePort",
        f"clear the KMS port {port} of {product.name}",
        lambda shown: shown.kms.port != port,
    )
    return replace(step, on_failure=restore)


def clear_endpoint(product: LicensedProduct) -> list[Step]:
    """Return the steps that clear the KMS host and port of a product, as far as they are set."""
    return [*([clear_host(product)] if product.kms.host else []), *([clear_port(product)] if product.kms.port else [])]


def set_lookup_domain(product: LicensedProduct, domain: str) -> Step:
    """Return the step that sets the DNS domain in which a product looks for KMS hosts."""
    return _write(
        product,
        "set_product_lookup_domain",
        "SetKeyManagementServiceLookupDomain",
        f"set the KMS lookup domain of {product.name} to {domain}",
        lambda shown: hosts.same_name(shown.kms.lookup_domain, domain),
        LookupDomain=domain,
    )


def clear_lookup_domain(product: LicensedProduct) -> Step:
    """Return the step that clears the lookup domain of a product."""
    before = product.kms.lookup_domain
    return _write(
        product,
        "clear_product_lookup_domain",
        "ClearKeyManagementServiceLookupDomain",
        f"clear the KMS lookup domain {before} of {product.name}, {_OVERRIDES}",
        lambda shown: not hosts.same_name(shown.kms.lookup_domain, before),
    )


def set_activation_type(product: LicensedProduct, kind: ActivationType) -> Step:
    """Return the step that sets the permitted kinds of activation of a product."""
    action, text = "set_product_activation_type", f"allow {ACTIVATION_TYPES[kind]} for {product.name}"

    def shows(shown: LicensedProduct) -> bool:
        return shown.allowed_type == kind

    if kind is ActivationType.ALL:
        return _write(product, action, "ClearVLActivationTypeEnabled", text, shows)
    return _write(product, action, "SetVLActivationTypeEnabled", text, shows, ActivationType=int(kind))


def _write(
    product: LicensedProduct,
    action: str,
    method: str,
    description: str,
    shows: Callable[[LicensedProduct], bool] | None = None,
    **arguments: CimValue,
) -> Step:
    def is_applied(read: ActivationState) -> bool:
        shown = license_in(read, product)
        return shows is not None and shown is not None and shows(shown)

    return Step(action, product.path, method, description, arguments, is_applied=is_applied if shows else not_shown)


def _label(settings: KmsClient) -> str:
    return hosts.with_port(settings.host or "", settings.port or DEFAULT_PORT)
