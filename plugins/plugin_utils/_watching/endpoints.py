# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source kms_endpoints: reads SRV records, probes KMS hosts, and reports what changed.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ...module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ...module_utils._deadline import Deadline
from ...module_utils._dns import library
from ...module_utils._dns.errors import DnsError
from ...module_utils._dns.model import SrvRecord, in_order, parse_domain
from ...module_utils._dns.reading import ZoneReading, addresses_in, look
from ...module_utils._dns.service import ServerSettings
from ...module_utils._errors import InvalidOptionsError
from ...module_utils._hosts import normalize_name, parse_host
from ...module_utils._kms.endpoint import parse_endpoint
from ...module_utils._kms.limits import MOST_ADDRESSES, Limits, side_by_side
from ...module_utils._kms.probe import probe_within
from ...module_utils._networks import parse_network
from ...module_utils._resolver import system_addresses
from .comparison import DomainState, EndpointKey, EndpointState, Observation, compare_domains, compare_endpoints, keys_in_order
from .loop import Event, EventQueue, utc_now, watch
from .options import SourceOption, options_of

MOST_PROBED = 64
"""Maximum number of endpoints that are probed in one round, of the rulebook and of DNS each. Others from DNS have the status not_asked."""

_MOST_LISTED = 4 * MOST_PROBED
_MARGIN = 5.0
_DNS_MESSAGES, _DNS_MARGIN = 8, 25.0
"""Time for all domains of a round, which are read at the same time: this number of timeouts, and these seconds."""

_ANY_NETWORK = tuple(parse_network(text) for text in ("0.0.0.0/0", "::/0"))

OPTIONS = {
    "endpoints": SourceOption("list", (), most=MOST_PROBED, check=parse_endpoint),
    "domains": SourceOption("list", (), most=16, check=parse_domain),
    "interval": SourceOption("int", 60, 1, 86400),
    "emit": SourceOption("str", "changes", choices=("changes", "always")),
    "silent_after": SourceOption("int", 3, 1, 1000),
    "probe_timeout": SourceOption("int", 5, 1, 300),
    "probe_networks": SourceOption("list", (), check=parse_network),
    "dns_server": SourceOption("str", None, check=parse_host),
    "dns_port": SourceOption("int", 53, 1, 65535),
    "dns_timeout": SourceOption("int", 5, 1, 600),
}


class EndpointSource:
    """The rounds of one source, and what the last one found. A round blocks; its time is limited by the timeouts of the options."""

    def __init__(self, args: Mapping[str, Any]) -> None:
        """Raise InvalidOptionsError."""
        self.options = options_of("kms_endpoints", args, OPTIONS)
        if not self.options["endpoints"] and not self.options["domains"]:
            raise InvalidOptionsError("kms_endpoints: set endpoints, domains, or both. Nothing was read or sent.")
        if self.options["domains"] and library.MISSING:
            needed = "the Python package dnspython 2.3 or later where ansible-rulebook runs"
            raise InvalidOptionsError(f"kms_endpoints: domains requires {needed}. Nothing was read or sent.")
        self._readings: dict[str, ZoneReading] = {}
        self._endpoints: dict[EndpointKey, EndpointState] = {}
        self._domains: dict[str, DomainState] = {}

    def round(self) -> list[Event]:
        """Read, probe, and return the events."""
        always, silent_after = self.options["emit"] == "always", self.options["silent_after"]
        self._domains, told = compare_domains(self._domains, self._read(), utc_now(), always=always)
        observations = self._probe()
        self._endpoints, events = compare_endpoints(self._endpoints, observations, utc_now(), silent_after, always=always)
        return [*told, *events]

    def _read(self) -> dict[str, DnsError | None]:
        """Read all domains at the same time. Of a domain that cannot be read, the former records are kept."""
        options = self.options
        settings = ServerSettings(options["dns_server"], options["dns_port"], options["dns_timeout"])
        domains = list(options["domains"])
        # The time limit of a domain does not include the resolver of this machine, so a deadline applies to all of them.
        deadline = Deadline.after(_DNS_MESSAGES * settings.timeout + _DNS_MARGIN)
        jobs = [partial(look, [domain], settings) for domain in domains]
        problems: dict[str, DnsError | None] = {}
        for domain, found in zip(domains, side_by_side(jobs, deadline), strict=True):
            problems[domain] = found[0].problem if found else DnsError("timeout")
            if found and not found[0].problem:
                self._readings[domain] = found[0]
        return problems

    def _probe(self) -> dict[EndpointKey, Observation]:
        """Probe the endpoints of the rulebook at any address, and those of DNS within the limits for what DNS names."""
        own = list(dict.fromkeys(_key(*parse_endpoint(text)) for text in self.options["endpoints"]))
        named = keys_in_order(self._records())
        foreign = [key for key in named if key not in own][:_MOST_LISTED]
        known = addresses_in(list(self._readings.values()))

        def resolve(host: str) -> Sequence[str]:
            found = known.get(normalize_name(host) or "")
            if found is None:
                raise OSError(f"neither the name server nor the resolver of this machine has told where {host} is")
            return found

        probed = self._ask(own, system_addresses, _ANY_NETWORK)
        probed |= self._ask(foreign, resolve, [parse_network(text) for text in self.options["probe_networks"]])
        return {key: Observation(probe, named.get(key, ())) for key, probe in probed.items()}

    def _ask(self, keys: list[EndpointKey], resolve: Any, networks: Any) -> dict[EndpointKey, Any]:
        timeout = self.options["probe_timeout"]
        deadline = Deadline.after(MOST_ADDRESSES * timeout + _MARGIN)
        limits = Limits(deadline, networks, endpoints=MOST_PROBED, connections=MOST_PROBED * MOST_ADDRESSES)
        return dict(zip(keys, probe_within(keys, timeout, resolve, limits), strict=True))

    def _records(self) -> list[tuple[EndpointKey, tuple[str, ...]]]:
        """Return the endpoints of the records. A record whose target is not the name of a host is left out, as clients cannot use it."""
        found: list[tuple[EndpointKey, tuple[str, ...]]] = []
        for domain, reading in self._readings.items():
            keys = [_key_of_record(record) for record in in_order(reading.records.records)]
            found += [(key, (domain,)) for key in keys if key]
        return found


def _key_of_record(record: SrvRecord) -> EndpointKey | None:
    try:
        return _key(parse_host(record.host), record.port)
    except ValueError:
        return None


def _key(host: str, port: int) -> EndpointKey:
    return normalize_name(host) or host, port


async def run(queue: EventQueue, args: Mapping[str, Any]) -> None:
    """Put events until the source is canceled. Raises InvalidOptionsError at once for invalid arguments."""
    source = EndpointSource(args)
    await watch(queue, source.options["interval"], source.round)


__all__ = ["OPTIONS", "EndpointSource", "run"]
