# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps that change the settings of a KMS host: port, intervals, publishing, and priority.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

All settings except the version take effect at the next start of the licensing service. If a step fails after another setting was written,
the service is therefore restarted anyway: the next run would not change the first setting, and would not restart the service.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ....module_utils._hosts import DEFAULT_PORT
from ..._cim.session import CimError, CimSession, CimValue
from ..plan.step import SET_HOST_VERSION, Step
from ..registry import steps as registry_steps
from ..registry import values as registry
from ..registry.values import REG_SZ, RegistryValue
from ..state.model import LicensingService
from . import publication
from . import service as sppsvc
from .model import HostState, KmsHostDesired
from .publication import PublishedDomain

HOST_VERSION = "KeyManagementServiceVersion"
"""REG_SZ with the version of the licensing service, by which System Center (SCOM) finds KMS hosts. Windows does not write it: slmgr.vbs
writes it after a key change if a KMS host key is installed, and otherwise removes it."""

_NO_SUCH_KEY_OR_DENIED = frozenset({2, 5, 0x80070005, 0x80041003})
"""Codes that are ignored, as slmgr.vbs ignores them: the value is for other programs, and this collection does not need it."""


def setting_steps(state: HostState, desired: KmsHostDesired) -> tuple[Step, ...]:
    """Return the steps for the settings of the task that differ from those of the machine."""
    service = state.licenses.service
    found = [
        *_port_steps(service, desired.listening_port),
        *_interval_steps(service, desired),
        *_publishing_steps(service, desired.dns_publishing),
        *_list_steps(state, desired.publish_domains),
        *_priority_steps(service, desired.low_priority),
    ]
    return tuple(replace(step, on_failure=(_restart_after_failure(),) if number else ()) for number, step in enumerate(found))


def version_steps(state: HostState, *, has_host_key: bool) -> tuple[Step, ...]:
    """Return the step that writes :data:`HOST_VERSION` on a machine with a KMS host key, and removes it from other machines."""
    wanted = state.licenses.service.version if has_host_key else None
    if state.host_version == wanted:
        return ()
    method = "SetStringValue" if wanted else "DeleteValue"
    change = f"set the registry value {HOST_VERSION} to {wanted}" if wanted else f"remove the registry value {HOST_VERSION}"
    step = Step(
        SET_HOST_VERSION,
        registry.REGISTRY,
        method,
        f"{change}, which monitoring software uses to find KMS hosts",
        verify=lambda session: registry.string(session, registry.SPP_KEY, HOST_VERSION) == wanted,
        run=lambda session, _timer: _set_version(session, wanted),
    )
    return (step,)


def _set_version(session: CimSession, version: str | None) -> None:
    """Write or remove the version in both keys. The key that `verify` reads is the last one, so that it stands for both."""
    for key in (registry.SPP_KEY_32, registry.SPP_KEY):
        _set_version_below(session, key, version)


def _set_version_below(session: CimSession, key: str, version: str | None) -> None:
    try:
        if version:
            registry.write_value(session, key, RegistryValue(HOST_VERSION, REG_SZ, version))
        else:
            registry.delete(session, key, HOST_VERSION)
    except CimError as error:
        if error.code not in _NO_SUCH_KEY_OR_DENIED:
            raise


def _port_steps(service: LicensingService, port: int | None) -> list[Step]:
    if port is None or port == (service.listening_port or DEFAULT_PORT):
        return []
    return [
        _write(
            service,
            "set_listening_port",
            "SetKeyManagementServiceListeningPort",
            f"set the listening port to TCP {port} (was {service.listening_port or DEFAULT_PORT})",
            lambda read: (read.listening_port or DEFAULT_PORT) == port,
            PortNumber=port,
        )
    ]


def _interval_steps(service: LicensingService, desired: KmsHostDesired) -> list[Step]:
    steps, now = [], service.kms
    if desired.activation_interval not in (None, now.activation_interval):
        steps.append(
            _write(
                service,
                "set_activation_interval",
                "SetVLActivationInterval",
                f"set the activation interval to {desired.activation_interval} minutes{_was(now.activation_interval)}",
                lambda read: read.kms.activation_interval == desired.activation_interval,
                ActivationInterval=desired.activation_interval,
            )
        )
    if desired.renewal_interval not in (None, now.renewal_interval):
        steps.append(
            _write(
                service,
                "set_renewal_interval",
                "SetVLRenewalInterval",
                f"set the renewal interval to {desired.renewal_interval} minutes{_was(now.renewal_interval)}",
                lambda read: read.kms.renewal_interval == desired.renewal_interval,
                RenewalInterval=desired.renewal_interval,
            )
        )
    return steps


def _publishing_steps(service: LicensingService, publishing: bool | None) -> list[Step]:
    if publishing is None or publishing == service.dns_publishing:
        return []
    return [
        _write(
            service,
            "set_dns_publishing",
            "DisableKeyManagementServiceDnsPublishing",
            f"{'enable' if publishing else 'disable'} the publishing of SRV records",
            lambda read: read.dns_publishing == publishing,
            DisablePublishing=not publishing,
        )
    ]


def _list_steps(state: HostState, domains: tuple[PublishedDomain, ...] | None) -> list[Step]:
    if domains is None or publication.same_list(domains, state.publish_list):
        return []
    named = ", ".join(entry.domain for entry in domains)
    where = f"also in {named}" if domains else "only in the domain of the machine"
    lines = tuple(entry.line for entry in domains)
    description = f"publish SRV records {where}"
    return [registry_steps.set_multi_string("set_publish_domains", description, registry.SPP_KEY, "DnsDomainPublishList", lines)]


def _priority_steps(service: LicensingService, low: bool | None) -> list[Step]:
    if low is None or low == service.low_priority:
        return []
    return [
        _write(
            service,
            "set_low_priority",
            "EnableKeyManagementServiceLowPriority",
            f"run the KMS service at {'low' if low else 'normal'} priority",
            lambda read: read.low_priority == low,
            EnableLowPriority=low,
        )
    ]


def _write(
    service: LicensingService,
    action: str,
    method: str,
    description: str,
    is_set: Callable[[LicensingService], bool],
    **arguments: CimValue,
) -> Step:
    return Step(action, service.path, method, description, arguments, is_applied=lambda read: is_set(read.service))


def _restart_after_failure() -> Step:
    return sppsvc.restart("so that the completed settings take effect")


def _was(minutes: int | None) -> str:
    return "" if minutes is None else f" (was {minutes})"
