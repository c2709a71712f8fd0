# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a session with a domain controller from the options of a task.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..._errors import InvalidOptionsError, sentence
from ..._ldap.discovery import find_servers, open_first
from ..._ldap.opening import open_directory
from ..._ldap.options import DirectoryTarget, Logon
from ..._ldap.session import Directory
from ..._licensing.catalog import host_matrix
from ..validators import guid

Options = Mapping[str, Any]

_CACHE = "KRB5CCNAME"
_TICKETS = os.environ.get(_CACHE)
"""The default credential cache of the user. The connection plugin winrm sets the variable to the ticket of ansible_user."""

_OF_LOGON = ("authentication", "tls", "principal", "password", "keytab", "ccache", "ca_file")


def open_for(options: Options) -> Directory:
    """Open a session with the domain controller of a task, or with the first one of its domain that responds. Raises DirectoryError."""
    logon, port, timeout = _logon(options), options["port"], float(options["directory_timeout"])
    if options["server"]:
        with _own_tickets():
            return open_directory(DirectoryTarget(options["server"], options["address"], port, timeout), logon)
    servers = find_servers(options["domain"], dns_server=options["dns_server"], dns_port=options["dns_port"], timeout=timeout)
    with _own_tickets():
        return open_first(servers, logon, port=port, timeout=timeout)


def open_again(directory: Directory, options: Options) -> Directory:
    """Open another session with the same domain controller at the same address. Raises DirectoryError."""
    facts = directory.facts
    target = DirectoryTarget(facts.server, facts.address, facts.port, float(options["directory_timeout"]))
    with _own_tickets():
        return open_directory(target, _logon(options))


def learned_of(options: Options) -> dict[str, str]:
    """Return the products of the option csvlk_products. Raises InvalidOptionsError."""
    try:
        return {guid(str(known)): host_matrix.kind_named(str(name)).name for known, name in (options["csvlk_products"] or {}).items()}
    except ValueError as error:
        raise InvalidOptionsError(f"csvlk_products: {sentence(str(error))}") from None


@contextmanager
def _own_tickets() -> Iterator[None]:
    """Log on with the default cache of the user, also after a connection to a machine replaced it in this process."""
    replaced = os.environ.get(_CACHE)
    _set_cache(_TICKETS)
    try:
        yield
    finally:
        _set_cache(replaced)


def _set_cache(name: str | None) -> None:
    if name is None:
        os.environ.pop(_CACHE, None)
    else:
        os.environ[_CACHE] = name


def _logon(options: Options) -> Logon:
    given: dict[str, Any] = {name: options[name] for name in _OF_LOGON}
    if given["authentication"] == "simple" and given["tls"] is None:
        given["tls"] = "ldaps"
    return Logon(**given)


__all__ = ["learned_of", "open_again", "open_for"]
