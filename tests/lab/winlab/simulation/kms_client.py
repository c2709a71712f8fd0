# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a KMS client gets itself activated: by an activation object where there may be one, or else by a KMS host.

Of the host: whom it asks, what it writes into the event log, what comes of it.

Facts: licensing sections 2, 5 and 10.2. Order of asking: the product's own host, the service's host, the lookup domain's SRV
records, those of the machine's DNS domain. A host that cannot be reached makes 0xC004F074 with the reason in event 12288; a
host that answers no gives its own code. No KMS message is formed: client and host are objects of this process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import ad_client, genuine, kms_host
from .computer import Computer
from .facts import WINDOWS
from .kms_host import CLOCK_TOLERANCE, Request
from .network import DNS_ERROR_NO_DNS_SERVERS, DNS_ERROR_RCODE_NAME_ERROR, DNS_ERROR_RCODE_SERVER_FAILURE, Srv, literal_address
from .state import HostRole, ProductState
from .wmi_faults import LicensingError

DEFAULT_PORT = 1688
RPC_S_SERVER_UNAVAILABLE = 0x800706BA
SL_E_VL_BINDING_SERVICE_UNAVAILABLE = 0xC004F074
SL_E_VL_NOT_WINDOWS_SLP = 0xC004F035
SL_E_TKA_GRANT_NOT_FOUND = 0xC004F304
_BY_OBJECT, _BY_TOKEN = 1, 3
"""VLActivationType."""
FLAG_NOT_ENOUGH_COUNT = 0x04000000
FLAG_NOT_WINDOWS_SLP = 0x08000000


@dataclass(frozen=True)
class Target:
    """A host to ask: name as configured or published, address if it resolves, port, and whether DNS found it."""

    name: str
    address: str | None
    port: int
    discovered: bool


@dataclass(frozen=True)
class Answer:
    """What came back from a host: 0 or its error, its count and who it is."""

    code: int
    count: int = 0
    host: Computer | None = None
    host_key: ProductState | None = None


def targets(client: Computer, product: ProductState) -> list[Target]:
    """Hosts to ask, in order; raises LicensingError when DNS has none."""
    settings = client.service_of(product.sku).effective(product)
    if settings.host:
        return [Target(settings.host, _address(client, settings.host), settings.port or DEFAULT_PORT, False)]
    if not client.dns_server:
        raise LicensingError(DNS_ERROR_NO_DNS_SERVERS)
    if client.fault("dns_down"):
        raise LicensingError(DNS_ERROR_RCODE_SERVER_FAILURE)
    domain = settings.lookup_domain or client.domain
    if not domain or client.fault("no_srv"):
        raise LicensingError(DNS_ERROR_RCODE_NAME_ERROR)
    records = _ordered(client, client.context.resolver.services(domain))
    return [Target(record.target, _address(client, record.target), record.port, True) for record in records]


def _in_turn(client: Computer, product: ProductState) -> Iterator[Target]:
    """The host discovered last time first while host caching is on; DNS is asked only when that one did not help."""
    service = client.service_of(product.sku)
    settings = service.effective(product)
    same_domain = product.discovered_in == (settings.lookup_domain or client.domain)
    if product.discovered_host and same_domain and service.host_caching and not settings.host:
        yield Target(product.discovered_host, _address(client, product.discovered_host), product.discovered_port, True)
    yield from targets(client, product)


def _ordered(client: Computer, records: tuple[Srv, ...]) -> list[Srv]:
    """By priority, and within one by weighted chance (RFC 2782)."""
    chance = client.context.random
    return sorted(records, key=lambda record: (record.priority, -(chance.random() ** (1 / max(record.weight, 0.01)))))


def _address(client: Computer, name: str) -> str | None:
    literal = literal_address(name)
    if literal is not None:
        return literal
    if not client.dns_server or client.fault("dns_down"):
        return None
    full = name if "." in name.rstrip(".") or not client.domain else f"{name}.{client.domain}"
    found = client.context.resolver.addresses(full)
    return found[0] if found else None


def activate(client: Computer, product: ProductState) -> None:
    """One activation attempt of a KMS client license; raises LicensingError with the code Activate fails with."""
    service = client.service_of(product.sku)
    kind = service.effective(product).activation_type
    if kind == _BY_TOKEN or service.activation_disabled:
        raise LicensingError(SL_E_TKA_GRANT_NOT_FOUND)
    if kind == _BY_OBJECT or (not kind and ad_client.may_ask(client, product)):
        try:
            ad_client.activate(client, product)
            return
        except LicensingError:
            if kind == _BY_OBJECT:
                raise
    _activate_by_host(client, product)


def _activate_by_host(client: Computer, product: ProductState) -> None:
    last = Answer(RPC_S_SERVER_UNAVAILABLE)
    asked: list[tuple[str, int]] = []
    for target in _in_turn(client, product):
        if (target.name.casefold(), target.port) in asked:
            continue
        asked.append((target.name.casefold(), target.port))
        last = _ask(client, product, target)
        if last.code == 0:
            _accept(client, product, target, last)
            return
    raise LicensingError(SL_E_VL_BINDING_SERVICE_UNAVAILABLE if last.code == RPC_S_SERVER_UNAVAILABLE else last.code)


