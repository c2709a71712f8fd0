# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the messages that change records (RFC 2136): single values, with a prerequisite only for an exclusive set.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Deleting one value and adding another in one message is safe beside other writers on every server. A prerequisite on the
whole set is not: Samba takes a subset for equality. So it only guards an exclusive record set, and reading decides there too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .library import dns
from .model import RecordSet, SrvRecord
from .plan import RecordChange

if TYPE_CHECKING:
    from dns.rdata import Rdata
    from dns.update import UpdateMessage

CHANGED_MEANWHILE = ("NXRRSET", "YXRRSET", "NXDOMAIN", "YXDOMAIN")
"""Response codes of a prerequisite that failed."""


def build(zone: str, name: str, change: RecordChange, seen: RecordSet | None = None) -> UpdateMessage:
    """Return one UPDATE message with the whole change. With `seen`, the server applies it only if these are the current records."""
    owner = dns.name.from_text(name)
    message = dns.update.UpdateMessage(dns.name.from_text(zone))
    if seen is not None and seen.records:
        message.present(owner, dns.rdataset.from_rdata_list(0, [_data(record) for record in seen.records]))
    elif seen is not None:
        message.absent(owner, "SRV")
    for record in change.delete:
        message.delete(owner, _data(record))
    for record in change.add:
        message.add(owner, change.ttl, _data(record))
    return message


def trial(zone: str) -> UpdateMessage:
    """Return an UPDATE message that only checks the SOA record of the zone. If signed, it verifies the key, but not its permissions."""
    apex = dns.name.from_text(zone)
    message = dns.update.UpdateMessage(apex)
    message.present(apex, "SOA")
    return message


def _data(record: SrvRecord) -> Rdata:
    kind: Any = dns.rdtypes.IN.SRV.SRV
    target = dns.name.from_text(record.target)
    data: Rdata = kind(dns.rdataclass.IN, dns.rdatatype.SRV, record.priority, record.weight, record.port, target)
    return data
