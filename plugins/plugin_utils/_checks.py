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

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from ..module_utils._hosts import parse_host
from ._licensing import host_matrix
from ._licensing.phone import digits_of, installation_digits_of
from ._licensing.product_key import ProductKey
from ._redact import mask_keys

_HOST_AND_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:/\s]+):(?P<port>\d+)")
_PORTS = range(1, 65536)
_INTERVALS = range(15, 43201)
_SRV_NUMBERS = range(65536)
_DAYS_LEFT = range(8)


def port(value: int) -> int:
    """A TCP port from 1 to 65535."""
    if value not in _PORTS:
        raise ValueError(f"{value} is no TCP port, which is a number from 1 to 65535")
    return value


def not_negative(value: int) -> int:
    """A number of seconds, days, activations or the like, 0 or more."""
    if value < 0:
        raise ValueError(f"{value} is negative")
    return value


def days_left(value: int) -> int:
    """Days of a grace period; more could be what a rearm gives, and the reason for it would be there again at once."""
    if value not in _DAYS_LEFT:
        raise ValueError(f"{value} is not a number of days from 0 to 7")
    return value


def _refuse_key(value: str) -> None:
    """A product key has the form of a host name; it must not end up in a setting anybody can read."""
    if mask_keys(value) != value:
        raise ValueError("it is a product key, which goes into product_key")


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


def edition(value: str) -> str:
    """An EditionID as Windows writes it, such as ServerStandard; no product name and no key."""
    _refuse_key(value)
    if re.fullmatch(r"[A-Za-z0-9]+", value) is None:
        raise ValueError(f"{value!r} is no EditionID, which is one word such as ServerStandard or Professional")
    return value


CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "activation_id": guid,
    "activation_interval": interval,
    "application_id": guid,
    "cmid": guid,
    "confirmation_id": digits_of,
    "days": not_negative,
    "domain": published_domain,
    "edition": edition,
    "installation_id": installation_digits_of,
    "kms_host": host,
    "kms_port": port,
    "listening_port": port,
    "lookup_domain": domain,
    "max_activations": not_negative,
    "minimum_remaining": not_negative,
    "planned_activations": not_negative,
    "priority": srv_number,
    "product": host_key_kind,
    "product_key": ProductKey.parse,
    "renewal_interval": interval,
    "restart_timeout": not_negative,
    "wait": not_negative,
    "weight": srv_number,
    "when_days_left": days_left,
}
"""The check of every option that needs one beyond its type and its choices."""

__all__ = ["CHECKS", "domain", "guid", "host", "not_negative", "port"]
