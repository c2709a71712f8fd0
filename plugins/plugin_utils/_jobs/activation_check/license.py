# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check says of a license as it is now: activated, genuine, of the right kind, and for how long.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. That a KMS key belongs on hosts only, and what to do with one on a client: Microsoft's Volume Activation Operations Guide, table 2.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..._licensing.catalog import gvlk
from ..._licensing.catalog.errors import explain
from ..._licensing.events.kms import RequestSent, ResponseProcessed
from ..._licensing.plan import diagnose
from ..._licensing.state import genuine, report
from ..._licensing.state.model import Application, Channel, LicensedProduct, LicenseStatus
from .model import CheckData, CheckFinding, CheckSettings, is_kms_client

_MINUTES_A_DAY = 24 * 60
_KEY_ON_CLIENT = (
    "Run kms_client with convert_kms_host: true, which puts the GVLK of the edition back.",
    "Remove the SRV record it has published from DNS (kms_srv_record with state: absent), and restart the machine.",
    "Run kms_host when it is to be a KMS host: it activates the key.",
)
_NO_KEY_STEPS = {
    Application.WINDOWS: ("Run kms_client, which installs the GVLK of the edition, or mak_client with a MAK.",),
    Application.OFFICE: ("Install a key with product_key and application: office.",),
}
_STEPS_WITHOUT_SERVICE = ("Run mak_client with activation_method: online, or with activation_method: telephone.",)
_RECOVER = "The role recover_nongenuine does that for KMS hosts, KMS clients and machines with a MAK."


def findings(evidence: CheckData, desired: CheckSettings) -> Iterator[CheckFinding]:
    """Everything about keys and licenses. A machine without Office is in order unless Office alone was asked for."""
    state = evidence.state
    asked = Application.WINDOWS if Application.WINDOWS in state.applications else Application.OFFICE
    if not state.keyed(asked, addons=False):
        yield CheckFinding("no_product_key", f"{asked.name.capitalize()} has no product key", _NO_KEY_STEPS[asked])
    for product in _subjects(evidence):
        yield from _about(evidence, desired, product)


def _subjects(evidence: CheckData) -> tuple[LicensedProduct, ...]:
    """Windows once, by the product that counts, and every product of Office; a CSVLK wherever it is."""
    state = evidence.state
    keyed = [product for product in state.products if product.has_key and not product.is_addon]
    return tuple(
        product
        for product in keyed
        if product.application is Application.OFFICE or product is state.primary or product.channel is Channel.CSVLK
    )


def _about(evidence: CheckData, desired: CheckSettings, product: LicensedProduct) -> Iterator[CheckFinding]:
    yield from _genuine(evidence, product)
    yield from _licensed(evidence, product)
    yield from _ending(evidence, desired, product)
    yield from _channel(evidence, desired, product)
    if is_kms_client(product) and product.application is Application.WINDOWS:
        yield from _edition(evidence, product)
        yield from _marker(evidence, product)


