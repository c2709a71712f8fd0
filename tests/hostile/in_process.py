# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every job of the collection in this process: its real action plugin, from options to result, over a transport of bytes.

The machines are the lab's, asked without sockets. One run of a job is recorded, so that thousands of runs against changed answers
cost no lab; a run that asks for something else than the recorded one gets a fault, as from a machine that has no such class.
"""

from __future__ import annotations

import asyncio
import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.template import Templar

from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.model import ActivationObject
from ansible_collections.winops.volume_activation.plugins.plugin_utils._adba.reading import Domains
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.limits import Room
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import Transport
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session
from ansible_collections.winops.volume_activation.plugins.plugin_utils._conformance.questions import NOWHERE
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.actions.windows import WindowsAction
from ansible_collections.winops.volume_activation.plugins.plugin_utils._edge.endings import UnreachableActionError
from winlab.protocol.endpoint import Endpoint
from winlab.simulation.estate import Estate, load_estate

ESTATE = Path(__file__).with_name("estate.yml")
LICENSE = Path(__file__).with_name("license.xrm-ms")
ISSUANCE_FILE = Path(__file__).with_name("issuance.xrm-ms")
ISSUANCE = {"issuance_license_id": "2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42", "issuance_license_version": 3}
COLLECTION = "winops.volume_activation"
MAK = "MMMMM-KKKKK-MMMMM-22222-66666"
ESU_MAK = "MMMMM-KKKKK-MMMMM-22222-99999"
CSVLK = "CCCCC-VVVVV-KKKKK-22222-33333"
RETAIL = "RRRRR-TTTTT-RRRRR-22222-44444"
VISIO = "KNH8D-FGHT4-T8RK3-CTDYJ-K2HT4"
KEYS = (MAK, ESU_MAK, CSVLK, RETAIL)

_ACTION = re.compile(rb"<a:Action[^>]*>([^<]*)</a:Action>")
_MESSAGE_ID = re.compile(rb"<a:MessageID>([^<]*)</a:MessageID>")
_RELATES_TO = re.compile(rb"(<\w+:RelatesTo>)[^<]*")
_VOLATILE = re.compile(rb"(?<=WinopsActivation-)[0-9A-Za-z+-]+|uuid:[0-9A-Fa-f-]+|\d{14}\.\d{6}[+-]\d{3}|PT[0-9.]+S")
_MARK = re.compile(rb"WinopsActivation-[0-9A-Za-z+-]+")
"""By which a run that consumes activations tells others; its name differs each time."""
_CHANGES_NOTHING = ("Get", "Enum", "CheckAccess")


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.seconds += seconds


@dataclass(frozen=True)
class Job:
    """A module with its options, and the machine of the estate it is for."""

    module: str
    machine: str
    options: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""

    def __str__(self) -> str:
        return "-".join(filter(None, (self.module, self.machine, self.label)))


VISIO_2021 = "Visio LTSC Professional 2021"
JOBS = (
    Job("activation_info", "PC", {"application": "all"}),
    Job("activation_info", "SERVER", {"include_products_without_key": True}, "include_products_without_key"),
    Job("activation_info", "OLD"),
    Job("activation_check", "PC", {"probe": False, "clock_tolerance": 0}),
    Job("activation_check", "OFFICE", {"application": "all", "probe": False, "clock_tolerance": 0, "fail_on": []}),
    Job("activation_check", "KMS1", {"probe": False, "clock_tolerance": 0}),
    Job("activation_check", "TEN", {"probe": False, "clock_tolerance": 0, "esu": "windows_10_year_2", "fail_on": []}, "esu"),
    Job("activation_events_info", "PC", {"since": "48"}),
    Job("activation_events_info", "KMS1", {"max_events": 5}),
    Job("genuine_info", "PC"),
    Job("windows_conformance", "PC", {"pseudonym_key": "any"}),
    Job("kms_client", "SERVER", {"kms_host": "kms1.corp.lab", "kms_port": 1688, "retry_timeout": 5}),
    Job("kms_client", "SEVEN", {"kms_host": "kms1.corp.lab", "retry_timeout": 5}),
    Job("kms_client", "PC", {"application": "all", "kms_host": "kms1.corp.lab", "retry_timeout": 5}, "office"),
    Job(
        "kms_client", "OFFICE", {"application": "all", "products": [VISIO_2021], "kms_host": "kms1.corp.lab", "remove_leftover_keys": True}
    ),
    Job(
        "kms_client",
        "OFFICE",
        {"application": "office", "products": ["Office Professional Plus 2010"], "kms_host": "kms14.corp.lab"},
        "2010",
    ),
    Job("mak_client", "SERVER", {"product_key": MAK, "retry_timeout": 5}),
    Job("mak_client", "SERVER", {"product_key": MAK, "activate": False}, "key"),
    Job("mak_client", "OLD", {"product_key": RETAIL, "retry_timeout": 5}),
    Job("mak_client", "TEN", {"product_key": ESU_MAK, "esu": "windows_10_year_2", "retry_timeout": 5}, "esu"),
    Job("product_key", "SERVER", {"product_key": MAK}),
    Job("product_key", "SERVER", {"state": "absent"}, "absent"),
    Job("product_key", "OFFICE", {"product_key": VISIO, "application": "office"}),
    Job("kms_host", "HOST", {"host_keys": [{"product_key": CSVLK}], "listening_port": 1789, "firewall": "open"}),
    Job("kms_host", "KMS1", {"state": "absent"}, "absent"),
    Job("rearm", "SERVER", {"force": True, "reboot": False}),
    Job("activation_policy", "PC", {"activation_alternate_url": "https://help.corp.lab/"}),
    Job("kms_event_archive", "KMS1"),
    Job("adba_object", "DC", {"product_key": CSVLK, "name": "New", "server": "dc.forest.lab"}),
    Job("license_file", "SERVER", {"src": [str(LICENSE)]}),
    Job("license_file", "SEVEN", {"src": [str(LICENSE)], "application": "office"}, "office"),
    Job("token_license", "SERVER", {**ISSUANCE, "src": [str(ISSUANCE_FILE)]}),
    Job("token_license", "CARD", {**ISSUANCE, "state": "absent", "lose_activation": True}, "absent"),
    Job("activation_info", "CARD", {"include_token_licenses": True}, "tokens"),
)
"""At least one for each module; those that change something change something."""

ERRORS_ARE_ANSWERS = frozenset({"windows_conformance"})
"""Modules that describe a response that is not valid, and do not fail."""

CHANGERS = tuple(job for job in JOBS if not job.module.endswith(("_info", "_check", "_conformance")))


def is_write(message: bytes) -> bool:
    """Whether a request changes anything on a machine, other than the mark by which runs keep out of each other's way."""
    if mark_in(message):
        return False
    method = action_of(message).rpartition("/")[2]
    if method in ("Enumerate", "Pull", "RefreshLicenseStatus", NOWHERE):
        return False
    return not (b"StdRegProv" in message and method.startswith(_CHANGES_NOTHING))


