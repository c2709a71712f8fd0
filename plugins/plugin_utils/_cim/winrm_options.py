# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the variables of Ansible's winrm connection.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .options import ConnectionOptionsError, Has, OptionCheck, is_installed

TRANSPORTS = ("basic", "certificate", "credssp", "kerberos", "ntlm", "plaintext", "ssl")
_ENCRYPTING = ("credssp", "kerberos", "ntlm")
_FROM_ENVIRONMENT = "legacy_requests"
_TRANSPORT, _CA = "ansible_winrm_transport", "ansible_winrm_ca_trust_path"
_OPERATION, _READ = "ansible_winrm_operation_timeout_sec", "ansible_winrm_read_timeout_sec"
_PACKAGES = {
    "kerberos": (("kerberos",), "pywinrm[kerberos]"),
    "credssp": (("requests_credssp",), "pywinrm[credssp]"),
    "ntlm": (("requests_ntlm",), "pywinrm>=0.5.0"),
}


@dataclass(frozen=True)
class WinrmOptions:
    """The options of the connection plugin; `arguments` are those of pywinrm's client."""

    transports: tuple[str, ...]
    scheme: str
    port: Any
    arguments: Mapping[str, Any]
    connection_timeout: Any = None
    kinit: str = ""
    """The command that requests a ticket, or empty if no command is run."""


def check_transports(transports: tuple[str, ...]) -> None:
    """Raise ConnectionOptionsError for a transport that does not exist."""
    for transport in transports:
        OptionCheck("winrm").choice(_TRANSPORT, transport, TRANSPORTS)


def check_winrm(given: WinrmOptions, has: Has = is_installed) -> None:
    """Raise ConnectionOptionsError if these variables are not valid. The transports are tried in order, so one is enough."""
    check = OptionCheck("winrm", has)
    check.port(given.port)
    _check_timeouts(check, given)
    _check_trust(check, given)
    problems = [_problem(check, given, transport) for transport in given.transports]
    if problems and problems[0] is not None and None not in problems:
        raise problems[0]


def _problem(check: OptionCheck, given: WinrmOptions, transport: str) -> ConnectionOptionsError | None:
    try:
        _check_transport(check, given, transport)
    except ConnectionOptionsError as problem:
        return problem
    return None


def _check_timeouts(check: OptionCheck, given: WinrmOptions) -> None:
    if given.connection_timeout:
        if check.whole("ansible_winrm_connection_timeout", given.connection_timeout) < 1:
            raise check.wrong(
                "ansible_winrm_connection_timeout must be 1 or greater.", "Set ansible_winrm_connection_timeout to 1 or more."
            )
        return
    check.timeouts((_OPERATION, given.arguments.get("operation_timeout_sec", 20)), (_READ, given.arguments.get("read_timeout_sec", 30)))


def _check_trust(check: OptionCheck, given: WinrmOptions) -> None:
    validation = given.arguments.get("server_cert_validation", "validate")
    check.choice("ansible_winrm_server_cert_validation", validation, ("validate", "ignore"))
    if given.scheme == "https" and validation == "validate":
        named = given.arguments.get("ca_trust_path", _FROM_ENVIRONMENT)
        if named is not None:  # None: the certificates of Python
            check.trusted(_CA, None if named == _FROM_ENVIRONMENT else named)


def _check_transport(check: OptionCheck, given: WinrmOptions, transport: str) -> None:
    values = given.arguments
    check.choice(_TRANSPORT, transport, TRANSPORTS)
    check.switch("ansible_winrm_send_cbt", values.get("send_cbt"))
    packages, install = _PACKAGES.get(transport, ((), ""))
    check.package(transport, _TRANSPORT, packages, install)
    check.encryption("ansible_winrm_message_encryption", values.get("message_encryption", "auto"), transport, transport in _ENCRYPTING)
    files = {f"ansible_winrm_{name}": values.get(name) for name in ("cert_pem", "cert_key_pem")}
    if transport == "certificate" or (transport == "ssl" and any(files.values())):
        check.certificate(files, https=given.scheme == "https")
    elif transport != "kerberos":
        check.account(transport, values.get("username"), values.get("password"))
    elif given.kinit and shutil.which(given.kinit) is None:
        message = f"the command {given.kinit} that requests a Kerberos ticket does not exist on the controller."
        raise check.wrong(message, "Install a Kerberos client (Debian: krb5-user), or set ansible_winrm_kinit_cmd to its kinit.")


__all__ = ["TRANSPORTS", "WinrmOptions", "check_transports", "check_winrm"]
