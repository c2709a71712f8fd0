# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""OfficeSoftwareProtectionService and OfficeSoftwareProtectionProduct: the licensing service of Office 2010, and of any Office on 6.1.

It takes license files and lists their products, none of which has a key. Keys and activation are not simulated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..interfaces import MethodAnswer, Value
from . import license_files, wmi_faults
from .arguments import Argument
from .computer import Computer
from .identity import machine_uuid
from .provider import Row, wanted
from .schema import licensing_class
from .spp_view import ZERO
from .wmi_faults import LicensingError
from .wql import Comparison

SERVICE, PRODUCT = "OfficeSoftwareProtectionService", "OfficeSoftwareProtectionProduct"
VERSION = "14.0.370.400"
E_NOTIMPL = 0x80004001
SL_E_PKEY_NOT_INSTALLED = 0xC004F014


def is_missing(computer: Computer, class_name: str) -> bool:
    """Whether a class is one of Office, and this computer has no Office that brings it."""
    return class_name.casefold() in (SERVICE.casefold(), PRODUCT.casefold()) and computer.office_licenses is None


def _row(class_name: str, computer: Computer, values: Mapping[str, Value]) -> Row:
    cim = licensing_class(class_name, computer.os.version)
    assert cim is not None
    return {name: values.get(name, ZERO[cim_type]) for name, cim_type in cim.properties.items()}


def services(computer: Computer, _tests: Sequence[Comparison]) -> Iterable[Row]:
    """The one instance of the service."""
    return (_row(SERVICE, computer, {"Version": VERSION, "ClientMachineID": machine_uuid("ospp cmid", computer.installation)}),)


def products(computer: Computer, tests: Sequence[Comparison]) -> Iterable[Row]:
    """A product for each license."""
    identity = wanted(tests, "id")
    for sku in computer.office_licenses.skus.values() if computer.office_licenses else ():
        if identity in (None, sku.id):
            known: Mapping[str, Value] = {
                "ID": sku.id, "Name": sku.name, "Description": sku.description, "ApplicationID": sku.application_id,
                "LicenseFamily": sku.family, "LicenseStatusReason": SL_E_PKEY_NOT_INSTALLED,
            }  # fmt: skip
            yield _row(PRODUCT, computer, known)


def call(computer: Computer, keys: Mapping[str, str], method: str, arguments: Mapping[str, Argument]) -> MethodAnswer:
    """A method of the service."""
    if keys["Version"] != VERSION:
        raise wmi_faults.no_instance(SERVICE, dict(keys))
    if method != "InstallLicense" or computer.office_licenses is None:
        raise LicensingError(E_NOTIMPL)
    applications = license_files.applications_of(computer.os.generation, of_office=True)
    license_files.install(computer.office_licenses, applications, str(arguments["License"]))
    return MethodAnswer(0)