def _genuine(evidence: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    genuine_state, code = genuine.judge(product, evidence.genuine_events)
    steps = tuple(genuine.next_steps(genuine_state, product.channel))
    if genuine_state is genuine.GenuineState.AWAITING:
        told = f"{product.name} is licensed, and Microsoft has not checked it again yet"
        yield CheckFinding("awaiting_validation", told, steps, product.name)
    elif genuine_state.needs_recovery:
        reason = explain(code) if code else None
        why = f": event 8209 gives {reason.code} {reason.symbol}: {reason.meaning}" if reason else ", and no event says why"
        told = f"{product.name} failed Microsoft's check for genuine software{why}"
        error = reason.as_dict() if reason else None
        yield CheckFinding("not_genuine", told, (*steps, _RECOVER), product.name, error)


def _licensed(evidence: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    if product.status.is_activated or product.by_subscription or product.status is LicenseStatus.NON_GENUINE_GRACE:
        return
    state, code = evidence.state, _why(evidence, product)
    left = f", {product.grace_minutes // _MINUTES_A_DAY} days of grace left" if product.grace_minutes else ""
    standing = f"{product.name} is not licensed ({product.status.name.lower()}{left})"
    if not state.generation.has_service:
        words = f"{standing}. {' '.join(state.generation.remarks())}".rstrip(" .")
        yield CheckFinding("not_licensed", words, _STEPS_WITHOUT_SERVICE, product.name)
        return
    if not code:
        yield CheckFinding("not_licensed", standing, _activate_steps(product), product.name)
        return
    failure = diagnose.from_events(state, product, code, evidence.events or ())
    steps = tuple(failure.error["next_steps"])
    yield CheckFinding("not_licensed", f"{standing}: {failure.summary}{_count(failure)}", steps, product.name, failure.error)


def _why(evidence: CheckData, product: LicensedProduct) -> int | None:
    """The code behind it: of the last request to a KMS host where there was one, else the reason Windows gives."""
    request, response = last_pair(evidence, product) if is_kms_client(product) else (None, None)
    if request and request.result:
        return diagnose.code_of(request)
    if response and response.result:
        return response.result
    return evidence.failures.get(product.activation_id, product.reason)


def last_pair(evidence: CheckData, product: LicensedProduct) -> tuple[RequestSent | None, ResponseProcessed | None]:
    """The last request of a product, and the answer to it: the first 12289 that came after it."""
    later: list[ResponseProcessed] = []
    for event in evidence.events or ():
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
    return f" It counts {count['current']} of {count['required']}."


def _activate_steps(product: LicensedProduct) -> tuple[str, ...]:
    return (
        "Run kms_client with activate: true." if is_kms_client(product) else "Run mak_client, or activate it in the way its key asks for.",
    )


def _ending(evidence: CheckData, desired: CheckSettings, product: LicensedProduct) -> Iterator[CheckFinding]:
    is_evaluation = product.channel is Channel.EVALUATION
    if is_evaluation:
        full = ("Convert it to a full edition with DISM /Set-Edition, or reinstall it from volume media.",)
        yield CheckFinding("evaluation", f"{product.name} is an evaluation", full, product.name)
    days = product.grace_minutes / _MINUTES_A_DAY
    holds = product.by_subscription or not product.grace_minutes or days >= desired.min_days_left
    if not product.status.is_activated or holds:
        return
    ends = report.iso(evidence.state.expires(product))
    steps = (
        ("Find out why it is not renewed: activation_events_info shows its requests.", "Run kms_client with reactivate: true.")
        if is_kms_client(product)
        else ("Activate it with a key of another kind before then, or renew the subscription.",)
    )
    text = f"{product.name} is licensed for {days:.0f} more days only, until {ends} (asked for: {desired.min_days_left})"
    yield CheckFinding("expires_soon", text, steps, product.name)


def _channel(evidence: CheckData, desired: CheckSettings, product: LicensedProduct) -> Iterator[CheckFinding]:
    expected = desired.expected_channels
    if product.channel is Channel.CSVLK and _is_misplaced(evidence, desired, product):
        told = f"the key of a KMS host (CSVLK) ending {product.partial_product_key} is installed, and the machine is no KMS host"
        yield CheckFinding("csvlk_on_client", told, _KEY_ON_CLIENT, product.name)
    elif expected and expected.isdisjoint(_channels(product)):
        names = ", ".join(sorted(channel.value for channel in expected))
        has = f"has a key of channel {product.channel.value} (ending {product.partial_product_key})"
        by = " and is licensed by a subscription" if product.by_subscription else ""
        yield CheckFinding("unexpected_channel", f"{product.name} {has}{by}, expected: {names}", _channel_steps(expected), product.name)


def _channels(product: LicensedProduct) -> set[Channel]:
    """What a product may be expected to be: its key has a channel of its own, also while a subscription licenses Windows."""
    return {product.channel, Channel.SUBSCRIPTION} if product.by_subscription else {product.channel}


def _is_misplaced(evidence: CheckData, desired: CheckSettings, product: LicensedProduct) -> bool:
    """Where nobody said what the machine is, a host key that is not activated, or that sits on a client Windows, is taken for a slip."""
    if desired.expected_channels:
        return Channel.CSVLK not in desired.expected_channels
    return not product.status.is_activated or not (evidence.state.os.is_server or product.kms_host.enabled)


def _channel_steps(expected: frozenset[Channel]) -> tuple[str, ...]:
    known = {
        Channel.GVLK: "Run kms_client, which installs the GVLK of the edition.",
        Channel.MAK: "Run mak_client with the MAK of the edition.",
        Channel.CSVLK: "Run kms_host with the key of the host.",
        Channel.SUBSCRIPTION: "Join the machine to Microsoft Entra ID, and have a user sign in whose license includes Windows Enterprise.",
    }
    steps = tuple(step for channel, step in known.items() if channel in expected)
    return steps or ("Install a key of the right channel with product_key.",)


def _edition(evidence: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    """A GVLK this collection does not know may be newer than its table, and says nothing."""
    state, entry = evidence.state, gvlk.ending(product.partial_product_key)
    edition = evidence.edition_id or product.family
    if entry is None or any(
        each.partial_product_key == entry.partial_product_key and each.fits(state.os, edition) for each in gvlk.catalog()
    ):
        return
    runs = f"the machine runs {state.os.caption} ({edition})"
    told = f"the GVLK ending {entry.partial_product_key} is for {gvlk.describe_range(entry)}, and {runs}"
    yield CheckFinding(
        "gvlk_mismatch", told, ("Run kms_client with product_key: auto, which installs the GVLK of the edition.",), product.name
    )


def _marker(evidence: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    """A machine that KMS has activated needs no marker, whatever its firmware says."""
    if evidence.state.service.oem_marker_present is False and not product.status.is_activated:
        told = f"the firmware of the machine has no Windows marker, so that KMS may not activate {product.name} (0xC004F035)"
        yield CheckFinding("oem_marker_missing", told, diagnose.MARKER_STEPS, product.name)
