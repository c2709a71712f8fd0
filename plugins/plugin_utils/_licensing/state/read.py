# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries that read the licensing state of a machine.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

WMI rejects a query with an unknown column. The queries therefore read all columns. Only the query of the operating system names columns,
which exist on every Windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..._cim.session import CimError, CimInstance, CimSession, MalformedResponseError
from ..catalog.rights import with_right
from ..problems import LicensingError
from . import subscription, wql
from .model import (
    OFFICE_2010_ID,
    OFFICE_ID,
    OSPP_PRODUCT,
    OSPP_SERVICE,
    SPP_PRODUCT,
    SPP_SERVICE,
    WINDOWS_ID,
    ActivationState,
    Application,
    LicensedProduct,
    LicensingService,
    OperatingSystem,
)
from .parse import read_operating_system, read_product, read_service
from .served import Served, shares_service_with_office
from .wmi_classes import query_optional, query_required

OS_QUERY = "SELECT CSName,Caption,Version,BuildNumber,ProductType,OSLanguage,LocalDateTime,CurrentTimeZone FROM Win32_OperatingSystem"
_KEYED = "PartialProductKey IS NOT NULL"

_IDS_OF_A_QUERY = 20
"""Maximum number of IDs in a query. WMI rejects a query with too many conditions."""

_VISTA_OR_LATER = "Windows since Vista and Server 2008"

SINCE_VISTA = Served()
_HOSTS_SINCE_VISTA = Served("cannot be a KMS host with the classes that this module uses", "Use Windows Server 2008 R2 or later.")


def read_state(
    session: CimSession,
    applications: frozenset[Application] = frozenset({Application.WINDOWS}),
    include_unkeyed: bool = False,
    served: Served = SINCE_VISTA,
) -> ActivationState:
    """Read one machine: three queries for Windows, or for Office since Windows 8, and one more for the older licensing service of Office.

    Raises TaskRefusedError for a Windows that is not `served`, LicensingError if the machine does not have a licensing service,
    MalformedResponseError for invalid data, CimError, and UnreachableError.
    """
    os = read_os(session)
    older = served.reader_for(os)
    if older:
        return older.read(session, os, applications)
    service = read_spp_service(session)
    products, problem = _read_products(session, os, applications, include_unkeyed)
    office_service, unread = _read_ospp_service(session, os, products, applications)
    notes = notes_of(problem or unread)
    return subscription.with_subscription(ActivationState(os, service, products, applications, office_service, notes=notes))


def read_office(
    session: CimSession, os: OperatingSystem, applications: frozenset[Application]
) -> tuple[tuple[LicensedProduct, ...], LicensingService | None, tuple[str, ...]]:
    """Read the Office products with a key and the licensing service of Office, if Office is one of the applications.

    The third value lists the data that could not be read. Raises CimError and UnreachableError.
    """
    office = applications & {Application.OFFICE}
    products, problem = _read_products(session, os, office, include_unkeyed=False)
    service, unread = _read_ospp_service(session, os, products, office)
    return products, service, notes_of(problem or unread)


def read_without_licenses(session: CimSession) -> ActivationState:
    """Read only the operating system, for a machine that does not return its licenses. One query."""
    return ActivationState(read_os(session), LicensingService(""), ())


def read_volume_licenses_of_office(session: CimSession, os: OperatingSystem) -> tuple[tuple[LicensedProduct, ...], CimError | None]:
    """Read the licenses of Office for KMS clients, with or without a key, and the error if they could not be read. One or two queries."""
    found: list[CimInstance] = []
    problem = None
    for class_name in (SPP_PRODUCT, OSPP_PRODUCT) if shares_service_with_office(os) else (OSPP_PRODUCT,):
        scope = f"ApplicationID={wql.literal(OFFICE_ID)} AND " if class_name == SPP_PRODUCT else ""
        listed, failure = query_optional(session, f"SELECT * FROM {class_name} WHERE {scope}Description LIKE '%KMSCLIENT%'")
        found, problem = found + listed, problem or failure
    return each_once(found), problem


def read_again(session: CimSession, state: ActivationState) -> ActivationState:
    """Read the products and the service again after a change (two queries for Windows). The operating system is not read again.

    Also raises CimError if a class can no longer be read, because its products still exist.
    """
    products, problem = _read_products(session, state.os, state.applications, include_unkeyed=False)
    if problem and not state.notes:
        raise problem
    return subscription.with_subscription(replace(state, service=read_service_again(session, state.service), products=products))


