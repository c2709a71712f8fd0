# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's client and the lab's wire, which share no code: logon, encryption, pages, faults and lost connections."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import pypsrp, pywinrm
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.session import (
    CimError,
    CimPath,
    CimUnknownOutcomeError,
)
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import CredentialsRejectedError
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session, Timeouts
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError
from winlab.interfaces import CertificateMapping, CommandOutcome, Instance, MethodAnswer, QueryAnswer, WmiFault
from winlab.protocol import enumeration
from winlab.protocol.service import Service
from winlab.simulation.machine import Listen
from winlab.truths import USUAL, Truths

winrm_protocol = pytest.importorskip("winrm.protocol")
pytest.importorskip("pypsrp.wsman")

USER, PASSWORD = "LabAdmin", "Lab-Passw0rd!"
PRODUCT = CimPath("SoftwareLicensingProduct", {"ID": "x"})
WQL = "SELECT * FROM SoftwareLicensingProduct"
ADDRESSES = (f"127.41.191.{number}" for number in count(1))


# ruff: noqa: ARG002, the lab's port for machines has these arguments


@dataclass
class Computer:
    """One class with as many instances as asked for, and methods with the outcomes a client must tell apart."""

    fault_shape: str = "winrm3"
    language: str = "en"
    truths: Truths = USUAL
    instances: int = 3
    slow: float = 0.0
    address: str = field(default_factory=lambda: next(ADDRESSES))
    name: str = "WIRE"
    listen: Listen = field(default_factory=Listen)
    certificate_mappings: Sequence[CertificateMapping] = ()
    invoked: list[str] = field(default_factory=list)
    crashed: bool = False
    restarts_asked: int = 0
    restart_seconds: float = 0.0
    stays_down: bool = False

    def restart_suddenly(self) -> None:
        self.restarts_asked += 1

    def kms_service(self) -> tuple[int, str] | None:
        return None

    def password_of(self, user: str) -> str | None:
        return PASSWORD if user.rpartition("\\")[2].lower() == USER.lower() else None

    def refusal_of(self, user: str) -> int | None:
        return None

    def lets_in(self, user: str) -> bool:
        return self.password_of(user) is not None

    def seen_by(self, user: str) -> Any:
        assert self.lets_in(user)
        return self

    async def query(self, namespace: str, wql: str) -> QueryAnswer:
        if "SoftwareLicensingProduct" not in wql:
            raise WmiFault("Invalid class", hresult=0x80041010, operation="ExecQuery", parameter=wql)
        found = [
            Instance("SoftwareLicensingProduct", {"ID": str(number), "Name": "窓 <&>", "Reason": None}) for number in range(self.instances)
        ]
        return QueryAnswer("SoftwareLicensingProduct", found)

    async def get(self, namespace: str, class_name: str, selectors: Mapping[str, str]) -> Instance:
        raise WmiFault("Not found", wsman_code=2150858752)

    async def enumerate(self, namespace: str, class_name: str) -> QueryAnswer:
        return await self.query(namespace, class_name)

    def key_names(self, namespace: str, class_name: str) -> Sequence[str]:
        return ["ID"]

    async def invoke(
        self, namespace: str, class_name: str, selectors: Mapping[str, str], method: str, arguments: Mapping[str, Sequence[str | None]]
    ) -> MethodAnswer:
        self.invoked.append(method)
        await asyncio.sleep(self.slow)
        if method == "Activate":
            raise WmiFault("No key management service could be contacted", hresult=0xC004F074, operation="ExecMethod")
        outputs = {"Selectors": str(dict(selectors)), "Arguments": str({name: list(texts) for name, texts in arguments.items()})}
        return MethodAnswer(5 if method == "SetDWORDValue" else 0, {**outputs, "Names": ["a", "b"], "Nothing": None})

    async def put(
        self, namespace: str, class_name: str, selectors: Mapping[str, str], values: Mapping[str, Sequence[str | None]]
    ) -> Instance:
        raise AssertionError(f"{class_name} was written: {values}")

    async def run(self, command: str, arguments: Sequence[str]) -> CommandOutcome:
        raise AssertionError(f"a shell ran {command} {arguments}")


