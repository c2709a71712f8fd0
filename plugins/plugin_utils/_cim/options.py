# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the connection variables in the inventory, before a library reads them.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

pywinrm and pypsrp detect many of these mistakes during the logon, and report them as an unreachable machine. Each mistake can be
detected from the variables and the files of the controller, so it is reported here with the name of the variable.
"""

from __future__ import annotations

import importlib.util
import os
import ssl
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...module_utils._visible import visible
from .._errors import VolumeActivationError
from .logon.certificate import is_encrypted, period_problem

Has = Callable[[str], bool]
"""Returns whether Python finds a package by its name."""

_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_IS_A_CERTIFICATE = b"-----BEGIN"
_FALSE_TEXTS = ("", "0", "f", "false", "n", "no", "off")
_LARGEST_BUNDLE = 16 * 1024 * 1024
_LARGEST_PEM = 64 * 1024


class ConnectionOptionsError(VolumeActivationError):
    """A connection variable is not valid; no request was sent."""

    error_code = "connection_options"
    cause = "A connection variable has an invalid value, or requires a file or a library that does not exist."

    def __init__(self, kind: str, message: str, *steps: str) -> None:
        super().__init__(
            f"The options of the {kind} connection are not valid: {message}",
            steps or (f"Correct the variables ansible_{kind}_* of this host.",),
        )


def is_installed(package: str) -> bool:
    """Return whether the Python that runs Ansible finds a package."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _beginning(path: str) -> bytes:
    with Path(path).open("rb") as stream:
        return stream.read(_LARGEST_PEM)