def read_hosting(session: CimSession) -> ActivationState:
    """Read the KMS host data of a machine, for Windows and Office. Three queries.

    KMS host keys of Office belong to the licensing service of Windows on every version. Raises as :func:`read_state`.
    """
    os = read_os(session)
    _HOSTS_SINCE_VISTA.reader_for(os)
    return subscription.with_subscription(ActivationState(os, read_spp_service(session), _read_all_keyed(session), frozenset(Application)))


def read_hosting_again(session: CimSession, state: ActivationState) -> ActivationState:
    """Read the KMS host data again after a change. Two queries."""
    return subscription.with_subscription(
        replace(state, service=read_service_again(session, state.service), products=_read_all_keyed(session))
    )


def _read_all_keyed(session: CimSession) -> tuple[LicensedProduct, ...]:
    found = query_required(session, f"SELECT * FROM {SPP_PRODUCT} WHERE {_KEYED}", SPP_PRODUCT, _VISTA_OR_LATER)
    return each_once(found)


def existing_ids(session: CimSession, activation_ids: Sequence[str], class_name: str = SPP_PRODUCT) -> frozenset[str]:
    """Return the activation IDs for which the machine has a license, with or without a key. One query for 20 IDs."""
    found: set[str] = set()
    for start in range(0, len(activation_ids), _IDS_OF_A_QUERY):
        wanted = " OR ".join(f"ID={wql.literal(identity)}" for identity in activation_ids[start : start + _IDS_OF_A_QUERY])
        found.update((each.text("ID") or "").lower() for each in session.query(f"SELECT ID FROM {class_name} WHERE {wanted}"))
    return frozenset(found)


def find_service(session: CimSession, class_name: str) -> LicensingService | None:
    """Read the licensing service of Windows or Office, or return None if Office does not have one. One query.

    Raises WmiRepositoryError if the licensing service of Windows is missing, and CimError.
    """
    if class_name == SPP_SERVICE:
        return read_spp_service(session)
    found, problem = query_optional(session, f"SELECT * FROM {class_name}")
    if problem:
        raise problem
    return read_service(_only(found, class_name)) if found else None


def with_all_products(session: CimSession, state: ActivationState) -> ActivationState:
    """Return the state with the products of the applications that were not read yet. One or two queries."""
    missing = frozenset(Application) - state.applications
    others, problem = _read_products(session, state.os, missing, include_unkeyed=False)
    products = (*state.products, *others)
    office, unread = _read_ospp_service(session, state.os, products, missing)
    return replace(
        state,
        products=products,
        applications=frozenset(Application),
        office_service=state.office_service or office,
        notes=state.notes or notes_of(problem or unread),
    )


def read_mak_editions(session: CimSession) -> frozenset[str]:
    """Read the editions (LicenseFamily) of Windows for which the machine has a license that accepts a MAK. One query.

    The query is slow on Windows 10 and later, which have hundreds of licenses. Use it only before a key is installed.
    """
    query = f"SELECT ID,LicenseFamily FROM {SPP_PRODUCT} WHERE ApplicationID={wql.literal(WINDOWS_ID)} AND Description LIKE '%MAK%'"
    return frozenset(family for instance in session.query(query) if (family := instance.text("LicenseFamily")))


def read_service_again(session: CimSession, service: LicensingService) -> LicensingService:
    """Read the service again. One query."""
    return read_service(_only(session.query(f"SELECT * FROM {service.class_name}"), service.class_name))


def read_product_by_id(session: CimSession, product: LicensedProduct) -> LicensedProduct | None:
    """Read the product again, or return None if it no longer exists. One query."""
    found = session.query(f"SELECT * FROM {product.class_name} WHERE ID={wql.literal(product.activation_id)}")
    return next(iter(each_once(found)), None)


def read_license(session: CimSession, activation_id: str, class_name: str = SPP_PRODUCT) -> LicensedProduct | None:
    """Read a license by its ID, with or without a key, or return None if it does not exist. One query."""
    query = f"SELECT * FROM {class_name} WHERE ID={wql.literal(activation_id)}"
    found = session.query(query) if class_name == SPP_PRODUCT else query_optional(session, query)[0]
    return next(iter(each_once(found)), None)


def read_products_by_key(
    session: CimSession, class_name: str, application_ids: tuple[str, ...], partial_product_key: str
) -> tuple[LicensedProduct, ...]:
    """Read the products of an application by the last five characters of their key. One query."""
    applications = " OR ".join(f"ApplicationID={wql.literal(identity)}" for identity in application_ids)
    scope = applications if len(application_ids) == 1 else f"({applications})"
    found = session.query(f"SELECT * FROM {class_name} WHERE {scope} AND PartialProductKey={wql.literal(partial_product_key)}")
    return each_once(found)


