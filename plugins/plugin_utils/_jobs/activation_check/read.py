# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what a check rests on; nothing is changed, and nothing is asked for that no rule needs.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The event log is slow, so that its questions are bounded by time and event. A log that cannot be read is told as a finding, and the rest
of the check goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from ..._cim.session import CimError, CimSession
from ..._licensing.events import kms as events
from ..._licensing.events import log as event_log
from ..._licensing.events.catalog import APPLICATION, KEY_MANAGEMENT_SERVICE
from ..._licensing.events.decode import Values
from ..._licensing.events.log import Event, SkippedRecords
from ..._licensing.hosting import publication
from ..._licensing.hosting.read import read_name
from ..._licensing.policies.read import read_policies
from ..._licensing.registry import values as registry
from ..._licensing.state import genuine
from ..._licensing.state.model import ActivationState, Application, Channel, LicensedProduct, LicenseStatus
from ..._licensing.state.read import SINCE_VISTA, read_state
from ..._licensing.state.served import Served
from . import host as check_host
from . import renewal as check_renewal
from .model import CheckData, CheckSettings

_ONE_DAY = timedelta(days=1)
_ONE_MONTH = timedelta(days=30)
_GRACE = timedelta(days=30)
_USE_LICENSE_FAILED, _REQUEST_PROCESSED, _NOT_STARTED = 1014, 12290, 12291


def read_check_data(
    session: CimSession,
    applications: frozenset[Application],
    desired: CheckSettings,
    clock: Callable[[], datetime],
    served: Served = SINCE_VISTA,
) -> CheckData:
    """Read a machine; `clock` is the controller's. Raises as :func:`read_state`.

    Three queries for Windows, and for a KMS client up to four more requests: the edition, the domain, and its last requests.
    """
    state = read_state(session, applications, served=served)
    evidence, left_out = CheckData(state, clock()), SkippedRecords()
    if desired.policy:
        evidence = replace(evidence, policy=read_policies(session, state.os, desired.policy))
    if not state.generation.has_service:
        return evidence
    if any(product.channel is Channel.GVLK for product in state.keyed(Application.WINDOWS, addons=False)):
        evidence = replace(evidence, edition_id=_edition(session))
    if check_renewal.clients(state):
        evidence = _about_client(session, evidence, desired, left_out)
    if check_host.hosted(evidence):
        evidence = _about_host(session, evidence, left_out)
    evidence = _about_genuineness(session, _about_failures(session, evidence, left_out), left_out)
    return replace(evidence, skipped_records=left_out.count)


def _edition(session: CimSession) -> str | None:
    try:
        return registry.string(session, registry.CURRENT_VERSION, "EditionID")
    except CimError:
        return None


def _about_client(session: CimSession, evidence: CheckData, desired: CheckSettings, left_out: SkippedRecords) -> CheckData:
    is_found = any(check_renewal.route_of(evidence.state, product, None).fixed is None for product in check_renewal.clients(evidence.state))
    domain = read_name(session, evidence.state.os)[1] if desired.renewal and desired.probe and is_found else None
    return replace(evidence, domain=domain, events=_last_requests(session, evidence.state, left_out))


def _last_requests(session: CimSession, state: ActivationState, left_out: SkippedRecords) -> tuple[events.KmsEvent, ...] | None:
    """Of the last day, when a machine that is not licensed has asked often; else of one renewal, when a licensed one has asked once."""
    asked = (events.REQUEST_SENT, events.RESPONSE_PROCESSED)
    try:
        recent = events.recent(session, state.os.time - _ONE_DAY, *asked, left_out=left_out)
        renewal = max(check_renewal.renewal_interval(state, product) for product in check_renewal.clients(state))
        if recent:
            return recent
        left_out.count = 0  # the longer time has the same records in it
        return events.recent(session, state.os.time - renewal - _ONE_DAY, *asked, left_out=left_out)
    except CimError:
        return None


def _about_host(session: CimSession, evidence: CheckData, left_out: SkippedRecords) -> CheckData:
    now = evidence.state.os.time
    starts = _events(session, APPLICATION, _NOT_STARTED, now - publication.LOOK_BACK, left_out)
    requests = _events(session, KEY_MANAGEMENT_SERVICE, _REQUEST_PROCESSED, now - timedelta(hours=check_host.ACTIVITY_HOURS), left_out)
    publications = publication.last_of_each_domain(session, now - publication.LOOK_BACK, left_out)
    alive = [event.time for event in requests or ()] + [told.time for told in publications if told.code is None]
    return replace(
        evidence,
        events=None if starts is None else evidence.events,
        publications=publications,
        kms_requests=None if requests is None else len(requests),
        start_failure=_start_failure(left_out.known(starts or ()), max((time for time in alive if time), default=None)),
    )


def _start_failure(starts: Iterable[tuple[Event, Values]], alive: datetime | None) -> int | None:
    """The code of the last start that failed; a host that has served or published since has started after all."""
    failed = [(event.time, values) for event, values in starts if event.time]
    if not failed or (alive and alive >= failed[0][0]):
        return None
    code: int = failed[0][1]["result"]
    return code


def _about_failures(session: CimSession, evidence: CheckData, left_out: SkippedRecords) -> CheckData:
    """Why a product that Microsoft activates is not: the code its last attempt left in event 1014."""
    waiting = [product for product in evidence.state.products if _waits_for_microsoft(product)]
    if not waiting:
        return evidence
    found = _events(session, APPLICATION, _USE_LICENSE_FAILED, evidence.state.os.time - _ONE_MONTH, left_out)
    if found is None:
        return replace(evidence, events=None)
    codes = {values["activation_id"]: values["result"] for _event, values in left_out.known(reversed(found))}
    return replace(evidence, failures={key: code for key, code in codes.items() if key and code})


def _waits_for_microsoft(product: LicensedProduct) -> bool:
    return product.has_key and not product.is_addon and not product.status.is_activated and product.channel is not Channel.GVLK


def _about_genuineness(session: CimSession, evidence: CheckData, left_out: SkippedRecords) -> CheckData:
    marked = any(product.status is LicenseStatus.NON_GENUINE_GRACE or product.genuine_status for product in evidence.state.products)
    if not marked:
        return evidence
    try:
        return replace(evidence, genuine_events=genuine.read_events(session, evidence.state, _GRACE, left_out))
    except CimError:
        return evidence


def _events(session: CimSession, log: str, event_id: int, since: datetime, left_out: SkippedRecords) -> tuple[Event, ...] | None:
    """None when the log cannot be read."""
    try:
        return event_log.read(session, log, (event_id,), since, left_out=left_out)
    except CimError:
        return None
