# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NTLM as WinRM accepts it inside Negotiate, bare or wrapped in SPNEGO, on pyspnego's acceptor.

pyspnego looks accounts up in the file that the environment variable NTLM_USER_FILE names. Passwords differ by machine, so each
combination of domain, user and password gets a file of its own and the variable is set around each step, one step at a time
in all threads.
"""

from __future__ import annotations

import os
import struct
import threading
from pathlib import Path

import spnego
import spnego.exceptions
from spnego._ntlm_raw.crypto import ntowfv1  # the one place that knows the NT hash: MD4 is in no public library

from winlab.protocol.channel_binding import ChannelBinding
from winlab.protocol.sealing import Accounts, Refused, SecurityContext

_SIGNATURE = b"NTLMSSP\0"
_AUTHENTICATE = _SIGNATURE + b"\3\0\0\0"
_UNICODE = 0x00000001
_TURN = threading.Lock()
_NO_LM_HASH = "0" * 32
_FIRST_PAIR = 16 + 28
"""Where the pairs begin in an answer of NTLM version 2, after its proof and the fixed part (MS-NLMP 2.2.2.7)."""
_END_OF_PAIRS, _CHANNEL_BINDINGS = 0, 10


class AccountFiles:
    """The account files of pyspnego, made when first needed and readable by this user only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[tuple[str, str, str], Path] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.none = folder / "none"
        self.none.write_text("")

    def of(self, domain: str, user: str, password: str) -> Path:
        """The file that holds this one account."""
        key = (domain, user, password)
        found = self._files.get(key)
        if found is None:
            found = self._folder / str(len(self._files))
            account = f"{domain}\\{user}" if domain else user
            found.touch(mode=0o600)
            found.write_text(f"{account}:0:{_NO_LM_HASH}:{ntowfv1(password).hex().upper()}:[U]:LCT-0\n")
            self._files[key] = found
        return found


def claimed_account(token: bytes) -> tuple[str, str]:
    """Domain and user an AUTHENTICATE message names (MS-NLMP 2.2.1.3)."""

    def field(position: int) -> str:
        length, _, offset = struct.unpack_from("<HHI", token, position)
        return token[offset : offset + length].decode("utf-16-le" if flags & _UNICODE else "cp437")

    try:
        (flags,) = struct.unpack_from("<I", token, 60)
        return field(28), field(36)
    except (struct.error, UnicodeDecodeError):
        raise Refused from None


def _new_context(token: bytes) -> spnego.ContextProxy:
    """A bare NTLM token or SPNEGO; pyspnego's own SPNEGO, because the system's GSSAPI has no NTLM."""
    if token.startswith(_SIGNATURE):
        return spnego.server(protocol="ntlm")
    return spnego.server(protocol="negotiate", options=spnego.NegotiateOptions.use_negotiate)


def shown_bindings(token: bytes) -> bytes | None:
    """The hash of the channel bindings in an AUTHENTICATE message (MS-NLMP 2.2.2.1, MsvAvChannelBindings); None if it has none."""
    try:
        length, _, start = struct.unpack_from("<HHI", token, 20)
        response = token[start : start + length]
        place = _FIRST_PAIR
        while place + 4 <= len(response):
            kind, size = struct.unpack_from("<HH", response, place)
            if kind in (_END_OF_PAIRS, _CHANNEL_BINDINGS):
                return response[place + 4 : place + 4 + size] if kind == _CHANNEL_BINDINGS else None
            place += 4 + size
    except struct.error:
        raise Refused from None
    return None


class NtlmContext(SecurityContext):
    """NTLM of one connection; `binding` is that of its TLS."""

    def __init__(self, files: AccountFiles, accounts: Accounts, binding: ChannelBinding | None = None) -> None:
        super().__init__()
        self._files = files
        self._accounts = accounts
        self._binding = binding

    def step(self, token: bytes) -> bytes | None:
        message = token[found:] if (found := token.find(_AUTHENTICATE)) >= 0 else b""
        if message and self._binding is not None and not self._binding.admits(shown_bindings(message)):
            raise Refused
        user, file = self._account(message) if message else (None, self._files.none)
        try:
            with _TURN:
                os.environ["NTLM_USER_FILE"] = str(file)
                if self._context is None:
                    self._context = _new_context(token)
                answer: bytes | None = self._context.step(token)
        except (spnego.exceptions.SpnegoError, ValueError, KeyError, struct.error):
            raise Refused from None
        if self._context.complete and user is not None:
            status = self._accounts.refusal_of(user)
            if status is not None:
                raise Refused(status)
            self.user = user
        return answer

    def _account(self, message: bytes) -> tuple[str, Path]:
        domain, name = claimed_account(message)
        user = f"{domain}\\{name}" if domain else name
        password = self._accounts.password_of(user)
        if password is None or ":" in user or "\n" in user:
            raise Refused
        return user, self._files.of(domain, name, password)