def _ask(client: Computer, product: ProductState, target: Target) -> Answer:
    """Ask one host and write events 12288 and 12289."""
    slp_missing = product.sku.application_id == WINDOWS and marker_refused(client, "activate") and product.sku.host_key is None
    answer = Answer(SL_E_VL_NOT_WINDOWS_SLP) if slp_missing else _exchange(client, product, target)
    cmid = client.service_of(product.sku).cmid
    processed = answer.code in (0, kms_host.SL_E_VL_NOT_ENOUGH_COUNT)
    flags = FLAG_NOT_WINDOWS_SLP if slp_missing else 0
    now = client.now()
    stamp = f"{now:%Y/%m/%d %H:%M}"
    sent = (
        f"0x{0 if processed else answer.code:08X}", f"0x{flags:08X}", f"{target.name}:{target.port}", cmid, stamp,
        str(int(client.virtual)), str(product.status), str(product.minutes_left(now)), product.sku.id, str(product.sku.required_count),
    )  # fmt: skip
    client.log(12288, ", ".join(sent))
    if processed and answer.host is not None:
        flags = 0 if answer.code == 0 else FLAG_NOT_ENOUGH_COUNT
        service = answer.host.service
        got = (
            f"0x{answer.code:08X}",
            f"0x{flags:08X}",
            "1",
            "0",
            str(answer.count),
            str(service.activation_interval),
            str(service.renewal_interval),
            stamp,
        )
        client.log(12289, ", ".join(got))
        product.activation_interval, product.renewal_interval = service.activation_interval, service.renewal_interval
    return answer


def marker_refused(client: Computer, at: str) -> bool:
    """Whether the missing Windows marker of an OEM firmware stands in the way at this point (`activate` or `install`).

    By itself only on Windows 7 and Server 2008 R2, at activation; the fault oem_marker_missing makes it so anywhere.
    """
    if client.fault("oem_marker_missing"):
        return marker_fault(client, at)
    return at == "activate" and client.os.generation == (6, 1) and client.oem_marker == "missing"


def marker_fault(client: Computer, at: str) -> bool:
    """Whether the fault oem_marker_missing strikes at this point. A missing marker by itself is nothing to a MAK."""
    fault = client.context.faults.get(client.name, "oem_marker_missing")
    return fault is not None and bool(fault.get("at", "activate") == at)


def _exchange(client: Computer, product: ProductState, target: Target) -> Answer:
    """What the host makes of the request, which it counts and logs as 12290."""
    host = None if target.address is None else client.context.computer_at(target.address)
    if host is None or not host.kms_reachable() or host.kms_port != target.port:
        return Answer(RPC_S_SERVER_UNAVAILABLE)
    return _serve(client, product, host)


def _serve(client: Computer, product: ProductState, host: Computer) -> Answer:
    now, client_time = host.now(), client.now()
    product.settle(client_time)
    request = Request(
        client.fqdn, client.service_of(product.sku).cmid, product.sku, client.os.server, client.virtual, product.status,
        product.minutes_left(client_time), client_time,
    )  # fmt: skip
    keys = [key for key in host.service.keyed() if key.sku.host_key is not None]
    same = [key for key in keys if key.sku.application_id == product.sku.application_id]
    if not same:
        return Answer(kms_host.SL_E_VL_BINDING_SERVICE_NOT_ENABLED)
    key = next((each for each in same if _answers_for(each, product, client)), same[0])
    role = host.service.hosts.get(key.sku.id)
    if role is None:
        _log_request(host, request, kms_host.SL_E_VL_KEY_MANAGEMENT_SERVICE_NOT_ACTIVATED)
        return Answer(kms_host.SL_E_VL_KEY_MANAGEMENT_SERVICE_NOT_ACTIVATED, 0, host)
    if host.fault("kms_host_not_activated") or key.status != 1:
        return _refuse(host, role, request, kms_host.SL_E_VL_KEY_MANAGEMENT_SERVICE_NOT_ACTIVATED)
    if abs(client_time - now) > CLOCK_TOLERANCE:
        return _refuse(host, role, request, kms_host.SL_E_VL_INVALID_TIMESTAMP)
    if not _answers_for(key, product, client):
        return _refuse(host, role, request, kms_host.SL_E_VL_KEY_MANAGEMENT_SERVICE_ID_MISMATCH)
    kms_host.note(role, request, now)
    forced = host.context.faults.get(host.name, "kms_count")
    count = kms_host.current_count(role, now, None if forced is None else int(forced["value"]))
    code = 0 if count >= product.sku.required_count else kms_host.SL_E_VL_NOT_ENOUGH_COUNT
    _log_request(host, request, code)
    return Answer(code, count, host, key)


def _answers_for(key: ProductState, product: ProductState, client: Computer) -> bool:
    return key.sku.host_key is not None and kms_host.covers(key.sku.host_key, product.sku, client.os.server)


def _refuse(host: Computer, role: HostRole, request: Request, code: int) -> Answer:
    kms_host.note_failure(role)
    _log_request(host, request, code)
    return Answer(code, 0, host)


def _log_request(host: Computer, request: Request, code: int) -> None:
    stamp = f"{request.time.year}/{request.time.month}/{request.time.day} {request.time:%H:%M}"
    fields = (
        f"0x{code:X}",
        request.sku.required_count,
        request.client,
        request.cmid,
        stamp,
        int(request.virtual),
        request.status,
        request.minutes_left,
        request.sku.id,
    )
    host.log(12290, ",".join(str(entry) for entry in fields))


def _accept(client: Computer, product: ProductState, target: Target, answer: Answer) -> None:
    assert answer.host is not None
    assert answer.host_key is not None
    product.license_by_kms(client.now())
    service = client.service_of(product.sku)
    if product.sku.application_id != WINDOWS:
        service.office_rearms_left = max(service.office_rearms_left, 1)
    product.host_pid = answer.host_key.extended_pid
    product.discovered_address = answer.host.address
    if target.discovered:
        product.discovered_host, product.discovered_port = target.name, target.port
        product.discovered_in = client.service_of(product.sku).effective(product).lookup_domain or client.domain
    genuine.validate(client, product, answer.host_key.key)
