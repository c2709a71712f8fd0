# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the variables of Ansible's psrp connection: invalid ones, and those that would be ignored.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .options import Has, OptionCheck, is_installed

DEFAULT_CONFIGURATION = "Microsoft.PowerShell"
_AUTH, _ENCRYPTION = "ansible_psrp_auth", "ansible_psrp_message_encryption"
_ENCRYPTING = ("credssp", "kerberos", "negotiate", "ntlm")
_PACKAGES = {
    "kerberos": (("gssapi", "krb5"), "pypsrp[kerberos]"),
    "credssp": (("requests_credssp",), "pypsrp[credssp]"),
}


def check_psrp(values: Mapping[str, Any], has: Has = is_installed) -> None:
    """Raise ConnectionOptionsError if the arguments of pypsrp's client are not valid."""
    check = OptionCheck("psrp", has)
    check.port(values.get("port"))
    check.timeouts(
        ("ansible_psrp_operation_timeout", values.get("operation_timeout", 20)),
        ("ansible_psrp_read_timeout", values.get("read_timeout", 30)),
    )
    https, auth = bool(values.get("ssl", True)), str(values.get("auth"))
    validation = values.get("cert_validation", True)
    if https and validation:
        check.trusted("ansible_psrp_ca_cert", None if validation is True else validation)
    packages, install = _PACKAGES.get(auth, ((), ""))
    check.package(auth, _AUTH, packages, install)
    encryption = values.get("encryption", "auto")
    check.encryption(_ENCRYPTION, encryption, auth, auth in _ENCRYPTING)
    if auth == "certificate":
        files = {
            "ansible_psrp_certificate_pem": values.get("certificate_pem"),
            "ansible_psrp_certificate_key_pem": values.get("certificate_key_pem"),
        }
        check.certificate(files, https=https, password=values.get("certificate_key_password"))
    elif auth in ("basic", "credssp"):
        check.account(auth, values.get("username"), values.get("password"))
    if not https and encryption != "never" and auth not in _ENCRYPTING:
        message = f"neither {auth} authentication nor http encrypts messages."
        raise check.wrong(message, f"Use https (ansible_port: 5986), or another {_AUTH}, such as ntlm.")


def refuse_configuration(configuration: str | None) -> None:
    """Raise ConnectionOptionsError for a session configuration (JEA), which would be ignored.

    A session configuration limits the commands and sets the account of PowerShell. WMI queries do not use PowerShell, and run as the
    account of the connection.
    """
    if configuration and configuration.casefold() != DEFAULT_CONFIGURATION.casefold():
        message = (
            f"ansible_psrp_configuration_name is {configuration}, but WMI queries do not use a PowerShell session configuration:"
            " neither its limits (JEA) nor its account would apply."
        )
        step = (
            f"For the tasks of this collection, set vars: {{ansible_psrp_configuration_name: {DEFAULT_CONFIGURATION}}} and use an account"
            " that is an administrator, or exclude the host."
        )
        raise OptionCheck("psrp").wrong(message, step)


__all__ = ["DEFAULT_CONFIGURATION", "check_psrp", "refuse_configuration"]
