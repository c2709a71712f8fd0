# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One machine's WS-Management service: a request's bytes in, an answer's text out."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol

from winlab.interfaces import Machine, WmiFault
from winlab.protocol import fault as faults
from winlab.protocol import fault_xml, names
from winlab.protocol.client_certificates import ClientAuthorities
from winlab.protocol.counters import Counters
from winlab.protocol.enumeration import Enumerations
from winlab.protocol.fault import WsmanFault
from winlab.protocol.http_page import HttpPage, page_of
from winlab.protocol.invocation import Invocations, get, identify, identity, put
from winlab.protocol.request import Request, message_id_of, parse
from winlab.protocol.resource import is_dmtf, resource_of
from winlab.protocol.shells import Shells
from winlab.protocol.transport_faults import Dropped, TransportFaults
from winlab.protocol.xmltext import in_language

_SHELL_ACTIONS = frozenset([names.CREATE, names.COMMAND, names.SEND, names.RECEIVE, names.SIGNAL, names.DELETE])
_READING = ("Enumerate", "Pull", "Release", "Get", "Identify")
_RELATES_TO = re.compile("<a:RelatesTo>[^<]*</a:RelatesTo>")
_SHELL_URIS = frozenset([names.SHELL, names.CMD_SHELL])


class Listen(Protocol):
    """How a machine listens; ports are None where it does not."""

    @property
    def http_port(self) -> int | None: ...
    @property
    def https_port(self) -> int | None: ...
    @property
    def basic(self) -> bool: ...
    @property
    def ntlm(self) -> bool: ...
    @property
    def allow_unencrypted(self) -> bool: ...
    @property
    def cbt_hardening_level(self) -> str: ...
    @property
    def certificate_hash(self) -> str: ...
    @property
    def certificate(self) -> bool: ...
    @property
    def credssp(self) -> bool: ...
    @property
    def credssp_tls(self) -> str | None: ...
    @property
    def tls_1_3(self) -> bool | None: ...
    @property
    def post_handshake(self) -> bool: ...
    @property
    def inspection_port(self) -> int | None: ...


@dataclass(frozen=True)
class Answer:
    """What goes back; `cut_after` is how many bytes of it a fault lets through."""

    status: int
    text: str
    cut_after: int | None = None
    page: HttpPage | None = None
    """What goes out in the place of everything else, in clear also where messages are encrypted."""

    @classmethod
    def of_http_sys(cls, options: Mapping[str, Any]) -> Answer:
        """The answer of HTTP itself, which no WS-Management has seen."""
        page = page_of(options)
        return cls(page.status, "", page=page)


def _fitting(request: Request, text: str) -> str:
    """The answer, unless the client said it takes none as large; what a method did is done all the same."""
    if len(text) * 4 > request.max_envelope_size and len(text.encode()) > request.max_envelope_size:
        invoked = request.operation.startswith("Invoke:")
        raise WsmanFault(faults.UNREPORTABLE_SUCCESS if invoked else faults.ENVELOPE_EXCEEDED)
    return text


