# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that a fault sends in an odd way: half of one, one without an end, one byte after the other."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from winlab.protocol.batch import soap

_SECONDS_PER_BYTE = 0.1
"""Fast enough that no wait for the next byte runs out of time, and too slow for an answer within a minute."""
_BLANKS = b" " * 65536


async def _truncated(request: web.BaseRequest, body: bytes, _cleared: asyncio.Event) -> web.StreamResponse:
    """The head of the whole answer and half of the body, then the end of the connection."""
    if request.transport is not None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {soap.ANSWER_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
        request.transport.write(head.encode() + body[: len(body) // 2])
        request.transport.close()
    return web.Response()


async def _begun(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": soap.ANSWER_TYPE})
    await response.prepare(request)
    return response


async def _endless(request: web.BaseRequest, body: bytes, cleared: asyncio.Event) -> web.StreamResponse:
    """Half of the answer and then blanks, without a length, until the client has had enough or the faults are cleared."""
    response = await _begun(request)
    with contextlib.suppress(ConnectionError):
        await response.write(body[: len(body) // 2])
        while not cleared.is_set():
            await response.write(_BLANKS)
            await asyncio.sleep(0)
    return response


async def _trickle(request: web.BaseRequest, body: bytes, cleared: asyncio.Event) -> web.StreamResponse:
    """One byte after the other; what is left when the faults are cleared comes at once."""
    response = await _begun(request)
    with contextlib.suppress(ConnectionError):
        for place in range(len(body)):
            await response.write(body[place : place + 1])
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(cleared.wait(), _SECONDS_PER_BYTE)
                await response.write(body[place + 1 :])
                break
    return response


STREAMS: Mapping[str, Callable[[web.BaseRequest, bytes, asyncio.Event], Awaitable[web.StreamResponse]]] = {
    "truncated": _truncated,
    "endless": _endless,
    "trickle": _trickle,
}
"""By the kind that the fault batch_answer names."""
