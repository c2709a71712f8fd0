# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says about a connection, checked before a library gets it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

pywinrm and pypsrp find many of these mistakes late, while they log on, where a mistake looks like a machine that cannot be
reached. Each of them is known from the variables and the files of the controller alone, so that it is found here, with its variable.
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

Has = Callable[[str], bool]
"""Whether Python finds a package by its name."""

_BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_IS_A_CERTIFICATE = b"-----BEGIN"
_LARGEST_BUNDLE = 16 * 1024 * 1024


class ConnectionOptions(VolumeActivationError):
    """A variable of the connection cannot work, whatever the machine says; nothing was sent."""

    error_code = "connection_options"
    cause = "A variable of the connection has a value it does not take, or needs a file or a library that is not there."

    def __init__(self, kind: str, words: str, *steps: str) -> None:
        super().__init__(
            f"The options of the {kind} connection do not fit: {words}", steps or (f"Correct the variables ansible_{kind}_* of this host.",)
        )


def is_installed(package: str) -> bool:
    """Whether the Python that runs Ansible finds a package."""
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False


class OptionCheck:
    """The checks that both connections share; `kind` is the connection, `has` looks for packages."""

    def __init__(self, kind: str, has: Has = is_installed) -> None:
        self.kind = kind
        self._has = has

    def wrong(self, words: str, *steps: str) -> ConnectionOptions:
        """The error for one mistake; without steps the variables of the connection are named."""
        return ConnectionOptions(self.kind, words, *steps)

    def port(self, value: Any) -> None:
        """A TCP port."""
        if not 1 <= self.whole("ansible_port", value) <= 65535:
            raise self.wrong(f"ansible_port is {value}, which is no TCP port.", "Set ansible_port to 5985 (http) or 5986 (https).")

    def whole(self, variable: str, value: Any) -> int:
        """A whole number, which an inventory may hold as text."""
        try:
            return int(value)
        except (TypeError, ValueError):
            raise self.wrong(f"{variable} is not a whole number.", f"Set {variable} to a number.") from None

    def timeouts(self, operation: tuple[str, Any], answer: tuple[str, Any]) -> None:
        """Names and values of both timeouts: whoever waits for an answer has to wait longer than the operation may take."""
        seconds, timer = self.whole(*operation), self.whole(*answer)
        if seconds < 1:
            raise self.wrong(f"{operation[0]} is {seconds}, which leaves no time.", f"Set {operation[0]} to 1 or more.")
        if timer <= seconds:
            words = f"{answer[0]} is {timer}, and has to be greater than {operation[0]}, which is {seconds}."
            raise self.wrong(words, f"Raise {answer[0]} to {seconds + 10}, or lower {operation[0]}.")

    def choice(self, variable: str, value: Any, choices: Sequence[str]) -> None:
        """One of a few words."""
        if value not in choices:
            allowed = ", ".join(choices)
            raise self.wrong(f"{variable} is {value!r}, and has to be one of {allowed}.", f"Set {variable} to one of {allowed}.")

    def account(self, method: str, user: Any, password: Any) -> None:
        """What a logon by password needs."""
        for variable, is_missing in (("ansible_user", not user), ("ansible_password", password is None)):
            if is_missing:
                words = f"{variable} is not set, and the authentication {method} needs it."
                raise self.wrong(words, f"Set {variable} for this host; in AWX add a machine credential to the job template.")

    def package(self, method: str, variable: str, packages: Sequence[str], install: str) -> None:
        """A library that the authentication method needs on the controller."""
        missing = [package for package in packages if not self._has(package)]
        if missing:
            words = f"the authentication {method} needs the Python package {missing[0]}, which is not on the controller."
            raise self.wrong(words, f"Run pip install '{install}' in the Python that runs Ansible, or choose another {variable}.")

    def encryption(self, variable: str, value: Any, method: str, encrypts: bool) -> None:
        """Message encryption that the authentication method does not have."""
        self.choice(variable, value, ("auto", "always", "never"))
        if value == "always" and not encrypts:
            words = f"{variable} is always, and the authentication {method} does not encrypt messages."
            raise self.wrong(words, f"Use ntlm, kerberos or credssp, or https with {variable}: auto.")

    def certificate(self, files: Mapping[str, Any], *, https: bool, password: str | None = None) -> None:
        """The client certificate and its key, in this order, by their variables."""
        if not https:
            words = "a client certificate needs https, and this host is talked to over http."
            raise self.wrong(words, "Set ansible_port: 5986 and the scheme https for this host.")
        for variable, path in files.items():
            if not path:
                raise self.wrong(f"{variable} is not set, and the authentication certificate needs it.", f"Set {variable} to a PEM file.")
            self.file(variable, path)
        certificate, key = map(str, files.values())
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password=lambda: password or "")
        except (ssl.SSLError, OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or "no certificate and key that can be read"
            words = f"{' and '.join(files)} cannot be used together ({reason})."
            raise self.wrong(words, "Check that both are PEM files, that the key belongs to the certificate and has no password.") from None

    def trusted(self, variable: str, path: Any) -> None:
        """The certificates that are trusted: of the variable, and where it names none those of the environment."""
        named = next((name for name in _BUNDLE_VARIABLES if os.environ.get(name)), None)
        if path is None and named is not None:
            variable, path = f"{named} in the environment of Ansible", os.environ[named]
        if path is not None:
            self.file(variable, path, is_bundle=True)

    def file(self, variable: str, path: Any, *, is_bundle: bool = False) -> None:
        """A file of the controller, under the path that the library opens; a bundle may be a folder too, and holds certificates."""
        found = Path(str(path))
        if is_bundle and found.is_dir():
            return
        try:
            with found.open("rb") as stream:
                content = stream.read(_LARGEST_BUNDLE)
        except (OSError, ValueError) as error:  # ValueError for a zero byte in it
            reason = getattr(error, "strerror", None) or "it is no path"
            tilde = "; a ~ in it is not expanded" if str(path).startswith("~") else ""
            words = f"{variable} names {visible(str(path))}, which cannot be read on the controller ({reason}{tilde})."
            raise self.wrong(words, f"Set {variable} to the whole path of a file that the user who runs Ansible can read.") from None
        if is_bundle and _IS_A_CERTIFICATE not in content:
            words = f"{variable} names {path}, which holds no certificate in PEM form."
            raise self.wrong(words, f"Set {variable} to a PEM file with the certificate of the CA.")


__all__ = ["ConnectionOptions", "Has", "OptionCheck", "is_installed"]
