# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations of the licensing service: keys in and out, activation, settings, rearm. WMI methods and slmgr both end here.

Facts: licensing sections 2, 2a and 10. Each operation raises LicensingError with the HRESULT it fails with.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from . import ad_client, genuine, kms_client, microsoft, other_editions
from .catalog import EVAL, GVLK, MAK, Sku
from .computer import Computer
from .facts import OFFICE, WINDOWS
from .identity import extended_pid, installation_id, machine_uuid
from .keys import FORM
from .registry_content import SPP, read_ospp, read_service, write_ospp, write_service
from .state import INTERVALS, LICENSED, NOTIFICATION, REASON_NO_LICENSE, UNLICENSED, KmsSettings, ProductState, ServiceState
from .telephone_activation import Caller
from .wmi_faults import LicensingError

SL_E_BLOCKED_PRODUCT_KEY = 0xC004F051
SL_E_PKEY_NOT_INSTALLED = 0xC004F014
SL_REARMED = 0xC004D302
SL_MAX_REARM_REACHED = 0xC004D307
E_INVALIDARG = 0x80070057
EVALUATION = timedelta(days=180)


def refuse_rearmed(computer: Computer, service: ServiceState | None = None) -> None:
    """Refuse what a rearm that waits for its restart leaves no room for; raises LicensingError."""
    if (service or computer.service).rearm_pending:
        raise LicensingError(SL_REARMED)


def product_of(computer: Computer, sku: Sku) -> ProductState:
    """The state of a license, made when there is none yet."""
    return computer.service_of(sku).products.setdefault(sku.id, ProductState(sku))


def put_key(computer: Computer, sku: Sku, key: str) -> ProductState:
    """Store a key with what comes with it, replacing the Windows key that was there unless it is that of an add-on. Sets no status."""
    if sku.application_id == WINDOWS and not sku.addon:
        for other in computer.service.keyed():
            if other.sku.application_id == WINDOWS and not other.sku.addon and other.sku.id != sku.id:
                _drop_key(computer, other)
        # A key that somebody installs ends the step up: whether real Windows keeps it is not known, and losing it is the stricter way.
        computer.service.subscription = None
    product = product_of(computer, sku)
    product.remove_key()
    product.key = key
    batch = computer.context.batch_activation
    is_shared = batch.listen is not None and batch.listen.shared_serials
    machine = "" if is_shared else computer.installation
    product.extended_pid = extended_pid(computer.os, machine, sku, key, when=computer.now(), lcid=computer.lcid)
    batch.register(product.extended_pid, _caller(computer, product))
    show_installation_id(computer, product)
    return product


def _caller(computer: Computer, product: ProductState) -> Caller:
    """Who shows an ID to Microsoft."""
    return Caller(computer.name, product.key, product.sku.channel, product=product.sku.id)


def show_installation_id(computer: Computer, product: ProductState) -> None:
    """Give a product with a key the installation ID of its hardware, and let Microsoft know it."""
    iid = installation_id(computer.os, computer.name, computer.hardware_changes, product.sku, product.key)
    product.installation_id = iid
    computer.context.telephone_activation.register(iid, _caller(computer, product))


def _drop_key(computer: Computer, product: ProductState) -> None:
    product.remove_key()
    service = computer.service_of(product.sku)
    service.hosts.pop(product.sku.id, None)
    if product.settings == KmsSettings():
        del service.products[product.sku.id]


def install_key(computer: Computer, text: str, skus: Mapping[str, Sku]) -> ProductState:
    """InstallProductKey into one of these licenses of one service. A refusal is event 1017.

    The new status shows after RefreshLicenseStatus; until then 0 with C004F034. OSPP has no such method and shows it at once.
    """
    try:
        sku = fitting_sku(computer, text, skus)
    except LicensingError as error:
        computer.log(1017, f"hr=0x{error.hresult:08X}", text[-5:] if FORM.fullmatch(text) else "", "", "?")
        raise
    unseen, product = computer.truths.new_products == "after_restart" and not product_of(computer, sku).keyed, put_key(computer, sku, text)
    product.status, product.reason, product.ends, product.is_unseen = UNLICENSED, REASON_NO_LICENSE, None, unseen
    service = computer.service_of(sku)
    service.stale = True
    if service is not computer.service or computer.truths.refresh == "not_needed":
        _settle_new_keys(computer, service)
    computer.log(1016, sku.id, product.extended_pid)
    return product


