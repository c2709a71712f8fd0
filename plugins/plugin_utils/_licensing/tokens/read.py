# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries that read the issuance licenses of token-based activation.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Windows has the class since Windows 7 and Windows Server 2008 R2. Office that has its own licensing service has its own class.
"""

from __future__ import annotations

from ..._cim.session import CimError, CimInstance, CimSession, MalformedResponseError
from ..state.model import OSPP_SERVICE, Application, LicensedProduct, OperatingSystem
from ..state.read import each_once
from ..state.served import shares_service_with_office, version_of
from ..state.wmi_classes import query_optional, query_required
from .model import OSPP_TOKEN_LICENSE, SPP_TOKEN_LICENSE, TokenLicense
from .parse import read_token_license

WINDOWS_7 = (6, 1)


def has_token_licenses(os: OperatingSystem) -> bool:
    """Return whether this Windows has the class of issuance licenses."""
    return version_of(os) >= WINDOWS_7


def token_license_class(service_class: str) -> str:
    """Return the class of the issuance licenses of a licensing service."""
    return OSPP_TOKEN_LICENSE if service_class == OSPP_SERVICE else SPP_TOKEN_LICENSE


def read_token_licenses(session: CimSession, class_name: str = SPP_TOKEN_LICENSE) -> tuple[TokenLicense, ...]:
    """Read the issuance licenses of a licensing service that exists. One query.

    Raises WmiRepositoryError if the class is missing, MalformedResponseError, CimError, and UnreachableError.
    """
    windows = "Windows since Windows 7 and Windows Server 2008 R2"
    return _each_once(query_required(session, f"SELECT * FROM {class_name}", class_name, windows))


def read_of_applications(
    session: CimSession, os: OperatingSystem, applications: frozenset[Application]
) -> tuple[tuple[TokenLicense, ...] | None, CimError | None]:
    """Read the issuance licenses for these applications, and the error if those of Office could not be read. One or two queries.

    The first value is None if this Windows does not have the class. Since Windows 8, one class has those of Windows and of Office.
    """
    if not has_token_licenses(os):
        return None, None
    found: tuple[TokenLicense, ...] = ()
    if Application.WINDOWS in applications or shares_service_with_office(os):
        found = read_token_licenses(session)
    if Application.OFFICE not in applications:
        return found, None
    of_office, problem = query_optional(session, f"SELECT * FROM {OSPP_TOKEN_LICENSE}")
    return (*found, *_each_once(of_office)), problem


def read_keyed_products(session: CimSession, product_class: str) -> tuple[LicensedProduct, ...]:
    """Read the products of a licensing service that have a key, of all applications. One query."""
    return each_once(session.query(f"SELECT * FROM {product_class} WHERE PartialProductKey IS NOT NULL"))


def _each_once(found: list[CimInstance]) -> tuple[TokenLicense, ...]:
    """Return the licenses in the order of their IDs and versions. Raises MalformedResponseError if the machine lists a license twice."""
    licenses = sorted(map(read_token_license, found), key=lambda each: (each.issuance, each.license_id))
    keys = [each.license_id.lower() for each in licenses]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise MalformedResponseError(f"the machine lists the issuance license {twice} more than once.")
    return tuple(licenses)


__all__ = ["has_token_licenses", "read_keyed_products", "read_of_applications", "read_token_licenses", "token_license_class"]
