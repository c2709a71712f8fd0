# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the SRV records of KMS hosts that are stale, and those that can be removed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure. The input are results of kms_srv_record_info with its probe, one for each time that the targets were probed. Two rules have priority:
the last record of a domain that works is never removed, and a target that could not be probed is not stale.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...module_utils._hosts import normalize_name
from .._probing.undecided import UNDECIDED_STATUSES

Data = Mapping[str, Any]

WORKING = "working"
UNDECIDED = "undecided"
NOT_RESPONDING = "not_responding"
NOT_A_KMS_HOST = "not_a_kms_host"
NOT_EXPECTED = "not_expected"

_NOTHING_WORKS = "No record of the domain works, so no record is removed: clients find the first host that works again by its record."
_NO_EXPECTED_WORKS = "Only hosts that are not expected respond in this domain, and the last record that works is never removed."
_NOT_KNOWN = "It is not known whether there is a KMS host, so the record stays."
_SEVERAL_STAY = "Several other records of this host stay, and the module can keep only one record of a host. Remove this record manually."
_WORKS = "It works."
_UNEXPECTED = (
    "The target responds as a KMS host and is not one of the expected hosts. It might be a client with a KMS host key that was installed"
    " by mistake."
)
_UNEXPECTED_STEPS = [
    "If the target must be a KMS host, add it to the expected hosts.",
    "Otherwise convert it to a client: the entry point repair of the role kms_srv_cleanup does this and removes its record.",
]


@dataclass(frozen=True)
class _Target:
    """One host and port of one domain, with all records for it and all results of its probes."""

    host: str
    port: int
    records: tuple[Data, ...]
    probes: tuple[Data, ...]
    expected: bool

    @property
    def status(self) -> str:
        """Return one of the constants above. A target that responds to one of several probes works."""
        statuses = {probe["status"] for probe in self.probes}
        if any(probe["is_kms_host"] for probe in self.probes):
            return WORKING if self.expected else NOT_EXPECTED
        if statuses.intersection(UNDECIDED_STATUSES):
            return UNDECIDED
        return NOT_A_KMS_HOST if "not_kms" in statuses else NOT_RESPONDING


def stale_records(attempts: Sequence[Sequence[Data]], expected_hosts: Iterable[str] | None = None) -> dict[str, Any]:
    """Return a summary of each domain, the stale records, and the tasks that remove the records that can be removed.

    `attempts` are the lists `domains` of kms_srv_record_info, oldest first. `expected_hosts` are the full names of all machines that must
    be KMS hosts, or None if every host is expected. Raises ValueError for a name that is not full, and for records that were not probed.
    """
    expected = None if expected_hosts is None else {_full_name(name) for name in expected_hosts}
    domains = [_Domain(results, expected) for results in _by_domain(attempts)]
    return {
        "domains": [domain.summary() for domain in domains],
        "records": [record for domain in domains for record in domain.stale()],
        "removals": [removal for domain in domains for removal in domain.removals()],
    }


def _full_name(name: Any) -> str:
    if not isinstance(name, str) or "." not in name.rstrip("."):
        raise ValueError(f"the expected host {name!r} is not a full name. Use full names as in SRV records, such as kms1.corp.example.com.")
    return str(normalize_name(name))


def _by_domain(attempts: Sequence[Sequence[Data]]) -> list[list[Data]]:
    """Return the results of each domain, oldest first, in the order of the domains."""
    found: dict[str | None, list[Data]] = {}
    for attempt in attempts:
        for result in attempt:
            found.setdefault(normalize_name(result["domain"]), []).append(result)
    return list(found.values())


