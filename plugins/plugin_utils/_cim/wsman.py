# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CIM session over WS-Management: queries over all their pages, method calls, and what may be repeated.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Reads are repeated once: after a dropped connection, after a 401 on a connection that worked before, after a moment in which
the service was not available (HTTP 503), and after the machine ran into the OperationTimeout. Writes are sent once; when no
answer says what became of one, that is CimUnknownOutcomeError.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from .._errors import UnreachableError
from . import envelope
from .faults import TIMED_OUT, UNREPORTABLE_SUCCESS
from .reply import MalformedReplyError, Reply, read_reply
from .session import (
    CimError,
    CimInstance,
    CimPath,
    CimResult,
    CimUnknownOutcomeError,
    CimValue,
    MalformedResponseError,
    ResponseTooLargeError,
    ShuttingDownError,
)
from .transport import CredentialsRejectedError, ResponseLostError, Transport
from .weights import Weights

_Answer = TypeVar("_Answer")

_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)

MAX_IDLE = 60.0
"""Seconds after which a connection is not trusted with another message. Windows closes idle ones after 120; on one it
has forgotten a message comes back as 400 or 401, and a write could not be repeated after that."""

MAX_EMPTY_PAGES = 50
"""Pages in a row without an instance until a query counts as one that never ends."""

TIMED_OUT_PULL = 5
"""How many empty pages a Pull counts for that ended in TimedOut: it has already taken its whole OperationTimeout."""

MAX_PAGES = 2_000
"""Pages after which a query counts as one that never ends, be they never so small: 2,000 licensing products take about 60."""

MAX_INSTANCES = 250_000
"""Instances after which a query counts as one that never ends; Windows knows some 2,000 licensing products."""

MAX_WEIGHT = 48 * 1024 * 1024
"""Bytes of memory, as :attr:`Reply.weight` counts them, that the answers a task keeps may take: some 17,000 events, or twice as
many licensing products as Windows knows."""

MESSAGES_A_QUERY = 10
"""A query may take as long as this many messages may."""


_NEXT_WHEN_DROPPED = "Check that the machine is not restarting and that nothing on the way cuts connections, then run the task again."
_NEXT_WHEN_ENDLESS = "Ask for less, such as a shorter time of events; if that is little already, check what answers at this address."
_NEXT_WHEN_SILENT = "Check that the machine is up and not overloaded and that WinRM is what listens there, then run the task again."


class _ResponseLimitError(ResponseLostError):
    """The answers take more memory than a task may use."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds a machine may take for a read and for a write, and how much longer than that to wait for its answer.

    WinRM's own cap is 60 seconds. Writes get it whole, because Activate against a silent KMS host only fails after
    TCP has timed out (about 21 seconds), and giving up earlier would lose the error code.
    """

    read: float = 20.0
    write: float = 60.0
    margin: float = 10.0

    @property
    def query(self) -> float:
        """Seconds a query may take over all of its pages, and over its repetition: those of ten messages, 300 by default."""
        return MESSAGES_A_QUERY * (self.read + self.margin)


