# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that change single KMS client settings.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The classes, methods, and arguments are those of the WMI classes of Windows 6.0 to 10.0.
"""

from __future__ import annotations

from collections.abc import Callable

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._cim.session import CimPath, CimValue
from ..plan.step import Step, not_shown
from ..state.model import ActivationState, ActivationType, Feature, LicensingService
from .model import KmsClient
from .product_setting_steps import ACTIVATION_TYPES


def set_service_endpoint(state: ActivationState, host: str, port: int | None) -> list[Step]:
    """Return the steps that set the KMS host of the machine. If `port` is None (the default port), the port of another host is cleared."""
    service = state.service
    if Feature.KMS_PORT not in service.features:
        return [_set_host(state, host, port)]
    steps = [] if hosts.same_name(service.kms.host, host) else [_set_host(state, host, None)]
    restore = (_restore_host(state),) if steps else ()
    if (service.kms.port or DEFAULT_PORT) != (port or DEFAULT_PORT):
        steps.append(_set_port(state, port, restore) if port else _clear_port(state, restore))
    return steps


def clear_service_endpoint(state: ActivationState) -> list[Step]:
    """Return the steps that clear the KMS host of the machine, so that Windows uses DNS."""
    service, steps = state.service, []
    if service.kms.host:
        steps.append(
            _write(
                "clear_kms_host",
                service.path,
                "ClearKeyManagementServiceMachine",
                f"clear the configured KMS host {_label(service.kms)} to find KMS hosts through DNS",
                is_applied=lambda read: not read.service.kms.host,
            )
        )
    if service.kms.port and Feature.KMS_PORT in service.features:
        steps.append(_clear_port(state))
    return steps


def set_lookup_domain(state: ActivationState, domain: str) -> Step:
    """Return the step that sets the DNS domain in which the machine looks for KMS hosts."""
    return _write(
        "set_lookup_domain",
        state.service.path,
        "SetKeyManagementServiceLookupDomain",
        f"set the KMS lookup domain to {domain}",
        LookupDomain=domain,
        is_applied=lambda read: hosts.same_name(read.service.kms.lookup_domain, domain),
    )


def clear_lookup_domain(state: ActivationState) -> Step:
    """Return the step that clears the lookup domain. The machine then uses its own DNS domains."""
    return _write(
        "clear_lookup_domain",
        state.service.path,
        "ClearKeyManagementServiceLookupDomain",
        f"clear the KMS lookup domain {state.service.kms.lookup_domain}",
        is_applied=lambda read: not read.service.kms.lookup_domain,
    )


def set_host_caching(state: ActivationState, caching: bool) -> Step:
    """Return the step that enables or disables KMS host caching: whether the machine stores the KMS host that it found through DNS."""
    return set_host_caching_of(state.service, caching)


def set_host_caching_of(service: LicensingService, caching: bool | None) -> Step:
    """Return the step that enables or disables KMS host caching of one licensing service: that of Windows, or that of Office."""

    def is_applied(read: ActivationState) -> bool:
        same = (each for each in (read.service, read.office_service) if each and each.class_name == service.class_name)
        return any(each.host_caching == caching for each in same)

    return _write(
        "set_host_caching",
        service.path,
        "DisableKeyManagementServiceHostCaching",
        f"{'enable' if caching else 'disable'} KMS host caching",
        DisableCaching=not caching,
        is_applied=is_applied,
    )


def set_activation_type(target: CimPath, kind: ActivationType) -> Step:
    """Return the step that sets the allowed types of volume activation, for the machine or for one product.

    The product shows its own setting, and the primary product that of the machine.
    """

    def is_applied(read: ActivationState) -> bool:
        shown = next((product for product in read.products if product.path == target), read.primary)
        return shown is not None and shown.allowed_type == kind

    text = f"allow {ACTIVATION_TYPES[kind]}"
    if kind is ActivationType.ALL:
        return _write("set_activation_type", target, "ClearVLActivationTypeEnabled", text, is_applied=is_applied)
    return _write("set_activation_type", target, "SetVLActivationTypeEnabled", text, is_applied=is_applied, ActivationType=int(kind))


def _set_host(state: ActivationState, host: str, port_in_name: int | None) -> Step:
    stored = hosts.with_port(host, port_in_name) if port_in_name else hosts.wire_host(host)
    before = f" (was {_label(state.service.kms)})" if state.service.kms.host else ""
    return _write(
        "set_kms_host",
        state.service.path,
        "SetKeyManagementServiceMachine",
        f"set the KMS host to {stored}{before}",
        MachineName=stored,
        is_applied=lambda read: hosts.same_name(read.service.kms.host, host),
    )


def _restore_host(state: ActivationState) -> Step:
    """Return the step that restores the previous KMS host if the port of the new one could not be set."""
    service = state.service
    if not service.kms.host:
        return _write("restore_kms_host", service.path, "ClearKeyManagementServiceMachine", "clear the KMS host again")
    before = hosts.wire_host(service.kms.host)
    return _write("restore_kms_host", service.path, "SetKeyManagementServiceMachine", f"restore the KMS host {before}", MachineName=before)


def _set_port(state: ActivationState, port: int, restore: tuple[Step, ...]) -> Step:
    return _write(
        "set_kms_port",
        state.service.path,
        "SetKeyManagementServicePort",
        f"set the KMS port to {port}",
        PortNumber=port,
        is_applied=lambda read: (read.service.kms.port or DEFAULT_PORT) == port,
        on_failure=restore,
    )


def _clear_port(state: ActivationState, restore: tuple[Step, ...] = ()) -> Step:
    return _write(
        "clear_kms_port",
        state.service.path,
        "ClearKeyManagementServicePort",
        f"clear the KMS port {state.service.kms.port}",
        is_applied=lambda read: read.service.kms.port is None,
        on_failure=restore,
    )


def _write(
    action: str,
    target: CimPath,
    method: str,
    description: str,
    *,
    is_applied: Callable[[ActivationState], bool] = not_shown,
    on_failure: tuple[Step, ...] = (),
    **arguments: CimValue,
) -> Step:
    return Step(action, target, method, description, arguments, is_applied=is_applied, on_failure=on_failure)


def _label(settings: KmsClient) -> str:
    return hosts.with_port(settings.host or "", settings.port or DEFAULT_PORT)
