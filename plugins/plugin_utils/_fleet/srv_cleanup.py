# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the SRV records of KMS hosts that are stale, and those that can be removed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: results of kms_srv_record_info with its probe in, one for each time the targets were probed, and plain data out. Two rules stand
above all others: the last record of a domain that works is never removed, and a target that could not be probed is not stale.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...module_utils._hosts import normalize_name
from .._probing.undecided import SAYS_NOTHING

Data = Mapping[str, Any]

WORKING = "working"
UNDECIDED = "undecided"
NOT_RESPONDING = "not_responding"
NOT_A_KMS_HOST = "not_a_kms_host"
NOT_EXPECTED = "not_expected"

_NOTHING_WORKS = "No record of the domain works, so no record is removed: clients find the first host that works again by its record."
_NOBODY_EXPECTED_WORKS = "Only hosts that are not expected respond in this domain, and the last record that works is never removed."
_NOT_KNOWN = "It is not known whether there is a KMS host, so the record stays."
_SEVERAL_STAY = "Several other records of this host stay, and records are removed host by host: remove this one by hand."
_WORKS = "It works."
_INTRUDER = (
    "The target responds as a KMS host and is not one of the expected hosts. It might be a client with a KMS host key that was installed"
    " by mistake."
)
_INTRUDER_STEPS = [
    "If the target must be a KMS host, add it to the expected hosts.",
    "Otherwise convert it to a client: the entry point repair of the role kms_srv_cleanup does this and removes its record.",
]


@dataclass(frozen=True)
class _Target:
    """One host and port of one domain, with all records that lead there and what each probe of it said."""

    host: str
    port: int
    records: tuple[Data, ...]
    probes: tuple[Data, ...]
    expected: bool

    @property
    def status(self) -> str:
        """One of the words above. One answer of many is enough to work."""
        answers = {probe["status"] for probe in self.probes}
        if any(probe["is_kms_host"] for probe in self.probes):
            return WORKING if self.expected else NOT_EXPECTED
        if answers.intersection(SAYS_NOTHING):
            return UNDECIDED
        return NOT_A_KMS_HOST if "not_kms" in answers else NOT_RESPONDING


def stale_records(attempts: Sequence[Sequence[Data]], expected_hosts: Iterable[str] | None = None) -> dict[str, Any]:
    """The domains in words, the stale records, and what has to be done to remove those that may go.

    `attempts` are the lists `domains` of kms_srv_record_info, oldest first. `expected_hosts` are the full names of all machines that
    are meant to be KMS hosts; None when nobody says which they are. Raises ValueError for anything else.
    """
    expected = None if expected_hosts is None else {_full_name(name) for name in expected_hosts}
    domains = [_Domain(readings, expected) for readings in _by_domain(attempts)]
    return {
        "domains": [domain.summary() for domain in domains],
        "records": [record for domain in domains for record in domain.stale()],
        "removals": [removal for domain in domains for removal in domain.removals()],
    }


def _full_name(name: Any) -> str:
    if not isinstance(name, str) or "." not in name.rstrip("."):
        raise ValueError(f"the expected host {name!r} is not a full name, as SRV records have it, such as kms1.corp.example.com")
    return str(normalize_name(name))


def _by_domain(attempts: Sequence[Sequence[Data]]) -> list[list[Data]]:
    """What the attempts said about each domain, in the order of the domains."""
    found: dict[str | None, list[Data]] = {}
    for attempt in attempts:
        for reading in attempt:
            found.setdefault(normalize_name(reading["domain"]), []).append(reading)
    return list(found.values())


