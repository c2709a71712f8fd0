# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The methods of SoftwareLicensingService that make activation objects: they write into the directory as the caller.

Facts: Office and AD facts section 2.3. The key goes with the call and is not installed. What costs an activation, and where a failure
comes from, is in README.md, section Directories.
"""

from __future__ import annotations

from typing import Any

from ..caller import CALLER, Caller
from . import activation_objects, microsoft, spp
from .catalog import CSVLK, Sku
from .computer import Computer
from .directories import OPERATIONS_ERROR, SERVER_DOWN, DomainDirectory
from .facts import OFFICE_2010
from .identity import confirmation_id, extended_pid, installation_id
from .keys import SL_E_INVALID_PRODUCT_KEY
from .state import ProductState
from .telephone_activation import Caller as TelephoneCaller
from .wmi_faults import LicensingError

ERROR_NO_SUCH_DOMAIN = 0x8007054B
SL_E_VL_AD_AO_NAME_TOO_LONG = 0xC004F082
NO_SECOND_HOP = OPERATIONS_ERROR
"""What ADSI says when a request arrives without an identity; the code of the licensing service is not known."""
LONGEST_NAME = 64


def create_online(computer: Computer, key: str, name: str) -> None:
    """DoActiveDirectoryOnlineActivation: one activation of the key over the internet, and the object. Raises LicensingError."""
    directory, sku = _directory(computer), _host_sku(computer, key)
    chosen = _name(name, sku)
    caller = _caller(computer)
    product = ProductState(sku, key=key)
    microsoft.refuse_offline(computer)
    microsoft.spend(computer, product)
    _write(computer, directory, caller, chosen, _attributes(computer, sku, key))


def offline_id(computer: Computer, key: str) -> str:
    """GenerateActiveDirectoryOfflineActivationId: the installation ID of the forest for the telephone. Raises LicensingError."""
    _directory(computer)
    sku = _host_sku(computer, key)
    iid = _forest_id(computer, sku, key)
    computer.context.telephone_activation.register(iid, TelephoneCaller(computer.name, key, CSVLK, product=sku.id))
    return iid


def deposit(computer: Computer, key: str, confirmation: str, name: str) -> None:
    """DepositActiveDirectoryOfflineActivationConfirmation: the object, for the answer of the telephone. Raises LicensingError."""
    directory, sku = _directory(computer), _host_sku(computer, key)
    chosen = _name(name, sku)
    microsoft.check_form(confirmation)
    iid = _forest_id(computer, sku, key)
    if confirmation != confirmation_id(iid):
        raise LicensingError(microsoft.SL_E_CIDIID_MISMATCHED)
    made = activation_objects.by_telephone(_attributes(computer, sku, key), iid, confirmation)
    _write(computer, directory, _caller(computer), chosen, made)


def _directory(computer: Computer) -> DomainDirectory:
    directory = computer.context.directories.of(computer)
    if directory is None:
        raise LicensingError(SERVER_DOWN if computer.context.directories.has(computer.domain) else ERROR_NO_SUCH_DOMAIN)
    return directory


def _host_sku(computer: Computer, key: str) -> Sku:
    """The license of a host key that could be installed here; raises LicensingError for any other key."""
    sku = spp.fitting_sku(computer, key, computer.skus())
    if sku.channel != CSVLK or sku.host_key is None or sku.application_id == OFFICE_2010:
        raise LicensingError(SL_E_INVALID_PRODUCT_KEY)
    return sku


def _name(name: str, sku: Sku) -> str:
    if len(name) > LONGEST_NAME:
        raise LicensingError(SL_E_VL_AD_AO_NAME_TOO_LONG)
    assert sku.host_key is not None
    return name or f"{sku.host_key.name} activation object"


def _caller(computer: Computer) -> str:
    """The account that the directory sees; raises LicensingError where the machine cannot log on as the caller."""
    caller = CALLER.get() or Caller(computer.first_account, delegates=True)
    if not (caller.delegates or computer.domain_controller):
        raise LicensingError(NO_SECOND_HOP)
    return caller.user


def _forest_id(computer: Computer, sku: Sku, key: str) -> str:
    return installation_id(computer.os, f"forest of {computer.domain}", 0, sku, key)


def _attributes(computer: Computer, sku: Sku, key: str) -> dict[str, Any]:
    pid = extended_pid(computer.os, f"forest of {computer.domain}", sku, key, when=computer.now(), lcid=computer.lcid)
    return activation_objects.attributes(sku, key, pid)


def _write(computer: Computer, directory: DomainDirectory, user: str, name: str, attributes: dict[str, Any]) -> None:
    if computer.fault("directory_down"):
        raise LicensingError(SERVER_DOWN)
    plain = user.rpartition("\\")[2].partition("@")[0]
    directory.add_as(plain, computer.password_of(user) or "", name, {**attributes, "displayName": name})
