# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the value of an option has to look like, whatever the module.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An option name means the same in every module, so a check is found by the name of the option. Each takes the value
after type conversion and returns the value to use; ValueError carries a sentence for people that never repeats a
product key.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from ...module_utils._hosts import parse_host
from ...module_utils._networks import parse_network
from .._jobs.activation_check.model import FINDINGS, SEVERITIES
from .._licensing.catalog import host_matrix
from .._licensing.events.catalog import catalog
from .._licensing.events.log import Since
from .._licensing.state.phone import digits_of, installation_digits_of
from .._licensing.state.product_key import ProductKey
from .._probing.known_hosts import host_result
from .help_url import help_url
from .redact import mask_keys, resembles_key
from .windows_paths import file_name, windows_path

_FIVE_GROUPS = re.compile(r"[^-.]{4,6}(?:-[^-.]{4,6}){4}")
_HOST_AND_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:/\s]+):(?P<port>\d+)")
_PORTS = range(1, 65536)
_INTERVALS = range(15, 43201)
_SRV_NUMBERS = range(65536)
_PROBE_SECONDS = range(1, 301)
_DNS_SECONDS = range(1, 601)
_FIRST_YEAR = 1990
_EVENTS = range(1, 10001)
_DAYS_LEFT = range(8)


def port(value: int) -> int:
    """A TCP port from 1 to 65535."""
    if value not in _PORTS:
        raise ValueError(f"{value} is no TCP port, which is a number from 1 to 65535")
    return value


def not_negative(value: int) -> int:
    """A number of seconds, minutes, days, activations or the like, 0 or more."""
    if value < 0:
        raise ValueError(f"{value} is negative")
    return value


def days_left(value: int) -> int:
    """Days of a grace period; more could be what a rearm gives, and the reason for it would be there again at once."""
    if value not in _DAYS_LEFT:
        raise ValueError(f"{value} is not a number of days from 0 to 7")
    return value


def _refuse_key(value: str) -> None:
    """A product key has the form of a host name, mistyped or not; it must not end up in a setting anybody can read."""
    if mask_keys(value) != value:
        raise ValueError("it is a product key, which goes into product_key")
    if _FIVE_GROUPS.fullmatch(value) and resembles_key(value):
        raise ValueError("it looks like a product key with a typing error; a product key goes into product_key")


def host(value: str) -> str:
    """A DNS or NetBIOS name, an IPv4 address or an IPv6 address, the last one in brackets or not."""
    if not value:
        raise ValueError("it is empty; to let the machine find its KMS host by itself, set discovery: true instead")
    _refuse_key(value)
    both = _HOST_AND_PORT.fullmatch(value)
    if both:
        raise ValueError(f"{value!r} holds a port: write kms_host: {both['host']} and kms_port: {both['port']}")
    return parse_host(value)


def domain(value: str) -> str:
    """A DNS domain, or an empty text to clear it."""
    if not value:
        return value
    _refuse_key(value)
    has_colon = ":" in value and "://" not in value
    name = "" if has_colon else parse_host(value)
    if not name.strip("0123456789."):
        raise ValueError(f"{value!r} is no DNS domain: it is an address or has a port")
    return name


def guid(value: str) -> str:
    """An ID such as an activation ID, in braces or not; returned in lower case without braces."""
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError(f"{value!r} is no ID, which looks like 2de67392-b7a7-462a-b1ca-108dd189f588") from None


def interval(value: int) -> int:
    """An interval of a KMS host in minutes: what Windows takes, from a quarter of an hour to 30 days."""
    if value not in _INTERVALS:
        raise ValueError(f"{value} is no interval of a KMS host, which is 15 to 43200 minutes")
    return value


def srv_number(value: int) -> int:
    """Priority or weight of an SRV record."""
    if value not in _SRV_NUMBERS:
        raise ValueError(f"{value} is not a number from 0 to 65535")
    return value


def published_domain(value: str) -> str:
    """A DNS domain to publish in, which cannot be empty; it goes into a line whose parts have commas between them."""
    if not value:
        raise ValueError("it is empty; an empty list publishes in no further domain")
    return domain(value)