class _Domain:
    """The targets of one domain. The records are those of the newest result, the probes those of all results."""

    def __init__(self, results: Sequence[Data], expected: set[str] | None) -> None:
        self.name: str = results[-1]["domain"]
        good = [result for result in results if not result.get("error")]
        self.error: Data | None = None if good else results[-1]["error"]
        self.targets = list(_targets(good, expected)) if good else []
        self._rules = _rules({target.status for target in self.targets})
        staying = [target for target in self.targets if target.status in self._rules]
        records = Counter(normalize_name(target.host) for target in staying for _record in target.records)
        self._crowded = {host for host, number in records.items() if number > 1}
        self._works = sum(len(target.records) for target in self.targets if target.status in (WORKING, NOT_EXPECTED))

    def _stays_because(self, target: _Target) -> str | None:
        """Return why the records of a target stay, or None if they can be removed."""
        reason = self._rules.get(target.status)
        return reason or (_SEVERAL_STAY if normalize_name(target.host) in self._crowded else None)

    def stale(self) -> Iterator[dict[str, Any]]:
        """Yield the records that are not in the desired state, with the reason if a record must stay."""
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
        """Yield options of kms_srv_record: hosts that lose all records, and the remaining records of hosts that lose another record."""
        leaving = {normalize_name(target.host) for target in self.targets if not self._stays_because(target)}
        staying = [target for target in self.targets if self._stays_because(target) and normalize_name(target.host) in leaving]
        limited = {normalize_name(target.host) for target in staying}
        # With a final dot, the module accepts any name, also short names and addresses, so that such records can be removed.
        whole = {normalize_name(target.host): f"{target.host.removesuffix('.')}." for target in self.targets}
        gone = [{"host": name} for host, name in whole.items() if host in leaving - limited]
        if gone:
            yield {"domains": [self.name], "state": "absent", "records": gone}
        if staying:
            # The module manages one record for each host: state=present removes all other records of the host.
            kept = [_plain(record) for target in staying for record in target.records]
            yield {"domains": [self.name], "state": "present", "records": kept}

    def summary(self) -> dict[str, Any]:
        """Return the numbers of records, and a message with them."""
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
            effect = "Clients that look in this domain do not find a KMS host."
            status = f"Records with an unknown status: {unknown}." if unknown else effect
            return f"Records: {published}. No record is known to work, so no record is removed. {status}"
        return f"Records: {published}. Responding KMS hosts: {self._works}. Removable: {removable}."


def _rules(statuses: set[str]) -> dict[str, str]:
    """Return, by status, why records stay in a domain with these statuses. Records with any other status can be removed."""
    rules = {WORKING: _WORKS, UNDECIDED: _NOT_KNOWN}
    if WORKING not in statuses:
        rules[NOT_EXPECTED] = _NO_EXPECTED_WORKS
        if NOT_EXPECTED not in statuses:
            rules.update({NOT_RESPONDING: _NOTHING_WORKS, NOT_A_KMS_HOST: _NOTHING_WORKS})
    return rules


def _targets(results: Sequence[Data], expected: set[str] | None) -> Iterator[_Target]:
    """Yield a target for each host and port of the newest result."""
    probes: dict[tuple[str | None, int], list[Data]] = {}
    for result in results:
        for record in result["records"]:
            probes.setdefault(_key(record), []).append(_probe_of(record))
    grouped: dict[tuple[str | None, int], list[Data]] = {}
    for record in results[-1]["records"]:
        grouped.setdefault(_key(record), []).append(record)
    for (host, port), records in grouped.items():
        known = expected is None or host in expected
        yield _Target(records[0]["host"], port, tuple(records), tuple(probes[host, port]), known)


def _key(record: Data) -> tuple[str | None, int]:
    return normalize_name(record["host"]), record["port"]


def _probe_of(record: Data) -> Data:
    probe: Data | None = record.get("probe_result")
    if probe is None:
        raise ValueError(f"{record['host']} was not probed. Read the records with probe: true.")
    return probe


def _explanation(target: _Target) -> dict[str, Any]:
    if target.status == NOT_EXPECTED:
        return {"meaning": _UNEXPECTED, "next_steps": list(_UNEXPECTED_STEPS)}
    deciding = [probe for probe in target.probes if _decides(probe, target.status)][-1]
    repeated = "" if len(target.probes) == 1 else f" The target was probed {len(target.probes)} times."
    return {"meaning": f"{deciding['meaning']}{repeated}", "next_steps": list(deciding["next_steps"])}


def _decides(probe: Data, status: str) -> bool:
    """Whether a probe led to this status of the target."""
    if status == UNDECIDED:
        return probe["status"] in UNDECIDED_STATUSES
    return status != NOT_A_KMS_HOST or probe["status"] == "not_kms"


def _plain(record: Data) -> dict[str, Any]:
    return {name: record[name] for name in ("host", "port", "priority", "weight")}
