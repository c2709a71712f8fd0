# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exceptions of a directory, with their explanations.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

The texts of each code are in :mod:`catalog.codes`. No exception contains a password or a token: exceptions of libraries become a code and
a short text, and are never chained. Texts of a server are shortened, and made safe to show.
"""

from __future__ import annotations

from ...module_utils._visible import visible
from .._errors import ErrorExplanation, VolumeActivationError
from .catalog.codes import MAY_PASS, Explanation, entry_of, source_of

LONGEST_TEXT = 300
"""Maximum number of characters of a text of a server or a library in a message."""


class DirectoryError(VolumeActivationError):
    """A directory could not be used as the task asked.

    `error_code` is an identifier of the catalog, `subcode` one of several causes of it, or None. `detail` is what is known of this case
    beyond the code.
    """

    def __init__(self, error_code: str, detail: str = "", *, subcode: str | None = None) -> None:
        self.detail = detail
        self.subcode = subcode
        self.entry: Explanation = entry_of(error_code, subcode)
        super().__init__(
            f"{error_code}: {self.entry.meaning}" + (f" {detail}" if detail else ""),
            error_code=error_code,
            cause=self.entry.cause,
            source=source_of(error_code),
            transient=error_code in MAY_PASS,
        )
        self.next_steps = self.entry.next_steps

    def explain(self) -> ErrorExplanation:
        """Return the explanation of the error code, with the detail."""
        return ErrorExplanation(
            code=self.error_code,
            symbol=None,
            meaning=f"{self.entry.meaning} {self.detail}" if self.detail else self.entry.meaning,
            cause=self.cause,
            next_steps=self.next_steps,
            category="directory",
            transient=self.transient,
            source=self.source,
            subcode=self.subcode,
        )


class DirectoryUnreachableError(DirectoryError):
    """The connection could not be opened, or the server did not answer on it before the logon; another server can be tried."""


class DirectoryLogonError(DirectoryError):
    """The account could not log on. No other server is tried, because repeated attempts can lock the account."""


class DirectoryResultError(DirectoryError):
    """The server answered with a result code that is not success. `result_code` is its number (RFC 4511, appendix A)."""

    def __init__(self, error_code: str, detail: str, result_code: int, *, subcode: str | None = None) -> None:
        self.result_code = result_code
        super().__init__(error_code, detail, subcode=subcode)


class NoSuchObjectError(DirectoryResultError):
    """The object does not exist, or the account cannot see it (result code 32)."""


class AnswerLostError(DirectoryError):
    """A delete was sent, and its answer did not arrive. The object must be read to find out whether it was deleted."""


def shown(text: str) -> str:
    """Return a text of a server or a library as one short line that is safe to show."""
    line = visible(" ".join(text.replace("\0", " ").split()))
    return line if len(line) <= LONGEST_TEXT else f"{line[:LONGEST_TEXT]}..."


__all__ = [
    "AnswerLostError",
    "DirectoryError",
    "DirectoryLogonError",
    "DirectoryResultError",
    "DirectoryUnreachableError",
    "NoSuchObjectError",
    "shown",
]
