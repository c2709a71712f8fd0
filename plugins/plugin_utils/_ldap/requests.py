# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests on an open connection, each with all of its answers and a deadline.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import contextlib
import itertools
import ssl
from collections.abc import Callable, Iterable
from typing import TypeVar

from ...module_utils._deadline import Deadline
from . import messages
from .ber import MalformedError
from .errors import AnswerLostError, DirectoryError, shown
from .messages import DirectoryEntry, Message, Result
from .results import label, result_error
from .wire import Seal, Wire

PAGE_SIZE = 500
"""Entries for one page; domain controllers of Windows return at most 1000."""

_From = TypeVar("_From")
_To = TypeVar("_To")
_ANSWERS = (messages.SEARCH_ENTRY, messages.SEARCH_REFERENCE, messages.SEARCH_DONE)


class Requests:
    """The requests of one connection. After an error of the connection or the encoding, the connection is closed.

    `peer` names the server in messages. `begin` returns the deadline of a new request.
    """

    def __init__(self, wire: Wire, peer: str, begin: Callable[[], Deadline]) -> None:
        self._wire = wire
        self._peer = peer
        self._begin = begin
        self._ids = itertools.count(1)
        self._ended = False

    def bind(self, operation: bytes, deadline: Deadline) -> Result:
        """Return the answer to a bind."""
        return self._exchange(operation, messages.BIND_RESPONSE, deadline)

    def seal(self, seal: Seal) -> None:
        """Encrypt everything from now on."""
        self._wire.seal(seal)

    def start_tls(self, context: ssl.SSLContext, name: str, deadline: Deadline) -> str:
        """Ask for TLS, and return its version. Raises DirectoryError."""
        result = self._exchange(messages.extended(messages.START_TLS), messages.EXTENDED_RESPONSE, deadline)
        if result.code:
            raise DirectoryError("directory_no_start_tls", f"{self._peer}: the answer was {label(result)}.")
        return self._wire.start_tls(context, name, deadline)

    def who_am_i(self, deadline: Deadline) -> str | None:
        """Return the account as the server names it (RFC 4532), None if it does not tell."""
        result = self._exchange(messages.extended(messages.WHO_AM_I), messages.EXTENDED_RESPONSE, deadline)
        name = "" if result.code or not result.value else result.value.decode("utf-8", "replace")
        return shown(name.removeprefix("u:")) or None

    def search(
        self,
        base: str,
        scope: str,
        filter_text: str,
        attributes: Iterable[str],
        *,
        limit: int,
        deadline: Deadline | None = None,
        pages: bool = True,
    ) -> tuple[DirectoryEntry, ...]:
        """Return the entries of all pages. References to other servers are ignored. Raises DirectoryError, also for more than `limit`."""
        deadline = deadline or self._begin()
        names, found, cookie = tuple(attributes), list[DirectoryEntry](), b""
        self._wire.begin()
        while True:
            operation = messages.search(base, scope, filter_text, names)
            done = self._page(operation, messages.paged(PAGE_SIZE, cookie) if pages else b"", found, limit, deadline)
            result = self._read(messages.read_result, done.content)
            if result.code:
                raise result_error(result, f"The search below {shown(base) or 'the root entry'} on {self._peer}", write=False)
            cookie = self._read(messages.next_page, done)
            if not cookie:
                return tuple(found)

    def delete(self, dn: str) -> None:
        """Delete an object. Raises AnswerLostError if the answer did not arrive, and another DirectoryError if it was not deleted."""
        deadline = self._begin()
        self._wire.begin()
        number = self._send(messages.delete(dn), b"", deadline)
        try:
            result = self._result(number, messages.DELETE_RESPONSE, deadline)
        except DirectoryError as error:
            raise AnswerLostError("directory_answer_lost", f"The object is {shown(dn)}, and the error was {error}") from None
        if result.code:
            raise result_error(result, f"The delete of {shown(dn)} on {self._peer}", write=True)

    def close(self) -> None:
        """End the session; safe to call twice."""
        if not self._ended:
            self._ended = True
            with contextlib.suppress(DirectoryError):  # the session has ended anyway
                self._wire.send(messages.message(next(self._ids), messages.unbind()), self._begin())
        self._wire.close()

    def _page(self, operation: bytes, controls: bytes, found: list[DirectoryEntry], limit: int, deadline: Deadline) -> Message:
        """Add the entries of one page, and return the message at its end."""
        number = self._send(operation, controls, deadline)
        while True:
            answer = self._receive(number, _ANSWERS, deadline)
            if answer.tag == messages.SEARCH_DONE:
                return answer
            if answer.tag == messages.SEARCH_ENTRY:
                if len(found) == limit:
                    raise self._broken(DirectoryError("directory_too_much_data", f"{self._peer} sent more than {limit} entries."))
                found.append(self._read(messages.read_entry, answer.content))

    def _exchange(self, operation: bytes, tag: int, deadline: Deadline) -> Result:
        self._wire.begin()
        return self._result(self._send(operation, b"", deadline), tag, deadline)

    def _result(self, number: int, tag: int, deadline: Deadline) -> Result:
        answer = self._receive(number, (tag,), deadline)
        return self._read(messages.read_result, answer.content)

    def _send(self, operation: bytes, controls: bytes, deadline: Deadline) -> int:
        if self._ended:
            raise DirectoryError("directory_connection_lost", f"The session with {self._peer} has ended.")
        number = next(self._ids)
        try:
            self._wire.send(messages.message(number, operation, controls), deadline)
        except DirectoryError as error:
            raise self._broken(error) from None
        return number

    def _receive(self, number: int, tags: tuple[int, ...], deadline: Deadline) -> Message:
        """Return the next message, which must answer this request."""
        try:
            found = self._wire.receive(deadline)
        except DirectoryError as error:
            raise self._broken(error) from None
        if found.message_id == 0 and found.tag == messages.EXTENDED_RESPONSE:
            raise self._broken(self._notice(found))
        if found.message_id != number:
            raise self._malformed("an answer has the ID of another request")
        if found.tag not in tags:
            raise self._malformed("an answer is for another kind of request")
        return found

    def _notice(self, found: Message) -> DirectoryError:
        """Return the error of a message that the server sends before it ends the session (RFC 4511, section 4.4.1)."""
        result = self._read(messages.read_result, found.content)
        return DirectoryError("directory_connection_lost", f"{self._peer} ended the session: {label(result)}.")

    def _read(self, read: Callable[[_From], _To], received: _From) -> _To:
        try:
            return read(received)
        except MalformedError as error:
            raise self._malformed(str(error)) from None

    def _malformed(self, why: str) -> DirectoryError:
        return self._broken(DirectoryError("directory_malformed_answer", f"{self._peer}: {why}."))

    def _broken(self, error: DirectoryError) -> DirectoryError:
        """Close the connection, on which answers could no longer be told apart, and return the error."""
        self._ended = True
        self._wire.close()
        return error


__all__ = ["PAGE_SIZE", "Requests"]