class Session:
    """One conversation with one machine; a CimSession over any :class:`Transport`."""

    def __init__(
        self,
        transport: Transport,
        timeouts: Timeouts | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sleep = sleep
        self._transport = transport
        self._timeouts = timeouts or Timeouts()
        self._clock = clock
        self._last_answer: float | None = None
        self._weights = Weights()

    def begin_task(self) -> None:
        """Another task, or the next item of a loop, goes on with this session: what was read before need not be kept."""
        self._weights.forget()

    def query(self, wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        """All instances a WQL query yields; see :meth:`CimSession.query`."""
        found = _FROM.search(wql)
        class_name = found.group(1) if found else "?"
        until = self._clock() + self._timeouts.query
        return self._read(f"{namespace}: {wql}", lambda: self._pages(wql, namespace, class_name, until))

    def invoke(self, target: CimPath, method: str, arguments: Mapping[str, CimValue], *, read_only: bool = False) -> CimResult:
        """Call a method; see :meth:`CimSession.invoke`."""
        if read_only:
            question = f"{target}.{method} {sorted(arguments.items())}"
            return self._read(question, lambda: self._call(target, method, arguments, self._timeouts.read))
        return self._write(lambda: self._call(target, method, arguments, self._timeouts.write), f"{target.class_name}.{method}")

    def put(self, target: CimPath, properties: Mapping[str, CimValue]) -> None:
        """Write properties of one instance; see :meth:`CimSession.put`."""
        operation = f"Put of {target.class_name}"
        self._write(lambda: self._store(target, properties, operation), operation)

    def close(self) -> None:
        """Let go of the connection; a later call would open a new one."""
        self._transport.reset()

    def _read(self, question: str, attempt: Callable[[], _Answer]) -> _Answer:
        worked_before = self._last_answer is not None
        self._weights.ask(question)
        try:
            return attempt()
        except (ResponseLostError, CredentialsRejectedError, CimError) as problem:
            failure: ResponseLostError | CredentialsRejectedError | CimError = problem
        if _worth_repeating(failure, worked_before):
            self._drop_if_broken(failure)
            if isinstance(failure, ResponseLostError) and failure.pause:
                self._sleep(failure.pause)
            self._weights.repeat()
            try:
                return attempt()
            except (ResponseLostError, CredentialsRejectedError, CimError) as problem:
                failure = problem
        self._drop_if_broken(failure)
        raise self._unreachable(failure) if isinstance(failure, ResponseLostError) else failure

    def _write(self, attempt: Callable[[], _Answer], operation: str) -> _Answer:
        self._weights.write()
        try:
            return attempt()
        except ResponseLostError as problem:
            lost = problem
        except CimError as error:
            if error.code not in (TIMED_OUT, UNREPORTABLE_SUCCESS):
                raise
            lost = ResponseLostError(error.text, again=False)
        self._transport.reset()
        # Raised out here, so that the error does not carry the transport's, which can hold the message and a product key.
        if lost.sent:
            raise CimUnknownOutcomeError(operation, lost.reason)
        raise self._unreachable(lost)

    def _drop_if_broken(self, failure: Exception) -> None:
        if not isinstance(failure, CimError):  # a machine that answers needs no new connection, and no new logon
            self._transport.reset()

    def _unreachable(self, lost: ResponseLostError) -> UnreachableError:
        if isinstance(lost, _ResponseLimitError):
            return ResponseTooLargeError(self._transport.endpoint, f"{lost.reason}.", lost.steps)
        steps = lost.steps or (_NEXT_WHEN_DROPPED if lost.again else _NEXT_WHEN_SILENT,)
        return UnreachableError(
            f"{self._transport.endpoint}: {lost.reason}.", steps, cause=lost.cause, transient=None if not lost.cause else False
        )

    def _pages(self, wql: str, namespace: str, class_name: str, until: float) -> list[CimInstance]:
        seconds = self._timeouts.read
        endpoint = self._transport.endpoint
        operation = f"Query of {class_name}"
        reply = self._exchange(envelope.enumerate_wql(endpoint, namespace, wql, seconds), seconds, class_name, until)
        self._raise_fault(reply, operation, seconds)
        _expect(reply, "EnumerateResponse")
        instances = reply.instances
        context = reply.context
        empty_pages = 0
        pages = 1
        while not reply.ended:
            if not context:
                raise ResponseLostError(
                    f"{operation} was cut short: its page has no mark of the end and no context to go on with", again=False
                )
            if empty_pages >= MAX_EMPTY_PAGES or pages >= MAX_PAGES or len(instances) > MAX_INSTANCES:
                words = f"{operation} does not end; {len(instances)} instances came so far"
                raise ResponseLostError(words, again=False, steps=(_NEXT_WHEN_ENDLESS,))
            reply = self._exchange(envelope.pull(endpoint, namespace, context, seconds), seconds, class_name, until)
            pages += 1
            if reply.fault is not None and reply.fault.timed_out:  # to a Pull this only means "nothing yet"
                empty_pages += TIMED_OUT_PULL
                continue
            self._raise_fault(reply, operation, seconds)
            _expect(reply, "PullResponse")
            instances.extend(reply.instances)
            context = reply.context or context
            empty_pages = 0 if reply.instances else empty_pages + 1
        return instances

    def _call(self, target: CimPath, method: str, arguments: Mapping[str, CimValue], seconds: float) -> CimResult:
        operation = f"{target.class_name}.{method}"
        reply = self._exchange(envelope.invoke(self._transport.endpoint, target, method, arguments, seconds), seconds)
        self._raise_fault(reply, operation, seconds)
        if reply.output is None:
            raise ResponseLostError(f"the answer holds no output of {method}", again=False)
        try:
            code = reply.output.integer("ReturnValue") or 0
        except MalformedResponseError:
            raise ResponseLostError(f"the answer holds no usable ReturnValue of {method}", again=False) from None
        if code:
            raise CimError(code, "", operation)
        return CimResult(reply.output)

    def _store(self, target: CimPath, properties: Mapping[str, CimValue], operation: str) -> None:
        """The answer holds the instance as it is now, or nothing; only a fault says no."""
        seconds = self._timeouts.write
        reply = self._exchange(envelope.put(self._transport.endpoint, target, properties, seconds), seconds)
        self._raise_fault(reply, operation, seconds)

    def _exchange(self, request: envelope.Request, seconds: float, class_name: str = "", until: float | None = None) -> Reply:
        now = self._clock()
        allowed = seconds + self._timeouts.margin
        if until is not None:
            allowed = min(allowed, until - now)
            if allowed <= 0:
                words = f"the query did not end within {self._timeouts.query:g} seconds"
                raise ResponseLostError(words, again=False, steps=(_NEXT_WHEN_ENDLESS,))
        if self._last_answer is not None and now - self._last_answer > MAX_IDLE:
            self._transport.reset()
        answer = self._transport.send(request.message, allowed)
        try:
            reply = read_reply(answer, class_name)
        except MalformedReplyError as error:
            problem = str(error)
        else:
            self._must_relate(reply, request)
            self._weigh(reply)
            self._last_answer = self._clock()
            return reply
        raise ResponseLostError(f"the answer is not WS-Management: {problem}", again=False)

    def _raise_fault(self, reply: Reply, operation: str, seconds: float) -> None:
        fault = reply.fault
        if fault is not None:
            if fault.code in ShuttingDownError.CODES:
                raise ShuttingDownError(operation, self._transport.endpoint)
            text = f"no result within {seconds:g} seconds" if fault.timed_out else fault.text
            raise CimError(fault.code, text, operation)

    def _weigh(self, reply: Reply) -> None:
        """Count an answer, which a task may keep to its end."""
        if self._weights.add(reply.weight) > MAX_WEIGHT:
            words = f"the answers take more memory than a task may use ({MAX_WEIGHT // 1024**2} MiB)"
            raise _ResponseLimitError(words, again=False, steps=(_NEXT_WHEN_ENDLESS,))

    def _must_relate(self, reply: Reply, request: envelope.Request) -> None:
        """Only the answer to a request says what became of it. WinRM 3.0 names the request in all but some of its faults."""
        if not reply.relates_to:
            if reply.fault is None or not self._transport.encrypted:
                raise ResponseLostError("the answer does not name the request it belongs to", again=True)
        elif reply.relates_to.upper() != request.message_id.upper():
            raise ResponseLostError("the answer belongs to another request", again=True)


def _expect(reply: Reply, kind: str) -> None:
    if reply.fault is None and reply.kind != kind:
        raise ResponseLostError(f"the answer holds {reply.kind or 'nothing'} where {kind} belongs", again=False)


def _worth_repeating(failure: Exception, worked_before: bool) -> bool:
    if isinstance(failure, ResponseLostError):
        return failure.again
    if isinstance(failure, CimError):
        return failure.code == TIMED_OUT
    return worked_before


__all__ = ["MAX_EMPTY_PAGES", "MAX_IDLE", "MAX_INSTANCES", "MAX_PAGES", "MAX_WEIGHT", "TIMED_OUT_PULL", "Session", "Timeouts"]
