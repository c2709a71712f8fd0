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

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from .._cim.session import CimError, CimSession
from . import check_host, check_renewal, events, publication, registry, wql
from .check_model import CheckWish, Evidence
from .kms_host_read import read_name
from .model import ActivationState, Application, Channel, LicenseStatus
from .read import read_state

_ONE_DAY = timedelta(days=1)
_RENEWAL = timedelta(days=7)
_NON_GENUINE_GRACE = timedelta(days=30)
_KMS_LOG = "Key Management Service"


def read_evidence(session: CimSession, applications: frozenset[Application], wish: CheckWish, clock: Callable[[], datetime]) -> Evidence:
    """Read a machine; `clock` is the controller's. Raises as :func:`read_state`.

    Three queries for Windows, and for a KMS client up to four more requests: the edition, the domain, and its last requests.
    """
    state = read_state(session, applications)
    evidence = Evidence(state, clock())
    if state.wpa:
        return evidence
    if any(product.channel is Channel.GVLK for product in state.keyed(Application.WINDOWS, addons=False)):
        evidence = replace(evidence, edition_id=_edition(session))
    if check_renewal.clients(state):
        evidence = _about_client(session, evidence, wish)
    if check_host.hosted(evidence):
        evidence = _about_host(session, evidence)
    return _about_genuineness(session, evidence)


def _edition(session: CimSession) -> str | None:
    try:
        return registry.string(session, registry.CURRENT_VERSION, "EditionID")
    except CimError:
        return None


def _about_client(session: CimSession, evidence: Evidence, wish: CheckWish) -> Evidence:
    is_found = any(check_renewal.route_of(evidence.state, product, None).fixed is None for product in check_renewal.clients(evidence.state))
    domain = read_name(session, evidence.state.os)[1] if wish.renewal and wish.probe and is_found else None
    return replace(evidence, domain=domain, events=_last_requests(session, evidence.state))


def _last_requests(session: CimSession, state: ActivationState) -> tuple[events.KmsEvent, ...] | None:
    """Of the last day, when a machine that is not licensed has asked often; else of one renewal, when a licensed one has asked once."""
    asked = (events.REQUEST_SENT, events.RESPONSE_PROCESSED)
    try:
        recent = events.recent(session, state.os.time - _ONE_DAY, *asked)
        return recent or events.recent(session, state.os.time - _RENEWAL - _ONE_DAY, *asked)
    except CimError:
        return None


def _about_host(session: CimSession, evidence: Evidence) -> Evidence:
    now = evidence.state.os.time
    publications = publication.last_of_each_domain(session, now - publication.LOOK_BACK)
    return replace(evidence, publications=publications, kms_requests=_requests_since(session, now))


def _requests_since(session: CimSession, now: datetime) -> int | None:
    """How many requests the host has logged; None when the log cannot be read."""
    since = wql.moment(now - timedelta(hours=check_host.ACTIVITY_HOURS))
    query = f"SELECT RecordNumber FROM Win32_NTLogEvent WHERE Logfile='{_KMS_LOG}' AND EventCode=12290 AND TimeGenerated >= {since}"
    try:
        return len(session.query(query))
    except CimError:
        return None


def _about_genuineness(session: CimSession, evidence: Evidence) -> Evidence:
    marked = any(product.status is LicenseStatus.NON_GENUINE_GRACE or product.genuine_status for product in evidence.state.products)
    if not marked:
        return evidence
    since = wql.moment(evidence.state.os.time - _NON_GENUINE_GRACE)
    query = f"SELECT * FROM Win32_NTLogEvent WHERE Logfile='Application' AND EventCode=8209 AND TimeGenerated >= {since}"
    try:
        found = session.query(query)
    except CimError:
        return evidence
    newest = max(found, key=lambda event: event.integer("RecordNumber") or 0, default=None)
    texts = newest.texts("InsertionStrings") if newest else ()
    return replace(evidence, not_genuine_reason=_code(texts[0]) if texts else None)


def _code(text: str) -> int | None:
    """hr=0xC004C003, or the number alone; None for words."""
    try:
        return int(text.rpartition("=")[2].strip(), 16) & 0xFFFFFFFF
    except ValueError:
        return None
