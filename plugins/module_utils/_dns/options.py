# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validate the options of a task and convert them, before anything is sent.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._hosts import is_address, parse_host
from .._networks import Network, parse_network
from .errors import InvalidInputError
from .gss import GssSigner, KerberosLogin
from .model import LARGEST_NUMBER, LONGEST_TTL, SrvRecord, parse_domain, parse_old_target, parse_target
from .plan import DesiredRecords
from .service import ServerSettings
from .signing import KeySigner, NoSigner, Signer
from .tsig import key_from_file, key_from_options

TSIG_OPTIONS = ("key_name", "key_secret", "key_algorithm", "key_file")
KERBEROS_OPTIONS = ("principal", "password", "keytab", "ccache", "server_principal")
LONGEST_TIMEOUT = 600
LONGEST_PROBE = 300


def domains_of(options: Mapping[str, Any]) -> list[str]:
    """Return the domains without duplicates. Raises InvalidInputError."""
    if not options["domains"]:
        raise InvalidInputError("domains is empty: name at least one domain")
    found: dict[str, str] = {}
    for text in options["domains"]:
        domain = _checked("domains", parse_domain, text)
        found.setdefault(domain.casefold(), domain)
    return list(found.values())


def server_settings(options: Mapping[str, Any]) -> ServerSettings:
    """Return the settings for the servers. Raises InvalidInputError."""
    server = options["dns_server"]
    if server is not None:
        server = _checked("dns_server", parse_host, server)
    port = _within("dns_port", options["dns_port"], 1, LARGEST_NUMBER)
    return ServerSettings(server, port, _within("dns_timeout", options["dns_timeout"], 1, LONGEST_TIMEOUT))


def probe_timeout_of(options: Mapping[str, Any]) -> int:
    """Return the timeout in seconds for each address of a KMS host. Raises InvalidInputError."""
    return _within("probe_timeout", options["probe_timeout"], 1, LONGEST_PROBE)


def probe_networks_of(options: Mapping[str, Any]) -> list[Network]:
    """Return the networks that can be probed in addition to the default networks. Raises InvalidInputError."""
    try:
        return [parse_network(text) for text in options["probe_networks"]]
    except ValueError as error:
        raise InvalidInputError(f"probe_networks: {error}") from None


def desired_of(options: Mapping[str, Any]) -> DesiredRecords:
    """Return the desired records. Raises InvalidInputError."""
    present, exclusive = options["state"] == "present", options["exclusive"]
    if exclusive and not present:
        raise InvalidInputError("exclusive requires state=present")
    records = _records(options["records"], present=present)
    if not records and not exclusive:
        raise InvalidInputError("records is empty: name at least one host, or set exclusive to remove the records of all hosts")
    if options["refresh"] and not present:
        raise InvalidInputError("refresh requires state=present")
    ttl = options["ttl"]
    if ttl is not None and not present:
        raise InvalidInputError("ttl requires state=present")
    return DesiredRecords(records, present, None if ttl is None else _within("ttl", ttl, 0, LONGEST_TTL), exclusive, options["refresh"])


def _records(given: Sequence[Mapping[str, Any]], *, present: bool) -> tuple[SrvRecord, ...]:
    """Return the records, one for each host. For records to remove, only the host is used."""
    found: dict[str, SrvRecord] = {}
    for number, item in enumerate(given):
        where = f"records[{number}]"
        record = SrvRecord(
            _checked(f"{where}.host", parse_target if present else parse_old_target, item["host"]),
            _within(f"{where}.port", item["port"], 1, LARGEST_NUMBER),
            _within(f"{where}.priority", item["priority"], 0, LARGEST_NUMBER),
            _within(f"{where}.weight", item["weight"], 0, LARGEST_NUMBER),
        )
        known = found.setdefault(record.key, record)
        if present and known.value != record.value:
            raise InvalidInputError(f"{where}: {record.host} is in the list twice with different values, but a host has one record")
    return tuple(found.values())


def signer_of(options: Mapping[str, Any], server: str | None, timeout: float) -> Signer:
    """Return the signer. Raises InvalidInputError, and DnsError for an invalid key file or a missing library."""
    kind = options["authentication"]
    _refuse_foreign(options, kind)
    if kind == "tsig":
        return KeySigner(_key_of(options))
    if kind == "gss_tsig":
        return GssSigner(_login_of(options, server), timeout)
    return NoSigner()


def _refuse_foreign(options: Mapping[str, Any], kind: str) -> None:
    """Raise InvalidInputError for options of another authentication, because the update would be sent unsigned or with another signer."""
    for needed, names in (("tsig", TSIG_OPTIONS), ("gss_tsig", KERBEROS_OPTIONS)):
        given = [name for name in names if options[name] is not None]
        if given and kind != needed:
            raise InvalidInputError(f"{', '.join(given)}: requires authentication={needed}, but authentication is {kind}")


def _key_of(options: Mapping[str, Any]) -> Any:
    name, secret, algorithm = options["key_name"], options["key_secret"], options["key_algorithm"]
    if options["key_file"] is not None:
        if secret is not None:
            raise InvalidInputError("key_file and key_secret are mutually exclusive")
        return key_from_file(options["key_file"], name, algorithm)
    if name is None or secret is None:
        raise InvalidInputError("authentication=tsig requires key_name and key_secret, or key_file")
    return key_from_options(name, secret, algorithm)


def _login_of(options: Mapping[str, Any], server: str | None) -> KerberosLogin:
    login = KerberosLogin(**{name: options[name] for name in KERBEROS_OPTIONS})
    sources = [name for name in ("password", "keytab", "ccache") if options[name] is not None]
    if len(sources) > 1:
        raise InvalidInputError(f"{' and '.join(sources)} are mutually exclusive")
    if login.principal is None and ("password" in sources):
        raise InvalidInputError("password requires principal")
    if server is not None and is_address(server) and login.server_principal is None:
        raise InvalidInputError(
            f"dns_server is the address {server}, but Kerberos identifies servers by name: set it to a name, or set server_principal"
        )
    return login


def _checked(option: str, check: Any, text: Any) -> str:
    try:
        return str(check(text))
    except ValueError as error:
        raise InvalidInputError(f"{option}: {error}") from None


def _within(option: str, number: int, lowest: int, highest: int) -> int:
    if not lowest <= number <= highest:
        raise InvalidInputError(f"{option}: invalid value {number}: must be between {lowest} and {highest}")
    return number