def _read_products(
    session: CimSession, os: OperatingSystem, applications: frozenset[Application], include_unkeyed: bool
) -> tuple[tuple[LicensedProduct, ...], CimError | None]:
    """Read the products of the applications, in the order of the machine, and the error if those of Office could not be read.

    The KMS host key of Office 2010 belongs to the licensing service of Windows, with the application ID of Office 2010.
    """
    found: list[CimInstance] = []
    problem = None
    of_windows = [WINDOWS_ID] if Application.WINDOWS in applications else []
    since_2013 = [OFFICE_ID] if Application.OFFICE in applications and shares_service_with_office(os) else []
    if of_windows or since_2013:
        host_key_of_2010 = [OFFICE_2010_ID] if Application.OFFICE in applications else []
        query = _product_query(SPP_PRODUCT, (*of_windows, *since_2013, *host_key_of_2010), include_unkeyed)
        found += query_required(session, query, SPP_PRODUCT, _VISTA_OR_LATER)
    if Application.OFFICE in applications:
        of_office, problem = query_optional(session, _product_query(OSPP_PRODUCT, (), include_unkeyed))
        found += of_office
    return each_once(found), problem


def notes_of(problem: CimError | str | None) -> tuple[str, ...]:
    """Return the note about Office licenses that could not be read; empty without a problem."""
    text = with_right(problem) if isinstance(problem, CimError) else problem
    return (f"The licensing classes of Office could not be read: {text}",) if text else ()


def read_os(session: CimSession) -> OperatingSystem:
    """Read the operating system. One query."""
    return read_operating_system(_only(query_required(session, OS_QUERY, "Win32_OperatingSystem"), "Win32_OperatingSystem"))


def _product_query(class_name: str, application_ids: tuple[str, ...], include_unkeyed: bool) -> str:
    scope = " OR ".join(f"ApplicationID={wql.literal(identity)}" for identity in application_ids)
    conditions = [f"({scope})" if len(application_ids) > 1 else scope] if scope else []
    conditions += [] if include_unkeyed else [_KEYED]
    return f"SELECT * FROM {class_name}" + (f" WHERE {' AND '.join(conditions)}" if conditions else "")


def read_spp_service(session: CimSession) -> LicensingService:
    """Read the licensing service of Windows Vista or later. If it is missing, WMI is damaged. One query."""
    return read_service(_only(query_required(session, f"SELECT * FROM {SPP_SERVICE}", SPP_SERVICE, _VISTA_OR_LATER), SPP_SERVICE))


def _read_ospp_service(
    session: CimSession, os: OperatingSystem, products: tuple[LicensedProduct, ...], applications: frozenset[Application]
) -> tuple[LicensingService | None, CimError | str | None]:
    """Read the licensing service of Office, which all versions use before Windows 8, and only Office 2010 uses since Windows 8.

    The second value is the reason why the service could not be read, or None if it is not expected to exist.
    """
    may_be_there = Application.OFFICE in applications and not shares_service_with_office(os)
    is_there = any(product.class_name == OSPP_PRODUCT for product in products)
    if not may_be_there and not is_there:
        return None, None
    found, problem = query_optional(session, f"SELECT * FROM {OSPP_SERVICE}")
    if found:
        return read_service(_only(found, OSPP_SERVICE)), None
    return None, problem or (f"the machine returned its products, but not {OSPP_SERVICE}" if is_there else None)


def each_once(found: list[CimInstance]) -> tuple[LicensedProduct, ...]:
    """Return the products. Raises MalformedResponseError if a product is listed twice, because either entry could be wrong."""
    products = tuple(read_product(instance) for instance in found)
    seen: set[tuple[str, str]] = set()
    for product in products:
        if (product.class_name, product.activation_id) in seen:
            raise MalformedResponseError(f"the machine lists the product {product.activation_id} more than once.")
        seen.add((product.class_name, product.activation_id))
    return products


def _only(instances: list[CimInstance], class_name: str) -> CimInstance:
    if not instances:
        raise LicensingError(f"the machine did not return {class_name}, so its licensing service might not be running")
    if len(instances) > 1:
        raise MalformedResponseError(f"the machine returned {len(instances)} instances of {class_name}, but every Windows has exactly one.")
    return instances[0]
