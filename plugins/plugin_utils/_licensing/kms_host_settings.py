# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of a KMS host: port, intervals, publishing, priority. Each step with its words and its proof.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

All of them count from the next start of the licensing service on, so that a step which fails after another was written has
the service restarted all the same: the next run would find the first setting right and see no need for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...module_utils._hosts import DEFAULT_PORT
from .._cim.session import CimValue
from . import publication, registry, sppsvc
from .kms_host_model import HostState, KmsHostDesired
from .model import ActivationState, LicensingService
from .plan import Step
from .publication import PublishedDomain

Proof = Callable[[LicensingService], bool]


def setting_steps(state: HostState, wish: KmsHostDesired) -> tuple[Step, ...]:
    """The steps for what the wish names and the machine has otherwise."""
    service = state.licences.service
    found = [
        *_port_steps(service, wish.listening_port),
        *_interval_steps(service, wish),
        *_publishing_steps(service, wish.dns_publishing),
        *_list_steps(state, wish.publish_domains),
        *_priority_steps(service, wish.low_priority),
    ]
    return tuple(replace(step, on_failure=(_restart_after_failure(),) if number else ()) for number, step in enumerate(found))


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


def _interval_steps(service: LicensingService, wish: KmsHostDesired) -> list[Step]:
    steps, now = [], service.kms
    if wish.activation_interval not in (None, now.activation_interval):
        steps.append(
            _write(
                service,
                "set_activation_interval",
                "SetVLActivationInterval",
                f"have clients that are not activated ask every {wish.activation_interval} minutes{_was(now.activation_interval)}",
                lambda read: read.kms.activation_interval == wish.activation_interval,
                ActivationInterval=wish.activation_interval,
            )
        )
    if wish.renewal_interval not in (None, now.renewal_interval):
        steps.append(
            _write(
                service,
                "set_renewal_interval",
                "SetVLRenewalInterval",
                f"have activated clients ask every {wish.renewal_interval} minutes{_was(now.renewal_interval)}",
                lambda read: read.kms.renewal_interval == wish.renewal_interval,
                RenewalInterval=wish.renewal_interval,
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
    return [registry.set_multi_string("set_publish_domains", words, registry.SPP_KEY, "DnsDomainPublishList", lines)]


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
    def holds(read: ActivationState) -> bool:
        return proof(read.service)

    return Step(action, service.path, method, description, arguments, holds=holds)


def _restart_after_failure() -> Step:
    return sppsvc.restart("so that the settings that were written count")


def _was(minutes: int | None) -> str:
    return "" if minutes is None else f" (was {minutes})"
