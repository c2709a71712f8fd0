# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A minimal machine, so that the protocol package is tested without the simulation, and a server that runs in a thread."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import pytest

from winlab.interfaces import CertificateMapping, CommandOutcome, Instance, MachineProxy, MethodAnswer, QueryAnswer, Value, WmiFault
from winlab.protocol.service import Service
from winlab.simulation.machine import Listen
from winlab.truths import USUAL, Truths

T = TypeVar("T")
PASSWORD = "Wire-Passw0rd!"
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
"""Parallel workers must not listen on the same addresses."""
ADDRESSES = iter(f"127.55.{WORKER * 8 + number // 250}.{number % 250 + 1}" for number in range(2_000))
LISTEN = Listen(allow_unencrypted=False, transport="ntlm")


def _sample(name: str, number: int) -> Instance:
    installed = datetime(2013, 4, 15, 16, 28, 38, 376_600, tzinfo=timezone.utc)
    values = {"ID": str(number), "Text": "a<b>&\"c'\x07", "Empty": "", "Nothing": None, "No": False, "Yes": True, "big": 2**64 - 1}
    return Instance(
        name, {**values, "When": installed, "One": ["x"], "Two": ["x", "y"], "Array": [], "CSName": "WIRE", "CreationName": "c"}
    )


@dataclass
class TinyMachine:
    """One class with as many instances as asked for, a method of every outcome, commands that echo."""

    name: str = "WIRE01"
    address: str = "127.55.0.1"
    fault_shape: str = "winrm3"
    language: str = "en"
    truths: Truths = USUAL
    listen: Listen = LISTEN
    instances: int = 3
    filler: int = 0
    tags: Sequence[str] = ("tiny",)
    invoked: list[tuple[str, Mapping[str, str], str, Mapping[str, Sequence[str | None]]]] = field(default_factory=list)
    given: dict[str, list[Instance]] = field(default_factory=dict)
    outputs: Mapping[str, Value] | None = None
    slow: float = 0.0
    writable: bool = False
    finished: int = 0
    crashed: bool = False
    restarts_asked: int = 0
    restart_seconds: float = 0.2
    stays_down: bool = False
    kms: tuple[int, str] | None = None
    certificate_mappings: Sequence[CertificateMapping] = ()
    refusal: int | None = None
    opens_shells: bool = True

    def restart_suddenly(self) -> None:
        self.restarts_asked += 1

    def kms_service(self) -> tuple[int, str] | None:
        return self.kms

    def password_of(self, user: str) -> str | None:
        return PASSWORD if user.rpartition("\\")[2].lower() == "labadmin" else None

    def refusal_of(self, _user: str) -> int | None:
        return self.refusal

    def lets_in(self, user: str) -> bool:
        return bool(user)

    def seen_by(self, user: str) -> TinyMachine:
        del user
        return self

    def _all(self, namespace: str, class_name: str) -> list[Instance]:
        if namespace != "root/cimv2":
            raise WmiFault("Invalid namespace ", hresult=0x8004100E)
        if class_name in self.given:
            return self.given[class_name]
        if class_name == "Win32_OperatingSystem":
            return [Instance(class_name, {"Version": "10.0.20348", "ServicePackMajorVersion": 0, "ServicePackMinorVersion": 0})]
        if class_name != "Lab_Sample":
            raise WmiFault("Invalid class ", hresult=0x80041010, operation="ExecQuery", parameter=f"SELECT * FROM {class_name}")
        found = [_sample(class_name, number) for number in range(self.instances)]
        return [Instance(one.class_name, {**one.values, "Filler": "x" * self.filler}) for one in found]

    async def query(self, namespace: str, wql: str) -> QueryAnswer:
        words = wql.replace(",", " ").split()
        class_name = words[words.index("FROM") + 1]
        found = self._all(namespace, class_name)
        if words[1] == "*":
            return QueryAnswer(class_name, found)
        columns = words[1 : words.index("FROM")]
        return QueryAnswer(class_name, [Instance(class_name, {name: one.values[name] for name in columns}) for one in found], True)

    async def get(self, namespace: str, class_name: str, selectors: Mapping[str, str]) -> Instance:
        if not selectors:
            raise WmiFault("", wsman_code=2150859002)
        if set(selectors) != {"ID"}:
            raise WmiFault("", wsman_code=2150858843)
        for instance in self._all(namespace, class_name):
            if instance.values["ID"] == selectors["ID"]:
                return instance
        path = f'{class_name}.ID="{selectors["ID"]}"'
        raise WmiFault("", wsman_code=2150858752, operation="GetObject", parameter=path)

    async def enumerate(self, namespace: str, class_name: str) -> QueryAnswer:
        return QueryAnswer(class_name, self._all(namespace, class_name))

    def key_names(self, namespace: str, class_name: str) -> Sequence[str]:
        return [name for name in self._all(namespace, class_name)[0].values if name == "ID"]

    async def invoke(
        self, namespace: str, class_name: str, selectors: Mapping[str, str], method: str, arguments: Mapping[str, Sequence[str | None]]
    ) -> MethodAnswer:
        self.invoked.append((f"{namespace}/{class_name}", selectors, method, arguments))
        await asyncio.sleep(self.slow)
        self.finished += 1
        if method == "Activate":
            raise WmiFault("No KMS could be contacted ", hresult=0xC004F074, operation="ExecMethod", parameter="Lab_Sample::Activate")
        outputs = self.outputs or {"sNames": ["b", "a"], "Nothing": None, "Echo": str(dict(arguments))}
        return MethodAnswer(5 if method == "SetRefused" else 0, outputs)

    async def put(
        self, namespace: str, class_name: str, selectors: Mapping[str, str], values: Mapping[str, Sequence[str | None]]
    ) -> Instance:
        if not self.writable:
            raise WmiFault("", wsman_code=2150858801)
        written = await self.get(namespace, class_name, selectors)
        return Instance(class_name, {**written.values, **{name: texts[0] for name, texts in values.items()}})

    async def run(self, command: str, arguments: Sequence[str]) -> CommandOutcome:
        await asyncio.sleep(self.slow)
        line = " ".join([command, *arguments])
        return CommandOutcome(f"{line}\r\n" + "\u30e9" * self.filler, "warn\r\n", 3 if "fail" in line else 0)


