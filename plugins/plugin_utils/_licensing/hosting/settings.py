# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a KMS host: port, intervals, publishing, priority. Each step with its words and its proof.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

All but the noted version count from the next start of the licensing service on, so that a step which fails after another was written has
the service restarted all the same: the next run would find the first setting right and see no need for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ....module_utils._hosts import DEFAULT_PORT
from ..._cim.session import CimError, CimSession, CimValue
from ..plan.step import Step
from ..registry import steps as registry_steps
from ..registry import values as registry
from ..registry.values import REG_SZ, RegistryValue
from ..state.model import ActivationState, LicensingService
from . import publication
from . import service as sppsvc
from .model import HostState, KmsHostDesired
from .publication import PublishedDomain

Proof = Callable[[LicensingService], bool]

HOST_VERSION = "KeyManagementServiceVersion"
"""REG_SZ with the version of the licensing service, by which System Center (SCOM) finds KMS hosts. Windows does not keep it:
slmgr.vbs writes it after a key change while a KMS host key is installed, and else removes it."""

_NO_SUCH_KEY_OR_DENIED = frozenset({2, 5, 0x80070005, 0x80041003})
"""Passed over, as slmgr.vbs does: the value is for others to read and nothing here needs it."""


def setting_steps(state: HostState, desired: KmsHostDesired) -> tuple[Step, ...]:
    """The steps for what the task names and the machine has otherwise."""
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
    """Write :data:`HOST_VERSION` for a machine that is going to have a host key, and remove it from any other."""
    wanted = state.licenses.service.version if has_host_key else None
    if state.host_version == wanted:
        return ()
    method, words = ("SetStringValue", f"note its version {wanted}") if wanted else ("DeleteValue", "remove the note of its version")
    step = Step(
        "set_host_version",
        registry.REGISTRY,
        method,
        f"{words} in the registry ({HOST_VERSION}), where monitoring looks for KMS hosts",
        verify=lambda session: registry.string(session, registry.SPP_KEY, HOST_VERSION) == wanted,
        run=lambda session, _timer: _note_version(session, wanted),
    )
    return (step,)


def _note_version(session: CimSession, version: str | None) -> None:
    """The key that is read as proof comes last, so that it does not stand for the other one before its time."""
    for key in (registry.SPP_KEY_32, registry.SPP_KEY):
        _note_version_below(session, key, version)


def _note_version_below(session: CimSession, key: str, version: str | None) -> None:
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
            f"listen on TCP {port} (was {service.listening_port or DEFAULT_PORT})",
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
                f"have clients that are not activated ask every {desired.activation_interval} minutes{_was(now.activation_interval)}",
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
                f"have activated clients ask every {desired.renewal_interval} minutes{_was(now.renewal_interval)}",
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
            f"turn publishing of SRV records {'on' if publishing else 'off'}",
            lambda read: read.dns_publishing == publishing,
            DisablePublishing=not publishing,
        )
    ]


def _list_steps(state: HostState, domains: tuple[PublishedDomain, ...] | None) -> list[Step]:
    if domains is None or publication.same_list(domains, state.publish_list):
        return []
    named = ", ".join(entry.domain for entry in domains)
    words = f"publish SRV records in {named} too" if domains else "publish SRV records in the machine's own domain only"
    lines = tuple(entry.line for entry in domains)
    return [registry_steps.set_multi_string("set_publish_domains", words, registry.SPP_KEY, "DnsDomainPublishList", lines)]


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


def _write(service: LicensingService, action: str, method: str, description: str, proof: Proof, **arguments: CimValue) -> Step:
    def is_applied(read: ActivationState) -> bool:
        return proof(read.service)

    return Step(action, service.path, method, description, arguments, is_applied=is_applied)


def _restart_after_failure() -> Step:
    return sppsvc.restart("so that the settings that were written count")


def _was(minutes: int | None) -> str:
    return "" if minutes is None else f" (was {minutes})"
