# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read a machine as a KMS host: its licenses, name, publication, and firewall.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

"""

from __future__ import annotations

from dataclasses import replace

from ..._cim.session import CimSession
from ..catalog import host_matrix
from ..problems import LicensingError
from ..registry import values as registry
from ..state.edition import with_edition_id
from ..state.model import ActivationState, OperatingSystem
from ..state.read import existing_ids, read_hosting, read_hosting_again
from ..state.servicing import NOT_READ, Servicing, read_revision, read_updates
from . import publication
from . import service as sppsvc
from .firewall import NO_FIREWALL, UNMANAGED, read_firewall
from .model import HostState, KmsHostDesired
from .publication import PublishedDomain
from .settings import HOST_VERSION

_COMPUTER = "SELECT DNSHostName,Domain,PartOfDomain FROM Win32_ComputerSystem"
_PUBLISH_LIST = "DnsDomainPublishList"


def read_host(session: CimSession, desired: KmsHostDesired) -> HostState:
    """Read the state of a KMS host. Sends seven queries, and four registry requests, for a host that already has its keys.

    Raises LicensingError, CimError, and UnreachableError.
    """
    licenses = read_hosting(session)
    state = _read_around(session, desired, licenses)
    missing = [key for key in desired.host_keys if not state.product_with(key.partial_product_key)]
    if not missing and desired.present:
        return state
    wanted = tuple(sorted({key.wanted_id for key in missing if key.wanted_id}))
    return replace(
        state,
        licenses=with_edition_id(session, licenses),
        known_ids=existing_ids(session, wanted),
        servicing=_read_servicing(session, state, desired),
    )


def read_host_again(session: CimSession, desired: KmsHostDesired, before: HostState) -> HostState:
    """Read the final state after a change, without the values that only the plan needs."""
    return _read_around(session, desired, read_hosting_again(session, before.licenses))


def read_publish_list(session: CimSession) -> tuple[PublishedDomain, ...]:
    """Return DnsDomainPublishList; empty if it is not set."""
    return publication.parse_list(registry.multi_string(session, registry.SPP_KEY, _PUBLISH_LIST) or ())


def _read_around(session: CimSession, desired: KmsHostDesired, licenses: ActivationState) -> HostState:
    name, domain = read_name(session, licenses.os)
    unmanaged = desired.firewall == UNMANAGED
    return HostState(
        licenses=licenses,
        name=name,
        domain=domain,
        publish_list=read_publish_list(session),
        firewall=NO_FIREWALL if unmanaged else read_firewall(session, licenses.os),
        restart_due=sppsvc.is_restart_due(session),
        host_version=registry.string(session, registry.SPP_KEY, HOST_VERSION),
        publications=publication.last_of_each_domain(session, licenses.os.time - publication.LOOK_BACK),
    )


def read_name(session: CimSession, os: OperatingSystem) -> tuple[str, str | None]:
    """Return the fully qualified name and the DNS domain of a machine, with one query; without a domain, "Domain" is a workgroup."""
    found = session.query(_COMPUTER)
    if not found:
        raise LicensingError("The machine does not return an instance of Win32_ComputerSystem.")
    name = found[0].text("DNSHostName") or os.computer_name
    domain = found[0].text("Domain") if found[0].boolean("PartOfDomain") else None
    return (f"{name}.{domain}", domain) if domain else (name, None)


def _read_servicing(session: CimSession, state: HostState, desired: KmsHostDesired) -> Servicing:
    """Return what the machine shows of its updates, with one request if a key requires an update, and none otherwise."""
    os = state.licenses.os
    missing = [key.kind for key in desired.host_keys if not state.product_with(key.partial_product_key)]
    kinds = [kind for kind in missing if kind and host_matrix.needs_update(kind, os)]
    if not kinds or not desired.check_compatibility:
        return NOT_READ
    if any(host_matrix.shows_revision(kind, os) for kind in kinds):
        return read_revision(session)
    return read_updates(session)