class _Domain:
    """The targets of one domain; the newest reading says which records there are, all readings say how they do."""

    def __init__(self, readings: Sequence[Data], expected: set[str] | None) -> None:
        self.name: str = readings[-1]["domain"]
        good = [reading for reading in readings if not reading.get("error")]
        self.error: Data | None = None if good else readings[-1]["error"]
        self.targets = list(_targets(good, expected)) if good else []
        self._rules = _rules({target.status for target in self.targets})
        staying = [target for target in self.targets if target.status in self._rules]
        records = Counter(normalize_name(target.host) for target in staying for _record in target.records)
        self._crowded = {host for host, number in records.items() if number > 1}
        self._works = sum(len(target.records) for target in self.targets if target.status in (WORKING, NOT_EXPECTED))

    def _stays_because(self, target: _Target) -> str | None:
        """Why the records of a target stay; None lets them go."""
        reason = self._rules.get(target.status)
        return reason or (_SEVERAL_STAY if normalize_name(target.host) in self._crowded else None)

    def stale(self) -> Iterator[dict[str, Any]]:
        """The records that are not as they should be, with the reason why one stays all the same."""
        for target in self.targets:
            if target.status != WORKING:
                yield {
                    "domain": self.name,
                    "host": target.host,
                    "port": target.port,
                    "status": target.status,
                    **_explanation(target),
                    "kept_because": self._stays_because(target),
                }

    def removals(self) -> Iterator[dict[str, Any]]:
        """What kms_srv_record is to be told: hosts all of whose records go, and the records that stay of hosts that lose another one."""
        leaving = {normalize_name(target.host) for target in self.targets if not self._stays_because(target)}
        staying = [target for target in self.targets if self._stays_because(target) and normalize_name(target.host) in leaving]
        limited = {normalize_name(target.host) for target in staying}
        # With a final dot the module takes any name, also a short one or an address: those are records nobody wants.
        whole = {normalize_name(target.host): f"{target.host.removesuffix('.')}." for target in self.targets}
        gone = [{"host": name} for host, name in whole.items() if host in leaving - limited]
        if gone:
            yield {"domains": [self.name], "state": "absent", "records": gone}
        if staying:
            # The module knows one record for each host: present takes away all but the one that is named.
            kept = [_plain(record) for target in staying for record in target.records]
            yield {"domains": [self.name], "state": "present", "records": kept}

    def summary(self) -> dict[str, Any]:
        """Counts of records, and what they come to in a sentence."""
        published = sum(len(target.records) for target in self.targets)
        removable = sum(len(target.records) for target in self.targets if not self._stays_because(target))
        counts = {"published": published, "working": self._works, "removable": removable}
        return {"domain": self.name, **counts, "message": self._message(published, removable), "error": self.error}

    def _message(self, published: int, removable: int) -> str:
        if self.error is not None:
            return f"The records could not be read: {self.error['meaning']}"
        if not published:
            return "No record is published. Clients that look in this domain do not find a KMS host."
        unknown = sum(len(target.records) for target in self.targets if target.status == UNDECIDED)
        if not self._works:
            nobody = "Clients that look in this domain do not find a KMS host"
            doubt = f"The status of {unknown} of them is not known" if unknown else nobody
            return f"Records: {published}. No record is known to work, so no record is removed. {doubt}."
        return f"Records: {published}. Responding KMS hosts: {self._works}. Removable: {removable}."


def _rules(statuses: set[str]) -> dict[str, str]:
    """For each status why such records stay in a domain with these statuses; a status that is not in it lets them go."""
    rules = {WORKING: _WORKS, UNDECIDED: _NOT_KNOWN}
    if WORKING not in statuses:
        rules[NOT_EXPECTED] = _NOBODY_EXPECTED_WORKS
        if NOT_EXPECTED not in statuses:
            rules.update({NOT_RESPONDING: _NOTHING_WORKS, NOT_A_KMS_HOST: _NOTHING_WORKS})
    return rules


def _targets(readings: Sequence[Data], expected: set[str] | None) -> Iterator[_Target]:
    """One for each host and port of the newest reading."""
    probes: dict[tuple[str | None, int], list[Data]] = {}
    for reading in readings:
        for record in reading["records"]:
            probes.setdefault(_key(record), []).append(_probe_of(record))
    grouped: dict[tuple[str | None, int], list[Data]] = {}
    for record in readings[-1]["records"]:
        grouped.setdefault(_key(record), []).append(record)
    for (host, port), records in grouped.items():
        known = expected is None or host in expected
        yield _Target(records[0]["host"], port, tuple(records), tuple(probes[host, port]), known)


def _key(record: Data) -> tuple[str | None, int]:
    return normalize_name(record["host"]), record["port"]


def _probe_of(record: Data) -> Data:
    probe: Data | None = record.get("probe_result")
    if probe is None:
        raise ValueError(f"{record['host']} was not probed: read the records with probe: true")
    return probe


def _explanation(target: _Target) -> dict[str, Any]:
    if target.status == NOT_EXPECTED:
        return {"meaning": _INTRUDER, "next_steps": list(_INTRUDER_STEPS)}
    deciding = [probe for probe in target.probes if _decides(probe, target.status)][-1]
    asked = "" if len(target.probes) == 1 else f" The target was probed {len(target.probes)} times."
    return {"meaning": f"{deciding['meaning']}{asked}", "next_steps": list(deciding["next_steps"])}


def _decides(probe: Data, status: str) -> bool:
    """Whether a probe is one that led to this status."""
    if status == UNDECIDED:
        return probe["status"] in SAYS_NOTHING
    return status != NOT_A_KMS_HOST or probe["status"] == "not_kms"


def _plain(record: Data) -> dict[str, Any]:
    return {name: record[name] for name in ("host", "port", "priority", "weight")}
