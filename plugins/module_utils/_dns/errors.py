# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exceptions for DNS, with their explanations.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The words of each code are in :mod:`catalog`. No text here ever holds a TSIG secret or a password: exceptions of
dnspython and gssapi are turned into a code and, where it helps, the sentence of the Kerberos library.
"""

from __future__ import annotations

from .._errors import ErrorExplanation, InvalidOptionsError, VolumeActivationError
from .catalog import CATALOG, MAY_PASS, SOURCES, STANDARDS, UNKNOWN, Entry


class InvalidInputError(InvalidOptionsError):
    """An option is invalid, and nothing was sent. The message contains the option."""


class DnsError(VolumeActivationError):
    """The records of one domain could not be read or written.

    `error_code` is the name of a response code, of a TSIG error, or an identifier of this collection, each in the catalog. `detail` is
    what is known of this case beyond the code.
    """

    def __init__(self, error_code: str, detail: str = "") -> None:
        self.detail = detail
        super().__init__(f"{error_code}: {entry_of(error_code).meaning}" + (f" {detail}" if detail else ""), error_code=error_code)

    def explain(self) -> ErrorExplanation:
        """Return the explanation of the error code, with the detail."""
        entry = entry_of(self.error_code)
        return ErrorExplanation(
            code=self.error_code,
            symbol=self.error_code if self.error_code in STANDARDS else None,
            meaning=f"{entry.meaning} {self.detail}" if self.detail else entry.meaning,
            cause=entry.cause,
            next_steps=entry.next_steps,
            category="dns",
            transient=self.error_code in MAY_PASS,
            source=STANDARDS.get(self.error_code) or SOURCES.get(self.error_code),
        )

    def as_dict(self) -> dict[str, object]:
        """Return the explanation as plain data."""
        return self.explain().as_dict()


class DnsRequestNotSentError(DnsError):
    """The message did not reach the server, so nothing was changed, and another address can be tried."""


class DnsResponseLostError(DnsError):
    """The message was sent, and no usable response arrived. The records must be read to find out whether they were changed."""


def entry_of(code: str) -> Entry:
    """Return the catalog entry of an error code, or the entry for an unknown response code."""
    return CATALOG.get(code, UNKNOWN)
