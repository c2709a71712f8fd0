# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about licenses: activation, genuine validation, kind of key, and remaining time.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. Source of the rule that a KMS host key belongs only on KMS hosts, and of its next steps: Microsoft's Volume Activation Operations
Guide, table 2.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..._licensing.catalog import evaluation, gvlk
from ..._licensing.catalog.errors import explain
from ..._licensing.events.kms import RequestSent, ResponseProcessed
from ..._licensing.plan import diagnose
from ..._licensing.state import genuine, report
from ..._licensing.state.edition import edition_of
from ..._licensing.state.model import ActivationType, Application, Channel, LicensedProduct, LicenseStatus
from ..._licensing.tokens.on_the_machine import activate_on_machine
from ..._licensing.tokens.products import activated_by_token
from . import office as check_office
from .model import CheckData, CheckFinding, CheckSettings, is_kms_client
from .office import is_left_alone

_MINUTES_A_DAY = 24 * 60
_INSTALL_GVLK = "Run kms_client with convert_kms_host: true to install the GVLK of the edition."
_REMOVE_RECORD = "Remove the SRV record of the machine from DNS (kms_srv_record with state: absent), and reboot the machine."
_KEY_ON_CLIENT = (_INSTALL_GVLK, _REMOVE_RECORD, "If the machine must be a KMS host, run kms_host to activate the key.")
_ACTIVATE_HOST_KEY = "Run kms_host with this KMS host key in host_keys and with activate: true."
_NOT_A_HOST = f"If the machine must not be a KMS host: {_INSTALL_GVLK} {_REMOVE_RECORD}"
_NO_KEY_STEPS = {
    Application.WINDOWS: ("Run kms_client to install the GVLK of the edition, or mak_client with a MAK.",),
    Application.OFFICE: ("Install a key with product_key and application: office.",),
}
_STEPS_WITHOUT_SERVICE = ("Run mak_client with activation_method: online, or with activation_method: telephone.",)
_RECOVER = "The role recover_nongenuine recovers KMS hosts, KMS clients, and machines with a MAK."


def findings(data: CheckData, desired: CheckSettings) -> Iterator[CheckFinding]:
    """Yield all findings about keys and licenses. A missing Office is a finding only if Office is the only requested application."""
    application = Application.WINDOWS if Application.WINDOWS in data.state.applications else Application.OFFICE
    is_expected = application is Application.WINDOWS or check_office.expects_key(data)
    if is_expected and not data.state.keyed(application, addons=False):
        yield CheckFinding("no_product_key", f"{application.name.capitalize()} does not have a product key.", _NO_KEY_STEPS[application])
    for product in _subjects(data):
        yield from _about(data, desired, product)


def _subjects(data: CheckData) -> tuple[LicensedProduct, ...]:
    """Return the primary product of Windows, every product of Office that is in use, and every product with a CSVLK."""
    state = data.state
    keyed = [product for product in state.products if product.has_key and not product.is_addon and not is_left_alone(data, product)]
    return tuple(
        product
        for product in keyed
        if product.application is Application.OFFICE or product is state.primary or product.channel is Channel.CSVLK
    )


def _about(data: CheckData, desired: CheckSettings, product: LicensedProduct) -> Iterator[CheckFinding]:
    yield from _genuine(data, product)
    yield from _licensed(data, product)
    yield from _ending(data, desired, product)
    yield from _channel(data, desired, product)
    if is_kms_client(product) and product.application is Application.WINDOWS:
        yield from _edition(data, product)
        yield from _marker(data, product)


