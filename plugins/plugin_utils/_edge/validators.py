# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validators of option values, which are the same in every module.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An option name has the same meaning in every module, so the name of the option selects the validator. A validator gets the value after
the type conversion, and returns the value to use. It raises ValueError with a human-readable message that never contains a product key.
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
from ...module_utils._phone import digits_of, installation_digits_of
from .._adba.model import LONGEST_NAME
from .._licensing.ad.objects import known_object
from .._licensing.catalog import host_matrix
from .._licensing.catalog.findings import FINDINGS, SEVERITIES
from .._licensing.events.catalog import catalog
from .._licensing.events.log import Since
from .._licensing.state.product_key import ALPHABET, ProductKey
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
_KEPT = range(1, 1001)
_PARALLEL = range(1, 501)
_MACHINE_SECONDS = range(1, 3601)
_DEADLINES = range(86401)
_RETURNED = range(1001)
_LAST_LICENSE_VERSION = 0xFFFFFFFE


def port(value: int) -> int:
    """Return a TCP port from 1 to 65535."""
    if value not in _PORTS:
        raise ValueError(f"{value} is not a TCP port from 1 to 65535")
    return value


def license_version(value: int) -> int:
    """Return the version of an issuance license (ILVID). 4294967295 means that there is none."""
    # No `in range`: Ansible's integers are a subclass of int, for which Python compares each number of the range.
    if not 0 <= value <= _LAST_LICENSE_VERSION:
        raise ValueError(f"{value} is not a version from 0 to {_LAST_LICENSE_VERSION}")
    return value


def not_negative(value: int) -> int:
    """Return a number of seconds, minutes, days, activations, or similar, which must be 0 or greater."""
    if value < 0:
        raise ValueError(f"{value} is negative, but must be 0 or greater")
    return value


def days_left(value: int) -> int:
    """Return the days of a grace period, at most 7: a rearm might not give more, and the machine would match again immediately."""
    if value not in _DAYS_LEFT:
        raise ValueError(f"{value} is not a number of days from 0 to 7")
    return value


def _refuse_key(value: str) -> None:
    """Raise ValueError for a product key, which has the form of a host name, because every user can read the setting."""
    if mask_keys(value) != value:
        raise ValueError("it is a product key, which must be set in product_key")
    if _FIVE_GROUPS.fullmatch(value) and resembles_key(value):
        raise ValueError("it looks like a product key with a typing error; a product key must be set in product_key")


def host(value: str) -> str:
    """Return a DNS or NetBIOS name, an IPv4 address, or an IPv6 address, which can have brackets."""
    if not value:
        raise ValueError("it is empty; if the machine must discover its KMS host in DNS, set discovery: true instead")
    _refuse_key(value)
    both = _HOST_AND_PORT.fullmatch(value)
    if both:
        raise ValueError(f"{value!r} contains a port: set kms_host: {both['host']} and kms_port: {both['port']}")
    return parse_host(value)


def domain(value: str) -> str:
    """Return a DNS domain, or an empty text, which clears the setting."""
    if not value:
        return value
    _refuse_key(value)
    has_colon = ":" in value and "://" not in value
    name = "" if has_colon else parse_host(value)
    if not name.strip("0123456789."):
        raise ValueError(f"{value!r} is not a DNS domain: it is an address or contains a port")
    return name


def guid(value: str) -> str:
    """Return an ID such as an activation ID, in lower case without braces."""
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError(f"{value!r} is not an ID such as 2de67392-b7a7-462a-b1ca-108dd189f588") from None


def object_name(value: str) -> str:
    """Return the name of an activation object, which everybody in the forest can read. Longer names have the error C004F082."""
    _refuse_key(value)
    if not value.strip() or len(value) > LONGEST_NAME:
        raise ValueError(f"it has {len(value)} characters, and must have 1 to {LONGEST_NAME}")
    return value


def partial_key(value: str) -> str:
    """Return the last five characters of a product key in upper case. A whole product key is refused."""
    _refuse_key(value)
    if len(value) != 5 or not set(value.upper()) <= ALPHABET:
        raise ValueError(f"{value[:20]!r} is not the last five characters of a product key")
    return value.upper()


def interval(value: int) -> int:
    """Return an interval of a KMS host in minutes; Windows accepts 15 minutes to 30 days."""
    if value not in _INTERVALS:
        raise ValueError(f"{value} is not a number of minutes from 15 to 43200")
    return value


def srv_number(value: int) -> int:
    """Return the priority or weight of an SRV record."""
    if value not in _SRV_NUMBERS:
        raise ValueError(f"{value} is not a number from 0 to 65535")
    return value


