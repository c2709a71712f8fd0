# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OfficeSoftwareProtectionService and OfficeSoftwareProtectionProduct: the licensing service of Office 2010, and of any Office on 6.1.

Which methods there are: Office facts section 1.1. Those the facts have by analogy only are not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ..interfaces import MethodAnswer, Value
from . import license_files, spp, spp_methods, spp_view, wmi_faults
from .arguments import Argument
from .computer import Computer
from .provider import Row, selected_skus, wanted
from .schema import licensing_class
from .state import ProductState
from .wql import Comparison

SERVICE, PRODUCT = "OfficeSoftwareProtectionService", "OfficeSoftwareProtectionProduct"
VERSION = "14.0.370.400"
_CLASSES = "officesoftwareprotection"


def is_missing(computer: Computer, class_name: str) -> bool:
    """Whether a class is one of Office, and this computer has no Office that brings it."""
    return class_name.casefold().startswith(_CLASSES) and computer.office_licenses is None


def services(computer: Computer, _tests: Sequence[Comparison]) -> Iterable[Row]:
    """The one instance of the service."""
    cim = licensing_class(SERVICE, computer.os.version)
    assert cim is not None
    service = computer.ospp
    values: Mapping[str, Value] = {
        **spp_view.UNSET_NUMBERS, "Version": VERSION, "ClientMachineID": service.cmid,
        "KeyManagementServiceMachine": service.settings.host or None, "KeyManagementServicePort": service.settings.port,
        "KeyManagementServiceHostCaching": service.host_caching, "KeyManagementServiceActivationDisabled": service.activation_disabled,
        "VLActivationInterval": service.activation_interval, "VLRenewalInterval": service.renewal_interval,
        "PolicyCacheRefreshRequired": int(service.stale), "KeyManagementServiceDnsPublishing": True,
    }  # fmt: skip
    return ({name: values.get(name, spp_view.ZERO[cim_type]) for name, cim_type in cim.properties.items()},)


def products(computer: Computer, tests: Sequence[Comparison]) -> Iterable[Row]:
    """A product for each license."""
    now = computer.now()
    for sku in selected_skus(tests, computer.ospp_skus, computer.ospp):
        if wanted(tests, "applicationid") in (None, sku.application_id):
            yield spp_view.product_values(computer, sku, now, PRODUCT)


def _install_license(computer: Computer, arguments: Mapping[str, Argument]) -> None:
    assert computer.office_licenses is not None
    applications = license_files.applications_of(computer.os.generation, of_office=True)
    license_files.install(computer.office_licenses, applications, str(arguments["License"]))


def _set_caching(computer: Computer, arguments: Mapping[str, Argument]) -> None:
    computer.ospp.host_caching = not arguments["DisableCaching"]
    spp.saved(computer)


def _set_activation(computer: Computer, arguments: Mapping[str, Argument]) -> None:
    computer.ospp.activation_disabled = bool(arguments["DisableActivation"])


_METHODS: Mapping[str, Callable[[Computer, Mapping[str, Argument]], object]] = {
    "InstallProductKey": lambda computer, given: spp.install_key(computer, str(given["ProductKey"]), computer.ospp_skus()),
    "InstallLicense": _install_license,
    "DisableKeyManagementServiceHostCaching": _set_caching,
    "DisableKeyManagementServiceActivation": _set_activation,
}


def call(computer: Computer, keys: Mapping[str, str], method: str, arguments: Mapping[str, Argument]) -> MethodAnswer:
    """A method of the service."""
    if keys["Version"] != VERSION:
        raise wmi_faults.no_instance(SERVICE, dict(keys))
    _METHODS[method](computer, arguments)
    return MethodAnswer(0)


def call_product(computer: Computer, keys: Mapping[str, str], method: str, arguments: Mapping[str, Argument]) -> MethodAnswer:
    """A method of a product."""
    sku = computer.ospp_skus().get(keys["ID"].casefold())
    if sku is None:
        raise wmi_faults.no_instance(PRODUCT, dict(keys))
    return spp_methods.product_method(computer, computer.ospp.products.get(sku.id) or ProductState(sku), method, arguments)