class Endpoint:
    """The service of one machine with its open enumerations, shells, running methods, counters and faults."""

    def __init__(self, machine: Machine, listen: Listen) -> None:
        self.machine = machine
        self.listen = listen
        self.clients: ClientAuthorities | None = None
        """Whose certificates it lets in over TLS; None where it lets in none."""
        self.counters = Counters()
        self.faults = TransportFaults()
        self.enumerations = Enumerations(machine)
        self.invocations = Invocations(machine)
        self.shells = Shells(machine)
        self.away = False
        """Whether the machine restarts, so that nothing on it answers."""
        self.restarts_seen = 0
        self.changed: Callable[[Endpoint], Awaitable[None]] | None = None
        """Called after a request that may have changed the machine, before it is answered."""

    def admits(self, user: str) -> bool:
        """Whether an account with the right password gets further than HTTP, if only to a fault."""
        return self.machine.lets_in(user) or self.machine.truths.refused_logon == "access_denied"

    async def serve(self, data: bytes, user: str, client: str) -> Answer:
        """Answer one authenticated request; raises :class:`Dropped` when a fault cuts the connection."""
        if self.away:
            raise Dropped
        try:
            request = parse(data)
        except WsmanFault as fault:
            self.counters.count("Malformed")
            return Answer(500, self._spoken(fault_xml.refusal(fault, message_id_of(data), self.machine.address)))
        operation = request.operation
        self.counters.count(operation)
        delay = self.faults.take("delay", operation)
        if delay is not None:
            await asyncio.sleep(delay.get("milliseconds", 0) / 1000)
        http = self.faults.take("http_status", operation)
        if http is not None and not http.get("executed"):
            return Answer.of_http_sys(http)
        drop = self.faults.take("drop_before_reply", operation)
        if drop is not None and not drop.get("executed"):
            raise Dropped
        restart = self.faults.take("restart", operation)
        if restart is not None:
            await self._restart_within(request, user, client, executed=bool(restart.get("executed")))
        status, text = await self._perform(request, user, client)
        text = self._related(status, text)
        if self.changed is not None and not operation.startswith(_READING):
            await self.changed(self)
        if drop is not None:
            raise Dropped
        if http is not None:
            return Answer.of_http_sys(http)
        cut = self.faults.take("drop_mid_reply", operation)
        return Answer(status, self._spoken(text), None if cut is None else int(cut.get("after_bytes", 0)))

    async def _restart_within(self, request: Request, user: str, client: str, *, executed: bool) -> NoReturn:
        """Restart in the middle of a request, which is never answered; `executed`: after it took effect."""
        if executed:
            await self._perform(request, user, client)
        self.machine.restart_suddenly()
        if self.changed is not None:
            await self.changed(self)
        raise Dropped

    def introduce(self, data: bytes) -> Answer | None:
        """The answer to an Identify of somebody who did not log on; None for any other message."""
        if self.away:
            raise Dropped
        try:
            asked = parse(data).identify
        except WsmanFault:
            return None
        return Answer(200, self._spoken(identity(self.machine))) if asked else None

    def _spoken(self, text: str) -> str:
        return in_language(text, self.machine.language)

    def _related(self, status: int, text: str) -> str:
        """The answer with or without the name of its request, as the machine is told."""
        kept = {"always": True, "not_in_faults": status == 200, "never": False}[self.machine.truths.relates_to]
        return text if kept else _RELATES_TO.sub("", text, count=1)

    async def _perform(self, request: Request, user: str, client: str) -> tuple[int, str]:
        reached_as = self.machine.address
        try:
            met = self.faults.take("quota", request.operation)
            if met is not None:
                raise WsmanFault(faults.QUOTAS[str(met["limit"])])
            return 200, _fitting(request, await self._dispatch(request, user, client))
        except WsmanFault as fault:
            if fault.code in faults.QUOTAS.values() and fault.code != faults.ENVELOPE_EXCEEDED:
                return 500, fault_xml.quota(fault, request.message_id, reached_as, self.machine.fault_shape)
            return 500, fault_xml.refusal(fault, request.message_id, reached_as)
        except WmiFault as failure:
            return 500, fault_xml.provider_failure(
                failure,
                request.message_id,
                reached_as=reached_as,
                machine=self.machine.name,
                shape="dmtf" if is_dmtf(request) else self.machine.fault_shape,
                query=request.resource_uri.endswith("/*"),
            )

    async def _dispatch(self, request: Request, user: str, client: str) -> str:
        action = request.action
        if not self.machine.lets_in(user):
            raise WsmanFault(faults.NOT_LET_IN)
        if action.startswith(names.ENUMERATION):
            return await self._dispatch_enumeration(request, user)
        if request.identify:
            return await identify(self.machine)
        if request.resource_uri in _SHELL_URIS or action in _SHELL_ACTIONS:
            return await self._dispatch_shell(request, user, client)
        if action == names.GET:
            return await get(self.machine, request, user)
        if action == names.PUT:
            return await put(self.machine, request, user)
        return await self.invocations.invoke(request, user)

    async def _dispatch_enumeration(self, request: Request, user: str) -> str:
        if request.action == names.ENUMERATE:
            return await self.enumerations.enumerate(request, user)
        if request.action == names.PULL:
            return self.enumerations.pull(request)
        if request.action == names.RELEASE:
            return self.enumerations.release(request)
        raise WsmanFault(faults.ACTION_NOT_SUPPORTED)

    async def _dispatch_shell(self, request: Request, user: str, client: str) -> str:
        if request.resource_uri not in _SHELL_URIS:
            resource_of(request, self.machine.fault_shape)  # an unknown resource is a fault of its own
            raise WsmanFault(faults.ACTION_MISMATCH)
        if not self.machine.seen_by(user).opens_shells:
            raise WsmanFault(faults.NOT_LET_IN)
        action = request.action
        if action == names.RECEIVE:
            return await self.shells.receive(request)
        if action == names.CREATE:
            return self.shells.create(request, user, client)
        simple = {
            names.COMMAND: self.shells.command,
            names.SEND: self.shells.send,
            names.SIGNAL: self.shells.signal,
            names.DELETE: self.shells.delete,
            names.GET: self.shells.get,
        }.get(action)
        if simple is None:
            raise WsmanFault(faults.ACTION_NOT_SUPPORTED)
        return simple(request)

    async def close(self) -> None:
        """End every shell, every enumeration and every running method."""
        self.enumerations.close()
        self.shells.close()
        await self.invocations.close()
