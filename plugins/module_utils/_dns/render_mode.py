# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The use case of `mode: render`: what an administrator has to do by hand, from what is there if that can be read.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Sequence

from .discover import find
from .errors import DnsError
from .library import MISSING
from .model import RecordSet, srv_owner_name
from .plan import DesiredRecords, plan, predicted, remarks
from .query import read_records
from .render import render
from .service import DomainOutcome, ServerSettings


def run(domains: Sequence[str], desired: DesiredRecords, way: ServerSettings) -> list[DomainOutcome]:
    """All domains. Nothing but questions is sent, and a server that cannot be asked is only a warning."""
    return [_rendered(domain, desired, way) for domain in domains]


def _rendered(domain: str, desired: DesiredRecords, way: ServerSettings) -> DomainOutcome:
    outcome = DomainOutcome(domain)
    try:
        if MISSING:
            raise DnsError("dnspython_missing")
        limit = way.limit()
        outcome.place = find(domain, way.server, way.port, way.timeout, limit=limit)
        outcome.before = read_records(domain, outcome.place.endpoint, limit)
    except DnsError as problem:
        outcome.warnings.append(
            f"The records of {domain} could not be read ({problem.error_code}), so the commands do not know what is there."
            " A command that removes a record names the values of this task."
        )
    known = outcome.before if outcome.before is not None else _assumed(desired)
    outcome.change = plan(known, desired)
    outcome.after = predicted(known, outcome.change)
    outcome.warnings += remarks(known, desired, outcome.change)
    zone = outcome.place.zone.name if outcome.place else domain
    server = (outcome.place.endpoint.name or outcome.place.endpoint.address) if outcome.place else way.server
    outcome.rendered = render(srv_owner_name(domain), zone, server, outcome.after, outcome.change)
    return outcome


def _assumed(desired: DesiredRecords) -> RecordSet:
    """What is taken to be there when nobody can be asked: nothing to add to, or just the records that are to go."""
    return RecordSet() if desired.present else RecordSet(0, desired.records)
