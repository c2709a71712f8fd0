# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings about the renewal of KMS clients. A license stays valid for months after the renewal begins to fail.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. A client uses the KMS host that is configured for the product, else the one of its application, else the one of the machine. Without
these, it uses the cached KMS host if host caching is enabled, else the KMS hosts in DNS. It renews every seven days unless its KMS host has
another interval. A license is valid for 180 days (Microsoft's Volume Activation Planning Guide).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from ....module_utils import _hosts as hosts
from ....module_utils._hosts import DEFAULT_PORT
from ..._licensing.catalog.errors import explain
from ..._licensing.events.kms import RequestSent, ResponseProcessed
from ..._licensing.kms import application_level
from ..._licensing.kms.effective import configured_host_of
from ..._licensing.kms.model import OF_APPLICATION, KmsClient, configured_host
from ..._licensing.kms.route import HostAnswer, KmsEndpoint, ProbeResult, Route
from ..._licensing.plan import diagnose
from ..._licensing.state import report
from ..._licensing.state.model import ActivationState, ActivationType, LicensedProduct
from ..._licensing.tokens.products import activated_by_token
from .license import last_pair
from .model import CheckData, CheckFinding, CheckSettings, is_kms_client
from .office import is_left_alone

_VALIDITY = timedelta(days=180)
_RENEWAL_MINUTES = 7 * 24 * 60
_UNDER_WAY = timedelta(minutes=5)
"""A newer request might not have a response yet."""

_SHOWN = 4
"""Number of KMS hosts in the message of a finding; the others are counted."""

_PUBLISH = (
    "Publish the KMS host with kms_srv_record, or set kms_host on the client.",
    "Check the SRV records with kms_srv_record_info.",
)
_OVERDUE = (
    "Check the last requests of the machine with activation_events_info.",
    "Run kms_client with reactivate: true to renew now.",
)
_CLEAR_APPLICATION = "Run kms_client with clear_application_settings: true to remove the registry values of the application."
_DISCOVER = "If this KMS host no longer exists, run kms_client with discovery: true, or with another kms_host."
_OF_APPLICATION = (
    _CLEAR_APPLICATION,
    "If the values return, remove them from the Group Policy preferences that set them.",
    "If the KMS host is intended, you do not have to do anything.",
)
_ALLOW_KMS = "Run kms_client with activation_type: kms, or with activation_type: all, so that a KMS host can renew the license."
_ALLOWED = {
    ActivationType.AD: (
        "only allows activation through Active Directory",
        "If Active Directory must activate the machine, check that an activation object covers it, and run kms_client.",
    ),
    ActivationType.TOKEN: (
        "only allows token-based activation",
        "If a token must activate the machine, activate it with its certificate: 'slmgr.vbs /fta <thumbprint>'.",
    ),
}
"""By the allowed activation type: what the machine does, and what to do if this is intended."""

_CLOCK_STEPS = (
    "Synchronize the clock of the machine (w32tm /resync).",
    "If the clock of the controller is wrong, set it.",
)


def renewed_by_kms(product: LicensedProduct) -> bool:
    """Return whether a KMS host renews the product, instead of Active Directory, a token, or a subscription."""
    others = (ActivationType.AD, ActivationType.TOKEN)
    uses_kms = product.used_type not in others and product.allowed_type not in others and not activated_by_token(product)
    return is_kms_client(product) and uses_kms and not product.by_subscription


def clients(data: CheckData) -> tuple[LicensedProduct, ...]:
    """Return the products that a KMS host renews. An Office key that is not in use does not count."""
    keyed = (product for product in data.state.products if product.has_key and not product.is_addon)
    return tuple(product for product in keyed if renewed_by_kms(product) and not is_left_alone(data, product))


def renewal_interval(state: ActivationState, product: LicensedProduct) -> timedelta:
    """Return the renewal interval of a product."""
    return timedelta(minutes=product.kms.renewal_interval or state.service_of(product).kms.renewal_interval or _RENEWAL_MINUTES)


def route_of(state: ActivationState, product: LicensedProduct, domain: str | None) -> Route:
    """Return how a product finds its KMS host. `domain` is the DNS domain of the machine."""
    service = state.service_of(product)
    own, shared = product.kms, service.kms
    fixed = configured_host(own, state.application_kms_of(product), shared)
    if fixed:
        return Route(fixed=KmsEndpoint(_qualified_name(fixed.host, domain), fixed.port or DEFAULT_PORT))
    where = own.lookup_domain or shared.lookup_domain or domain
    return Route(cached=_cached(own, shared) if service.host_caching is not False else None, domain=where)


def _qualified_name(host: str, domain: str | None) -> str:
    """Append the domain of the machine to a name of one label."""
    return host if "." in host or hosts.is_address(host) or not domain else f"{host}.{domain}"


def _cached(own: KmsClient, shared: KmsClient) -> KmsEndpoint | None:
    found = own if own.discovered_host else shared
    if not found.discovered_host:
        return None
    return KmsEndpoint(found.discovered_host, found.discovered_port or DEFAULT_PORT, found.discovered_address)


def findings(data: CheckData, desired: CheckSettings) -> Iterator[CheckFinding]:
    """Yield all findings about renewal."""
    for product in clients(data):
        yield from _application(data, product)
    for product in data.state.products if desired.renewal else ():
        yield from _not_allowed(data, product)
    for product in clients(data) if desired.renewal else ():
        if desired.probe:
            yield from _reached(data, product)
        yield from _last_request(data, product)
        yield from _overdue(data, product)
    if clients(data) or data.state.service.kms_host.enabled:
        yield from _clock(data, desired)


def _not_allowed(data: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    """Check a license from a KMS host that this host may not renew, because the machine allows only another kind of activation."""
    kept = product.has_key and not product.is_addon and not product.by_subscription and not is_left_alone(data, product)
    by_kms = product.used_type is ActivationType.KMS or (product.used_type is None and bool(product.kms.host_extended_pid))
    words = _ALLOWED.get(product.allowed_type) if product.allowed_type is not None else None
    if words and kept and by_kms and is_kms_client(product) and product.status.is_activated:
        until = f" It is licensed until {report.iso(data.state.expires(product))}." if product.grace_minutes else ""
        message = f"A KMS host activated {product.name}, but the machine {words[0]}, so no KMS host renews the license.{until}"
        yield CheckFinding("kms_not_allowed", message, (_ALLOW_KMS, words[1]), product.name)


def _application(data: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    """Check the KMS settings that only the registry has. They override the settings of the machine, which all modules set."""
    level, name = data.state.application_kms_of(product), product.application.name.capitalize()
    if level is None or not level.stored:
        return
    service = data.state.service_of(product).kms
    fixed, without = configured_host_of(data.state, product), configured_host(KmsClient(), None, service)
    if level.host is None:
        message = f"{application_level.unused_text(level, name)}."
        yield CheckFinding("kms_host_of_application", message, _OF_APPLICATION)
    elif fixed and fixed.scope == OF_APPLICATION and not (without and fixed.is_same(without)):
        instead = f"the KMS host {without.label}" if without else "a KMS host from DNS"
        message = f"{application_level.overrides_text(level, name)}: without it, {name} uses {instead}."
        yield CheckFinding("kms_host_of_application", message, _OF_APPLICATION)


def _reached(data: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    route = route_of(data.state, product, data.domain)
    result = data.probe_results.get(route)
    if result is None:
        return
    if result.fixed:
        fixed = configured_host_of(data.state, product)
        yield from _fixed(result.fixed, product, of_application=fixed is not None and fixed.scope == OF_APPLICATION)
    elif not (result.cached and result.cached.answers):
        yield from _found(route, result, product)


def _fixed(answer: HostAnswer, product: LicensedProduct, *, of_application: bool) -> Iterator[CheckFinding]:
    if not answer.is_known:
        yield _not_checked(f"It is not known whether the KMS host {answer.endpoint} responds: {answer.meaning}", answer.next_steps, product)
    elif not answer.answers:
        configured = f"The KMS host {answer.endpoint}, which is configured for {product.name}"
        message = f"{configured}, does not respond to the controller: {answer.meaning}"
        step = _CLEAR_APPLICATION if of_application else _DISCOVER
        yield CheckFinding("kms_host_not_responding", message, (*answer.next_steps, step), product.name)


def _found(route: Route, result: ProbeResult, product: LicensedProduct) -> Iterator[CheckFinding]:
    """Check a machine that finds its KMS host by caching or in DNS."""
    published, where = result.published or (), f"_vlmcs._tcp.{route.domain}"
    answering = [answer for answer in published if answer.answers]
    if answering:
        if result.cached and result.cached.is_known:
            yield _cached_not_responding(result.cached, answering[0], product)
        return
    unknown = [answer for answer in (result.cached, *published) if answer and not answer.is_known]
    if result.problem:
        message, steps = result.problem
        yield _not_checked(f"Cannot read the SRV records of the KMS hosts: {message}", steps, product)
    elif unknown or result.unasked:
        listed = _listed((*unknown, *published), result.unasked)
        message = f"It is not known whether {product.name} finds a KMS host that responds ({listed})."
        yield _not_checked(message, unknown[0].next_steps if unknown else result.unasked_steps, product)
    elif published:
        message = f"None of the KMS hosts in {where} for {product.name} responds to the controller ({_listed(published)})."
        yield CheckFinding("kms_host_not_responding", message, published[0].next_steps, product.name)
    elif route.domain:
        yield CheckFinding("no_kms_host", f"DNS does not have a KMS host for {product.name} ({where}).", _PUBLISH, product.name)
    else:
        message = f"{product.name} looks for its KMS host in DNS, but the machine is not in a domain."
        yield CheckFinding("no_kms_host", message, ("Run kms_client with kms_host or with lookup_domain.",), product.name)


def _listed(answers: Sequence[HostAnswer], unasked: int = 0) -> str:
    """Return the first KMS hosts as text, and the number of the others."""
    once = list(dict.fromkeys(f"{answer.endpoint}: {answer.meaning}" for answer in answers))
    more = len(once) - _SHOWN
    rest = ([f"{more} more are not shown"] if more > 0 else []) + ([f"{unasked} more were not probed"] if unasked else [])
    return "; ".join((*once[:_SHOWN], *rest))


def _cached_not_responding(cached: HostAnswer, other: HostAnswer, product: LicensedProduct) -> CheckFinding:
    used = f"The KMS host {cached.endpoint}, which {product.name} used last, does not respond to the controller"
    message = f"{used}, but the KMS host {other.endpoint} responds."
    step = "The machine uses the other KMS hosts automatically. If the KMS host no longer exists, remove its SRV record."
    return CheckFinding("cached_kms_host_not_responding", message, (step, *cached.next_steps), product.name)


def _not_checked(message: str, steps: tuple[str, ...], product: LicensedProduct) -> CheckFinding:
    return CheckFinding("renewal_not_checked", message, steps, product.name)


def _last_request(data: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    """Check the last request of a licensed product. For other products, the finding not_licensed contains its code."""
    request, response = last_pair(data, product)
    if request is None or not product.status.is_activated:
        return
    when = f" at {request.time:%Y-%m-%d %H:%M} UTC" if request.time else ""
    request_text = f"The last request of {product.name} to {request.kms_host}{when}"
    code = _code(request, response)
    if code:
        failure = diagnose.from_events(data.state, product, code, data.events or ())
        steps = tuple(failure.error["next_steps"])
        yield CheckFinding("last_request_failed", f"{request_text} failed: {failure.summary}", steps, product.name, failure.error)
    elif response is None and not (request.time and data.state.os.time - request.time < _UNDER_WAY):
        message = f"{request_text} does not have a response: event 12289 does not follow event 12288."
        yield CheckFinding("last_request_unanswered", message, tuple(explain(diagnose.NO_KMS_ANSWER).next_steps), product.name)


def _code(request: RequestSent, response: ResponseProcessed | None) -> int | None:
    if request.result:
        return diagnose.code_of(request)
    return response.result if response and response.result else None


def _overdue(data: CheckData, product: LicensedProduct) -> Iterator[CheckFinding]:
    """Compute the last renewal from the rest of the 180 days. One missed renewal is allowed, because the machine might have been off."""
    if not product.status.is_activated or not product.grace_minutes:
        return
    ago = _VALIDITY - timedelta(minutes=product.grace_minutes)
    interval = renewal_interval(data.state, product)
    if ago > 2 * interval + timedelta(days=1):
        every = interval / timedelta(days=1)
        message = f"{product.name} was last renewed {ago.days} days ago, but must be renewed every {every:g} days."
        yield CheckFinding("renewal_overdue", message, _OVERDUE, product.name)


def _clock(data: CheckData, desired: CheckSettings) -> Iterator[CheckFinding]:
    if not desired.clock_tolerance or abs(data.clock_difference) <= timedelta(minutes=desired.clock_tolerance):
        return
    minutes = data.clock_difference_minutes
    way = "ahead of" if minutes > 0 else "behind"
    tolerance = f"tolerance: {desired.clock_tolerance} minutes"
    clock = f"The clock of the machine is {abs(minutes)} minutes {way} the clock of the controller"
    message = f"{clock} ({tolerance}). A KMS host rejects requests if the clocks differ by more than about four hours."
    yield CheckFinding("clock_skew", message, _CLOCK_STEPS, error=explain(0xC004F06C).as_dict())