def fitting_sku(computer: Computer, text: str, skus: Mapping[str, Sku]) -> Sku:
    """The license a key installs into; raises LicensingError for one that is blocked, unknown or for another edition."""
    blocked = computer.context.faults.get(computer.name, "key_blocked")
    key = computer.context.keys.of(text)
    at_install = (blocked is not None and blocked.get("at", "install") == "install") or (key is not None and key.blocked == "install")
    if FORM.fullmatch(text) and at_install:
        raise LicensingError(SL_E_BLOCKED_PRODUCT_KEY)
    sku = other_editions.match(computer, text, skus)
    if sku.application_id == WINDOWS and not sku.addon and sku.channel in (GVLK, MAK) and kms_client.marker_refused(computer, "install"):
        raise LicensingError(kms_client.SL_E_VL_NOT_WINDOWS_SLP)
    return sku


def uninstall_key(computer: Computer, product: ProductState) -> None:
    """UninstallProductKey."""
    refuse_rearmed(computer, computer.service_of(product.sku))
    if not product.keyed:
        raise LicensingError(SL_E_PKEY_NOT_INSTALLED)
    computer.log(1018, product.sku.id, product.extended_pid)
    _drop_key(computer, product)
    computer.service_of(product.sku).stale = True


def refresh(computer: Computer) -> None:
    """RefreshLicenseStatus: newly keyed products enter their initial grace."""
    _settle_new_keys(computer, computer.service)


def _settle_new_keys(computer: Computer, service: ServiceState) -> None:
    for product in service.keyed():
        if product.status == UNLICENSED and product.reason == REASON_NO_LICENSE and service.stale:
            product.begin_grace(computer.now())
            if product.sku.channel == EVAL:
                product.ends = computer.now() + EVALUATION
    service.stale = False


def check_status(computer: Computer) -> None:
    """RefreshLicenseStatus from outside: what :func:`refresh` does, and an event 1003 for each application with its licenses."""
    refresh(computer)
    skus: dict[str, list[Sku]] = {}
    for sku in computer.skus().values():
        skus.setdefault(sku.application_id, []).append(sku)
    for application, licenses in skus.items():
        lines = (status_line(number, sku, computer) for number, sku in enumerate(licenses, 1))
        computer.log(1003, application, "\n" + "\n".join(lines) + "\n")


def status_line(number: int, sku: Sku, computer: Computer) -> str:
    """One license in an event 1003, in the form seen in public logs; the numbers nobody explains are those seen most."""
    product = computer.service.products.get(sku.id)
    if product is None or not product.keyed:
        return f"{number}: {sku.id}, 1, 0 [(0 [0x{SL_E_PKEY_NOT_INSTALLED:08X}, 0, 0], [(?)(?)(?)(?)(?)(?)])(1 )(2 )]"
    minutes = product.minutes_left(computer.now())
    volume = f"( 1 0x00000000 30 0 msft:rm/algorithm/volume/1.0 0x00000000 {minutes})" if sku.channel == GVLK else "(?)"
    code = 0 if product.status == LICENSED else product.reason
    return f"{number}: {sku.id}, 1, 1 [(0 [0x{code:08X}, {int(not code)}, 0], [(?)(?){volume}(?)(?)(?)])(1 )(2 )]"


def activate(computer: Computer, product: ProductState) -> None:
    """Activate, by whatever way the license is activated."""
    refuse_rearmed(computer, computer.service_of(product.sku))
    if not product.keyed:
        raise LicensingError(SL_E_PKEY_NOT_INSTALLED)
    product.settle(computer.now())
    try:
        if computer.service_of(product.sku) is computer.service:
            genuine.refuse_tampered(computer)
        if product.sku.channel == GVLK:
            kms_client.activate(computer, product)
        else:
            microsoft.activate_online(computer, product)
            computer.log(1013, product.sku.id)
    except LicensingError as error:
        product.retry_later(computer.now())
        if product.status == NOTIFICATION:
            product.reason = error.hresult
        if product.sku.channel != GVLK:
            computer.log(8200, f"{product.sku.id}\n0x{error.hresult:08X}")
            computer.log(1014, f"hr=0x{error.hresult:08X}", product.sku.id)
        raise
    computer.service_of(product.sku).stale = True


