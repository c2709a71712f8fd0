# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error of an exception of a library for Kerberos or NTLM.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The number of MIT Kerberos decides, because its texts differ between versions. pyspnego and gssapi wrap it: the number is the minor code,
which some libraries replace by a number of their own. In this case, the text is compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import DirectoryError, DirectoryLogonError, shown

_BASE = -1765328384
"""First number of the errors of MIT Kerberos (krb5_err.et)."""

_BY_NUMBER: dict[int, tuple[str, str | None]] = {
    _BASE + 1: ("directory_logon_failed", "account_expired"),  # the entry of the client has expired
    _BASE + 6: ("directory_logon_failed", "no_such_account"),  # client not found
    _BASE + 7: ("directory_spn_unknown", None),  # server not found
    _BASE + 12: ("directory_logon_failed", "not_now"),  # policy rejects the request
    _BASE + 14: ("directory_kerberos_failed", None),  # no common encryption type
    _BASE + 18: ("directory_logon_failed", "disabled"),  # credentials have been revoked
    _BASE + 23: ("directory_logon_failed", "password_expired"),  # key has expired
    _BASE + 24: ("directory_logon_failed", "wrong_password"),  # preauthentication failed
    _BASE + 31: ("directory_logon_failed", "wrong_password"),  # decrypt integrity check failed
    _BASE + 32: ("directory_ticket_expired", None),
    _BASE + 33: ("directory_clock_skew", None),  # the ticket is not valid yet
    _BASE + 37: ("directory_clock_skew", None),
    _BASE + 141: ("directory_no_credentials", None),  # no matching credential in the cache
    _BASE + 154: ("directory_no_kdc", None),  # realm without KDC
    _BASE + 156: ("directory_no_kdc", None),  # no KDC answers
    _BASE + 181: ("directory_no_credentials", None),  # no such key in the keytab
    _BASE + 195: ("directory_no_credentials", None),  # no credential cache
    _BASE + 220: ("directory_no_kdc", None),  # the name of the KDC has no address
}
_NO_SUCH_FILE = 2

_BY_TEXT: tuple[tuple[str, str, str | None], ...] = (
    (r"ticket expired|credentials? (?:has|have) expired", "directory_ticket_expired", None),
    (r"clock skew|ticket not yet valid", "directory_clock_skew", None),
    (r"server (?:\S+ )?not found in kerberos database", "directory_spn_unknown", None),
    (r"client (?:\S+ )?not found in kerberos database", "directory_logon_failed", "no_such_account"),
    (r"credentials have been revoked", "directory_logon_failed", "disabled"),
    (r"password (?:has|is) expired|key has expired", "directory_logon_failed", "password_expired"),
    (r"preauthentication failed|password incorrect|decrypt integrity check", "directory_logon_failed", "wrong_password"),
    (r"(?:cannot|can't) (?:contact any|find) kdc|resolve (?:network address|kdc)", "directory_no_kdc", None),
    (
        r"no (?:kerberos )?credentials|credentials cache|key table|keytab|can't find client principal|matching credential",
        "directory_no_credentials",
        None,
    ),
)
_NO_TEXT = "Success"
"""Sentence of the library for a minor code without a text of its own."""

_NUMBER = re.compile(r"\s+-?\d{5,}$")
_WRAPPING = re.compile(r"^.*\bMinor \(\d+\): |^SpnegoError \(-?\d+\): |, Context: .*$")


def logon_error(error: BaseException, who: str) -> DirectoryError:
    """Return the error of an exception of krb5, gssapi, or pyspnego. `who` names the account and the server."""
    chain = list(_causes(error))
    text = _sentence(chain)
    code, subcode = _by_number(chain) or _by_text(" ".join(str(link) for link in chain)) or ("directory_kerberos_failed", None)
    return DirectoryLogonError(code, f"{who}: {text}", subcode=subcode)


class LogonExplanation:
    """Converts every exception of the libraries, which have many types and no common base, to an error of this collection.

    `who` names the account and the server. With a `code`, each exception has this code.
    """

    def __init__(self, who: str, code: str | None = None) -> None:
        self._who = who
        self._code = code

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, DirectoryError):
            return
        if self._code:
            raise DirectoryError(self._code, f"{self._who}: a message was changed or not encrypted ({type(error).__name__}).") from None
        raise logon_error(error, self._who) from None


def _by_number(chain: list[BaseException]) -> tuple[str, str | None] | None:
    for link in chain:
        for name in ("err_code", "min_code"):
            number = getattr(link, name, None)
            if not isinstance(number, int):
                continue
            signed = number - 2**32 if number >= 2**31 else number
            if signed in _BY_NUMBER:
                return _BY_NUMBER[signed]
            if name == "err_code" and number == _NO_SUCH_FILE:
                return "directory_no_credentials", None
    return None


def _by_text(text: str) -> tuple[str, str | None] | None:
    found = next((entry for entry in _BY_TEXT if re.search(entry[0], text, re.IGNORECASE)), None)
    return (found[1], found[2]) if found else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the innermost exception first: a library wraps it as base error, cause, or context."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain and len(chain) < 10:
        chain.append(link)
        inner = getattr(link, "base_error", None)
        link = inner if isinstance(inner, BaseException) else link.__cause__ or link.__context__
    yield from reversed(chain)


def _sentence(chain: list[BaseException]) -> str:
    """Return the innermost sentence, which the library of Kerberos wrote."""
    texts = [_unwrapped(" ".join(str(link).replace("\0", " ").split())) for link in chain]
    text = shown(next((text for text in texts if text and text != _NO_TEXT), type(chain[0]).__name__))
    return text if text.endswith(".") else f"{text}."


def _unwrapped(text: str) -> str:
    for _again in range(3):
        text = _WRAPPING.sub("", text)
    return _NUMBER.sub("", text).strip()


__all__ = ["LogonExplanation", "logon_error"]
