# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control API: HTTP and JSON on 127.0.0.1, for tests and people to look into the estate and to break it.

GET /machines, /machines/NAME, /counters, /counters/NAME, /clock, /dns, /dns/records/DOMAIN, /dns/updates,
/batch, /batch/requests, /batch/proxy, /http_proxies; POST /counters/reset,
/clock/advance {"minutes"}, /faults {"machine", "fault", "options"}, /machines/NAME/crash, /rebuild, /power_on, /change_hardware
and /install_update {"name"}, /phone {"installation_id"}, /stop; DELETE /faults. Errors are {"error": text} with status 400 or 404.
"""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web

from winlab.interfaces import BatchActivation, MachineProxy
from winlab.protocol.batch import faults as batch_faults
from winlab.protocol.batch.site import BatchSite
from winlab.protocol.counters import Counters
from winlab.protocol.service import ListeningMachine, Service

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Clock(Protocol):
    """The estate's time."""

    def now(self) -> datetime: ...


class Directories(Protocol):
    """The directories of an estate."""

    @property
    def domains(self) -> Sequence[str]: ...
    def describe(self, domain: str) -> dict[str, Any]: ...
    def change(self, domain: str, what: str, minutes: float) -> None: ...
    def forget_operations(self) -> None: ...


class Estate(Protocol):
    """What the protocol package needs of the estate around the machines."""

    @property
    def machines(self) -> Mapping[str, ListeningMachine]: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def http_proxies(self) -> Sequence[MachineProxy]: ...
    @property
    def batch_activation(self) -> BatchActivation | None: ...
    async def start(self, run_dir: Path, keytab: Path | None = None) -> None: ...
    async def stop(self) -> None: ...
    def snapshot(self, name: str) -> dict[str, Any]: ...
    def set_fault(self, machine: str, fault: str, **params: Any) -> None: ...
    def clear_faults(self) -> None: ...
    def advance(self, span: timedelta) -> None: ...
    def crash(self, name: str) -> None: ...
    def rebuild(self, name: str) -> None: ...
    def power_on(self, name: str) -> None: ...
    def change_hardware(self, name: str) -> None: ...
    def install_update(self, name: str, update: str) -> None: ...
    def leave_domain(self, name: str) -> None: ...
    def join_domain(self, name: str, domain: str) -> None: ...
    @property
    def directories(self) -> Directories: ...
    def phone(self, installation_id: str) -> str: ...
    def dns(self) -> dict[str, Any]: ...
    def inventory_variables(self) -> dict[str, Any]: ...
    def srv_records(self, domain: str) -> list[dict[str, Any]]: ...
    def dns_updates(self) -> list[dict[str, Any]]: ...
    def reset_dns_updates(self) -> None: ...


def _plain(value: object) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)


def _answer(value: object, status: int = 200) -> web.Response:
    return web.Response(text=json.dumps(value, default=_plain), status=status, content_type="application/json")


