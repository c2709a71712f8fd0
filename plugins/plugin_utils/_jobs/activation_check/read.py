# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries that read the data of a check. They read only the data that the rules require.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The event log is slow, so the queries are limited by time and event. A log that cannot be read is a finding, and the check continues.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from ..._cim.session import CimError, CimSession
from ..._licensing.catalog.rights import with_right
from ..._licensing.esu.licenses import licenses_of
from ..._licensing.events import kms as events
from ..._licensing.events import log as event_log
from ..._licensing.events.catalog import APPLICATION, KEY_MANAGEMENT_SERVICE
from ..._licensing.events.decode import Values
from ..._licensing.events.log import Event, SkippedRecords
from ..._licensing.events.visibility import might_be_hidden
from ..._licensing.hosting import publication
from ..._licensing.hosting.read import read_name
from ..._licensing.kms.application_level import with_application_levels
from ..._licensing.office.installed import read_installed_office
from ..._licensing.policies.read import read_policies
from ..._licensing.state import genuine
from ..._licensing.state.edition import read_edition
from ..._licensing.state.model import ActivationState, Application, Channel, LicensedProduct, LicenseStatus
from ..._licensing.state.read import SINCE_VISTA, existing_ids, read_state
from ..._licensing.state.served import Served
from ..._licensing.state.wmi_classes import WmiRepositoryError
from ..._licensing.tokens.read import has_token_licenses, read_token_licenses
from . import adba as check_adba
from . import host as check_host
from . import renewal as check_renewal
from . import tokens as check_tokens
from .model import CheckData, CheckSettings
from .office import is_left_alone

_ONE_DAY = timedelta(days=1)
_ONE_MONTH = timedelta(days=30)
_GRACE = timedelta(days=30)
_USE_LICENSE_FAILED, _REQUEST_PROCESSED, _NOT_STARTED, _TIMER_FAILED = 1014, 12290, 12291, 12292


def read_check_data(
    session: CimSession,
    applications: frozenset[Application],
    desired: CheckSettings,
    clock: Callable[[], datetime],
    served: Served = SINCE_VISTA,
) -> CheckData:
    """Read the data of a check. `clock` is the clock of the controller. Raises as :func:`read_state`.

    Three queries for Windows, and up to five more for a KMS client: the edition, the settings of the application, the domain, and its last
    requests. The domain is also read of a machine that Active Directory activated or must activate, and of every machine with a GVLK if
    the activation objects are known. If events were searched for and none was found, one request more: see :mod:`visibility`.
    """
    state = read_state(session, applications, served=served)
    data, left_out = CheckData(state, clock(), office=read_installed_office(session, state)), SkippedRecords()
    if desired.policy:
        data = replace(data, policy=read_policies(session, state.os, desired.policy))
    if not state.generation.has_service:
        return data
    data = replace(data, esu_prepared=_esu_prepared(session, state, desired))
    if any(product.channel is Channel.GVLK for product in state.keyed(Application.WINDOWS, addons=False)):
        edition_id, unread = read_edition(session)
        data = replace(data, edition_id=edition_id, unread_edition=unread)
    if check_renewal.clients(data):
        data = replace(data, state=with_application_levels(session, data.state, check_renewal.clients(data)))
    data = _about_domain(session, data, desired)
    if check_renewal.clients(data):
        data = replace(data, events=_last_requests(session, data, left_out))
    data = _about_tokens(session, data)
    if check_host.hosted(data):
        data = _about_host(session, data, left_out)
    data = _about_genuineness(session, _about_failures(session, data, left_out), left_out)
    if left_out.saw_nothing and might_be_hidden(session, data.state.os.time):
        data = replace(data, events=None, kms_requests=None, might_be_hidden=True)
    return replace(data, skipped_records=left_out.count)


def _esu_prepared(session: CimSession, state: ActivationState, desired: CheckSettings) -> bool | None:
    """Return whether a machine without a key for the required programme has the license for it; None if this was not read."""
    required = desired.esu
    has_key = required and any(each.programme == required for each in licenses_of(state.products))
    if required is None or has_key or Application.WINDOWS not in state.applications or not required.system_of(state.os):
        return None
    try:
        return required.activation_id in existing_ids(session, (required.activation_id,))
    except CimError:
        return None


def _about_domain(session: CimSession, data: CheckData, desired: CheckSettings) -> CheckData:
    """Read the domain for a client that looks for its KMS host in DNS, and for a product of Active Directory-based activation."""
    is_found = any(check_renewal.route_of(data.state, product, None).fixed is None for product in check_renewal.clients(data))
    if not ((desired.renewal and desired.probe and is_found) or check_adba.needs_domain(data, desired)):
        return data
    domain = read_name(session, data.state.os)[1]
    return replace(data, domain=domain, in_domain=domain is not None)


