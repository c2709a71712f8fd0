# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what was found at KMS endpoints and in DNS with what was found before, and make events of the changes.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Pure: the probes, the time, and the former state in, the new state and the events out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...module_utils._dns.errors import DnsError
from ...module_utils._kms.probe import Probe
from ...module_utils._kms.status import NOT_PROBED, ProbeStatus
from .loop import Event, time_text

EndpointKey = tuple[str, int]

_SAYS_NOTHING = frozenset({*(status.value for status in NOT_PROBED), ProbeStatus.BUSY.value})
"""Statuses that do not show whether a KMS host is there. They neither count as a failure nor end a series of failures."""


@dataclass(frozen=True)
class Observation:
    """One probe of a round; `domains` are those whose records name the endpoint, empty for an endpoint of the rulebook alone."""

    probe: Probe
    domains: tuple[str, ...] = ()


@dataclass(frozen=True)
class EndpointState:
    """What is known of an endpoint. `since` is the begin of the status, `responded` the last response as a KMS host."""

    observation: Observation
    since: datetime
    failures: int = 0
    responded: datetime | None = None
    is_silent: bool = False


@dataclass(frozen=True)
class DomainState:
    """The error of a domain, with its begin and the number of rounds in a row."""

    code: str
    since: datetime
    failures: int


EndpointStates = Mapping[EndpointKey, EndpointState]
DomainStates = Mapping[str, DomainState]


def compare_endpoints(
    before: EndpointStates, observations: Mapping[EndpointKey, Observation], now: datetime, silent_after: int, *, always: bool
) -> tuple[dict[EndpointKey, EndpointState], list[Event]]:
    """Return the new states and the events: those of changes, or with `always` one for each endpoint.

    An endpoint is silent after this number of failures in a row. The change of an event is the first that applies of:
    silent, responds (it was silent), found (for the first time), status (another one), and none. Endpoints that are not observed any more
    are gone.
    """
    after: dict[EndpointKey, EndpointState] = {}
    events: list[Event] = []
    for key, observation in observations.items():
        former = before.get(key)
        state = after[key] = _next_state(former, observation, now, silent_after)
        change = _change(former, state)
        if always or change != "none":
            events.append(_endpoint_event(state, former, change))
    events += [_endpoint_event(state, state, "gone") for key, state in before.items() if key not in observations]
    return after, events


def _next_state(former: EndpointState | None, observation: Observation, now: datetime, silent_after: int) -> EndpointState:
    probe = observation.probe
    is_same = former is not None and former.observation.probe.status == probe.status
    since = former.since if former and is_same else now
    if probe.is_kms_host:
        return EndpointState(observation, since, 0, now)
    failures = former.failures if former else 0
    responded, was_silent = (former.responded, former.is_silent) if former else (None, False)
    if probe.status in _SAYS_NOTHING:
        return EndpointState(observation, since, failures, responded, was_silent)
    return EndpointState(observation, since, failures + 1, responded, failures + 1 >= silent_after)


def _change(former: EndpointState | None, state: EndpointState) -> str:
    was_silent = former is not None and former.is_silent
    if state.is_silent != was_silent:
        return "silent" if state.is_silent else "responds"
    if former is None:
        return "found"
    return "none" if former.observation.probe.status == state.observation.probe.status else "status"


def _endpoint_event(state: EndpointState, former: EndpointState | None, change: str) -> Event:
    return {
        "kms_endpoint": {
            **state.observation.probe.as_dict(),
            "change": change,
            "domains": list(state.observation.domains),
            "is_silent": state.is_silent,
            "consecutive_failures": state.failures,
            "since": time_text(state.since),
            "last_response": time_text(state.responded),
            "previous_status": former.observation.probe.status if former else None,
        }
    }


def compare_domains(
    before: DomainStates, problems: Mapping[str, DnsError | None], now: datetime, *, always: bool
) -> tuple[dict[str, DomainState], list[Event]]:
    """Return the new states and the events of domains whose records could not be read, or can be read again.

    The change is failed for another error than before, none for the same one (with `always` only), and recovered.
    """
    after: dict[str, DomainState] = {}
    events: list[Event] = []
    for domain, problem in problems.items():
        former = before.get(domain)
        if problem is None:
            if former:
                events.append(_domain_event(domain, former, None, "recovered"))
            continue
        is_same = former is not None and former.code == problem.error_code
        failures = former.failures + 1 if former else 1
        state = after[domain] = DomainState(str(problem.error_code), former.since if former else now, failures)
        if always or not is_same:
            events.append(_domain_event(domain, state, problem, "none" if is_same else "failed"))
    return after, events


def _domain_event(domain: str, state: DomainState, problem: DnsError | None, change: str) -> Event:
    error = problem.as_dict() if problem else {}
    return {
        "kms_dns": {
            "domain": domain,
            "change": change,
            "code": error.get("code"),
            "meaning": error.get("meaning"),
            "next_steps": error.get("next_steps") or [],
            "consecutive_failures": state.failures if problem else 0,
            "since": time_text(state.since),
        }
    }


def keys_in_order(found: Sequence[tuple[EndpointKey, tuple[str, ...]]]) -> dict[EndpointKey, tuple[str, ...]]:
    """Return the domains of each endpoint, in the order in which the endpoints were first found."""
    domains: dict[EndpointKey, tuple[str, ...]] = {}
    for key, names in found:
        domains[key] = tuple(dict.fromkeys((*domains.get(key, ()), *names)))
    return domains


__all__ = ["DomainState", "EndpointState", "Observation", "compare_domains", "compare_endpoints", "keys_in_order"]
