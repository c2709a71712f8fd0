# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Render records, and the commands that create them, for an administrator; pure.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Names are validated before, and are quoted nevertheless.
"""

from __future__ import annotations

from dataclasses import dataclass

from .model import RecordSet, SrvRecord, in_order
from .plan import RecordChange

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


@dataclass(frozen=True)
class Rendered:
    """Zone file lines of the desired set, and the commands that change the current set to it."""

    zone_file: tuple[str, ...]
    dnscmd: tuple[str, ...]
    powershell: tuple[str, ...]

    def as_dict(self) -> dict[str, list[str]]:
        """Return the lines and commands as plain data."""
        return {"zone_file": list(self.zone_file), "dnscmd": list(self.dnscmd), "powershell": list(self.powershell)}


def render(name: str, zone: str, server: str | None, wanted: RecordSet, change: RecordChange) -> Rendered:
    """Render the records of one name. If `server` is None, the commands run on the DNS server itself."""
    node = _node(name, zone)
    return Rendered(
        zone_lines(name, wanted),
        (
            *(_dnscmd(server, "/RecordDelete", zone, node, "SRV", *_data(record), "/f") for record in change.delete),
            *(_dnscmd(server, "/RecordAdd", zone, node, str(change.ttl), "SRV", *_data(record)) for record in change.add),
        ),
        (
            *(_remove(server, zone, node, record) for record in change.delete),
            *(_add(server, zone, node, record, change.ttl) for record in change.add),
        ),
    )


def zone_lines(name: str, records: RecordSet) -> tuple[str, ...]:
    """Return one line for each record, with absolute names, in the format of RFC 1035."""
    return tuple(f"{name}. {records.ttl} IN SRV {record.data}" for record in in_order(records.records))


def _node(name: str, zone: str) -> str:
    """Return the name relative to its zone; @ is the zone itself."""
    if name.casefold() == zone.casefold():
        return "@"
    return name[: -len(zone) - 1] if name.casefold().endswith(f".{zone.casefold()}") else f"{name}."


def _data(record: SrvRecord) -> tuple[str, ...]:
    return tuple(record.data.split(" "))


def _dnscmd(server: str | None, *words: str) -> str:
    return " ".join(("dnscmd", *(_cmd(word) for word in (server or ".", *words))))


def _cmd(word: str) -> str:
    """Return a word for cmd.exe, in double quotes unless it has only letters, digits, dots, underscores, and hyphens."""
    return word if _PLAIN.issuperset(word.removeprefix("/")) else '"' + word.replace('"', '""') + '"'


def _add(server: str | None, zone: str, node: str, record: SrvRecord, ttl: int) -> str:
    return (
        f"Add-DnsServerResourceRecord -Srv {_where(server, zone)} -Name {_ps(node)} -DomainName {_ps(record.target)}"
        f" -Priority {record.priority} -Weight {record.weight} -Port {record.port} -TimeToLive ([TimeSpan]::FromSeconds({ttl}))"
    )


def _remove(server: str | None, zone: str, node: str, record: SrvRecord) -> str:
    """Return a command that filters by all parts of the value, so that it does not remove another record of the name."""
    return (
        f"Get-DnsServerResourceRecord {_where(server, zone)} -Name {_ps(node)} -RRType Srv"
        f" | Where-Object {{ $_.RecordData.DomainName -eq {_ps(record.target)} -and $_.RecordData.Port -eq {record.port}"
        f" -and $_.RecordData.Priority -eq {record.priority} -and $_.RecordData.Weight -eq {record.weight} }}"
        f" | Remove-DnsServerResourceRecord {_where(server, zone)} -Force"
    )


def _where(server: str | None, zone: str) -> str:
    return (f"-ComputerName {_ps(server)} " if server else "") + f"-ZoneName {_ps(zone)}"


def _ps(text: str) -> str:
    """Return a literal of PowerShell."""
    return "'" + text.replace("'", "''") + "'"