@web.middleware
async def _errors_as_json(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except KeyError as error:
        return _answer({"error": f"unknown: {error.args[0] if error.args else error}"}, 404)
    except (ValueError, TypeError, OSError) as error:
        return _answer({"error": str(error)}, 400)


class Control:
    """The handlers, over one estate and its service."""

    def __init__(self, estate: Estate, service: Service, stop: asyncio.Event) -> None:
        self._estate = estate
        self._service = service
        self._stop = stop

    def application(self) -> web.Application:
        """The aiohttp application to run."""
        app = web.Application(middlewares=[_errors_as_json])
        app.add_routes(
            [
                web.get("/machines", self._machines),
                web.get("/machines/{name}", self._machine),
                web.post("/machines/{name}/crash", self._crash),
                web.post("/machines/{name}/rebuild", self._rebuild),
                web.post("/machines/{name}/power_on", self._power_on),
                web.post("/machines/{name}/change_hardware", self._change_hardware),
                web.post("/machines/{name}/install_update", self._install_update),
                web.post("/machines/{name}/leave_domain", self._leave_domain),
                web.post("/machines/{name}/join_domain", self._join_domain),
                web.get("/directories", self._directories),
                web.get("/directories/{domain}", self._directory),
                web.post("/directories/{domain}/stop", self._change_directory),
                web.post("/directories/{domain}/start", self._change_directory),
                web.post("/directories/{domain}/clock", self._change_directory),
                web.post("/phone", self._phone),
                web.get("/batch", self._batch),
                web.get("/batch/requests", self._batch_requests),
                web.get("/batch/proxy", self._batch_proxy),
                web.get("/http_proxies", self._http_proxies),
                web.get("/counters", self._all_counters),
                web.get("/counters/{name}", self._counters),
                web.post("/counters/reset", self._reset),
                web.get("/clock", self._clock),
                web.post("/clock/advance", self._advance),
                web.get("/dns", self._dns),
                web.get("/dns/records/{domain}", self._records),
                web.get("/dns/updates", self._updates),
                web.post("/faults", self._set_fault),
                web.delete("/faults", self._clear_faults),
                web.post("/stop", self._stop_lab),
            ]
        )
        return app

    async def _machines(self, _request: web.Request) -> web.StreamResponse:
        return _answer([self._describe(machine) for machine in self._estate.machines.values()])

    @staticmethod
    def _describe(machine: ListeningMachine) -> dict[str, Any]:
        listen = machine.listen
        return {
            "name": machine.name,
            "address": machine.address,
            "http_port": listen.http_port,
            "https_port": listen.https_port,
            "fault_shape": machine.fault_shape,
            "tags": sorted(getattr(machine, "tags", ())),
        }

    async def _machine(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        endpoint = self._service.endpoints[name]
        open_now = {"open_shells": len(endpoint.shells), "open_enumerations": len(endpoint.enumerations)}
        return _answer({**self._estate.snapshot(name), "protocol": open_now})

    async def _all_counters(self, _request: web.Request) -> web.StreamResponse:
        return _answer({name: endpoint.counters.as_dict() for name, endpoint in self._service.endpoints.items()})

    async def _counters(self, request: web.Request) -> web.StreamResponse:
        return _answer(self._service.endpoints[request.match_info["name"]].counters.as_dict())

    async def _reset(self, _request: web.Request) -> web.StreamResponse:
        for endpoint in self._service.endpoints.values():
            endpoint.counters = Counters()
        self._estate.reset_dns_updates()
        self._estate.directories.forget_operations()
        if self._service.batch is not None:
            self._service.batch.forget()
        self._service.proxies.connections.clear()
        return _answer({})

    async def _clock(self, _request: web.Request) -> web.StreamResponse:
        return _answer({"now": self._estate.clock.now()})

    async def _advance(self, request: web.Request) -> web.StreamResponse:
        self._estate.advance(timedelta(minutes=float((await request.json())["minutes"])))
        await self._service.sync()
        return _answer({"now": self._estate.clock.now()})

    async def _set_fault(self, request: web.Request) -> web.StreamResponse:
        wanted = await request.json()
        machine, fault, options = wanted.get("machine", "*"), wanted["fault"], wanted.get("options", {})
        if machine != "*" and machine not in self._estate.machines:
            raise KeyError(machine)
        if fault in batch_faults.OPTIONS:
            self._site().service.faults.set(machine, fault, **options)
            return _answer({})
        target: Service | Estate = self._service if self._service.is_transport_fault(fault) else self._estate
        target.set_fault(machine, fault, **options)
        await self._service.sync()
        return _answer({})

    async def _clear_faults(self, _request: web.Request) -> web.StreamResponse:
        await self._service.clear_faults()
        self._estate.clear_faults()
        await self._service.sync()
        return _answer({})

    async def _crash(self, request: web.Request) -> web.StreamResponse:
        return await self._change(self._estate.crash, request, ends=True)

    async def _rebuild(self, request: web.Request) -> web.StreamResponse:
        return await self._change(self._estate.rebuild, request, ends=True)

    async def _power_on(self, request: web.Request) -> web.StreamResponse:
        return await self._change(self._estate.power_on, request)

    async def _change_hardware(self, request: web.Request) -> web.StreamResponse:
        return await self._change(self._estate.change_hardware, request, ends=True)

    async def _install_update(self, request: web.Request) -> web.StreamResponse:
        update = str((await request.json()).get("name"))
        return await self._change(lambda name: self._estate.install_update(name, update), request, ends=True)

    async def _leave_domain(self, request: web.Request) -> web.StreamResponse:
        return await self._change(self._estate.leave_domain, request)

    async def _join_domain(self, request: web.Request) -> web.StreamResponse:
        domain = str((await request.json()).get("domain"))
        return await self._change(lambda name: self._estate.join_domain(name, domain), request)

    async def _directories(self, _request: web.Request) -> web.StreamResponse:
        return _answer([self._estate.directories.describe(domain) for domain in self._estate.directories.domains])

    async def _directory(self, request: web.Request) -> web.StreamResponse:
        return _answer(self._estate.directories.describe(request.match_info["domain"]))

    async def _change_directory(self, request: web.Request) -> web.StreamResponse:
        minutes = float((await request.json()).get("minutes", 0)) if request.path.endswith("/clock") else 0.0
        self._estate.directories.change(request.match_info["domain"], request.path.rpartition("/")[2], minutes)
        return _answer({})

    async def _phone(self, request: web.Request) -> web.StreamResponse:
        iid = (await request.json()).get("installation_id")
        if not isinstance(iid, str):
            raise ValueError("installation_id must be a text of digits")
        return _answer({"confirmation_id": self._estate.phone(iid)})

    def _site(self) -> BatchSite:
        if self._service.batch is None:
            raise KeyError("batch activation: the estate has no microsoft.batch_activation")
        return self._service.batch

    async def _batch(self, _request: web.Request) -> web.StreamResponse:
        return _answer(self._site().state())

    async def _batch_requests(self, _request: web.Request) -> web.StreamResponse:
        return _answer([logged.as_dict() for logged in self._site().service.requests])

    async def _batch_proxy(self, _request: web.Request) -> web.StreamResponse:
        return _answer([logged.as_dict() for logged in self._site().connections])

    async def _http_proxies(self, _request: web.Request) -> web.StreamResponse:
        return _answer([logged.as_dict() for logged in self._service.proxies.connections])

    async def _change(self, change: Callable[[str], None], request: web.Request, *, ends: bool = False) -> web.StreamResponse:
        """Change a machine; `ends`: what it is doing for its clients comes to nothing."""
        name = request.match_info["name"]
        if ends:
            await self._service.interrupt(name)
        change(name)
        await self._service.sync()
        return _answer({})

    async def _dns(self, _request: web.Request) -> web.StreamResponse:
        return _answer(self._estate.dns())

    async def _records(self, request: web.Request) -> web.StreamResponse:
        return _answer(self._estate.srv_records(request.match_info["domain"]))

    async def _updates(self, _request: web.Request) -> web.StreamResponse:
        return _answer(self._estate.dns_updates())

    async def _stop_lab(self, _request: web.Request) -> web.StreamResponse:
        self._stop.set()
        return _answer({})
