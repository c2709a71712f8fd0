# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it takes to make a machine the KMS host a task describes, or a client again.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: current and desired state in, plans or refusal out. The order is keys and their activation, firewall, settings, and at the end one
restart of the licensing service. The firewall comes before the settings, so that nothing can fail between them and the
restart without which they do not count.
"""

from __future__ import annotations

from typing import Any

from ..._licensing.catalog import gvlk
from ..._licensing.hosting import service as sppsvc
from ..._licensing.hosting.firewall import CLOSED, UNMANAGED
from ..._licensing.hosting.model import HostKeyPart, HostPlan, HostState, KmsHostDesired
from ..._licensing.hosting.publication import PublishedDomain, same_list
from ..._licensing.hosting.settings import setting_steps, version_steps
from ..._licensing.plan import loss
from ..._licensing.plan.key_steps import STOPS_HOSTING, install_key, remove_key
from ..._licensing.plan.plan import LicensePlan
from ..._licensing.plan.step import Step
from ..._licensing.state import scope
from ..._licensing.state.edition import edition_of
from ..._licensing.state.model import (
    SPP_PRODUCT,
    WINDOWS_ID,
    ActivationState,
    Application,
    Channel,
    LicensedProduct,
    LicenseStatus,
)
from ..._licensing.state.read import read_hosting_again
from ..._licensing.state.target import Target
from . import firewall_steps
from .keys import application_of, key_parts, key_warnings, lost_beside_host_keys, refuse_loss

_LICENSED = LicenseStatus.LICENSED.name.lower()
_UNLICENSED = LicenseStatus.INITIAL_GRACE.name.lower()


def plan(state: HostState, desired: KmsHostDesired) -> HostPlan:
    """The plans to the desired state. Raises TaskRefusedError when it must not or cannot be done."""
    return _plan_present(state, desired) if desired.present else _plan_absent(state, desired)


def settings_dict(state: HostState, desired: KmsHostDesired) -> dict[str, Any]:
    """What a person compares before and after."""
    service = state.licenses.service
    return {
        "host_keys": [
            {"partial_product_key": product.partial_product_key, "status": product.status.name.lower()} for product in state.host_products
        ],
        "listening_port": state.port,
        "activation_interval": service.kms.activation_interval,
        "renewal_interval": service.kms.renewal_interval,
        "dns_publishing": service.dns_publishing,
        "publish_domains": [entry.as_dict() for entry in state.publish_list],
        "low_priority": service.low_priority,
        "firewall": _firewall_word(state, desired),
        "host_version": state.host_version,
    }


def _plan_present(state: HostState, desired: KmsHostDesired) -> HostPlan:
    keys = key_parts(state, desired)
    port = state.port_for(desired)
    becomes_host = any(part.plan.activation for part in keys)
    will_host = state.is_licensed_host or becomes_host
    settings = setting_steps(state, desired)
    counted = settings if will_host else ()
    reasons = _restart_reasons(state, counted, becomes_host=becomes_host)
    noted = (sppsvc.set_restart_marker(),) if counted and not (state.restart_due or becomes_host) else ()
    opened = firewall_steps.steps(state.firewall, desired.firewall_state, port)
    steps = (*version_steps(state, has_host_key=True), *opened, *noted, *counted)
    closing = _closing(state, (*steps, sppsvc.restart(reasons)) if reasons else steps)
    return HostPlan(
        state=state,
        desired=desired,
        parts=(*(part.plan for part in keys), closing),
        keys=keys,
        before=settings_dict(state, desired),
        after=_predict(state, desired, keys, will_host=will_host),
        warnings=(*key_warnings(state, keys, desired), *_late_settings(settings, will_host=will_host), *_firewall_warnings(state, desired)),
    )


def _plan_absent(state: HostState, desired: KmsHostDesired) -> HostPlan:
    closed = firewall_steps.steps(state.firewall, desired.firewall_state, state.port)
    unnoted, restart = version_steps(state, has_host_key=False), (sppsvc.restart("so that it stops serving KMS clients"),)
    if not state.host_products:
        return _finish_absent(state, desired, (_closing(state, (*closed, *unnoted, *(restart if state.restart_due else ()))),))
    quiet = KmsHostDesired(present=False, dns_publishing=False, publish_domains=(), firewall=desired.firewall)
    noted = () if state.restart_due else (sppsvc.set_restart_marker(),)
    before_keys = (*noted, *setting_steps(state, quiet), *closed)
    return _finish_absent(
        state, desired, (_closing(state, before_keys), *_client_again(state, desired), _closing(state, (*unnoted, *restart)))
    )


def _client_again(state: HostState, desired: KmsHostDesired) -> tuple[LicensePlan, ...]:
    """Host keys go: in Windows the GVLK of the edition takes the place of its own, Office keys are removed."""
    licenses, found = state.licenses, []
    primary = licenses.primary
    if primary and primary.channel is Channel.CSVLK:
        refuse_loss(licenses, lost_beside_host_keys(licenses), desired, "installing the GVLK in the place of the KMS host key")
        found.append(_gvlk_again(licenses, primary))
    others = tuple(product for product in state.host_products if product is not primary)
    warnings = loss.warnings(loss.losses_of(others))
    removed = LicensePlan(state.licenses, tuple(map(remove_key, others)), {}, {}, reread=read_hosting_again, warnings=warnings)
    return (*found, removed) if others else tuple(found)


def _gvlk_again(licenses: ActivationState, host_product: LicensedProduct) -> LicensePlan:
    """The GVLK of the edition in the place of the host key. Raises TaskRefusedError where there is none."""
    edition = edition_of(licenses)
    gvlk.refuse_evaluation(licenses.os, edition)
    entry = gvlk.choose_gvlk(licenses.os, edition)
    name, replaced = f"GVLK ending in {entry.partial_product_key}", scope.replaced(licenses, Application.WINDOWS, None)
    loss.losses_except_subscription(licenses.os.computer_name, replaced, f"installing the {name}", replace_subscription=False)
    losses = loss.losses_of(replaced)
    step = install_key(licenses.service, entry.key, f"{name} for {edition}", replaces=host_product, losses=losses)
    return LicensePlan(
        licenses,
        (step,),
        before={},
        after={},
        warnings=(STOPS_HOSTING, *loss.warnings(losses)),
        target=Target(SPP_PRODUCT, (WINDOWS_ID,), entry.partial_product_key),
    )


def _finish_absent(state: HostState, desired: KmsHostDesired, parts: tuple[LicensePlan, ...]) -> HostPlan:
    before = settings_dict(state, desired)
    changes: dict[str, Any] = {"host_keys": [], "host_version": None}
    if state.host_products:
        changes.update(dns_publishing=False, publish_domains=[])
    if state.firewall.available and desired.firewall_state == CLOSED:
        changes["firewall"] = CLOSED
    warnings = tuple(warning for part in parts for warning in part.warnings)
    return HostPlan(
        state=state,
        desired=desired,
        parts=parts,
        keys=(),
        before=before,
        after={**before, **changes},
        warnings=(*warnings, *_firewall_warnings(state, desired)),
        stale_records=tuple(record(state, entry) for entry in state.records()) if state.host_products else (),
    )


def record(state: HostState, entry: PublishedDomain, port: int | None = None) -> dict[str, Any]:
    """An SRV record of this host, as the module kms_srv_record takes it."""
    return {
        "domain": entry.domain,
        "host": state.name,
        "port": port or state.port,
        "priority": entry.priority,
        "weight": entry.weight,
    }


def _closing(state: HostState, steps: tuple[Step, ...]) -> LicensePlan:
    return LicensePlan(state.licenses, steps, {}, {}, reread=read_hosting_again)


def _restart_reasons(state: HostState, settings: tuple[Step, ...], *, becomes_host: bool) -> str:
    """Why the service has to be restarted, "" when it has not."""
    reasons = [
        "as an earlier run could not" if state.restart_due else "",
        "so that what was set counts" if settings else "",
        "so that the new host publishes itself" if becomes_host else "",
    ]
    return " and ".join(reason for reason in reasons if reason)


def _late_settings(settings: tuple[Step, ...], *, will_host: bool) -> tuple[str, ...]:
    if will_host or not settings:
        return ()
    named = ", ".join(step.action.removeprefix("set_") for step in settings)
    return (f"not written yet, because the machine takes them only once a host key is activated: {named}",)


def _firewall_word(state: HostState, desired: KmsHostDesired) -> str:
    return UNMANAGED if desired.firewall == UNMANAGED else state.firewall.state(state.port_for(desired))


def _firewall_warnings(state: HostState, desired: KmsHostDesired) -> tuple[str, ...]:
    if desired.firewall == UNMANAGED:
        return ()
    if not state.firewall.available:
        verb = "closed" if desired.firewall_state == CLOSED else "opened"
        return (f"the firewall cannot be managed here, because Windows shows no rules for KMS; it is {verb} by firewall_info.command",)
    if state.firewall.ignored_profiles and desired.firewall_state != CLOSED:
        named = ", ".join(state.firewall.ignored_profiles)
        return (f"Group Policy has the firewall ignore local rules ({named}), so the port has to be opened by Group Policy too",)
    return ()


def _predict(state: HostState, desired: KmsHostDesired, keys: tuple[HostKeyPart, ...], *, will_host: bool) -> dict[str, Any]:
    before = settings_dict(state, desired)
    domains = None if desired.publish_domains is None or same_list(desired.publish_domains, state.publish_list) else desired.publish_domains
    wanted = {
        "listening_port": desired.listening_port,
        "activation_interval": desired.activation_interval,
        "renewal_interval": desired.renewal_interval,
        "dns_publishing": desired.dns_publishing,
        "publish_domains": None if domains is None else [entry.as_dict() for entry in domains],
        "low_priority": desired.low_priority,
    }
    after = {**before, **{name: value for name, value in wanted.items() if will_host and value is not None}}
    if state.firewall.available and desired.firewall != UNMANAGED:
        after["firewall"] = desired.firewall
    return {**after, "host_keys": _predict_keys(state, keys), "host_version": state.licenses.service.version}


def _predict_keys(state: HostState, keys: tuple[HostKeyPart, ...]) -> list[dict[str, Any]]:
    """A new host key of Windows takes the place of the one before; nobody knows which application a key without hint is for."""
    new_windows = any(part.plan.steps and application_of(state, part.key) is not Application.OFFICE for part in keys)
    kept = [item for item in state.host_products if not (new_windows and item.application is Application.WINDOWS)]
    found = {str(item.partial_product_key): (item.application is not Application.WINDOWS, item.status.name.lower()) for item in kept}
    for part in keys:
        is_office, status = found.get(part.key.partial_product_key, (application_of(state, part.key) is Application.OFFICE, _UNLICENSED))
        found[part.key.partial_product_key] = (is_office, _LICENSED if part.plan.activation else status)
    ordered = sorted(found.items(), key=lambda item: (item[1][0], item[0]))
    return [{"partial_product_key": partial_product_key, "status": status} for partial_product_key, (_is_office, status) in ordered]
