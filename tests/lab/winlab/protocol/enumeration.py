# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enumerate, Pull and Release of WMI classes and WQL queries.

As measured on Server 2008 and 2012: an optimized Enumerate answers with exactly one instance when there are more, the Pulls that
follow carry pages of about 75 kB, whatever envelope the client allows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from winlab.interfaces import Access, Instance, Machine, QueryAnswer, WmiFault
from winlab.protocol import fault as faults
from winlab.protocol import names
from winlab.protocol.fault import WsmanFault
from winlab.protocol.request import Request
from winlab.protocol.resource import Resource, resource_of
from winlab.protocol.xmltext import envelope, fragment_xml, instance_xml, message_id, reference_xml

PAGE_BYTES = 75_000
FIRST_PAGE = {"one": 1, "several": 5, "none": 0}
"""Instances that travel with the answer to Enumerate. Captures show one; the others are truths that a machine can be told."""
EXPIRES_AFTER = 240.0
"""EnumerationTimeoutms of a default WinRM service, in seconds since the last Pull."""
QUOTA = {"winrm2": 15, "winrm3": 1500}
"""MaxConcurrentOperationsPerUser; an enumeration counts until it is finished, released or expired."""
_FRAME_BYTES = 1_500
_MAX_ITEMS = 32_000
_N = "{" + names.ENUMERATION + "}"
_W = "{" + names.WSMAN + "}"
_PREFIXES = "s a n w"
_ENUMERATE_PARTS = frozenset([_W + "Filter", _W + "OptimizeEnumeration", _W + "MaxElements", _W + "EnumerationMode", _N + "Expires"])


@dataclass
class Context:
    """An open enumeration."""

    instances: Sequence[Instance]
    render: Callable[[Instance], str]
    owner: str
    position: int = 0
    used: float = field(default_factory=time.monotonic)

    @property
    def finished(self) -> bool:
        return self.position >= len(self.instances)

    def take(self, count: int, limit: int, envelope_size: int) -> str:
        """At most `count` items and about `limit` bytes, at least one item."""
        items: list[str] = []
        used = 0
        while len(items) < count and not self.finished:
            item = self.render(self.instances[self.position])
            size = len(item.encode())
            if size + _FRAME_BYTES > envelope_size:
                raise WsmanFault(faults.ENVELOPE_EXCEEDED)
            if items and used + size > limit:
                break
            items.append(item)
            used += size
            self.position += 1
        return "".join(items)


