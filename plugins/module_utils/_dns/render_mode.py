# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run `mode: render`: render the commands for an administrator, from the current records if they can be read.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Sequence

from .discover import find
from .errors import DnsError
from .library import MISSING
from .model import RecordSet, srv_owner_name
from .plan import DesiredRecords, plan, plan_warnings, predicted
from .query import read_records
from .render import render
from .service import DomainOutcome, ServerSettings


def run(domains: Sequence[str], desired: DesiredRecords, settings: ServerSettings) -> list[DomainOutcome]:
    """Render the commands of all domains. Only queries are sent, and a server that does not respond is only a warning."""
    return [_rendered(domain, desired, settings) for domain in domains]


def _rendered(domain: str, desired: DesiredRecords, settings: ServerSettings) -> DomainOutcome:
    outcome = DomainOutcome(domain)
    try:
        if MISSING:
            raise DnsError("dnspython_missing")
        limit = settings.limit()
        outcome.place = find(domain, settings.server, settings.port, settings.timeout, limit=limit)
        outcome.before = read_records(domain, outcome.place.endpoint, limit)
    except DnsError as problem:
        outcome.warnings.append(
            f"The records of {domain} could not be read ({problem.error_code}), so the commands do not depend on the current records."
            " A command that removes a record contains the values of this task."
        )
    known = outcome.before if outcome.before is not None else _assumed(desired)
    outcome.change = plan(known, desired)
    outcome.after = predicted(known, outcome.change)
    outcome.warnings += plan_warnings(known, desired, outcome.change)
    zone = outcome.place.zone.name if outcome.place else domain
    server = (outcome.place.endpoint.name or outcome.place.endpoint.address) if outcome.place else settings.server
    outcome.rendered = render(srv_owner_name(domain), zone, server, outcome.after, outcome.change)
    return outcome


def _assumed(desired: DesiredRecords) -> RecordSet:
    """Return the records that are assumed if they cannot be read: none, or the records to remove."""
    return RecordSet() if desired.present else RecordSet(0, desired.records)