def published_domain(value: str) -> str:
    """Return a DNS domain to publish in, which must not be empty. The registry value separates domains by commas."""
    if not value:
        raise ValueError("it is empty; to publish in no other domain, set an empty list")
    return domain(value)


def host_key_kind(value: str) -> str:
    """Return the name of a type of KMS host key, as in the host matrix."""
    return host_matrix.kind_named(value).name


def edition_id(value: str) -> str:
    """Return an EditionID as Windows writes it, such as ServerStandard; not a product name or a key."""
    _refuse_key(value)
    if re.fullmatch(r"[A-Za-z0-9]+", value) is None:
        raise ValueError(f"{value!r} is not an EditionID, which is one word such as ServerStandard or Professional")
    return value


def finding_or_severity(value: str) -> str:
    """Return a condition for which a check fails: a severity, or the name of a finding."""
    if value in SEVERITIES or value in FINDINGS:
        return value
    near = difflib.get_close_matches(value, FINDINGS, n=2)
    hint = f"did you mean {' or '.join(near)}?" if near else f"the findings are {', '.join(sorted(FINDINGS))}"
    raise ValueError(f"{value!r} is neither a severity ({', '.join(SEVERITIES)}) nor the name of a finding; {hint}")


def _seconds(allowed: range) -> Callable[[int], int]:
    """Return the validator of a timeout, which must be in `allowed`."""

    def check(value: int) -> int:
        if value not in allowed:
            raise ValueError(f"{value} is not a number of seconds from {allowed[0]} to {allowed[-1]}")
        return value

    return check


def since(value: str) -> Since:
    """Return a number of hours, or a date with or without a time in ISO 8601, in UTC if it does not have an offset."""
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
    """Return the ID of an event of the licensing service."""
    if value not in catalog():
        near = sorted(catalog(), key=lambda known: abs(known - value))[:3]
        raise ValueError(f"{value} is not a known event of the licensing service; the nearest are {', '.join(map(str, sorted(near)))}")
    return value


def _number(allowed: range, what: str) -> Callable[[int], int]:
    """Return the validator of a number of something, which must be in `allowed`."""

    def check(value: int) -> int:
        if value not in allowed:
            raise ValueError(f"{value} is not a number of {what} from {allowed[0]} to {allowed[-1]}")
        return value

    return check


def file_mode(value: str) -> str:
    """Return file permissions as an octal text, such as 0640."""
    if re.fullmatch(r"0?[0-7]{3}", value) is None:
        raise ValueError(f"{value!r} is not an octal text such as '0640', which must be in quotes")
    return value


CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "activation_alternate_url": help_url,
    "activation_id": guid,
    "activation_interval": interval,
    "activation_objects": known_object,
    "address": parse_host,
    "application_id": guid,
    "clock_tolerance": not_negative,
    "cmids": guid,
    "confirmation_id": digits_of,
    "deadline": _seconds(_DEADLINES),
    "directory_timeout": _seconds(_DNS_SECONDS),
    "dns_port": port,
    "dns_server": parse_host,
    "dns_timeout": _seconds(_DNS_SECONDS),
    "domain": published_domain,
    "edition_id": edition_id,
    "event_ids": event_id,
    "expiring_within_days": not_negative,
    "fail_on": finding_or_severity,
    "fallback_key": ProductKey.parse,
    "file_name": file_name,
    "guid": guid,
    "history_keep": _number(_KEPT, "reports"),
    "installation_id": installation_digits_of,
    "issuance_license_id": guid,
    "issuance_license_version": license_version,
    "kms_host": host,
    "kms_host_info": host_result,
    "kms_port": port,
    "listening_port": port,
    "lookup_domain": domain,
    "machine_timeout": _seconds(_MACHINE_SECONDS),
    "max_activations": not_negative,
    "max_events": _number(_EVENTS, "events"),
    "max_returned_records": _number(_RETURNED, "records"),
    "min_days_left": not_negative,
    "min_rearms_left": not_negative,
    "partial_product_key": partial_key,
    "name": object_name,
    "parallel_machines": _number(_PARALLEL, "machines"),
    "path": windows_path,
    "port": port,
    "planned_activations": not_negative,
    "prometheus_machines": not_negative,
    "priority": srv_number,
    "probe_networks": parse_network,
    "probe_timeout": _seconds(_PROBE_SECONDS),
    "product_name": host_key_kind,
    "product_key": ProductKey.parse,
    "record_mode": file_mode,
    "renewal_interval": interval,
    "reboot_timeout": not_negative,
    "since": since,
    "stale_after_days": not_negative,
    "retry_timeout": not_negative,
    "server": parse_host,
    "weight": srv_number,
    "max_days_left": days_left,
}
"""Validators by the name of the option, for options whose type and choices are not sufficient."""

__all__ = ["CHECKS", "domain", "guid", "host", "not_negative", "port"]
