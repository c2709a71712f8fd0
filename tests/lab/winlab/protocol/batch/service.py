# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The batch activation service over HTTP: one request in, one answer out, with the faults between."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

from aiohttp import web

from winlab.interfaces import BatchActivation, BatchAnswer, BatchQuestion
from winlab.protocol.batch import soap, spoiled
from winlab.protocol.batch.faults import AFTER, BEFORE, BatchFaults
from winlab.protocol.batch.log import LoggedRequest
from winlab.protocol.batch.soap import BatchRequest, Malformed
from winlab.protocol.batch.streams import STREAMS
from winlab.protocol.http_page import page_of

_SERVER = "Microsoft-IIS/10.0"


class _Dropped(Exception):
    """The connection is to be reset instead of answered."""


class BatchService:
    """The web service over the simulated one."""

    def __init__(self, batch: BatchActivation, own_address: str, *, several: bool) -> None:
        self._batch = batch
        self._own_address = own_address
        self._several = several
        self._cleared = asyncio.Event()
        self.faults = BatchFaults()
        self.requests: list[LoggedRequest] = []
        self.most_at_once = 0
        """The most requests that were open at a time."""
        self._open = 0

    def clear_faults(self) -> None:
        """Switch all faults off; answers that waited for this go out."""
        self.faults.clear()
        self._cleared.set()
        self._cleared = asyncio.Event()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one request."""
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            return await self._handle(request)
        finally:
            self._open -= 1

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            body = await request.read()
        except (ConnectionError, web.HTTPException):
            return _page(413)
        logged = self._logged(request, body)
        try:
            return await self._serve(request, body, logged)
        except _Dropped:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        except Malformed as malformed:
            logged.outcome = f"soap:{malformed.code} {malformed.text}"
            return _xml(soap.fault(malformed), 500)

    def _logged(self, request: web.BaseRequest, body: bytes) -> LoggedRequest:
        client = "" if request.transport is None else str(request.transport.get_extra_info("peername")[0])
        logged = LoggedRequest(
            client, client == self._own_address, request.method, request.path_qs, dict(request.headers), body.decode("utf-8", "replace")
        )
        self.requests.append(logged)
        return logged

    async def _serve(self, request: web.BaseRequest, body: bytes, logged: LoggedRequest) -> web.StreamResponse:
        refused = _refused(request)
        if refused:
            logged.outcome = f"HTTP {refused}"
            return _page(refused)
        if request.headers.get("SOAPAction") != soap.ACTION:
            raise Malformed(f"Server did not recognize the value of HTTP Header SOAPAction: {request.headers.get('SOAPAction', '')}.")
        asked = self._read(body, logged)
        machines = {self._batch.machine_of(question) for question in asked.questions}
        early = await self._before_counting(asked, machines, logged)
        if early is not None:
            return early
        answers = [(question, self._answer(question, machines)) for question in asked.questions]
        logged.outcome = ", ".join(map(_outcome, answers))
        others = self.faults.take("batch_others", machines, request_type=asked.request_type)
        if others is not None:
            self._batch.others_activate(asked.questions[0], others["activations"])
        return await self._after_counting(request, asked, answers, machines, logged)

    def _answer(self, question: BatchQuestion, machines: Collection[str]) -> BatchAnswer:
        answer = self._batch.answer(question)
        late = None if answer.remaining is None else self.faults.take("batch_late_number", machines)
        return answer if late is None or answer.remaining is None else BatchAnswer(remaining=answer.remaining + late["behind"])

    def _read(self, body: bytes, logged: LoggedRequest) -> BatchRequest:
        logged.request_xml = soap.request_text(*soap.signed_parts(body))
        asked = soap.read_questions(logged.request_xml, several=self._several)
        logged.request_type = asked.request_type
        logged.questions = [{**vars(question), "machine": self._batch.machine_of(question)} for question in asked.questions]
        for question in asked.questions:
            self._batch.arrived(question)
        return asked

    async def _before_counting(self, asked: BatchRequest, machines: Collection[str], logged: LoggedRequest) -> web.StreamResponse | None:
        """What a fault answers in the place of the service; nothing is counted."""
        kind = asked.request_type
        await self._wait(machines, kind, BEFORE)
        page = self._instead(machines, kind, BEFORE, logged)
        if page is not None:
            return page
        redirect = self.faults.take("batch_redirect", machines, request_type=kind)
        if redirect is not None:
            logged.outcome = "redirected"
            return web.Response(status=redirect.get("status", 302), headers={"Server": _SERVER, "Location": str(redirect["location"])})
        if self.faults.take("batch_soap_fault", machines, request_type=kind) is not None:
            raise Malformed("Server was unable to process request. ---> Object reference not set to an instance of an object.", "Server")
        error = self.faults.take("batch_error", machines, request_type=kind)
        if error is not None:
            logged.outcome = f"error 0x{error['code']:X}"
            return _xml(soap.answer(kind, [(question, BatchAnswer(error["code"])) for question in asked.questions]))
        return None

    async def _after_counting(
        self,
        request: web.BaseRequest,
        asked: BatchRequest,
        answers: list[tuple[BatchQuestion, BatchAnswer]],
        machines: Collection[str],
        logged: LoggedRequest,
    ) -> web.StreamResponse:
        kind = asked.request_type
        await self._wait(machines, kind, AFTER)
        page = self._instead(machines, kind, AFTER, logged)
        if page is not None:
            return page
        fault = self.faults.take("batch_answer", machines, request_type=kind)
        if fault is None:
            return _xml(soap.answer(kind, answers))
        logged.outcome += f", spoiled: {fault['kind']}"
        if fault["kind"] in STREAMS:
            return await STREAMS[fault["kind"]](request, soap.answer(kind, answers).encode(), self._cleared)
        body, headers = spoiled.answer(fault["kind"], kind, answers, self._batch)
        return web.Response(body=body, headers={"Server": _SERVER, "Content-Type": soap.ANSWER_TYPE, **headers})

    async def _wait(self, machines: Collection[str], kind: int, when: str) -> None:
        delay = self.faults.take("batch_delay", machines, request_type=kind, when=when)
        if delay is None:
            return
        if "milliseconds" in delay:
            await asyncio.sleep(float(delay["milliseconds"]) / 1000)
        else:
            await self._cleared.wait()

    def _instead(self, machines: Collection[str], kind: int, when: str, logged: LoggedRequest) -> web.StreamResponse | None:
        """A page or a lost connection in the place of the answer."""
        if self.faults.take("batch_drop", machines, request_type=kind, when=when) is not None:
            logged.outcome = f"dropped {when} counting"
            raise _Dropped
        page = self.faults.take("batch_http_status", machines, request_type=kind, when=when)
        if page is None:
            return None
        logged.outcome = f"HTTP {page['status']} {when} counting"
        return _page(page["status"], page)


def _outcome(answered: tuple[BatchQuestion, BatchAnswer]) -> str:
    found = answered[1]
    if found.error:
        return f"error 0x{found.error:X}"
    return "confirmation ID" if found.confirmation_id else f"remaining {found.remaining}"


def _refused(request: web.BaseRequest) -> int:
    """The HTTP status of a request that the service does not read, or 0."""
    if request.path_qs != soap.PATH:
        return 404
    if request.method != "POST":
        return 405
    return 0 if request.headers.get("Content-Type") == soap.CONTENT_TYPE else 415


def _xml(text: str, status: int = 200) -> web.Response:
    return web.Response(status=status, body=text.encode(), headers={"Server": _SERVER, "Content-Type": soap.ANSWER_TYPE})


def _page(status: int, options: dict[str, Any] | None = None) -> web.Response:
    page = page_of({"status": status, **(options or {})})
    return web.Response(status=page.status, body=page.body, headers={**page.headers, "Server": _SERVER})
