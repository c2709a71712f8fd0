# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A KMS service record and the set of them under one name, as values; pure, without dnspython.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A target is kept as it is written, without its final dot, and compared without regard to case. One host has one record:
the target is what tells records apart, not the port, the priority or the weight.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._hosts import DEFAULT_PORT, is_address, normalize_name, parse_host

OWNER = "_vlmcs._tcp"
"""The name below a domain where KMS clients look for service records."""

DEFAULT_TTL = 3600
"""Seconds a new set of records gets when the task names none; what Windows DNS gives by default."""

LARGEST_NUMBER = 65535
"""Port, priority and weight have 16 bits (RFC 2782)."""

LONGEST_TTL = 2**31 - 1
"""RFC 2181, section 8: the top bit of a TTL is zero."""


def parse_name(text: str) -> str:
    """A DNS name without its final dot. Raises ValueError for an address or anything that is no name."""
    name = parse_host(text)
    if is_address(name):
        raise ValueError(f"{text!r} is an address, and a name is needed here")
    return name


def parse_domain(text: str) -> str:
    """The domain whose clients look for KMS hosts. The owner name of the records must not be part of it."""
    domain = parse_name(text)
    labels = domain.casefold().split(".")
    if "_vlmcs" in labels or labels[0] == "_tcp":
        raise ValueError(f"{text!r} names the records themselves: give the domain, and {OWNER} is put before it")
    if len(f"{OWNER}.{domain}") > 253:
        raise ValueError(f"{text!r} is too long: {OWNER} has to fit before it")
    return domain


def parse_target(text: str) -> str:
    """The name of a KMS host, whole. Raises ValueError for an address and for a name of one label."""
    host = parse_name(text)
    if "." not in host:
        raise ValueError(f"{text!r} is a short name: an SRV record needs the whole name, such as {host}.example.com")
    return host


def parse_old_target(text: str) -> str:
    """The target of a record that is to go. With a final dot it may be anything, so that a record made by mistake can go too."""
    if text.endswith(".") and text.isascii() and text.isprintable() and not any(letter.isspace() for letter in text):
        return text.removesuffix(".") or text
    try:
        return parse_target(text)
    except ValueError as error:
        raise ValueError(f"{error}. A record that has it for a target all the same is meant by {text}. with a final dot") from None


def srv_owner_name(domain: str) -> str:
    """Name of the records of a domain, absolute but without the final dot."""
    return f"{OWNER}.{domain}"


@dataclass(frozen=True)
class SrvRecord:
    """One KMS host that clients may find. A lower priority goes first, the weight shares out within a priority."""

    host: str
    port: int = DEFAULT_PORT
    priority: int = 0
    weight: int = 0

    @property
    def key(self) -> str:
        """What tells one host's record from another's."""
        return normalize_name(self.host) or ""

    @property
    def value(self) -> tuple[int, int, int, str]:
        """Priority, weight, port and target in the form in which equal records are equal, and the order of RFC 2782."""
        return (self.priority, self.weight, self.port, self.key)

    @property
    def target(self) -> str:
        """The host with its final dot, so that no zone is ever put behind it; the dot alone is the root (RFC 2782: no service)."""
        return f"{self.host.removesuffix('.')}."

    @property
    def data(self) -> str:
        """The record data in zone file form."""
        return f"{self.priority} {self.weight} {self.port} {self.target}"

    def as_dict(self) -> dict[str, str | int]:
        """Plain data of a result, named as the options of the module."""
        return {"host": self.host, "port": self.port, "priority": self.priority, "weight": self.weight}


def in_order(records: frozenset[SrvRecord] | tuple[SrvRecord, ...]) -> tuple[SrvRecord, ...]:
    """By priority as a client tries them; within one priority it draws by weight, so heavier first is only the likely order."""
    return tuple(sorted(records, key=lambda record: (record.priority, -record.weight, record.key, record.port)))


@dataclass(frozen=True)
class RecordSet:
    """All records under one name, with the TTL (seconds) they share. No TTL means there is no record."""

    ttl: int | None = None
    records: tuple[SrvRecord, ...] = ()

    @property
    def values(self) -> frozenset[tuple[int, int, int, str]]:
        """The values of the records; a server may give them in any order and case."""
        return frozenset(record.value for record in self.records)

    def of(self, keys: frozenset[str]) -> tuple[SrvRecord, ...]:
        """The records of these hosts."""
        return tuple(record for record in self.records if record.key in keys)

    def others(self, keys: frozenset[str]) -> tuple[SrvRecord, ...]:
        """The records of all other hosts."""
        return tuple(record for record in self.records if record.key not in keys)

    def as_dict(self) -> dict[str, object]:
        """Plain data of a result, in an order that does not depend on the server."""
        return {"ttl": self.ttl, "records": [record.as_dict() for record in in_order(self.records)]}