def action_of(message: bytes) -> str:
    """The action of a request, a URL."""
    found = _ACTION.search(message)
    assert found is not None
    return found.group(1).decode()


class Accepting:
    """A directory of the lab that takes every object."""

    def add_as(self, user: str, password: str, name: str, attributes: Mapping[str, Any]) -> None:
        """Take it."""


class Appearing:
    """The forest of a task, without a connection. It has the object after it was read twice: for the plan, and again in turn."""

    learned: Mapping[str, str] = {}
    described = {"server": "dc.forest.lab", "account": "FOREST\\reader"}  # noqa: RUF012

    def __init__(self) -> None:
        self._reads = 0

    def objects(self) -> tuple[ActivationObject, ...]:
        """What can be seen now."""
        self._reads += 1
        made = ActivationObject("CN=New", "1", "New", activation_id="a", partial_product_key=CSVLK[-5:])
        return (made,) if self._reads > 2 else ()

    objects_again = objects

    def domains(self) -> Domains:
        """One domain."""
        return Domains("forest.lab")

    def describe(self, found: ActivationObject | None) -> dict[str, Any] | None:
        """The name is enough."""
        return None if found is None else {"name": found.name}

    def __enter__(self) -> Appearing:
        return self

    def __exit__(self, *_error: object) -> None:
        """There is nothing to end."""


class Lab:
    """An estate in this process."""

    def __init__(self, folder: Path) -> None:
        text = ESTATE.read_text(encoding="utf-8")
        path = folder / "estate.yml"
        path.write_text(text, encoding="utf-8")
        self.estate: Estate = load_estate(path)
        self.estate.directories._running["forest.lab"] = Accepting()  # type: ignore[assignment]  # nothing listens here

    def endpoint(self, machine: str) -> Endpoint:
        """The WS-Management service of a machine."""
        found = self.estate.machines[machine]
        return Endpoint(found, found.listen)


class Direct:
    """A transport to a machine of the lab, which notes what it carried."""

    endpoint = "http://machine.corp.lab:5985/wsman"
    encrypted = False

    def __init__(self, service: Endpoint) -> None:
        self._service = service
        self.tape = Tape()

    def share(self, room: Room) -> None:
        del room

    def send(self, message: bytes, timeout: float) -> bytes:
        del timeout
        answer = asyncio.run(self._service.serve(message, "LabAdmin", "127.0.0.1")).text.encode()
        self.tape.note(message, answer)
        return answer

    def reset(self) -> None:
        """There is nothing to drop."""


