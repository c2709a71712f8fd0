# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan that makes a machine a KMS host, or a KMS client again.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The order is: keys and their activation, firewall, settings, and one restart of the licensing service at the end. The firewall is
changed before the settings, so that no step can fail between the settings and the restart that makes them effective.
"""

from __future__ import annotations

from typing import Any

from ..._licensing.catalog import evaluation, gvlk
from ..._licensing.hosting import service as sppsvc
from ..._licensing.hosting.firewall import CLOSED, OPEN, UNKNOWN, UNMANAGED
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
from .keys import application_of, key_parts, key_warnings, losses_except_host_keys, refuse_loss

_LICENSED = LicenseStatus.LICENSED.name.lower()
_UNLICENSED = LicenseStatus.INITIAL_GRACE.name.lower()


def plan(state: HostState, desired: KmsHostDesired) -> HostPlan:
    """Return the plans to the desired state. Raises TaskRefusedError if it is not possible, or not allowed."""
    return _plan_present(state, desired) if desired.present else _plan_absent(state, desired)


def settings_dict(state: HostState, desired: KmsHostDesired) -> dict[str, Any]:
    """Return the settings for `before` and `after`."""
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
        "firewall": _firewall_status(state, desired),
        "host_version": state.host_version,
    }


def _plan_present(state: HostState, desired: KmsHostDesired) -> HostPlan:
    keys = key_parts(state, desired)
    port = state.port_for(desired)
    becomes_host = any(part.plan.activation for part in keys)
    will_host = state.is_licensed_host or becomes_host
    settings = setting_steps(state, desired)
    written = settings if will_host else ()
    reasons = _restart_reasons(state, written, becomes_host=becomes_host)
    marker = (sppsvc.set_restart_marker(),) if written and not (state.restart_due or becomes_host) else ()
    opened = firewall_steps.steps(state.firewall, desired.firewall_state, port, is_new_port=port != state.port)
    steps = (*version_steps(state, has_host_key=True), *opened, *marker, *written)
    last = _part(state, (*steps, sppsvc.restart(reasons)) if reasons else steps)
    return HostPlan(
        state=state,
        desired=desired,
        parts=(*(part.plan for part in keys), last),
        keys=keys,
        before=settings_dict(state, desired),
        after=_predict(state, desired, keys, will_host=will_host),
        warnings=(
            *key_warnings(state, keys, desired),
            *_deferred_settings(settings, will_host=will_host),
            *_firewall_warnings(state, desired),
        ),
    )


def _plan_absent(state: HostState, desired: KmsHostDesired) -> HostPlan:
    closed = firewall_steps.steps(state.firewall, desired.firewall_state, state.port)
    version, restart = version_steps(state, has_host_key=False), (sppsvc.restart("so that the service stops serving KMS clients"),)
    if not state.host_products:
        return _finish_absent(state, desired, (_part(state, (*closed, *version, *(restart if state.restart_due else ()))),))
    unpublished = KmsHostDesired(present=False, dns_publishing=False, publish_domains=(), firewall=desired.firewall)
    marker = () if state.restart_due else (sppsvc.set_restart_marker(),)
    before_keys = (*marker, *setting_steps(state, unpublished), *closed)
    return _finish_absent(state, desired, (_part(state, before_keys), *_remove_keys(state, desired), _part(state, (*version, *restart))))


def _remove_keys(state: HostState, desired: KmsHostDesired) -> tuple[LicensePlan, ...]:
    """Return the plans that replace the KMS host key of Windows with the GVLK of the edition, and remove the KMS host keys of Office."""
    licenses, found = state.licenses, []
    primary = licenses.primary
    if primary and primary.channel is Channel.CSVLK:
        refuse_loss(licenses, losses_except_host_keys(licenses), desired, "replacing the KMS host key with the GVLK")
        found.append(_install_gvlk(licenses, primary))
    others = tuple(product for product in state.host_products if product is not primary)
    warnings = loss.warnings(loss.losses_of(others))
    removed = LicensePlan(state.licenses, tuple(map(remove_key, others)), {}, {}, reread=read_hosting_again, warnings=warnings)
    return (*found, removed) if others else tuple(found)


def _install_gvlk(licenses: ActivationState, host_product: LicensedProduct) -> LicensePlan:
    """Return the plan that replaces the KMS host key with the GVLK of the edition. Raises TaskRefusedError if there is no GVLK."""
    edition = edition_of(licenses)
    evaluation.refuse_evaluation(licenses.os, edition)
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
    """Return an SRV record of this KMS host, as options of the module kms_srv_record."""
    return {
        "domain": entry.domain,
        "host": state.name,
        "port": port or state.port,
        "priority": entry.priority,
        "weight": entry.weight,
    }


def _part(state: HostState, steps: tuple[Step, ...]) -> LicensePlan:
    return LicensePlan(state.licenses, steps, {}, {}, reread=read_hosting_again)


def _restart_reasons(state: HostState, settings: tuple[Step, ...], *, becomes_host: bool) -> str:
    """Return why the service must be restarted, for a description; "" if it must not."""
    reasons = [
        "because an earlier run did not restart it" if state.restart_due else "",
        "so that the new settings take effect" if settings else "",
        "so that the new KMS host publishes its SRV records" if becomes_host else "",
    ]
    return " and ".join(reason for reason in reasons if reason)


def _deferred_settings(settings: tuple[Step, ...], *, will_host: bool) -> tuple[str, ...]:
    if will_host or not settings:
        return ()
    named = ", ".join(step.action.removeprefix("set_") for step in settings)
    return (f"The module does not write these settings because Windows accepts them only after a KMS host key is activated: {named}.",)


def _firewall_status(state: HostState, desired: KmsHostDesired) -> str:
    return UNMANAGED if desired.firewall == UNMANAGED else state.firewall.state(state.port_for(desired))


def _firewall_warnings(state: HostState, desired: KmsHostDesired) -> tuple[str, ...]:
    if desired.firewall == UNMANAGED:
        return ()
    if not state.firewall.available:
        verb = "close" if desired.firewall_state == CLOSED else "open"
        command = f"To {verb} the firewall, run the command in firewall_info.command on the machine."
        return (f"The module cannot manage the firewall of this machine because Windows does not show rules for KMS. {command}",)
    if desired.firewall_state == CLOSED:
        return ()
    profiles, hidden = ", ".join(state.firewall.ignored_profiles), ", ".join(rule.name for rule in state.firewall.rules if not rule.ports)
    ignored = f"Group Policy disables local firewall rules (profiles: {profiles}). Open the port with Group Policy too."
    unread = f"The module does not know whether Group Policy disables local firewall rules: {state.firewall.unread_policy}."
    unchecked = (
        f"The machine does not show the ports of the firewall rules for KMS ({hidden}), so the module could not check that they permit"
        f" TCP {state.port_for(desired)} only. Check the ports on the machine with Get-NetFirewallPortFilter."
    )
    found = ((unread, state.firewall.unread_policy), (ignored, profiles), (unchecked, hidden))
    return tuple(warning for warning, reason in found if reason)


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
        is_hidden = desired.firewall == OPEN and any(not rule.ports for rule in state.firewall.rules)
        after["firewall"] = UNKNOWN if is_hidden else desired.firewall
    return {**after, "host_keys": _predict_keys(state, keys), "host_version": state.licenses.service.version}


def _predict_keys(state: HostState, keys: tuple[HostKeyPart, ...]) -> list[dict[str, Any]]:
    """Return the predicted keys. A new KMS host key of Windows replaces the previous one. An unknown application counts as Windows."""
    new_windows = any(part.plan.steps and application_of(state, part.key) is not Application.OFFICE for part in keys)
    kept = [item for item in state.host_products if not (new_windows and item.application is Application.WINDOWS)]
    found = {str(item.partial_product_key): (item.application is not Application.WINDOWS, item.status.name.lower()) for item in kept}
    for part in keys:
        is_office, status = found.get(part.key.partial_product_key, (application_of(state, part.key) is Application.OFFICE, _UNLICENSED))
        found[part.key.partial_product_key] = (is_office, _LICENSED if part.plan.activation else status)
    ordered = sorted(found.items(), key=lambda item: (item[1][0], item[0]))
    return [{"partial_product_key": partial_product_key, "status": status} for partial_product_key, (_is_office, status) in ordered]
