# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licensing package against machines of the lab, in one process: no sockets, no XML, the same values as over the wire."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimInstance,
    CimPath,
    CimResult,
    CimUnknownOutcomeError,
    CimValue,
    RawValue,
    UnreachableError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.generations import plan_mak
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client import plan as kms_client
from ansible_collections.winops.volume_activation.plugins.plugin_utils._jobs.kms_client.model import KmsClientDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.mak.model import MakDesired
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.account import Account
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.apply import apply
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.plan.plan import LicenseOutcome
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.edition import with_edition_id
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.product_key import ProductKey
from ansible_collections.winops.volume_activation.plugins.plugin_utils._licensing.state.read import read_state
from winlab.interfaces import Value, WmiFault
from winlab.simulation.estate import Estate, load_estate
from winlab.simulation.machine import Machine
from winlab.simulation.network import Srv

ESTATE = """
title: machines for the licensing package
clock: {start: 2026-11-20T09:00:00Z, ticking: false}
dns: none
defaults: {domain: corp.example}
microsoft:
  keys:
    - {key: MMMMM-KKKKK-MMMMM-BBBBB-22222, channel: mak, fits: [Server 2022 Standard]}
    - {key: CCCCC-VVVVV-KKKKK-BBBBB-33333, channel: csvlk, fits: [Server 2022]}
    - {key: RRRRR-TTTTT-RRRRR-BBBBB-44444, channel: retail, fits: [Server 2022 Standard]}
    - {key: MMMMM-KKKKK-MMMMM-BBBBB-66666, channel: mak, fits: [Office LTSC Professional Plus 2021]}
    - {key: MMMMM-KKKKK-MMMMM-BBBBB-88888, channel: mak, fits: [Office LTSC Professional Plus 2021]}
    - {key: MMMMM-KKKKK-MMMMM-BBBBB-77777, channel: mak, fits: [Windows 11 Enterprise]}
    - {key: MMMMM-KKKKK-MMMMM-BBBBB-99999, channel: mak, fits: [ESU Windows 10 year 2]}
    - {key: MMMMM-KKKKK-MMMMM-BBBBB-CCCCC, channel: mak, fits: [Server 2022 Standard]}
kms_hosts:
  - {name: kms1, address: 127.56.9.1, os: Server 2022 Standard, outside_clients: 40}
  - {name: kms2, address: 127.56.9.2, os: Server 2022 Standard, outside_clients: 40, listening_port: 1690}
  - {name: suite, address: 127.56.9.4, os: Server 2022 Standard, outside_clients: 40, office_host_keys: [Office LTSC 2021]}
  - {name: suite14, address: 127.56.9.5, os: Server 2008 R2 Standard, outside_clients: 40, office_host_keys: [Office 2010]}
  - {name: young, address: 127.56.9.3, os: Server 2022 Standard, outside_clients: 1}
machines:
"""
MACHINES = (
    "{name: mak22, os: Server 2022 Standard, state: mak_licensed}",
    "{name: client22, os: Server 2022 Standard, state: kms_licensed, kms_host: kms1.corp.example}",
    "{name: pinned19, os: Server 2019 Datacenter, state: pinned_dead_host}",
    "{name: blank25, os: Server 2025 Standard, state: no_key}",
    "{name: grace22, os: Server 2022 Standard, state: grace}",
    "{name: eval22, os: Server 2022 Standard Evaluation, state: evaluation}",
    "{name: seven, os: Windows 7 Enterprise, state: grace, language: ja}",
    "{name: oem7, os: Windows 7 Professional, state: oem_no_marker}",
    "{name: eleven, os: Windows 11 Enterprise, state: retail}",
    "{name: home, os: Windows 11 Home, state: retail}",
    "{name: old03, os: Server 2003 Standard, state: retail_unactivated}",
    "{name: host22, os: Server 2022 Standard, state: kms_host}",
    "{name: unactivated22, os: Server 2022 Standard, state: mak_unactivated}",
    "{name: ten, os: Windows 10 Pro, state: retail, updates: [KB5046613]}",
    "{name: office19, os: Server 2019 Standard, state: kms_licensed, office: [Office LTSC Professional Plus 2021]}",
    "{name: suite11, os: Windows 11 Enterprise, state: grace, office: [Office LTSC Professional Plus 2021, Visio LTSC Professional 2021]}",
    "{name: policy11, os: Windows 11 Pro, state: grace, application_kms_host: {office: old.corp.example}, office: [Word LTSC 2021]}",
    "{name: levels11, os: Windows 11 Enterprise, application_kms_host: {office: OLD, windows: OLD}, office: [Word LTSC 2021]}",
    "{name: former10, os: Windows 10 Enterprise, office: [FORMER, Office LTSC Professional Plus 2021]}",
    "{name: older10, os: Windows 10 Enterprise, state: grace, office: [Office Professional Plus 2010]}",
    "{name: both22, os: Server 2022 Standard, state: mak_licensed, key: MMMMM-KKKKK-MMMMM-BBBBB-CCCCC, office: [Word LTSC 2021]}",
    "{name: card22, os: Server 2022 Standard, state: token_licensed, token_licenses: [{ilid: ISSUED, ilvid: 3}]}",
    "{name: card7, os: Windows 7 Professional, state: token_licensed, token_licenses: [{ilid: ISSUED, ilvid: 3}]}",
    "{name: suitemak, os: Windows 11 Pro, office: [{product: Office LTSC Professional Plus 2021, key: OFFICE_MAK, state: mak_licensed}]}",
)


