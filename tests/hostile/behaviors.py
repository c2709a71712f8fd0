# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hostile machine, or somebody in its place, sends: bodies and headers that do not end, grow, lie, or lead elsewhere."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

from .listeners import Behavior, HangUp, Request

SOAP = b"application/soap+xml;charset=UTF-8"
_BLOCK = b"A" * 65536
_MESSAGE_ID = re.compile(rb"<a:MessageID>([^<]*)</a:MessageID>")


def head(status: int = 200, *lines: bytes, length: int | None = None, content_type: bytes = SOAP) -> bytes:
    """Status line and headers, the empty line included."""
    known = [b"HTTP/1.1 %d Answer" % status, b"Content-Type: " + content_type, *lines]
    if length is not None:
        known.append(b"Content-Length: %d" % length)
    return b"\r\n".join(known) + b"\r\n\r\n"


def forever(piece: bytes) -> Iterator[bytes]:
    """The same again and again; the connection ends it."""
    while True:
        yield piece


def whole(status: int, body: bytes, *lines: bytes, content_type: bytes = SOAP) -> bytes:
    """A complete answer."""
    return head(status, *lines, length=len(body), content_type=content_type) + body


def envelope(request: Request, body: str) -> bytes:
    """A SOAP message that names the request."""
    found = _MESSAGE_ID.search(request.body)
    relates = found.group(1).decode() if found else ""
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        ' xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration">'
        f"<s:Header><a:RelatesTo>{relates}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def _trickled_body(_: Request) -> Iterator[bytes]:
    yield head(length=100_000)
    yield from forever(b"x")


def _trickled_headers(_: Request) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    yield from forever(b"X-Line: y\r\n")


def _huge_body(_: Request) -> Iterator[bytes]:
    yield head(length=300 * 1024 * 1024)
    yield from forever(_BLOCK)


def _huge_refusal(_: Request) -> Iterator[bytes]:
    yield head(401, b'WWW-Authenticate: Basic realm="x"', b"WWW-Authenticate: Negotiate", length=300 * 1024 * 1024)
    yield from forever(_BLOCK)


def _endless_chunks(_: Request) -> Iterator[bytes]:
    yield head(200, b"Transfer-Encoding: chunked")
    yield from forever(b"%x\r\n%b\r\n" % (len(_BLOCK), _BLOCK))


def _one_huge_chunk(_: Request) -> Iterator[bytes]:
    yield head(200, b"Transfer-Encoding: chunked") + b"ffffffffff\r\n"
    yield from forever(_BLOCK)


def _endless_chunk_size(_: Request) -> Iterator[bytes]:
    yield head(200, b"Transfer-Encoding: chunked")
    yield from forever(b"0" * 65536)


