# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The classes with the issuance licenses of token-based activation, and what removing one does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..interfaces import MethodAnswer
from . import wmi_faults
from .arguments import Argument
from .catalog import Sku
from .computer import Computer
from .license_files import Licenses
from .provider import Call, Provider, Row
from .state import ServiceState
from .wql import Comparison

OF_WINDOWS, OF_OFFICE = "SoftwareLicensingTokenActivationLicense", "OfficeSoftwareProtectionTokenActivationLicense"


def _licenses(computer: Computer, of_office: bool) -> tuple[Licenses, Mapping[str, Sku], ServiceState]:
    if not of_office:
        return computer.licenses, computer.skus(), computer.service
    return computer.office_licenses or Licenses(), computer.ospp_skus(), computer.ospp


def rows_of(computer: Computer, *, of_office: bool = False) -> Iterable[Row]:
    """An instance for each issuance license of one licensing service."""
    licenses, skus, _service = _licenses(computer, of_office)
    clients = [sku.id for sku in skus.values() if sku.volume_client]
    for issued in licenses.tokens.values():
        sku = skus.get(issued.activation_id)
        yield issued.values("" if sku is None else sku.description, issued.authorization(clients, computer.now()))


def _uninstall(computer: Computer, identity: str, of_office: bool) -> None:
    """Uninstall: a product that this license activated is not activated any more."""
    licenses, _skus, service = _licenses(computer, of_office)
    issued = licenses.tokens.pop(identity, None)
    if issued is None:
        raise wmi_faults.no_instance(OF_OFFICE if of_office else OF_WINDOWS, {"ID": identity})
    product = service.products.get(issued.activation_id)
    if product is not None and product.token is not None and product.token.issued.license_id == identity:
        product.lose_token()
        service.stale = True


def provider(*, of_office: bool) -> Provider:
    """The class of one licensing service."""

    def rows(computer: Computer, _tests: Sequence[Comparison]) -> Iterable[Row]:
        return rows_of(computer, of_office=of_office)

    def call(computer: Computer, keys: Mapping[str, str], _method: str, _arguments: Mapping[str, Argument]) -> MethodAnswer:
        _uninstall(computer, keys["ID"].casefold(), of_office)
        return MethodAnswer(0)

    run: Call = call
    return Provider(rows, run)
