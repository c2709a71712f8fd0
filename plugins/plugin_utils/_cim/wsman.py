# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CIM session over WS-Management: queries with several pages, method calls, and retries.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A read is repeated once after a dropped connection, after a 401 on a connection that worked before, after a temporary HTTP 503, after
the OperationTimeout, and from its first page if the machine forgot the enumeration. A write is sent once; if its result is unknown,
the session raises CimUnknownOutcomeError.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from .._errors import UnreachableError
from . import envelope
from .faults import INVALID_CONTEXT, TIMED_OUT, UNREPORTABLE_SUCCESS
from .limits import NEXT_WHEN_ENDLESS, NEXT_WHEN_SLOW, NEXT_WITHOUT_ROOM, NO_ROOM, MachineLimits, Timeouts, Weights
from .reply import MalformedReplyError, Reply, expected_weight, read_reply
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
from .transport import NEXT_WHEN_DROPPED, CredentialsRejectedError, ResponseLostError, Transport

_Result = TypeVar("_Result")

_FROM = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)

MAX_IDLE = 60.0
"""Seconds after which an idle connection is replaced. Windows closes it after 120, and a write cannot be repeated after its 400 or 401."""

MAX_EMPTY_PAGES = 50
"""Number of consecutive pages without an instance after which a query counts as endless."""

TIMED_OUT_PULL = 5
"""Number of empty pages that a Pull with the result TimedOut counts for, because it took its whole OperationTimeout."""

MAX_PAGES = 2_000
"""Number of pages after which a query counts as endless: 2,000 licensing products take about 60 pages."""

MAX_INSTANCES = 250_000
"""Number of instances after which a query counts as endless; Windows has about 2,000 licensing products."""

_NEXT_WHEN_SILENT = "Check that the machine is running and not overloaded, and that WinRM listens on the port, then run the task again."


class _ResponseLimitError(ResponseLostError):
    """The responses require more memory than a task can use."""


