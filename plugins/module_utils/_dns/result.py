# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Convert outcomes to the plain data of a result.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import with_next_step
from .errors import DnsError
from .model import RecordSet, srv_owner_name
from .plan import DesiredRecords
from .render import zone_lines
from .service import DomainOutcome, concerned


def result_of(
    outcomes: Sequence[DomainOutcome], desired: DesiredRecords, *, rendering: bool = False, check: bool = False, diff: bool = False
) -> dict[str, Any]:
    """Return the whole result of kms_srv_record. Rendering changes nothing, whatever the commands would; `diff` is for diff mode."""
    changed = [not rendering and outcome.changed(desired) for outcome in outcomes]
    words = ["rendered the records" if rendering else _summary(outcome, desired, check=check) for outcome in outcomes]
    result: dict[str, Any] = {
        "changed": any(changed),
        "msg": one_line({outcome.domain: word for outcome, word in zip(outcomes, words, strict=True)}),
        "domains": [_domain(outcome, changed=one) for outcome, one in zip(outcomes, changed, strict=True)],
    }
    if diff:
        result["diff"] = [_diff(outcome) for outcome, one in zip(outcomes, changed, strict=True) if one]
    failed = failure_of({outcome.domain: outcome.problem for outcome in outcomes if outcome.problem})
    done = {outcome.domain: word for outcome, one, word in zip(outcomes, changed, words, strict=True) if one and not outcome.problem}
    return result | (failed | {"msg": f"{failed['msg']} Without an error: {one_line(done)}"} if failed and done else failed)


def one_line(words: Mapping[str, str]) -> str:
    """Return `msg` of a task that did not fail: domains with the same words together."""
    domains_of: dict[str, list[str]] = {}
    for domain, word in words.items():
        domains_of.setdefault(word, []).append(domain)
    return "; ".join(f"{', '.join(domains)}: {word}" for word, domains in domains_of.items()) + "."


def number(count: int, noun: str = "record") -> str:
    """Return a number with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _summary(outcome: DomainOutcome, desired: DesiredRecords, *, check: bool) -> str:
    """Return the changes of a domain, or in check mode the planned changes."""
    if not outcome.changed(desired):
        return "refreshed the records" if outcome.updates_sent else "nothing to do"
    if outcome.before is None or outcome.after is None:
        return "changed the records"
    (old_ttl, old), (new_ttl, new) = concerned(outcome.before, desired), concerned(outcome.after, desired)
    add, remove, change = ("add", "remove", "change") if check else ("added", "removed", "changed")
    done = [f"{add} {number(len(new - old))}"] if new - old else []
    done += [f"{remove} {number(len(old - new))}"] if old - new else []
    done += [f"{change} the TTL"] if old and new and old_ttl != new_ttl else []
    return f"{'would ' if check else ''}{', '.join(done) or f'{change} the records'}"


def failure_of(problems: dict[str, DnsError]) -> dict[str, Any]:
    """Return `failed`, `msg`, and `error` if there is a problem in any domain.

    `msg` contains all problems, `error` is the first one; each domain has its own next to its records.
    """
    if not problems:
        return {}
    domains_of: dict[str, list[str]] = {}
    for domain, problem in problems.items():
        domains_of.setdefault(_sentence(problem), []).append(domain)
    first = next(iter(problems.values()))
    words = " ".join(f"{', '.join(domains)}: {sentence}" for sentence, domains in domains_of.items())
    return {"failed": True, "msg": words, "error": first.as_dict()}


def refusal_of(problem: DnsError, more: str = "") -> dict[str, Any]:
    """Return `msg` and `error` for a task that fails before the first domain, for example because of an invalid key file."""
    return {"msg": f"{_sentence(problem)} {more}".rstrip(), "error": problem.as_dict()}


def _sentence(problem: DnsError) -> str:
    return with_next_step(str(problem), problem.as_dict())


def _domain(outcome: DomainOutcome, *, changed: bool) -> dict[str, Any]:
    place = outcome.place
    return {
        "domain": outcome.domain,
        "name": srv_owner_name(outcome.domain),
        "zone": place.zone.name if place else None,
        "dns_server": str(place.endpoint) if place else None,
        "changed": changed,
        "before": _set(outcome.before),
        "after": _set(outcome.after),
        "updates_sent": outcome.updates_sent,
        "checks_sent": outcome.checks_sent,
        "confirmed_by": outcome.confirmed_by,
        "warnings": outcome.warnings,
        "rendered": outcome.rendered.as_dict() if outcome.rendered else None,
        "error": outcome.problem.as_dict() if outcome.problem else None,
    }


def _set(records: RecordSet | None) -> dict[str, object] | None:
    return None if records is None else records.as_dict()


def _diff(outcome: DomainOutcome) -> dict[str, str]:
    """Return the records of the domain before and after, as lines of a zone file."""
    name = srv_owner_name(outcome.domain)
    texts = {when: "".join(f"{line}\n" for line in zone_lines(name, records or RecordSet())) for when, records in _both(outcome)}
    return {"before_header": name, "after_header": name, **texts}


def _both(outcome: DomainOutcome) -> tuple[tuple[str, RecordSet | None], ...]:
    return ("before", outcome.before), ("after", outcome.after)
