# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a machine with its Office licenses: those with a key, and those of KMS clients that can get one.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

One query returns the licenses of Windows and of Office since 2013, and one those of the older licensing service of Office. That service is
read only before it is changed, so a machine that is in the desired state costs five requests, and one more for each query that returns
several licenses. See the ADR about Office as a KMS client.
"""

from __future__ import annotations

from dataclasses import replace

from ..._cim.session import CimError, CimInstance, CimSession
from ..kms.application_level import with_levels_again
from ..state import subscription, wql
from ..state.model import (
    OFFICE_ID,
    OSPP_PRODUCT,
    OSPP_SERVICE,
    SPP_PRODUCT,
    WINDOWS_ID,
    ActivationState,
    Application,
    LicensedProduct,
    OperatingSystem,
)
from ..state.read import each_once, find_service, notes_of, read_os, read_service_again, read_spp_service
from ..state.served import Served, shares_service_with_office
from ..state.wmi_classes import query_optional, query_required
from .installed import read_edition
from .volume import OfficeMachine

_KEYED = "PartialProductKey IS NOT NULL"
_OR_KMS_CLIENT = f"({_KEYED} OR Description LIKE '%KMSCLIENT%')"
"""Descriptions of licenses do not depend on the display language."""


def read_office_machine(session: CimSession, applications: frozenset[Application], served: Served) -> OfficeMachine:
    """Read the operating system, the service, the licenses, and the configuration of Click-to-Run: five requests.

    Raises TaskRefusedError for a Windows that is not `served`, and as :func:`read_state`.
    """
    os = read_os(session)
    served.reader_for(os)
    service = read_spp_service(session)
    products, problem = _read_products(session, os, applications)
    state = ActivationState(os, service, products, applications, notes=notes_of(problem))
    return OfficeMachine(subscription.with_subscription(state), read_edition(session))


def with_office_service(session: CimSession, machine: OfficeMachine) -> OfficeMachine:
    """Return the machine with the licensing service of Office 2010, and of any Office before Windows 8. One query."""
    return replace(machine, licenses=replace(machine.licenses, office_service=find_service(session, OSPP_SERVICE)))


def reread_office(session: CimSession, state: ActivationState) -> ActivationState:
    """Read the licenses and the services again after a change. The operating system is not read again.

    Also raises CimError if a class can no longer be read, because its products still exist.
    """
    products, problem = _read_products(session, state.os, state.applications)
    if problem and not state.notes:
        raise problem
    service = read_service_again(session, state.service)
    office = read_service_again(session, state.office_service) if state.office_service else None
    read = subscription.with_subscription(replace(state, service=service, office_service=office, products=products))
    return with_levels_again(session, read)


def _read_products(
    session: CimSession, os: OperatingSystem, applications: frozenset[Application]
) -> tuple[tuple[LicensedProduct, ...], CimError | None]:
    """Read the licenses in two queries, and return the error if those of the older service of Office could not be read."""
    conditions = []
    if Application.WINDOWS in applications:
        conditions.append(f"(ApplicationID={wql.literal(WINDOWS_ID)} AND {_KEYED})")
    if shares_service_with_office(os):
        conditions.append(f"(ApplicationID={wql.literal(OFFICE_ID)} AND {_OR_KMS_CLIENT})")
    found: list[CimInstance] = []
    if conditions:
        query = f"SELECT * FROM {SPP_PRODUCT} WHERE {' OR '.join(conditions)}"
        found += query_required(session, query, SPP_PRODUCT, "Windows since Vista and Server 2008")
    of_office, problem = query_optional(session, f"SELECT * FROM {OSPP_PRODUCT} WHERE {_OR_KMS_CLIENT}")
    return each_once([*found, *of_office]), problem
