# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Methods of SoftwareLicensingService and SoftwareLicensingProduct, which belongs to which as in the facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..interfaces import MethodAnswer
from . import ad_methods, license_files, spp
from .arguments import Argument
from .computer import Computer
from .facts import WINDOWS
from .state import KmsSettings, ProductState
from .wmi_faults import LicensingError

Arguments = Mapping[str, Argument]
E_INVALIDARG = 0x80070057
HRESULT_NOT_FOUND = 0x80070490
SL_E_VALUE_NOT_FOUND = 0xC004F012
SL_E_TKA_GRANT_NOT_FOUND = 0xC004F304


def _setting(computer: Computer, settings: KmsSettings, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    spp.saved(computer)


def _text(arguments: Arguments, name: str) -> str:
    value = str(arguments[name]).strip()
    if not value:
        raise LicensingError(E_INVALIDARG)
    return value


def _number(arguments: Arguments, name: str, low: int, high: int) -> int:
    value = arguments[name]
    if not isinstance(value, int) or not low <= value <= high:
        raise LicensingError(E_INVALIDARG)
    return value


def _kms_setting(computer: Computer, settings: KmsSettings, method: str, arguments: Arguments) -> bool:
    """Settings both classes have; False when the method is none of them."""
    if method == "SetKeyManagementServiceMachine":
        _setting(computer, settings, host=_text(arguments, "MachineName"))
    elif method == "ClearKeyManagementServiceMachine":
        _setting(computer, settings, host="")
    elif method == "SetKeyManagementServicePort":
        _setting(computer, settings, port=_number(arguments, "PortNumber", 1, 65535))
    elif method == "ClearKeyManagementServicePort":
        _setting(computer, settings, port=0)
    elif method == "SetKeyManagementServiceLookupDomain":
        _setting(computer, settings, lookup_domain=_text(arguments, "LookupDomain"))
    elif method == "ClearKeyManagementServiceLookupDomain":
        _setting(computer, settings, lookup_domain="")
    elif method == "SetVLActivationTypeEnabled":
        _setting(computer, settings, activation_type=_number(arguments, "ActivationType", 1, 3))
    elif method == "ClearVLActivationTypeEnabled":
        _setting(computer, settings, activation_type=0)
    else:
        return False
    return True


def _flag(computer: Computer, name: str, value: bool) -> None:
    setattr(computer.service, name, value)
    spp.saved(computer)


def _rearm_app(computer: Computer, arguments: Arguments) -> None:
    application = _text(arguments, "ApplicationId").casefold()
    if application == WINDOWS:
        spp.rearm(computer)
        return
    keyed = [product for product in computer.service.keyed() if product.sku.application_id == application]
    if not keyed:
        raise LicensingError(HRESULT_NOT_FOUND)
    spp.rearm_office(computer, computer.service)


def _clear_key(_computer: Computer, _arguments: Arguments) -> None:
    """ClearProductKeyFromRegistry: the licensing state keeps everything; the lab's registry never holds a whole key."""


def _install_key(computer: Computer, arguments: Arguments) -> None:
    spp.refuse_rearmed(computer)
    spp.install_key(computer, str(arguments["ProductKey"]), computer.skus())


def _install_license(computer: Computer, arguments: Arguments) -> None:
    applications = license_files.applications_of(computer.os.generation, of_office=False)
    license_files.install(computer.licenses, applications, str(arguments["License"]))


def _no_package(_computer: Computer, _arguments: Arguments) -> None:
    raise LicensingError(license_files.SL_E_INVALID_LICENSE)


_SERVICE: Mapping[str, Callable[[Computer, Arguments], object]] = {
    "InstallProductKey": _install_key,
    "RefreshLicenseStatus": lambda computer, _given: spp.check_status(computer),
    "ClearProductKeyFromRegistry": _clear_key,
    "ReArmWindows": lambda computer, _given: spp.rearm(computer),
    "ReArmApp": _rearm_app,
    "SetKeyManagementServiceListeningPort": lambda computer, given: _listen(computer, _number(given, "PortNumber", 1, 65535)),
    "ClearKeyManagementServiceListeningPort": lambda computer, _given: _listen(computer, 0),
    "DisableKeyManagementServiceDnsPublishing": lambda computer, given: _publish(computer, not given["DisablePublishing"]),
    "EnableKeyManagementServiceLowPriority": lambda computer, given: _flag(computer, "low_priority", bool(given["EnableLowPriority"])),
    "DisableKeyManagementServiceHostCaching": lambda computer, given: _flag(computer, "host_caching", not given["DisableCaching"]),
    "DisableKeyManagementServiceActivation": lambda computer, given: _flag(
        computer, "activation_disabled", bool(given["DisableActivation"])
    ),
    "SetVLActivationInterval": lambda computer, given: spp.set_interval(
        computer, "activation_interval", int(str(given["ActivationInterval"]))
    ),
    "SetVLRenewalInterval": lambda computer, given: spp.set_interval(computer, "renewal_interval", int(str(given["RenewalInterval"]))),
    "InstallLicense": _install_license,
    "InstallLicensePackage": _no_package,
    "AcquireGenuineTicket": lambda _computer, _given: None,
}
DIRECTORY_METHODS = (
    "DoActiveDirectoryOnlineActivation",
    "GenerateActiveDirectoryOfflineActivationId",
    "DepositActiveDirectoryOfflineActivationConfirmation",
)
"""Methods that act on the directory. They need no administrator of the machine."""


def _directory_method(computer: Computer, method: str, arguments: Arguments) -> MethodAnswer:
    key, name = str(arguments["ProductKey"]), str(arguments.get("ActivationObjectName") or "")
    if method == DIRECTORY_METHODS[0]:
        ad_methods.create_online(computer, key, name)
    elif method == DIRECTORY_METHODS[1]:
        return MethodAnswer(0, {"InstallationID": ad_methods.offline_id(computer, key)})
    else:
        ad_methods.deposit(computer, key, str(arguments["ConfirmationID"]), name)
    return MethodAnswer(0)


def _listen(computer: Computer, port: int) -> None:
    computer.service.listening_since_start = computer.service.port_in_use
    computer.service.listening_port = port
    spp.saved(computer)


def _publish(computer: Computer, wanted: bool) -> None:
    computer.service.publishing_since_start = computer.service.publishing_in_use
    _flag(computer, "dns_publishing", wanted)


def service_method(computer: Computer, method: str, arguments: Arguments) -> MethodAnswer:
    """Run a method of SoftwareLicensingService; raises LicensingError."""
    if method in DIRECTORY_METHODS:
        return _directory_method(computer, method, arguments)
    if not _kms_setting(computer, computer.service.settings, method, arguments):
        _SERVICE[method](computer, arguments)
    return MethodAnswer(0)


def product_method(computer: Computer, product: ProductState, method: str, arguments: Arguments) -> MethodAnswer:
    """Run a method of a SoftwareLicensingProduct or an OfficeSoftwareProtectionProduct; raises LicensingError."""
    if _kms_setting(computer, product.settings, method, arguments):
        computer.service_of(product.sku).products.setdefault(product.sku.id, product)
        spp.saved(computer)
    elif method == "Activate":
        spp.activate(computer, product)
    elif method == "UninstallProductKey":
        spp.uninstall_key(computer, product)
    elif method == "DepositOfflineConfirmationId":
        spp.deposit(computer, product, str(arguments["InstallationId"]), str(arguments["ConfirmationId"]))
    elif method == "ReArmSku":
        spp.rearm(computer, product)
    elif method == "GetTokenActivationGrants":
        return MethodAnswer(0, {"Grants": ()})
    else:
        raise LicensingError(SL_E_VALUE_NOT_FOUND if method.startswith("GetPolicyInformation") else SL_E_TKA_GRANT_NOT_FOUND)
    return MethodAnswer(0)