class OptionCheck:
    """The checks for both connections. `kind` is the name of the connection, `has` searches for a package."""

    def __init__(self, kind: str, has: Has = is_installed) -> None:
        self.kind = kind
        self._has = has

    def wrong(self, message: str, *steps: str) -> ConnectionOptionsError:
        """Return the error for one mistake; without steps, the next step names the variables of the connection."""
        return ConnectionOptionsError(self.kind, message, *steps)

    def port(self, value: Any) -> None:
        """Check that a value is a TCP port."""
        if not 1 <= self.whole("ansible_port", value) <= 65535:
            raise self.wrong(f"ansible_port is {value}, which is not a TCP port.", "Set ansible_port to 5985 (http) or 5986 (https).")

    def whole(self, variable: str, value: Any) -> int:
        """Return a whole number, which the inventory can contain as text."""
        try:
            return int(value)
        except (TypeError, ValueError):
            raise self.wrong(f"{variable} is not a whole number.", f"Set {variable} to a number.") from None

    def timeouts(self, operation: tuple[str, Any], response: tuple[str, Any]) -> None:
        """Check names and values of both timeouts: the time to wait for the response must be longer than the operation."""
        seconds, timer = self.whole(*operation), self.whole(*response)
        if seconds < 1:
            raise self.wrong(f"{operation[0]} is {seconds}, but must be 1 or greater.", f"Set {operation[0]} to 1 or greater.")
        if timer <= seconds:
            message = f"{response[0]} is {timer}, but must be greater than {operation[0]}, which is {seconds}."
            raise self.wrong(message, f"Raise {response[0]} to {seconds + 10}, or lower {operation[0]}.")

    def choice(self, variable: str, value: Any, choices: Sequence[str]) -> None:
        """Check that a value is one of the choices."""
        if value not in choices:
            allowed = ", ".join(choices)
            raise self.wrong(f"{variable} is {value!r}, but must be one of {allowed}.", f"Set {variable} to one of {allowed}.")

    def account(self, method: str, user: Any, password: Any) -> None:
        """Check that the user and the password are set."""
        for variable, is_missing in (("ansible_user", not user), ("ansible_password", password is None)):
            if is_missing:
                message = f"{variable} is not set, but {method} authentication requires it."
                raise self.wrong(message, f"Set {variable} for this host. In AWX, add a machine credential to the job template.")

    def package(self, method: str, variable: str, packages: Sequence[str], install: str) -> None:
        """Check that the libraries for the authentication method are installed on the controller."""
        missing = [package for package in packages if not self._has(package)]
        if missing:
            message = (
                f"the authentication method {method} requires the Python package {missing[0]}, which is not installed on the controller."
            )
            raise self.wrong(message, f"Run pip install '{install}' in the Python that runs Ansible, or choose another {variable}.")

    def switch(self, variable: str, value: Any) -> None:
        """Check that a text does not mean false: pywinrm reads every text as true."""
        if isinstance(value, str) and value.strip().lower() in _FALSE_TEXTS:
            message = f"{variable} is the text {value!r}, which means true."
            raise self.wrong(message, f"Set {variable} to the boolean false, without quotes.")

    def encryption(self, variable: str, value: Any, method: str, encrypts: bool) -> None:
        """Check the setting of message encryption; `encrypts` is whether the authentication method supports it."""
        self.choice(variable, value, ("auto", "always", "never"))
        if value == "always" and not encrypts:
            message = f"{variable} is set to always, but {method} authentication does not encrypt messages."
            raise self.wrong(message, f"Use ntlm, kerberos, or credssp, or use https with {variable}: auto.")

    def certificate(self, files: Mapping[str, Any], *, https: bool, password: str | None = None) -> None:
        """Check the client certificate and its key. `files` has the two paths in this order, by variable."""
        if not https:
            message = "a client certificate requires https, but the connection to this host uses http."
            raise self.wrong(message, "Set ansible_port to 5986 and the scheme to https for this host.")
        for variable, path in files.items():
            if not path:
                raise self.wrong(f"{variable} is not set, but certificate authentication requires it.", f"Set {variable} to a PEM file.")
            self.file(variable, path)
        certificate, key = map(str, files.values())
        self._passphrase(list(files)[1], key, password)
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password=lambda: password or "")
        except (ssl.SSLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or "the certificate or the key cannot be read"
            message = f"{' and '.join(files)} cannot be used together ({reason})."
            raise self.wrong(
                message, "Check that both are PEM files, and that the key belongs to the certificate and has no password."
            ) from None
        self._period(next(iter(files)), certificate)

    def _passphrase(self, variable: str, key: str, password: str | None) -> None:
        """Check that a key with a passphrase can be used."""
        if password or not is_encrypted(_beginning(key)):
            return
        step = (
            "Write the key without its passphrase to a file that only the user who runs Ansible can read:"
            f" openssl pkey -in {visible(key)} -out FILE."
        )
        if self.kind == "psrp":
            step += " With ansible-core 2.21 or newer, you can set ansible_psrp_certificate_key_password instead."
        raise self.wrong(f"{variable} is set to {visible(key)}, a key with a passphrase.", step)

    def _period(self, variable: str, certificate: str) -> None:
        """Check that a certificate is valid now."""
        problem = period_problem(_beginning(certificate))
        if problem is not None:
            message = f"{variable} is set to {visible(certificate)}, a certificate that {problem}."
            raise self.wrong(message, "Renew the certificate, and check the clock of the controller.")

    def trusted(self, variable: str, path: Any) -> None:
        """Check the file of trusted certificates, of the variable or, if the variable is not set, of the environment."""
        named = next((name for name in _BUNDLE_VARIABLES if os.environ.get(name)), None)
        if path is None and named is not None:
            variable, path = f"{named} in the environment of Ansible", os.environ[named]
        if path is not None:
            self.file(variable, path, is_bundle=True)

    def file(self, variable: str, path: Any, *, is_bundle: bool = False) -> None:
        """Check that a file on the controller can be read. A bundle is a directory, or a file that must contain a certificate."""
        found = Path(str(path))
        if is_bundle and found.is_dir():
            return
        try:
            with found.open("rb") as stream:
                content = stream.read(_LARGEST_BUNDLE)
        except (OSError, ValueError) as error:  # ValueError: the path contains a zero byte
            reason = getattr(error, "strerror", None) or "the path is not valid"
            tilde = "; a ~ in the path is not expanded" if str(path).startswith("~") else ""
            message = f"{variable} is set to {visible(str(path))}, which cannot be read on the controller ({reason}{tilde})."
            raise self.wrong(message, f"Set {variable} to the full path of a file that the user who runs Ansible can read.") from None
        if is_bundle and _IS_A_CERTIFICATE not in content:
            message = f"{variable} is set to {path}, which does not contain a certificate in PEM format."
            raise self.wrong(message, f"Set {variable} to a PEM file with the certificate of the CA.")


__all__ = ["ConnectionOptionsError", "Has", "OptionCheck", "is_installed"]
