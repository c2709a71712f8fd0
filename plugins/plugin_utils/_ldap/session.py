# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An open session with a domain controller: search and delete.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType

from .messages import DirectoryEntry
from .model import ConnectionFacts, RootDse
from .requests import Requests

MOST_ENTRIES = 1000
"""Maximum number of entries of a search unless the caller names another one. A forest usually has fewer than ten activation objects."""


class Directory:
    """An open session. It is a context manager, which ends the session."""

    def __init__(self, requests: Requests, root: RootDse, facts: ConnectionFacts) -> None:
        self._requests = requests
        self.root = root
        self.facts = facts

    def search(
        self, base: str, scope: str, filter_text: str, attributes: Iterable[str], *, limit: int = MOST_ENTRIES
    ) -> tuple[DirectoryEntry, ...]:
        """Return the entries that the account can see, in the order of the server.

        `base` is a distinguished name, or the form <GUID=...>. `scope` is base, one, or subtree. `filter_text` is a filter of RFC 4515.
        Raises NoSuchObjectError if the base does not exist or is not visible, another DirectoryError, also for more than `limit` entries,
        and ValueError for an invalid scope or filter.
        """
        return self._requests.search(base, scope, filter_text, attributes, limit=limit)

    def delete(self, dn: str) -> None:
        """Delete one object, given its distinguished name, or the form <GUID=...>, which finds exactly the object that was read before.

        Raises NoSuchObjectError if it does not exist, AnswerLostError if it might have been deleted, and another DirectoryError otherwise.
        """
        self._requests.delete(dn)

    def close(self) -> None:
        """End the session; safe to call twice."""
        self._requests.close()

    def __enter__(self) -> Directory:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


__all__ = ["MOST_ENTRIES", "Directory"]
