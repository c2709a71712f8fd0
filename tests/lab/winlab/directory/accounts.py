# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may log on at a directory of the lab's own, and what they may do there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ADMIN, READER, NONE = "admin", "reader", "none"
RIGHTS = (READER, ADMIN, NONE)
_REASONS = {"no_such_user": "525", "wrong_password": "52e", "disabled": "533", "expired": "701", "locked": "775",
            "password_expired": "532", "password_must_change": "773"}  # fmt: skip
"""What stands behind `data` in the text of a refused bind, by state of the account (MS-ERREF for the numbers)."""
STATES = tuple(state for state in _REASONS if state not in ("no_such_user", "wrong_password"))
_SOME_STATUS = 0xC000006D


@dataclass(frozen=True)
class DirectoryAccount:
    """An account of a domain. `state` says that it cannot log on."""

    name: str
    password: str = field(repr=False)
    rights: str = READER
    state: str = ""


@dataclass(frozen=True)
class Settings:
    """A directory of the lab's own: where it listens, and who may log on."""

    domain: str
    forest: str
    host: str
    """The DNS name of the domain controller."""
    address: str
    port: int
    tls_port: int
    accounts: Mapping[str, DirectoryAccount] = field(default_factory=dict, repr=False)
    read_only: bool = False
    """Whether it is a read-only domain controller, which refers writers to another one."""

    @property
    def netbios(self) -> str:
        """The short name of the domain."""
        return self.domain.partition(".")[0].upper()

    def account_of(self, text: str, *, plain: bool = False) -> DirectoryAccount | None:
        r"""The account of DOMAIN\name, name@domain or a DN below CN=Users; of a plain name only where a protocol has one."""
        name = text
        if "\\" in text:
            domain, _slash, name = text.partition("\\")
            if domain.casefold() not in ("", self.netbios.casefold(), self.domain.casefold()):
                return None
        elif "@" in text:
            name, _at, domain = text.rpartition("@")
            if domain.casefold() != self.domain.casefold():
                return None
        elif "=" in text:
            users = "," + ",".join(["CN=Users", *(f"DC={label}" for label in self.domain.split("."))])
            if not text.casefold().endswith(users.casefold()) or text[:3].casefold() != "cn=":
                return None
            name = text[3 : -len(users)]
        elif not plain:
            return None
        return next((account for known, account in self.accounts.items() if known.casefold() == name.casefold()), None)

    def password_of(self, user: str) -> str | None:
        """The password of an account, as NTLM and Kerberos name it; None when there is none."""
        account = self.account_of(user, plain=True)
        return None if account is None or not account.password else account.password

    def refusal_of(self, user: str) -> int | None:
        """An NTSTATUS for an account that cannot log on."""
        account = self.account_of(user, plain=True)
        return _SOME_STATUS if account is None or account.state else None

    def refused(self, user: str | None) -> str:
        """The text of a bind that is refused, as Active Directory writes it. Of a failed NTLM or Kerberos logon the user is not known."""
        account = None if user is None else self.account_of(user, plain=True)
        unknown = "wrong_password" if user is None else "no_such_user"
        reason = _REASONS[unknown if account is None else account.state or "wrong_password"]
        return f"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {reason}, v1db1"