_ENVELOPE = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
 xmlns:x="http://schemas.xmlsoap.org/ws/2004/09/transfer" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell"><s:Header><a:To>http://host:5985/wsman</a:To>
 <a:ReplyTo><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>
 <w:ResourceURI s:mustUnderstand="true">{uri}</w:ResourceURI><a:Action s:mustUnderstand="true">{action}</a:Action>
 <a:MessageID>{message_id}</a:MessageID>{headers}{selectors}</s:Header><s:Body>{body}</s:Body></s:Envelope>"""
WMI = "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/"
WQL = "http://schemas.microsoft.com/wbem/wsman/1/WQL"
ENUMERATE = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate"


class Soap:
    """Requests as text; the parts a test does not name are right."""

    WMI = WMI
    ENUMERATE = ENUMERATE
    PULL = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull"
    RELEASE = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release"
    TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer/"
    SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"

    @staticmethod
    def message(action: str, uri: str, body: str = "", **parts: Any) -> bytes:
        chosen: dict[str, str] = parts.pop("selectors", {})
        inner = "".join(f'<w:Selector Name="{name}">{value}</w:Selector>' for name, value in chosen.items())
        selectors = f"<w:SelectorSet>{inner}</w:SelectorSet>" if chosen else ""
        parts = {"message_id": "uuid:00000000-0000-0000-0000-00000000AbCd", "headers": "", **parts}
        return _ENVELOPE.format(action=action, uri=uri, body=body, selectors=selectors, **parts).encode()

    @classmethod
    def query(cls, wql: str, *, optimize: bool = True, extra: str = "", **parts: Any) -> bytes:
        optimized = "<w:OptimizeEnumeration/><w:MaxElements>32000</w:MaxElements>" if optimize else ""
        body = f'<n:Enumerate>{optimized}{extra}<w:Filter Dialect="{WQL}">{wql}</w:Filter></n:Enumerate>'
        return cls.message(ENUMERATE, parts.pop("uri", WMI + "*"), body, **parts)

    @classmethod
    def pull(cls, context: str, count: int | None = 32000, **parts: Any) -> bytes:
        most = "" if count is None else f"<n:MaxElements>{count}</n:MaxElements>"
        body = f"<n:Pull><n:EnumerationContext>{context}</n:EnumerationContext>{most}</n:Pull>"
        return cls.message(cls.PULL, WMI + "*", body, **parts)

    @classmethod
    def invoke(cls, method: str, parameters: str = "", uri: str = WMI + "Lab_Sample", **parts: Any) -> bytes:
        body = f'<p:{method}_INPUT xmlns:p="{parts.pop("space", uri)}">{parameters}</p:{method}_INPUT>'
        return cls.message(f"{uri}/{method}", uri, body, **parts)


@pytest.fixture
def soap() -> type[Soap]:
    return Soap


class RunningWire:
    """A service in a thread with an event loop of its own."""

    def __init__(self, machines: Sequence[TinyMachine], run_dir: Path) -> None:
        self.machines = machines
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.service = Service(machines, run_dir)
        self.call(self.service.start())

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def ask(self, machine: TinyMachine, message: bytes) -> tuple[int, str]:
        """What the machine answers to a message: HTTP status and text, without a socket in between."""
        answer = self.call(self.endpoint(machine).serve(message, "LabAdmin", "127.0.0.1"))
        return answer.status, answer.text

    def endpoint(self, machine: TinyMachine) -> Any:
        return self.service.endpoints[machine.name]

    def close(self) -> None:
        self.call(self.service.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def tiny() -> Callable[..., TinyMachine]:
    """Makes machines on addresses of their own."""

    def make(**settings: Any) -> TinyMachine:
        listen = replace(LISTEN, **{key: settings.pop(key) for key in list(settings) if key in Listen.__dataclass_fields__})
        address = next(ADDRESSES)
        return TinyMachine(**{"name": "WIRE-" + address.replace(".", "-"), "address": address, "listen": listen, **settings})

    return make


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Callable[..., RunningWire]]:
    """Serves machines until the test ends."""
    running: list[RunningWire] = []

    def serve(*machines: TinyMachine) -> RunningWire:
        running.append(RunningWire(machines, tmp_path / f"run{len(running)}"))
        return running[-1]

    yield serve
    for one in running:
        one.close()


class NoDirectories:
    """The directories of an estate that has none."""

    domains: Sequence[str] = ()

    def describe(self, domain: str) -> dict[str, Any]:
        raise KeyError(domain)

    def change(self, domain: str, what: str, minutes: float) -> None:  # noqa: ARG002
        raise KeyError(domain)

    def forget_operations(self) -> None:
        """There are none."""


class TinyEstate:
    """Just enough of an estate for the control API and the process."""

    def __init__(self, machines: Sequence[TinyMachine]) -> None:
        self.machines = {machine.name: machine for machine in machines}
        self.clock, self.time = self, datetime(2026, 11, 20, tzinfo=timezone.utc)
        self.faults: list[tuple[str, str, dict[str, Any]]] = []
        self.started = self.stopped = False
        self.batch_activation = None
        self.directories = NoDirectories()
        self.http_proxies: Sequence[MachineProxy] = ()
        self.updates: list[dict[str, Any]] = [{"zone": "tiny.lab", "kind": "add"}]

    def now(self) -> datetime:
        return self.time

    async def start(self, run_dir: Path, keytab: Path | None = None) -> None:  # noqa: ARG002
        self.started = run_dir.is_dir()

    async def stop(self) -> None:
        self.stopped = True

    def snapshot(self, name: str) -> dict[str, Any]:
        return {"name": self.machines[name].name, "invoked": len(self.machines[name].invoked)}

    def set_fault(self, machine: str, fault: str, **params: Any) -> None:
        if fault != "kms_host_down":
            raise ValueError(f"no such fault: {fault}")
        self.faults.append((machine, fault, params))

    def clear_faults(self) -> None:
        self.faults.clear()

    def advance(self, span: timedelta) -> None:
        self.time += span

    def crash(self, name: str) -> None:
        self.machines[name].crashed = True

    def rebuild(self, name: str) -> None:
        self.machines[name].crashed = False
        self.machines[name].invoked.clear()

    def power_on(self, name: str) -> None:
        self.machines[name].crashed = False

    change_hardware = rebuild

    def install_update(self, name: str, update: str) -> None:
        self.machines[name].tags = (*self.machines[name].tags, update)

    def leave_domain(self, name: str) -> None:
        self.join_domain(name, "")

    def join_domain(self, name: str, domain: str) -> None:
        self.machines[name].tags = (*self.machines[name].tags, domain)

    def phone(self, installation_id: str) -> str:
        return str(int(installation_id))[::-1]

    def dns(self) -> dict[str, Any]:
        return {"server": "127.0.0.1", "port": 5353, "zones": ["tiny.lab"]}

    def inventory_variables(self) -> dict[str, Any]:
        return {"winlab_dns_server": "127.0.0.1"}

    def srv_records(self, domain: str) -> list[dict[str, Any]]:
        return {"tiny.lab": [{"priority": 0, "weight": 0, "port": 1688, "host": "kms.tiny.lab"}]}[domain]

    def dns_updates(self) -> list[dict[str, Any]]:
        return self.updates

    def reset_dns_updates(self) -> None:
        self.updates = []