def _about_tokens(session: CimSession, data: CheckData) -> CheckData:
    """Read the issuance licenses for products of token-based activation. One query for each licensing service."""
    classes = check_tokens.classes_needed(data)
    if not classes or not has_token_licenses(data.state.os):
        return data
    try:
        found = tuple(each for name in classes for each in read_token_licenses(session, name))
    except (CimError, WmiRepositoryError) as error:
        reason = with_right(error) if isinstance(error, CimError) else str(error)
        return replace(data, unread_token_licenses=reason)
    return replace(data, token_licenses=found)


def _last_requests(session: CimSession, data: CheckData, left_out: SkippedRecords) -> tuple[events.KmsEvent, ...] | None:
    """Read the requests of the last day, or of one renewal interval if there are none.

    A machine that is not licensed sends many requests a day, and a licensed machine sends one in each interval.
    """
    state, event_ids = data.state, (events.REQUEST_SENT, events.RESPONSE_PROCESSED)
    try:
        recent = events.recent(session, state.os.time - _ONE_DAY, *event_ids, left_out=left_out)
        renewal = max(check_renewal.renewal_interval(state, product) for product in check_renewal.clients(data))
        if recent:
            return recent
        left_out.count = 0  # the longer period contains the same records
        return events.recent(session, state.os.time - renewal - _ONE_DAY, *event_ids, left_out=left_out)
    except CimError:
        return None


def _about_host(session: CimSession, data: CheckData, left_out: SkippedRecords) -> CheckData:
    now = data.state.os.time
    failures = _events(session, APPLICATION, (_NOT_STARTED, _TIMER_FAILED), now - publication.LOOK_BACK, left_out)
    since = now - timedelta(hours=check_host.ACTIVITY_HOURS)
    requests = _events(session, KEY_MANAGEMENT_SERVICE, (_REQUEST_PROCESSED,), since, left_out)
    publications = publication.last_of_each_domain(session, now - publication.LOOK_BACK, left_out)
    published = [each.time for each in publications if each.code is None]
    known = tuple(left_out.known(failures or ()))
    return replace(
        data,
        events=None if failures is None or requests is None else data.events,
        publications=publications,
        kms_requests=None if requests is None else len(requests),
        start_failure=_last_failure(known, _NOT_STARTED, [event.time for event in requests or ()] + published),
        # The service sets the timer when it starts, and publishes then too.
        timer_failure=_last_failure(known, _TIMER_FAILED, published),
    )


def _last_failure(found: Iterable[tuple[Event, Values]], event_id: int, later: Iterable[datetime | None]) -> int | None:
    """Return the code of the last failure with this event, or None if there is none, or a later sign that the KMS host works."""
    failed = [(event.time, values) for event, values in found if event.id == event_id and event.time]
    last_sign = max((time for time in later if time), default=None)
    if not failed or (last_sign and last_sign >= failed[0][0]):
        return None
    code: int = failed[0][1]["result"]
    return code


def _about_failures(session: CimSession, data: CheckData, left_out: SkippedRecords) -> CheckData:
    """Read the code of the last failed activation with Microsoft from event 1014."""
    pending = [product for product in data.state.products if _waits_for_microsoft(product) and not is_left_alone(data, product)]
    if not pending:
        return data
    found = _events(session, APPLICATION, (_USE_LICENSE_FAILED,), data.state.os.time - _ONE_MONTH, left_out)
    if found is None:
        return replace(data, events=None)
    codes = {values["activation_id"]: values["result"] for _event, values in left_out.known(reversed(found))}
    return replace(data, failures={key: code for key, code in codes.items() if key and code})


def _waits_for_microsoft(product: LicensedProduct) -> bool:
    return product.has_key and not product.status.is_activated and product.channel is not Channel.GVLK


def _about_genuineness(session: CimSession, data: CheckData, left_out: SkippedRecords) -> CheckData:
    marked = any(product.status is LicenseStatus.NON_GENUINE_GRACE or product.genuine_status for product in data.state.products)
    if not marked:
        return data
    try:
        return replace(data, genuine_events=genuine.read_events(session, data.state, _GRACE, left_out))
    except CimError:
        return data


def _events(
    session: CimSession, log: str, event_ids: tuple[int, ...], since: datetime, left_out: SkippedRecords
) -> tuple[Event, ...] | None:
    """Read events of a log, or return None if the log cannot be read."""
    try:
        return event_log.read(session, log, event_ids, since, left_out=left_out)
    except CimError:
        return None