def _unfolding(_: Request) -> Iterator[bytes]:
    member = gzip.compress(bytes(1024 * 1024), 9)
    body = member * (3 * 1024 * 1024 // len(member))
    yield whole(200, body, b"Content-Encoding: gzip")


def _negative_length(_: Request) -> Iterator[bytes]:
    yield head(length=-5)
    yield from forever(_BLOCK)


def _longer_than_it_is(request: Request) -> Iterator[bytes]:
    body = envelope(request, "")
    yield head(length=len(body) + 500) + body
    raise HangUp


def _shorter_than_it_is(request: Request) -> Iterator[bytes]:
    yield head(length=100) + envelope(request, "<x/>" * 100)


def _huge_headers(_: Request) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %b\r\n" % (number, b"a" * 60_000) for number in range(99))
    yield b"Content-Length: 2\r\n\r\nok"


def _endless_continue(_: Request) -> Iterator[bytes]:
    yield from forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def _endless_status_line(_: Request) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 "
    yield from forever(_BLOCK)


def _deep(request: Request) -> Iterator[bytes]:
    yield whole(200, envelope(request, "<a>" * 100_000 + "</a>" * 100_000))


def _no_http(_: Request) -> Iterator[bytes]:
    yield b"SSH-2.0-OpenSSH_9.2\r\n"
    raise HangUp


def _page(request: Request, items: str) -> bytes:
    kind = "Pull" if b"enumeration/Pull<" in request.body else "Enumerate"
    context = "<n:EnumerationContext>uuid:1</n:EnumerationContext>"
    return whole(200, envelope(request, f"<n:{kind}Response>{context}<n:Items>{items}</n:Items></n:{kind}Response>"))


def _endless_pull(request: Request) -> Iterator[bytes]:
    yield _page(request, f"<C>{'<p>x</p>' * 10_000}</C>" * 2)


def _endless_pull_of_small_instances(request: Request) -> Iterator[bytes]:
    yield _page(request, "<C/>" * 45_000)


def _endless_pull_of_wide_texts(request: Request) -> Iterator[bytes]:
    yield _page(request, f"<C><Name>{'x' * 4000}\N{GRINNING FACE}</Name></C>" * 200)


def _large(request: Request) -> Iterator[bytes]:
    """A whole answer, some megabytes of memory: more than a task may keep when it is asked for often enough."""
    items = f"<C>{'<p>x</p>' * 10_000}</C>" * 2
    yield whole(200, envelope(request, f"<n:EnumerateResponse><n:Items>{items}</n:Items><n:EndOfSequence/></n:EnumerateResponse>"))


TOO_SLOW: dict[str, Behavior] = {"trickled_body": _trickled_body, "trickled_headers": _trickled_headers}
"""Those that end by time alone."""

TOO_MUCH: dict[str, Behavior] = {
    "huge_body": _huge_body,
    "huge_refusal": _huge_refusal,
    "endless_chunks": _endless_chunks,
    "one_huge_chunk": _one_huge_chunk,
    "endless_chunk_size": _endless_chunk_size,
    "negative_length": _negative_length,
    "huge_headers": _huge_headers,
    "endless_continue": _endless_continue,
    "endless_status_line": _endless_status_line,
}
"""Those that would send more than anybody wants."""

UNFIT: dict[str, Behavior] = {
    "unfolding": _unfolding,
    "longer_than_it_is": _longer_than_it_is,
    "shorter_than_it_is": _shorter_than_it_is,
    "deep": _deep,
    "no_http": _no_http,
}
"""Those that are no answer."""

ENDLESS_QUERIES: dict[str, Behavior] = {
    "endless_pull": _endless_pull,
    "endless_pull_of_small_instances": _endless_pull_of_small_instances,
    "endless_pull_of_wide_texts": _endless_pull_of_wide_texts,
}
"""Those of which each message is all right."""

ASKED_AGAIN: dict[str, Behavior] = {"large": _large}
"""Those whose answers are all right, and are asked for again and again by a task that waits."""


def redirect(port: int, address: str, status: int = 307) -> Behavior:
    """Lead every request to another port."""
    location = f"Location: http://{address}:{port}/wsman".encode()
    return lambda _: [head(status, location, length=0)]


def redirect_after_token(port: int, address: str) -> Behavior:
    """Ask for a logon, and lead the request with its first token to another port."""
    elsewhere = redirect(port, address)

    def answer(request: Request) -> Iterator[bytes]:
        if request.header("Authorization"):
            yield from elsewhere(request)
        else:
            yield head(401, b"WWW-Authenticate: Negotiate", length=0)

    return answer


def logon(then: Behavior) -> Behavior:
    """Ask for a logon by Negotiate, and misbehave when its first token comes."""

    def answer(request: Request) -> Iterator[bytes]:
        if request.header("Authorization"):
            yield from then(request)
        else:
            yield head(401, b"WWW-Authenticate: Negotiate", length=0)

    return answer


def _huge_challenge(_: Request) -> Iterator[bytes]:
    yield head(401, b"WWW-Authenticate: Negotiate TlRMTVNTUAACAAAA", length=300 * 1024 * 1024)
    yield from forever(_BLOCK)


LOGONS: dict[str, Behavior] = {
    "huge_refusal": _huge_refusal,
    "huge_challenge": logon(_huge_challenge),
    "huge_welcome": logon(_huge_body),
    "unfolding_refusal": lambda _: [whole(401, b"x" * 100, b"WWW-Authenticate: Negotiate", b"Content-Encoding: gzip")],
    "nobody_asked": lambda _: [head(200, length=0)],
}
"""For a logon with message encryption, which begins with a message without a body."""

__all__ = [
    "ASKED_AGAIN",
    "ENDLESS_QUERIES",
    "LOGONS",
    "SOAP",
    "TOO_MUCH",
    "TOO_SLOW",
    "UNFIT",
    "envelope",
    "head",
    "logon",
    "redirect",
    "redirect_after_token",
    "whole",
]
