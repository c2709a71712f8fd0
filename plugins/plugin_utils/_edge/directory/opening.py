# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open a session with a domain controller from the options of a task.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._errors import InvalidOptionsError, sentence
from ..._ldap.discovery import find_servers, open_first
from ..._ldap.opening import open_directory
from ..._ldap.options import DirectoryTarget, Logon
from ..._ldap.session import Directory
from ..._licensing.catalog import host_matrix
from ..validators import guid

Options = Mapping[str, Any]

_OF_LOGON = ("authentication", "tls", "principal", "password", "keytab", "ccache", "ca_file")


def open_for(options: Options) -> Directory:
    """Open a session with the domain controller of a task, or with the first one of its domain that responds. Raises DirectoryError."""
    logon, port, timeout = _logon(options), options["port"], float(options["directory_timeout"])
    if options["server"]:
        return open_directory(DirectoryTarget(options["server"], options["address"], port, timeout), logon)
    servers = find_servers(options["domain"], dns_server=options["dns_server"], dns_port=options["dns_port"], timeout=timeout)
    return open_first(servers, logon, port=port, timeout=timeout)


def open_again(directory: Directory, options: Options) -> Directory:
    """Open another session with the same domain controller at the same address. Raises DirectoryError."""
    facts = directory.facts
    return open_directory(DirectoryTarget(facts.server, facts.address, facts.port, float(options["directory_timeout"])), _logon(options))


def learned_of(options: Options) -> dict[str, str]:
    """Return the products of the option csvlk_products. Raises InvalidOptionsError."""
    try:
        return {guid(str(known)): host_matrix.kind_named(str(name)).name for known, name in (options["csvlk_products"] or {}).items()}
    except ValueError as error:
        raise InvalidOptionsError(f"csvlk_products: {sentence(str(error))}") from None


def _logon(options: Options) -> Logon:
    given: dict[str, Any] = {name: options[name] for name in _OF_LOGON}
    if given["authentication"] == "simple" and given["tls"] is None:
        given["tls"] = "ldaps"
    return Logon(**given)


__all__ = ["learned_of", "open_again", "open_for"]
