# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SRV records of KMS hosts, and the set of records of one name; pure, without dnspython.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A target is kept as it is written, without its final dot, and compared without regard to case. One host has one record:
the target is what tells records apart, not the port, the priority or the weight.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._hosts import DEFAULT_PORT, is_address, normalize_name, parse_host

OWNER = "_vlmcs._tcp"
"""Name below a domain at which KMS clients look for SRV records."""

DEFAULT_TTL = 3600
"""Default TTL in seconds of a new set of records, as in Windows DNS."""

LARGEST_NUMBER = 65535
"""Maximum of port, priority, and weight, which have 16 bits (RFC 2782)."""

LONGEST_TTL = 2**31 - 1
"""RFC 2181, section 8: the top bit of a TTL is zero."""


def parse_name(text: str) -> str:
    """Return a DNS name without its final dot. Raises ValueError for an address or an invalid name."""
    name = parse_host(text)
    if is_address(name):
        raise ValueError(f"{text!r} is an address, and a name is needed here")
    return name


def parse_domain(text: str) -> str:
    """Return a domain. Raises ValueError if it contains the owner name of the records."""
    domain = parse_name(text)
    labels = domain.casefold().split(".")
    if "_vlmcs" in labels or labels[0] == "_tcp":
        raise ValueError(f"{text!r} names the records themselves: give the domain, and {OWNER} is put before it")
    if len(f"{OWNER}.{domain}") > 253:
        raise ValueError(f"{text!r} is too long: {OWNER} has to fit before it")
    return domain


def parse_target(text: str) -> str:
    """Return the full name of a KMS host. Raises ValueError for an address or a short name."""
    host = parse_name(text)
    if "." not in host:
        raise ValueError(f"{text!r} is a short name: an SRV record needs the whole name, such as {host}.example.com")
    return host


def parse_old_target(text: str) -> str:
    """Return the target of a record to remove. With a final dot, any text is accepted, so that a wrong record can be removed."""
    if text.endswith(".") and text.isascii() and text.isprintable() and not any(letter.isspace() for letter in text):
        return text.removesuffix(".") or text
    try:
        return parse_target(text)
    except ValueError as error:
        raise ValueError(f"{error}. A record that has it for a target all the same is meant by {text}. with a final dot") from None


def srv_owner_name(domain: str) -> str:
    """Return the absolute name of the records of a domain, without the final dot."""
    return f"{OWNER}.{domain}"


@dataclass(frozen=True)
class SrvRecord:
    """One KMS host that clients can find. Clients use a lower priority first, and distribute by weight within a priority."""

    host: str
    port: int = DEFAULT_PORT
    priority: int = 0
    weight: int = 0

    @property
    def key(self) -> str:
        """Return the normalized host, which identifies the record."""
        return normalize_name(self.host) or ""

    @property
    def value(self) -> tuple[int, int, int, str]:
        """Return priority, weight, port, and target, normalized for comparison, in the order of RFC 2782."""
        return (self.priority, self.weight, self.port, self.key)

    @property
    def target(self) -> str:
        """Return the host with its final dot, so that no zone is added; the dot alone is the root (RFC 2782: no service)."""
        return f"{self.host.removesuffix('.')}."

    @property
    def data(self) -> str:
        """Return the record data as in a zone file."""
        return f"{self.priority} {self.weight} {self.port} {self.target}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the record as plain data, with the names of the options of the module."""
        return {"host": self.host, "port": self.port, "priority": self.priority, "weight": self.weight}


def in_order(records: frozenset[SrvRecord] | tuple[SrvRecord, ...]) -> tuple[SrvRecord, ...]:
    """Return records in the order in which a client tries them: by priority, then by weight, where the client selects randomly."""
    return tuple(sorted(records, key=lambda record: (record.priority, -record.weight, record.key, record.port)))


@dataclass(frozen=True)
class RecordSet:
    """All records under one name, with the TTL (seconds) they share. No TTL means there is no record."""

    ttl: int | None = None
    records: tuple[SrvRecord, ...] = ()

    @property
    def values(self) -> frozenset[tuple[int, int, int, str]]:
        """Return the values of the records, which do not depend on the order and the case of the server."""
        return frozenset(record.value for record in self.records)

    def of(self, keys: frozenset[str]) -> tuple[SrvRecord, ...]:
        """Return the records of these hosts."""
        return tuple(record for record in self.records if record.key in keys)

    def others(self, keys: frozenset[str]) -> tuple[SrvRecord, ...]:
        """Return the records of all other hosts."""
        return tuple(record for record in self.records if record.key not in keys)

    def as_dict(self) -> dict[str, object]:
        """Return the set as plain data, in an order that does not depend on the server."""
        return {"ttl": self.ttl, "records": [record.as_dict() for record in in_order(self.records)]}