def host_key_kind(value: str) -> str:
    """The name of a kind of KMS host key, as the table of hosts writes it."""
    return host_matrix.kind_named(value).name


def edition_id(value: str) -> str:
    """An EditionID as Windows writes it, such as ServerStandard; no product name and no key."""
    _refuse_key(value)
    if re.fullmatch(r"[A-Za-z0-9]+", value) is None:
        raise ValueError(f"{value!r} is no EditionID, which is one word such as ServerStandard or Professional")
    return value


def finding_or_severity(value: str) -> str:
    """What may make a check fail: a severity, or the name of a finding."""
    if value in SEVERITIES or value in FINDINGS:
        return value
    near = difflib.get_close_matches(value, FINDINGS, n=2)
    hint = f"did you mean {' or '.join(near)}?" if near else f"findings are {', '.join(sorted(FINDINGS))}"
    raise ValueError(f"{value!r} is neither a severity ({', '.join(SEVERITIES)}) nor the name of a finding; {hint}")


def _seconds(allowed: range) -> Callable[[int], int]:
    """Return the check of a timeout, which must be in `allowed`."""

    def check(value: int) -> int:
        if value not in allowed:
            raise ValueError(f"{value} is not a number of seconds from {allowed[0]} to {allowed[-1]}")
        return value

    return check


def since(value: str) -> Since:
    """A number of hours, or a date with or without a time in ISO 8601, in UTC where no offset is given."""
    text = value.strip()
    if re.fullmatch(r"\d{1,6}(\.\d+)?", text):
        if not float(text):
            raise ValueError("it is 0 hours; the number of hours must be greater than 0")
        return timedelta(hours=float(text))
    try:
        moment = datetime.fromisoformat(re.sub(r"[Zz]$", "+00:00", text))
    except ValueError:
        raise ValueError(f"{value!r} is neither a number of hours nor a time such as 2026-11-20T08:00:00Z") from None
    if moment.year < _FIRST_YEAR:
        raise ValueError(f"{value!r} is too early; Windows did not have such a log then")
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def event_id(value: int) -> int:
    """The number of an event of the licensing service."""
    if value not in catalog():
        near = sorted(catalog(), key=lambda known: abs(known - value))[:3]
        raise ValueError(f"{value} is not a known event of the licensing service; the nearest are {', '.join(map(str, sorted(near)))}")
    return value


def how_many(value: int) -> int:
    """A number of events to show."""
    if value not in _EVENTS:
        raise ValueError(f"{value} is not a number from 1 to {_EVENTS[-1]}")
    return value


CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "activation_alternate_url": help_url,
    "activation_id": guid,
    "activation_interval": interval,
    "application_id": guid,
    "clock_tolerance": not_negative,
    "cmids": guid,
    "confirmation_id": digits_of,
    "dns_port": port,
    "dns_server": parse_host,
    "dns_timeout": _seconds(_DNS_SECONDS),
    "domain": published_domain,
    "edition_id": edition_id,
    "event_ids": event_id,
    "fail_on": finding_or_severity,
    "fallback_key": ProductKey.parse,
    "file_name": file_name,
    "installation_id": installation_digits_of,
    "kms_host": host,
    "kms_host_info": host_result,
    "kms_port": port,
    "listening_port": port,
    "lookup_domain": domain,
    "max_activations": not_negative,
    "max_events": how_many,
    "min_days_left": not_negative,
    "min_rearms_left": not_negative,
    "path": windows_path,
    "planned_activations": not_negative,
    "priority": srv_number,
    "probe_networks": parse_network,
    "probe_timeout": _seconds(_PROBE_SECONDS),
    "product_name": host_key_kind,
    "product_key": ProductKey.parse,
    "renewal_interval": interval,
    "reboot_timeout": not_negative,
    "since": since,
    "retry_timeout": not_negative,
    "weight": srv_number,
    "max_days_left": days_left,
}
"""The check of every option that needs one beyond its type and its choices."""

__all__ = ["CHECKS", "domain", "guid", "host", "not_negative", "port"]