def deposit(computer: Computer, product: ProductState, iid: str, cid: str) -> None:
    """DepositOfflineConfirmationId."""
    refuse_rearmed(computer, computer.service_of(product.sku))
    if not product.keyed:
        raise LicensingError(SL_E_PKEY_NOT_INSTALLED)
    try:
        microsoft.deposit_confirmation(computer, product, iid, cid)
    except LicensingError as error:
        computer.log(1062, f"hr=0x{error.hresult:08X}", product.sku.id)
        raise
    computer.log(1072, product.sku.id)


def saved(computer: Computer) -> None:
    """Settings changed: the registry follows, when anybody ever looked at it."""
    if computer.has_registry:
        write_service(computer.registry, computer.service)
        write_ospp(computer)


def set_interval(computer: Computer, name: str, minutes: int) -> None:
    """SetVLActivationInterval, SetVLRenewalInterval: only on a KMS host, 15 to 43200 minutes.

    Which code a machine that is no host gives is not known; the lab gives E_INVALIDARG for both.
    """
    if not computer.service.hosts or minutes not in INTERVALS:
        raise LicensingError(E_INVALIDARG)
    setattr(computer.service, name, minutes)
    saved(computer)


def rearm(computer: Computer, *products: ProductState) -> None:
    """ReArmWindows without products, ReArmSku with them.

    Takes effect at the restart; SkipRearm=1 makes it do nothing.
    """
    refuse_rearmed(computer)
    skip = computer.registry.get(SPP, "SkipRearm")
    for target in products or (computer.service,):
        application, sku = (target.sku.application_id, target.sku.id) if isinstance(target, ProductState) else (WINDOWS, "")
        if skip is not None and skip.data == 1:
            computer.log(12307, application, sku)
            continue
        if target.rearms_left == 0:
            computer.log(8212, f"0x{SL_MAX_REARM_REACHED:08X}", application, sku, "0")
            raise LicensingError(SL_MAX_REARM_REACHED)
        target.rearms_left -= 1
        computer.service.rearming.add(sku or application)
        computer.log(12306, application, sku, str(target.rearms_left))


def restart(computer: Computer) -> None:
    """The machine restarts: services start, a pending rearm takes effect (new CMID, initial grace again, whatever was activated)."""
    computer.stopped.clear()
    computer.note_start()
    start_service(computer)
    start_office_service(computer)
    service = computer.service
    rearming, service.rearming = service.rearming, set()
    if WINDOWS in rearming:
        service.cmid = machine_uuid("cmid", computer.installation, service.rearms_left)
    for product in service.keyed():
        if rearming & {product.sku.application_id, product.sku.id}:
            product.forget_host()
            product.begin_grace(computer.now())


def start_service(computer: Computer) -> None:
    """sppsvc starts: it takes its settings from the registry, when anybody ever looked at that, and publishes its SRV records."""
    computer.stopped.discard("sppsvc")
    computer.service.started()
    ad_client.service_started(computer)
    if computer.has_registry:
        read_service(computer)
    computer.context.published(computer)


def start_office_service(computer: Computer) -> None:
    """osppsvc starts: it takes its settings from the registry, when anybody ever looked at that."""
    computer.stopped.discard("osppsvc")
    if computer.has_registry and computer.office_licenses is not None:
        read_ospp(computer)


def rearm_office(computer: Computer, service: ServiceState) -> None:
    """Rearm all of Office in one licensing service: ReArmApp, and OSPPREARM.EXE; raises LicensingError.

    Office facts section 1.2: five times, and once more after an activation by a KMS host. In the service of Windows the rearm waits for the
    restart, in OSPP it takes effect at once, and the CMID is another one.
    """
    refuse_rearmed(computer, service)
    if service.office_rearms_left == 0:
        computer.log(8212, f"0x{SL_MAX_REARM_REACHED:08X}", OFFICE, "", "0")
        raise LicensingError(SL_MAX_REARM_REACHED)
    service.office_rearms_left -= 1
    service.office_rearms_made += 1
    computer.log(12306, OFFICE, "", str(service.office_rearms_left))
    if service is computer.service:
        service.rearming.add(OFFICE)
        return
    service.cmid = machine_uuid("ospp cmid", computer.installation, service.office_rearms_made)
    for product in service.keyed():
        product.forget_host()
        product.begin_grace(computer.now())