class Wire:
    """The lab's service for one computer, in a thread with an event loop of its own."""

    def __init__(self, computer: Computer, run_dir: Path) -> None:
        self.computer = computer
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.service = Service([computer], run_dir)
        self._call(self.service.start())

    def _call(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    @property
    def operations(self) -> dict[str, int]:
        return dict(self.service.endpoints[self.computer.name].counters.operations)

    @property
    def shells(self) -> int:
        return self.service.endpoints[self.computer.name].counters.shells

    def fault(self, name: str, **options: Any) -> None:
        async def switch_on() -> None:
            self.service.set_fault("*", name, **options)

        self._call(switch_on())

    def close(self) -> None:
        self._call(self.service.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


def by_pywinrm(wire: Wire, transport: str, **options: Any) -> Session:
    scheme, port = ("https", 5986) if transport == "ssl" else ("http", 5985)
    login = {"username": USER, "password": PASSWORD, "ca_trust_path": str(wire.service.authority.path), **options}
    protocol = winrm_protocol.Protocol(f"{scheme}://{wire.computer.address}:{port}/wsman", transport=transport, **login)
    return Session(pywinrm.PywinrmTransport(protocol), TIMEOUTS)


def by_pypsrp(wire: Wire, auth: str, **options: Any) -> Session:
    tls = auth == "basic"
    login = {"username": USER, "password": PASSWORD, "cert_validation": str(wire.service.authority.path), **options}
    return Session(pypsrp.PypsrpTransport(pypsrp.client({"server": wire.computer.address, "ssl": tls, "auth": auth, **login})), TIMEOUTS)


TIMEOUTS = Timeouts(read=5, write=1, margin=5)
WAYS: dict[str, Callable[..., Session]] = {
    "pywinrm-basic": lambda wire, **options: by_pywinrm(wire, "plaintext", **options),
    "pywinrm-ntlm-encrypted": lambda wire, **options: by_pywinrm(wire, "ntlm", **options),
    "pywinrm-tls": lambda wire, **options: by_pywinrm(wire, "ssl", **options),
    "pypsrp-ntlm-encrypted": lambda wire, **options: by_pypsrp(wire, "ntlm", **options),
    "pypsrp-tls": lambda wire, **options: by_pypsrp(wire, "basic", **options),
}


@pytest.fixture(params=["winrm2", "winrm3"])
def computer(request: pytest.FixtureRequest) -> Computer:
    return Computer(fault_shape=request.param)


@pytest.fixture
def wire(computer: Computer, tmp_path: Path) -> Iterator[Wire]:
    running = Wire(computer, tmp_path)
    yield running
    running.close()


Log = Callable[..., Session]


@pytest.fixture(params=list(WAYS))
def log_on(request: pytest.FixtureRequest, wire: Wire) -> Iterator[Log]:
    sessions: list[Session] = []

    def connect(**options: Any) -> Session:
        sessions.append(WAYS[request.param](wire, **options))
        return sessions[-1]

    yield connect
    for session in sessions:
        session.close()


def test_reading_and_calling_works_over_every_way_to_log_on_and_opens_no_shell(wire: Wire, log_on: Log) -> None:
    session = log_on()
    products = session.query(WQL)
    assert [product.text("ID") for product in products] == ["0", "1", "2"]
    assert products[2].properties == {"ID": "2", "Name": "窓 <&>", "Reason": None}
    outputs = session.invoke(PRODUCT, "SetX", {"Text": "ü & <鍵>", "Number": 7, "Yes": True, "Many": ["1", "2"], "Left": None}).outputs
    assert outputs.text("Selectors") == "{'ID': 'x'}"
    assert outputs.text("Arguments") == "{'Text': ['ü & <鍵>'], 'Number': ['7'], 'Yes': ['true'], 'Many': ['1', '2']}"
    assert (outputs.texts("Names"), outputs.text("Nothing")) == (("a", "b"), None)
    assert wire.operations == {"Enumerate": 1, "Pull": 1, "Invoke:SetX": 1}
    assert wire.shells == 0


def test_failures_of_a_provider_arrive_whatever_their_shape(log_on: Log) -> None:
    session = log_on()
    with pytest.raises(CimError, match="Activate failed with 0xC004F074: ") as failed:
        session.invoke(PRODUCT, "Activate", {})
    assert failed.value.code == 0xC004F074
    with pytest.raises(CimError) as refused:
        session.invoke(CimPath("StdRegProv", namespace="root/default"), "SetDWORDValue", {})
    assert refused.value.code == 5
    with pytest.raises(CimError, match="Query of Win32_Nothing failed with 0x80"):
        session.query("SELECT * FROM Win32_Nothing")


def test_a_fault_that_names_no_request_is_taken_only_where_it_came_encrypted(
    wire: Wire, log_on: Log, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(enumeration.QUOTA, wire.computer.fault_shape, 0)
    in_clear = request.node.callspec.params["log_on"] == "pywinrm-basic"
    nameless = wire.computer.fault_shape == "winrm3"
    with pytest.raises(UnreachableError if in_clear and nameless else CimError) as failed:
        log_on().query(WQL)
    if isinstance(failed.value, CimError):
        assert failed.value.code == 0x803381A6
    else:
        assert "does not identify its request" in str(failed.value)


def test_wrong_credentials_are_refused_over_every_way(wire: Wire, log_on: Log) -> None:
    with pytest.raises(CredentialsRejectedError, match=f"refused user {USER}"):
        log_on(password="wrong").query(WQL)
    assert wire.operations == {}


def test_a_write_that_took_effect_before_the_connection_dropped_is_uncertain_and_sent_once(wire: Wire, log_on: Log) -> None:
    session = log_on()
    session.query(WQL)
    wire.fault("drop_before_reply", method="InstallProductKey", executed=True, times=1)
    with pytest.raises(CimUnknownOutcomeError, match="InstallProductKey was sent, but its outcome is unknown"):
        session.invoke(PRODUCT, "InstallProductKey", {})
    assert wire.computer.invoked == ["InstallProductKey"]
    assert len(session.query(WQL)) == 3


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        ("drop_before_reply", {"action": "Enumerate"}),
        ("drop_before_reply", {"action": "Pull"}),
        ("drop_mid_reply", {"action": "Pull", "after_bytes": 50}),
        ("http_400_empty", {}),
        ("unauthorized", {}),
    ],
)
def test_a_read_survives_one_failure_of_the_connection(wire: Wire, log_on: Log, fault: str, options: dict[str, Any]) -> None:
    session = log_on()
    session.query(WQL)
    wire.fault(fault, times=1, **options)
    assert [product.text("ID") for product in session.query(WQL)] == ["0", "1", "2"]


def test_a_write_is_not_repeated_after_a_forgotten_connection(wire: Wire, log_on: Log) -> None:
    session = log_on()
    session.query(WQL)
    wire.fault("http_400_empty", times=1)
    with pytest.raises(CimUnknownOutcomeError, match="HTTP 400"):
        session.invoke(PRODUCT, "InstallProductKey", {})
    assert wire.computer.invoked == []
    session.invoke(PRODUCT, "InstallProductKey", {})
    assert wire.computer.invoked == ["InstallProductKey"]


def test_nothing_that_listens_makes_the_machine_unreachable_for_a_write_too(wire: Wire, log_on: Log) -> None:
    session = log_on()
    wire.fault("refuse_connections")
    with pytest.raises(UnreachableError, match="connection refused"):
        session.query(WQL)
    with pytest.raises(UnreachableError, match="connection refused"):
        session.invoke(PRODUCT, "InstallProductKey", {})


@pytest.mark.parametrize("log_on", ["pywinrm-ntlm-encrypted", "pypsrp-ntlm-encrypted"], indirect=True)
def test_a_write_that_outlasts_its_timeout_is_uncertain(wire: Wire, log_on: Log) -> None:
    wire.computer.slow = 3
    with pytest.raises(CimUnknownOutcomeError, match="no result within 1 seconds"):
        log_on().invoke(PRODUCT, "InstallProductKey", {})
    assert wire.computer.invoked == ["InstallProductKey"]


@pytest.mark.parametrize(
    ("log_on", "hint"), [("pywinrm-tls", "ansible_winrm_ca_trust_path"), ("pypsrp-tls", "ansible_psrp_ca_cert")], indirect=["log_on"]
)
def test_a_certificate_of_an_unknown_authority_is_refused_with_the_variable_to_set(log_on: Log, hint: str) -> None:
    trust = {"ca_trust_path": None} if "winrm" in hint else {"cert_validation": True}
    with pytest.raises(UnreachableError, match=f"TLS certificate of the machine was not accepted .*{hint}"):
        log_on(**trust).query(WQL)


@pytest.mark.parametrize("log_on", ["pywinrm-ntlm-encrypted"], indirect=True)
@pytest.mark.parametrize("computer", [Computer(instances=2000)], ids=["2000"])
def test_two_thousand_products_come_in_pages(wire: Wire, log_on: Log) -> None:
    products = log_on().query(WQL)
    assert [product.text("ID") for product in products] == [str(number) for number in range(2000)]
    assert wire.operations["Enumerate"] == 1
    assert 2 <= wire.operations["Pull"] <= 20