def _genuine(data: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    genuine_state, code = genuine.evaluate(product, data.genuine_events)
    steps = tuple(genuine.next_steps(genuine_state, product.channel))
    if genuine_state is genuine.GenuineState.AWAITING:
        message = f"{product.name} is licensed. The genuine validation has not run again yet."
        yield CheckFinding("awaiting_validation", message, steps, product.name)
    elif genuine_state is genuine.GenuineState.UNKNOWN:
        yield CheckFinding("unknown_genuine_status", genuine.describe_unknown(product.name, product), steps, product.name)
    elif genuine_state.needs_recovery:
        reason = explain(code) if code else None
        why = f": event 8209 contains {reason.label}: {reason.meaning}" if reason else ", and no event contains the reason."
        message = f"{product.name} failed the genuine validation{why}"
        error = reason.as_dict() if reason else None
        yield CheckFinding("not_genuine", message, (*steps, _RECOVER), product.name, error)


def _licensed(data: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    if product.status.is_activated or product.by_subscription or product.status is LicenseStatus.NON_GENUINE_GRACE:
        return
    state, code = data.state, _why(data, product)
    left = f", {product.grace_minutes // _MINUTES_A_DAY} days left in the grace period" if product.grace_minutes else ""
    is_host_key = _is_host_key(data, product)
    subject = f"The KMS host key (CSVLK) of {product.name} is not activated" if is_host_key else f"{product.name} is not licensed"
    prefix = f"{subject} ({product.status.name.lower()}{left})"
    if not state.generation.has_service:
        message = f"{prefix}. {' '.join(state.generation.warnings())}".rstrip()
        yield CheckFinding("not_licensed", message, _STEPS_WITHOUT_SERVICE, product.name)
        return
    if not code:
        steps = _host_key_steps(data, product) if is_host_key else _activate_steps(product)
        yield CheckFinding("not_licensed", f"{prefix}.", steps, product.name)
        return
    failure = diagnose.from_events(state, product, code, data.events or ())
    steps = (*(_host_key_steps(data, product) if is_host_key else ()), *failure.error["next_steps"])
    yield CheckFinding("not_licensed", f"{prefix}: {failure.summary}{_count(failure)}", steps, product.name, failure.error)


def _why(data: CheckData, product: LicensedProduct) -> int | None:
    """Return the code of the last request to a KMS host if there was a request, else the reason that Windows reports."""
    request, response = last_pair(data, product) if is_kms_client(product) else (None, None)
    if request and request.result:
        return diagnose.code_of(request)
    if response and response.result:
        return response.result
    return data.failures.get(product.activation_id, product.reason)


def last_pair(data: CheckData, product: LicensedProduct) -> tuple[RequestSent | None, ResponseProcessed | None]:
    """Return the last request of a product and its response, which is the first event 12289 after it."""
    later: list[ResponseProcessed] = []
    for event in data.events or ():
        if isinstance(event, RequestSent):
            if event.activation_id == product.activation_id:
                return event, (later[-1] if later else None)
            later.clear()
        elif isinstance(event, ResponseProcessed):
            later.append(event)
    return None, None


def _count(failure: diagnose.Failure) -> str:
    count = failure.count or {}
    if count.get("current") is None or count.get("required") is None:
        return ""
    return f" The KMS host has counted {count['current']} of {count['required']} clients."


def _activate_steps(product: LicensedProduct) -> tuple[str, ...]:
    if is_kms_client(product) and product.allowed_type is ActivationType.TOKEN:
        return (activate_on_machine(product),)
    return (
        "Run kms_client with activate: true."
        if is_kms_client(product)
        else "Run mak_client, or use the activation method of its product key.",
    )


def _host_key_steps(data: CheckData, product: LicensedProduct) -> tuple[str, ...]:
    """Return the next steps for a KMS host key that is not activated. Only the key of Windows can be replaced with a GVLK."""
    replaceable = product.application is Application.WINDOWS and not _is_kms_host(data)
    return (_ACTIVATE_HOST_KEY, _NOT_A_HOST) if replaceable else (_ACTIVATE_HOST_KEY,)


def _ending(data: CheckData, desired: CheckSettings, product: LicensedProduct) -> Iterator[CheckFinding]:
    is_evaluation = product.channel is Channel.EVALUATION
    if is_evaluation:
        steps = evaluation.conversion_steps(data.state.os, edition_of(data.state))
        yield CheckFinding("evaluation", f"{product.name} is an evaluation edition.", steps, product.name)
    days = product.grace_minutes / _MINUTES_A_DAY
    is_valid = product.by_subscription or not product.grace_minutes or days >= desired.min_days_left
    if not product.status.is_activated or is_valid:
        return
    ends = report.iso(data.state.expires(product))
    steps = (
        (activate_on_machine(product),)
        if activated_by_token(product)
        else ("Check the requests of the machine with activation_events_info.", "Run kms_client with reactivate: true.")
        if is_kms_client(product)
        else ("Before this time, activate the product with another kind of key, or renew the subscription.",)
    )
    message = f"The license of {product.name} expires in {days:.0f} days, at {ends} (required: {desired.min_days_left} days)."
    yield CheckFinding("expires_soon", message, steps, product.name)


def _channel(data: CheckData, desired: CheckSettings, product: LicensedProduct) -> Iterator[CheckFinding]:
    expected = desired.expected_channels
    if product.channel is Channel.CSVLK and not (_is_host_key(data, product) or Channel.CSVLK in expected):
        message = f"The KMS host key (CSVLK) ending in {product.partial_product_key} is installed, but the machine is not a KMS host."
        yield CheckFinding("csvlk_on_client", message, _KEY_ON_CLIENT, product.name)
    elif expected and expected.isdisjoint(_channels(product)):
        names = ", ".join(sorted(channel.value for channel in expected))
        has = f"has a key of the channel {product.channel.value} (ending in {product.partial_product_key})"
        by = " and is licensed by a subscription" if product.by_subscription else ""
        yield CheckFinding("unexpected_channel", f"{product.name} {has}{by}, expected: {names}.", _channel_steps(expected), product.name)


def _channels(product: LicensedProduct) -> set[Channel]:
    """Return the channels of a product: the channel of its key, and the subscription if a subscription licenses Windows."""
    return {product.channel, Channel.SUBSCRIPTION} if product.by_subscription else {product.channel}


def _is_host_key(data: CheckData, product: LicensedProduct) -> bool:
    """Return whether the product has a KMS host key, and the machine is a server or an active KMS host."""
    return product.channel is Channel.CSVLK and (data.state.os.is_server or _is_kms_host(data))


def _is_kms_host(data: CheckData) -> bool:
    """Return whether the Key Management Service of Windows or of another application runs on the machine."""
    state = data.state
    return any(product.kms_host.enabled or state.service_of(product).kms_host.enabled for product in state.products)


def _channel_steps(expected: frozenset[Channel]) -> tuple[str, ...]:
    known = {
        Channel.GVLK: "Run kms_client to install the GVLK of the edition.",
        Channel.MAK: "Run mak_client with the MAK of the edition.",
        Channel.CSVLK: "Run kms_host with the KMS host key.",
        Channel.SUBSCRIPTION: "Join the machine to Microsoft Entra ID. Then sign in as a user whose license includes Windows Enterprise.",
    }
    steps = tuple(step for channel, step in known.items() if channel in expected)
    return steps or ("Install a key of an expected channel with product_key.",)


def _edition(data: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    """Check whether the GVLK matches the edition. An unknown GVLK might be newer than the table, so it is not a finding."""
    state, entry = data.state, gvlk.ending(product.partial_product_key)
    edition = data.edition_id or product.family
    if entry is None or any(each.fits(state.os, edition) for each in gvlk.with_ending(product.partial_product_key)):
        return
    key = f"The GVLK ending in {entry.partial_product_key} is for {gvlk.describe_range(entry)}"
    message = f"{key}, but the machine runs {state.os.caption} ({edition})."
    steps = ("Run kms_client with product_key: auto to install the GVLK of the edition.",)
    yield CheckFinding("gvlk_mismatch", message, steps, product.name)


def _marker(data: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    """Check the firmware marker, unless KMS has activated the machine."""
    if data.state.service.oem_marker_present is False and not product.status.is_activated:
        message = f"The firmware of the machine does not have a Windows marker, so KMS might not activate {product.name} (0xC004F035)."
        yield CheckFinding("oem_marker_missing", message, diagnose.MARKER_STEPS, product.name)
