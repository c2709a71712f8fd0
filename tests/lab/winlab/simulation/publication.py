# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which SRV records a KMS host wants in DNS: its own domain always, and those its DnsDomainPublishList names.

Facts: licensing section 8. Settings count from the next start of sppsvc. Sending the records is the business of publishing.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from .network import DNS_ERROR_NO_DNS_SERVERS, DNS_ERROR_RCODE_SERVER_FAILURE

if TYPE_CHECKING:
    from .computer import Computer

EVERY = timedelta(hours=24)
PUBLISHED, NOT_PUBLISHED = 12294, 12293
_DOMAIN = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,5}")
ERROR_INVALID_DATA = 0x8007000D
"""What event 12293 says of a line that cannot be read: the lab's choice, the real code is not known."""


@dataclass(frozen=True)
class Publication:
    """One SRV record of _vlmcs._tcp below `domain`; `target` is the host's full name."""

    domain: str
    priority: int
    weight: int
    port: int
    target: str


Publisher = Callable[["Computer", Sequence[Publication]], None]
"""Sends the records of a computer and logs 12294 or 12293 for each domain."""


def parse_line(line: str) -> tuple[str, int, int] | None:
    """Domain, priority and weight of a line `domain` or `domain, priority, weight`; None when it is neither."""
    parts = [part.strip() for part in line.split(",")]
    if len(parts) not in (1, 3) or _DOMAIN.fullmatch(parts[0]) is None:
        return None
    if any(_NUMBER.fullmatch(part) is None or int(part) > 65535 for part in parts[1:]):
        return None
    priority, weight = (int(part) for part in parts[1:]) if len(parts) == 3 else (0, 0)
    return parts[0].rstrip("."), priority, weight


def line(domain: str, priority: int, weight: int) -> str:
    """The line of DnsDomainPublishList for a domain."""
    return f"{domain}, {priority}, {weight}"


def malformed(lines: Sequence[str]) -> list[str]:
    """Lines that say nothing; empty ones are passed over."""
    return [entry for entry in lines if entry.strip() and parse_line(entry) is None]


def publications(computer: Computer) -> list[Publication]:
    """What the running licensing service of a KMS host publishes, its own domain first; empty when it publishes nothing.

    A line for the own domain takes the place of the automatic record with priority and weight 0.
    """
    service = computer.service
    if not computer.serves_kms() or not service.publishing_in_use:
        return []
    wanted = {computer.domain.casefold(): (computer.domain, 0, 0)} if computer.domain else {}
    for entry in service.publish_list:
        parsed = parse_line(entry)
        if parsed is not None:
            wanted[parsed[0].casefold()] = parsed
    return [Publication(domain, priority, weight, computer.kms_port, computer.fqdn) for domain, priority, weight in wanted.values()]


def announce(computer: Computer, records: Sequence[Publication], publisher: Publisher | None) -> None:
    """Publish records, or say in event 12293 why that is not possible; a line that cannot be read is such an event too."""
    for entry in malformed(computer.service.publish_list):
        computer.log(NOT_PUBLISHED, f"0x{ERROR_INVALID_DATA:08X}", entry)
    if publisher is not None and computer.dns_server and not computer.fault("dns_down"):
        publisher(computer, records)
        return
    code = DNS_ERROR_RCODE_SERVER_FAILURE if computer.fault("dns_down") else DNS_ERROR_NO_DNS_SERVERS
    for record in records:
        computer.log(NOT_PUBLISHED, f"0x{code:08X}", record.domain)