READS = (
    "CheckAccess", "EnumKey", "EnumValues", "GetBinaryValue", "GetDWORDValue", "GetExpandedStringValue", "GetMultiStringValue",
    "GetQWORDValue", "GetStringValue",
)  # fmt: skip
"""Methods that change nothing."""


class LabSession:
    """A CimSession on a machine of the lab that counts what it is asked.

    `lose_answer_of` makes the answer of a method go missing that many times, after it took effect or before it could.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.requests: list[str] = []
        self._lost: dict[str, list[bool]] = {}
        self._broken_at: str | None = None
        self._swallowed: str | None = None
        self._before: dict[str, Callable[[], None]] = {}

    def break_at(self, request: str) -> None:
        """From this request on the machine cannot be reached."""
        self._broken_at = request

    def swallow(self, method: str) -> None:
        """Say yes to a method without doing anything."""
        self._swallowed = method

    def before(self, method: str, happens: Callable[[], None]) -> None:
        """Something happens to the machine just before this method is called."""
        self._before[method] = happens

    def lose_answer_of(self, method: str, *executed: bool) -> None:
        self._lost[method] = list(executed)

    @property
    def writes(self) -> list[str]:
        return [request for request in self.requests if not request.startswith(("SELECT", "RefreshLicenseStatus", *READS))]

    def query(self, wql: str, namespace: str = "root/cimv2") -> list[CimInstance]:
        self._note(wql)
        try:
            answer = asyncio.run(self.machine.query(namespace, wql))
        except WmiFault as fault:
            raise self._error(fault, "query") from fault
        return [_instance(found.class_name, found.values) for found in answer.instances]

    def invoke(self, target: CimPath, method: str, arguments: Mapping[str, CimValue], *, read_only: bool = False) -> CimResult:
        assert read_only == (method in READS)
        self._note(method)
        self._before.get(method, lambda: None)()
        if method == self._swallowed:
            return CimResult(_instance(target.class_name, {}))
        lost = self._lost.get(method, [])
        executed = lost.pop(0) if lost else None
        outputs = _instance(target.class_name, {}) if executed is False else self._run(target, method, arguments)
        if executed is not None:
            raise CimUnknownOutcomeError(method, "the connection was closed before the answer came")
        return CimResult(outputs)

    def put(self, target: CimPath, properties: Mapping[str, CimValue]) -> None:
        self._note("Put")
        lost = self._lost.get("Put", [])
        executed = lost.pop(0) if lost else None
        if executed is not False:
            sent = {name: _texts(value) for name, value in properties.items() if value is not None}
            try:
                asyncio.run(self.machine.put(target.namespace, target.class_name, target.keys, sent))
            except WmiFault as fault:
                raise self._error(fault, "Put") from fault
        if executed is not None:
            raise CimUnknownOutcomeError("Put", "the connection was closed before the answer came")

    def _note(self, request: str) -> None:
        if self._broken_at and request.startswith(self._broken_at):
            raise UnreachableError("the connection was refused")
        self.requests.append(request)

    def _run(self, target: CimPath, method: str, arguments: Mapping[str, CimValue]) -> CimInstance:
        sent = {name: _texts(value) for name, value in arguments.items() if value is not None}
        try:
            answer = asyncio.run(self.machine.invoke(target.namespace, target.class_name, target.keys, method, sent))
        except WmiFault as fault:
            raise self._error(fault, method) from fault
        if answer.return_value:
            raise CimError(answer.return_value, "", method)
        return _instance(target.class_name, answer.outputs)

    def _error(self, fault: WmiFault, operation: str) -> CimError:
        """As it arrives: WinRM 2.0 shows its own code where it has one, later ones that of WMI."""
        own_first = fault.wsman_code if self.machine.fault_shape == "winrm2" else None
        return CimError(own_first or fault.hresult or fault.wsman_code or 0, fault.text, operation)

    def close(self) -> None:
        """Nothing is open."""


def _instance(class_name: str, values: Mapping[str, Value]) -> CimInstance:
    return CimInstance(class_name, {name: _raw(value) for name, value in values.items() if value != ()})


def _raw(value: Value) -> RawValue:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return tuple(value) if len(value) > 1 else value[0]
    return str(value)


def _texts(value: CimValue) -> Sequence[str]:
    if isinstance(value, bool):
        return (str(value).lower(),)
    return tuple(value) if isinstance(value, Sequence) and not isinstance(value, str) else (str(value),)


class Dns:
    """The SRV records of a domain, in place of a name server."""

    def __init__(self, estate: Estate, *hosts: str) -> None:
        self._estate = estate
        self._hosts = hosts

    def services(self, _domain: str) -> tuple[Srv, ...]:
        return tuple(Srv(0, 0, self._estate.machines[host].service.listening_port or 1688, f"{host}.corp.example") for host in self._hosts)

    def addresses(self, name: str) -> tuple[str, ...]:
        found = self._estate.machines.get(name.partition(".")[0])
        return (found.address,) if found else ()

    def outdated(self, domain: str) -> bool:  # noqa: ARG002  # the port has it
        return False

    def flush(self) -> None:
        """Nothing is kept."""


class Naps:
    """A clock that moves only when somebody sleeps; `then` is called after each nap with the seconds passed so far."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps: list[float] = []
        self.then: Callable[[float], None] = lambda _now: None

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds
        self.then(self.now)


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    words = {
        "OFFICE_MAK": "MMMMM-KKKKK-MMMMM-BBBBB-88888",
        "FORMER": "{product: Office Professional Plus 2019, installed: false}",
        "ISSUED": "2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42",
        "OLD": "old.corp.example",
    }
    machines = [functools.reduce(lambda line, word: line.replace(*word), words.items(), line) for line in MACHINES]
    text = ESTATE + "".join(f"  - {{address: 127.56.8.{number}, {line[1:]}\n" for number, line in enumerate(machines, 1))
    path = tmp_path / "estate.yml"
    path.write_text(text, encoding="utf-8")
    return load_estate(path)