class Session:
    """A CimSession with one machine over any :class:`Transport`. `timeouts` can be replaced between two messages."""

    def __init__(
        self,
        transport: Transport,
        timeouts: Timeouts | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sleep = sleep
        self._transport = transport
        self.timeouts = timeouts or Timeouts()
        self._clock = clock
        self._last_response: float | None = None
        self._weights = Weights()
        self._limits = MachineLimits()

    def begin_task(self) -> None:
        """Start another task, or the next item of a loop, which does not keep earlier responses."""
        self._weights.forget()

    def limit(self, limits: MachineLimits) -> None:
        """Apply limits to all messages from now on, in addition to those of each message."""
        self._limits = limits
        if limits.room is not None:
            self._transport.share(limits.room)

    def carry_by(self, wrapped: Callable[[Transport], Transport]) -> Transport:
        """Send all messages from now on through a transport around the present one, which is returned."""
        former, self._transport = self._transport, wrapped(self._transport)
        return former

    def query(self, wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        """Return all instances of a WQL query; see :meth:`CimSession.query`."""
        found = _FROM.search(wql)
        class_name = found.group(1) if found else "?"
        until = self._clock() + self.timeouts.query
        return self._read(f"{namespace}: {wql}", lambda: self._pages(wql, namespace, class_name, until))

    def invoke(self, target: CimPath, method: str, arguments: Mapping[str, CimValue], *, read_only: bool = False) -> CimResult:
        """Call a method; see :meth:`CimSession.invoke`."""
        if read_only:
            query = f"{target}.{method} {sorted(arguments.items())}"
            return self._read(query, lambda: self._call(target, method, arguments, self.timeouts.read))
        return self._write(lambda: self._call(target, method, arguments, self.timeouts.write), f"{target.class_name}.{method}")

    def put(self, target: CimPath, properties: Mapping[str, CimValue]) -> None:
        """Write properties of one instance; see :meth:`CimSession.put`."""
        operation = f"Put of {target.class_name}"
        self._write(lambda: self._store(target, properties, operation), operation)

    def close(self) -> None:
        """Close the connection, and leave the shared memory; a later call opens a new connection."""
        if self._limits.room is not None:
            self._limits.room.leave()
        self._transport.reset()

    def _read(self, query: str, attempt: Callable[[], _Result]) -> _Result:
        worked_before = self._last_response is not None
        self._weights.begin(query)
        try:
            return attempt()
        except (ResponseLostError, CredentialsRejectedError, CimError) as problem:
            failure: ResponseLostError | CredentialsRejectedError | CimError = problem
        if _worth_repeating(failure, worked_before):
            self._drop_if_broken(failure)
            if isinstance(failure, ResponseLostError) and failure.pause:
                self._sleep(self._limits.shortened(failure.pause, self._clock()))
            self._weights.repeat()
            try:
                return attempt()
            except (ResponseLostError, CredentialsRejectedError, CimError) as problem:
                failure = problem
        self._drop_if_broken(failure)
        raise self._unreachable(failure) if isinstance(failure, ResponseLostError) else failure

    def _write(self, attempt: Callable[[], _Result], operation: str) -> _Result:
        self._weights.write()
        code = None
        try:
            return attempt()
        except ResponseLostError as problem:
            lost = problem
        except CimError as error:
            if error.code not in (TIMED_OUT, UNREPORTABLE_SUCCESS):
                raise
            lost, code = ResponseLostError(error.text, again=False), error.code
        self._transport.reset()
        # Raised outside the except block, so that the transport's error, which can contain a product key, is not its context.
        if lost.sent:
            raise CimUnknownOutcomeError(operation, lost.reason, code)
        raise self._unreachable(lost)

    def _drop_if_broken(self, failure: Exception) -> None:
        if not isinstance(failure, CimError):  # if the machine responds, the connection is usable
            self._transport.reset()

    def _unreachable(self, lost: ResponseLostError) -> UnreachableError:
        if isinstance(lost, _ResponseLimitError):
            return ResponseTooLargeError(self._transport.endpoint, f"{lost.reason}.", lost.steps)
        reason, steps = lost.reason, lost.steps or (NEXT_WHEN_DROPPED if lost.again else _NEXT_WHEN_SILENT,)
        if reason != NO_ROOM and self._limits.shortened(1.0, self._clock()) <= 0:  # a message had less time than others
            reason, steps = self._limits.reason, (NEXT_WHEN_SLOW,)
        return UnreachableError(
            f"{self._transport.endpoint}: {reason}.", steps, cause=lost.cause, transient=None if not lost.cause else False
        )

    def _pages(self, wql: str, namespace: str, class_name: str, until: float) -> list[CimInstance]:
        seconds = self.timeouts.read
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
                    f"{operation} is incomplete: the page contains neither an end marker nor a context for the next page", again=False
                )
            if empty_pages >= MAX_EMPTY_PAGES or pages >= MAX_PAGES or len(instances) > MAX_INSTANCES:
                message = f"{operation} does not end; {len(instances)} instances were received"
                raise ResponseLostError(message, again=False, steps=(NEXT_WHEN_ENDLESS,))
            reply = self._exchange(envelope.pull(endpoint, namespace, context, seconds), seconds, class_name, until)
            pages += 1
            if reply.fault is not None and reply.fault.timed_out:  # for a Pull, this means that no instance is available yet
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
            raise ResponseLostError(f"the response does not contain the output of {method}", again=False)
        try:
            code = reply.output.integer("ReturnValue") or 0
        except MalformedResponseError:
            raise ResponseLostError(f"the response does not contain a valid ReturnValue of {method}", again=False) from None
        if code & 0xFFFFFFFF in ShuttingDownError.CODES:
            raise ShuttingDownError(operation, self._transport.endpoint)
        if code:
            raise CimError(code, "", operation)
        return CimResult(reply.output)

    def _store(self, target: CimPath, properties: Mapping[str, CimValue], operation: str) -> None:
        """Send a Put. The response contains the new instance or is empty; only a fault is an error."""
        seconds = self.timeouts.write
        reply = self._exchange(envelope.put(self._transport.endpoint, target, properties, seconds), seconds)
        self._raise_fault(reply, operation, seconds)

    def _exchange(self, request: envelope.Request, seconds: float, class_name: str = "", until: float | None = None) -> Reply:
        now = self._clock()
        allowed = self._limits.shortened(seconds + self.timeouts.margin, now)
        if allowed <= 0:
            raise ResponseLostError(self._limits.reason, again=False, steps=(NEXT_WHEN_SLOW,))
        if until is not None:
            allowed = min(allowed, until - now)
            if allowed <= 0:
                message = f"the query did not end within {self.timeouts.query:g} seconds"
                raise ResponseLostError(message, again=False, steps=(NEXT_WHEN_ENDLESS,))
        if self._last_response is not None and now - self._last_response > MAX_IDLE:
            self._transport.reset()
        response = self._transport.send(request.message, allowed)
        self._require_memory(response)
        try:
            reply = read_reply(response, class_name)
        except MalformedReplyError as error:
            problem = str(error)
        else:
            self._must_relate(reply, request)
            self._weigh(reply)
            self._last_response = self._clock()
            return reply
        raise ResponseLostError(f"the response is not a WS-Management message: {problem}", again=False)

    def _raise_fault(self, reply: Reply, operation: str, seconds: float) -> None:
        fault = reply.fault
        if fault is not None:
            if fault.code in ShuttingDownError.CODES:
                raise ShuttingDownError(operation, self._transport.endpoint)
            text = f"no result within {seconds:g} seconds" if fault.timed_out else fault.text
            raise CimError(fault.code, text, operation)

    def _weigh(self, reply: Reply) -> None:
        """Count a response, which a task can keep until it ends."""
        if self._weights.add(reply.weight) > self._limits.weight:
            message = f"the responses require more memory than a task can use ({self._limits.weight // 1024**2} MiB)"
            raise _ResponseLimitError(message, again=False, steps=(NEXT_WHEN_ENDLESS,))

    def _require_memory(self, response: bytes) -> None:
        """Wait until the machine can use the memory that its response might take together with those before."""
        room, now = self._limits.room, self._clock()
        if room is not None and not room.allows(
            self._weights.kept + expected_weight(response), self._limits.shortened(self.timeouts.query, now)
        ):
            raise ResponseLostError(NO_ROOM, again=False, steps=(NEXT_WITHOUT_ROOM,))

    def _must_relate(self, reply: Reply, request: envelope.Request) -> None:
        """Raise ResponseLostError if a response does not belong to the request. WinRM 3.0 omits RelatesTo in some faults."""
        if not reply.relates_to:
            if reply.fault is None or not self._transport.encrypted:
                raise ResponseLostError("the response does not identify its request", again=True)
        elif reply.relates_to.upper() != request.message_id.upper():
            raise ResponseLostError("the response belongs to another request", again=True)


def _expect(reply: Reply, kind: str) -> None:
    if reply.fault is None and reply.kind != kind:
        raise ResponseLostError(f"the response contains {reply.kind or 'nothing'} instead of {kind}", again=False)


def _worth_repeating(failure: Exception, worked_before: bool) -> bool:
    if isinstance(failure, ResponseLostError):
        return failure.again
    if isinstance(failure, CimError):
        return failure.code in (TIMED_OUT, INVALID_CONTEXT)
    return worked_before


__all__ = ["MAX_EMPTY_PAGES", "MAX_IDLE", "MAX_INSTANCES", "MAX_PAGES", "TIMED_OUT_PULL", "Session", "Timeouts"]