class Tape:
    """What a machine answered to what."""

    def __init__(self) -> None:
        self.answers: dict[bytes, list[bytes]] = {}
        self.order: list[tuple[bytes, bytes]] = []
        self.mark = b""
        self.writes = 0

    def note(self, message: bytes, answer: bytes) -> None:
        """Keep one exchange."""
        self.answers.setdefault(question(message), []).append(answer)
        self.order.append((message, answer))
        self.mark = mark_in(message) or self.mark
        self.writes += is_write(message)


def mark_in(message: bytes) -> bytes:
    """The name of the mark in a request, nothing when there is none."""
    found = _MARK.search(message)
    return found.group() if found else b""


def question(message: bytes) -> bytes:
    """A request without what differs each time: IDs of messages, points in time."""
    return _VOLATILE.sub(b"", message)


class Replay:
    """A transport that gives the recorded answers; `turn` may change each, or raise.

    `turn` gets the number of the request, the request and the answer. `writes` counts the writes that reached the machine,
    `acknowledged` those of them whose answer said yes and came back as it was.
    """

    endpoint = Direct.endpoint
    encrypted = False

    def __init__(self, tape: Tape, turn: Callable[[int, bytes, bytes], bytes]) -> None:
        self._tape = tape
        self._turn = turn
        self._given: dict[bytes, int] = {}
        self._mark = b""
        self.requests = 0
        self.writes = 0
        self.acknowledged: list[str] = []

    def share(self, room: Room) -> None:
        del room

    def send(self, message: bytes, timeout: float) -> bytes:
        del timeout
        self.requests += 1
        assert self.requests < 1000, "more than a thousand requests"
        self._mark = mark_in(message) or self._mark
        answer = self._recorded(message)
        if self._mark:
            answer = answer.replace(self._tape.mark, self._mark)
        if is_write(message):
            self.writes += 1
        turned = self._turn(self.requests - 1, message, answer)
        if turned == answer and is_write(message) and b":Fault>" not in answer and b"ReturnValue>0<" in answer:
            self.acknowledged.append(action_of(message).rpartition("/")[2])
        return turned

    def _recorded(self, message: bytes) -> bytes:
        asked = question(message)
        answers = self._tape.answers.get(asked)
        if answers is None:
            return related(NO_SUCH_CLASS, message)
        number = self._given.get(asked, 0)
        self._given[asked] = number + 1
        return related(answers[min(number, len(answers) - 1)], message)

    def reset(self) -> None:
        """There is nothing to drop."""


def related(answer: bytes, message: bytes) -> bytes:
    """The answer as one to this request."""
    found = _MESSAGE_ID.search(message)
    assert found is not None
    return _RELATES_TO.sub(lambda match: match.group(1) + found.group(1), answer, count=1)


def fault(code: int, text: str, subcode: str = "w:InternalError") -> bytes:
    """A fault of WS-Management."""
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        ' xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault">'
        "<s:Header><a:RelatesTo>-</a:RelatesTo></s:Header><s:Body><s:Fault><s:Code><s:Value>s:Receiver</s:Value>"
        f"<s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text>{text}</s:Text></s:Reason><s:Detail>"
        f'<f:WSManFault Code="{code}"><f:Message>{text}</f:Message></f:WSManFault></s:Detail></s:Fault></s:Body></s:Envelope>'
    ).encode()


NO_SUCH_CLASS = fault(0x80041010, "Invalid class")


def action_for(job: Job, transport: Transport, clock: Clock, *, check: bool = False) -> WindowsAction:
    """The action plugin of a job as Ansible makes it, but for the connection."""
    module = importlib.import_module(f"ansible_collections.{COLLECTION}.plugins.action.{job.module}")

    class Here(module.ActionModule):  # type: ignore[misc, name-defined]
        """Over the bytes of a test, at the time of a test."""

        def _open(self) -> Session:
            return Session(transport, clock=clock.now)

        def _open_forest(self, _options: Mapping[str, Any]) -> Appearing:
            return Appearing()

    Here.clock, Here.sleep = staticmethod(clock.now), staticmethod(clock.sleep)
    task = Task()
    task.action, task.args, task.check_mode, task.diff = f"{COLLECTION}.{job.module}", dict(job.options), check, True
    task.timeout = 600
    connection = SimpleNamespace(transport="winrm", become=None)
    loader = DataLoader()
    action: WindowsAction = Here(task, connection, PlayContext(), loader, Templar(loader=loader), None)
    return action


def run(job: Job, transport: Transport, clock: Clock | None = None, *, check: bool = False, **variables: Any) -> dict[str, Any]:
    """The result of a job, also of an unreachable machine, as a callback sees it."""
    action = action_for(job, transport, clock or Clock(), check=check)
    try:
        return action.run(task_vars={"inventory_hostname": job.machine.lower(), **variables})
    except UnreachableActionError as problem:
        return problem.result