class Enumerations:
    """The open enumerations of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._open: dict[str, Context] = {}

    def __len__(self) -> int:
        return len(self._open)

    async def enumerate(self, request: Request, user: str) -> str:
        """Start; the first instance travels with the answer only when the client asked for OptimizeEnumeration.

        Raises the quota fault 2150859174 when the user has too many enumerations open.
        """
        body = request.body
        if body is None or body.tag != _N + "Enumerate" or any(part.tag not in _ENUMERATE_PARTS for part in body):
            raise WsmanFault(faults.SCHEMA_VALIDATION)
        resource = resource_of(request, self._machine.fault_shape)
        self._check_quota(user)
        answer = await self._ask(self._machine.seen_by(user), resource, body)
        context = Context(answer.instances, self._renderer(body, resource, answer), user)
        if body.find(_W + "OptimizeEnumeration") is None:
            return self._answer(request, f"<n:EnumerationContext>{self._keep(context)}</n:EnumerationContext>")
        first = FIRST_PAGE[self._machine.truths.first_page]
        items = context.take(first, PAGE_BYTES, request.max_envelope_size) if first else ""
        if context.finished:
            ending = f"<n:EnumerationContext></n:EnumerationContext><w:Items>{items}</w:Items><w:EndOfSequence/>"
        else:
            ending = f"<n:EnumerationContext>{self._keep(context)}</n:EnumerationContext><w:Items>{items}</w:Items>"
        return self._answer(request, ending)

    def _check_quota(self, user: str) -> None:
        self._forget_expired()
        allowed = QUOTA.get(self._machine.fault_shape, 1500)
        if sum(context.owner == user for context in self._open.values()) >= allowed:
            raise WsmanFault(
                faults.OPERATION_QUOTA,
                "The WS-Management service cannot process the request. This user is allowed a maximum number of "
                f"{allowed} concurrent operations, which has been exceeded. "
                "Close existing operations for this user, or raise the quota for this user. ",
            )

    @staticmethod
    async def _ask(access: Access, resource: Resource, body: Element) -> QueryAnswer:
        query = body.find(_W + "Filter")
        if query is None:
            if resource.class_name == "*":
                raise WsmanFault(faults.CANNOT_PROCESS_FILTER)
            if resource.keys:
                raise WsmanFault(faults.UNEXPECTED_SELECTORS)
            return await access.enumerate(resource.namespace, resource.class_name)
        if query.get("Dialect") != names.WQL_DIALECT or len(query):
            raise WsmanFault(faults.FILTER_DIALECT)
        if resource.class_name != "*" or resource.keys:
            raise WmiFault("", wsman_code=faults.WQL_NEEDS_STAR)
        return await access.query(resource.namespace, query.text or "")

    def _renderer(self, body: Element, resource: Resource, answer: QueryAnswer) -> Callable[[Instance], str]:
        mode = (body.findtext(_W + "EnumerationMode") or "").strip()
        if mode in ("", "EnumerateObject"):
            return fragment_xml if answer.projected else lambda instance: instance_xml(resource.uri_of(instance.class_name), instance)
        uri, own = resource.uri_of(answer.class_name), resource.own_selectors
        keys = self._machine.key_names(resource.namespace, answer.class_name)
        if mode == "EnumerateEPR":
            return lambda instance: reference_xml(uri, own, keys, instance)
        if mode == "EnumerateObjectAndEPR":
            return lambda instance: f"<w:Item>{instance_xml(uri, instance)}{reference_xml(uri, own, keys, instance)}</w:Item>"
        raise WsmanFault(faults.SCHEMA_VALIDATION)

    def _keep(self, context: Context) -> str:
        self._forget_expired()
        name = message_id()
        self._open[name] = context
        return name

    def _forget_expired(self) -> None:
        oldest = time.monotonic() - EXPIRES_AFTER
        for name in [name for name, context in self._open.items() if context.used < oldest]:
            del self._open[name]

    def _find(self, request: Request, element: str) -> tuple[str, Context]:
        self._forget_expired()
        if request.body is None or request.body.tag != _N + element:
            raise WsmanFault(faults.SCHEMA_VALIDATION)
        name = (request.body.findtext(_N + "EnumerationContext") or "").strip()
        context = self._open.get(name)
        if context is None:
            raise WsmanFault(faults.INVALID_CONTEXT)
        return name, context

    def pull(self, request: Request) -> str:
        """The next page; without MaxElements it holds one item (WS-Enumeration's default)."""
        name, context = self._find(request, "Pull")
        assert request.body is not None
        wanted = (request.body.findtext(_N + "MaxElements") or "1").strip()
        if not wanted.isdigit() or int(wanted) < 1:
            raise WsmanFault(faults.SCHEMA_VALIDATION)
        items = context.take(min(int(wanted), _MAX_ITEMS), PAGE_BYTES, request.max_envelope_size)
        context.used = time.monotonic()
        if context.finished:
            del self._open[name]
            body = f"<n:PullResponse><n:Items>{items}</n:Items><n:EndOfSequence/></n:PullResponse>"
        else:
            body = f"<n:PullResponse><n:EnumerationContext>{name}</n:EnumerationContext><n:Items>{items}</n:Items></n:PullResponse>"
        return envelope(_PREFIXES, names.PULL + "Response", request.message_id, body)

    def close(self) -> None:
        """Forget all contexts, as a service that restarts does."""
        self._open.clear()

    def release(self, request: Request) -> str:
        """Give a context up."""
        name, _ = self._find(request, "Release")
        del self._open[name]
        return envelope(_PREFIXES, names.RELEASE + "Response", request.message_id, "")

    @staticmethod
    def _answer(request: Request, body: str) -> str:
        whole = f"<n:EnumerateResponse>{body}</n:EnumerateResponse>"
        return envelope(_PREFIXES, names.ENUMERATE + "Response", request.message_id, whole)