@pytest.fixture
def publish(estate: Estate) -> Callable[..., None]:
    """Have DNS name these KMS hosts."""

    def put(*hosts: str) -> None:
        estate.resolver = Dns(estate, *hosts)

    return put


@pytest.fixture
def session(estate: Estate) -> Callable[[str], LabSession]:
    return lambda name: LabSession(estate.machines[name])


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def convert(naps: Naps) -> Callable[..., LicenseOutcome]:
    """Make a machine a client of kms1, or of what the wish says, on the clock of `naps`."""

    def run(session: LabSession, account: Account | None = None, **desired: Any) -> LicenseOutcome:
        plan = kms_client.plan(
            with_edition_id(session, read_state(session)), KmsClientDesired(**{"kms_host": "kms1.corp.example", **desired})
        )
        return apply(plan, session, clock=naps.clock, sleep=naps.sleep, account=account)

    return run


@pytest.fixture
def make(naps: Naps) -> Callable[..., LicenseOutcome]:
    """Activate a machine with the MAK of its edition, or as the wish says, on the clock of `naps`."""

    def run(session: LabSession, account: Account | None = None, **desired: Any) -> LicenseOutcome:
        plan = plan_mak(session, MakDesired(**{"product_key": ProductKey("MMMMM-KKKKK-MMMMM-BBBBB-22222"), **desired}))
        return apply(plan, session, clock=naps.clock, sleep=naps.sleep, account=account)

    return run
