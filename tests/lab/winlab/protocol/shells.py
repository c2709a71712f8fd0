# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WinRS: cmd shells, the commands in them and their output streams (MS-WSMV 3.1.4)."""

from __future__ import annotations

import asyncio
import base64
import time
import uuid
from dataclasses import dataclass, field

from winlab.interfaces import CommandOutcome, Machine
from winlab.protocol import fault as faults
from winlab.protocol import names
from winlab.protocol.fault import WsmanFault
from winlab.protocol.request import Request
from winlab.protocol.xmltext import envelope, escape

QUOTA = {"winrm2": 5, "winrm3": 30}
"""MaxShellsPerUser by generation."""
IDLE_TIMEOUT = 7200.0
CHUNK_BYTES = 24_000
_RSP = "{" + names.SHELL + "}"
_PREFIXES = "s a x e n w rsp p"
_STATE = names.SHELL + "/CommandState/"
_CODEPAGES = {"65001": "utf-8", "437": "cp437", "850": "cp850", "932": "cp932", "1252": "cp1252", "20127": "ascii"}


@dataclass
class Command:
    """A command line, running or done; `pending` is output that no Receive has fetched yet."""

    task: asyncio.Task[CommandOutcome]
    pending: list[tuple[str, bytes]] | None = None
    exit_code: int = 0

    def collect(self, codepage: str) -> None:
        """Turn the outcome into chunks of the two streams, once."""
        if self.pending is not None:
            return
        outcome = self.task.result()
        self.exit_code = outcome.exit_code
        self.pending = [
            (stream, data[start : start + CHUNK_BYTES])
            for stream, text in (("stdout", outcome.stdout), ("stderr", outcome.stderr))
            for data in (text.encode(codepage, errors="replace"),)
            for start in range(0, len(data), CHUNK_BYTES)
        ]


@dataclass
class Shell:
    """An open shell of one user."""

    id: str
    owner: str
    codepage: str
    client: str
    used: float = field(default_factory=time.monotonic)
    commands: dict[str, Command] = field(default_factory=dict)

    def close(self) -> None:
        for command in self.commands.values():
            command.task.cancel()


class Shells:
    """The shells of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._open: dict[str, Shell] = {}

    def __len__(self) -> int:
        return len(self._open)

    def create(self, request: Request, user: str, client: str) -> str:
        """Open a shell; raises the quota fault 2150859173 when the user has too many."""
        if request.resource_uri != names.CMD_SHELL:
            raise WsmanFault(faults.RESOURCE_NOT_FOUND)
        if request.body is None or request.body.tag != _RSP + "Shell":
            raise WsmanFault(faults.SCHEMA_VALIDATION)
        self._close_idle()
        allowed = QUOTA.get(self._machine.fault_shape, 30)
        if sum(shell.owner == user for shell in self._open.values()) >= allowed:
            raise WsmanFault(
                faults.SHELL_QUOTA,
                "The WS-Management service cannot process the request. This user is allowed a maximum number of "
                f"{allowed} concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user. ",
            )
        shell_id = (request.body.get("ShellId") or str(uuid.uuid4())).upper()
        codepage = _CODEPAGES.get(request.options.get("WINRS_CODEPAGE", "437"), "cp437")
        self._open[shell_id] = Shell(shell_id, user, codepage, client)
        return envelope(_PREFIXES, names.CREATE + "Response", request.message_id, self._created(request, shell_id))

    def _created(self, request: Request, shell_id: str) -> str:
        shell = self._open[shell_id]
        created = (
            f"<x:ResourceCreated><a:Address>{escape(request.to)}</a:Address><a:ReferenceParameters><w:ResourceURI>{names.CMD_SHELL}"
            f'</w:ResourceURI><w:SelectorSet><w:Selector Name="ShellId">{escape(shell_id)}</w:Selector></w:SelectorSet>'
            "</a:ReferenceParameters></x:ResourceCreated>"
        )
        if self._machine.fault_shape == "winrm2":
            return created
        return created + self._describe(shell)

    @staticmethod
    def _describe(shell: Shell) -> str:
        return (
            f"<rsp:Shell><rsp:ShellId>{escape(shell.id)}</rsp:ShellId><rsp:ResourceUri>{names.CMD_SHELL}</rsp:ResourceUri>"
            f"<rsp:Owner>{escape(shell.owner)}</rsp:Owner><rsp:ClientIP>{escape(shell.client)}</rsp:ClientIP>"
            f"<rsp:IdleTimeOut>PT{IDLE_TIMEOUT:.3f}S</rsp:IdleTimeOut><rsp:InputStreams>stdin</rsp:InputStreams>"
            "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams><rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime>"
            "<rsp:ShellInactivity>P0DT0H0M0S</rsp:ShellInactivity></rsp:Shell>"
        )

    def _close_idle(self) -> None:
        oldest = time.monotonic() - IDLE_TIMEOUT
        for shell in [shell for shell in self._open.values() if shell.used < oldest]:
            self._open.pop(shell.id).close()

    def _shell(self, request: Request) -> Shell:
        shell_id = request.selectors.get("ShellId", "")
        shell = self._open.get(shell_id.upper())
        if shell is None or len(request.selectors) != 1:
            raise WsmanFault(
                faults.UNEXPECTED_SELECTORS,
                f"The request for the Windows Remote Shell with ShellId {shell_id} failed because the shell was not found on the server. ",
            )
        shell.used = time.monotonic()
        return shell

    @staticmethod
    def _command(shell: Shell, command_id: str | None) -> Command:
        command = shell.commands.get((command_id or "").upper())
        if command is None:
            raise WsmanFault(faults.UNEXPECTED_SELECTORS, "The command was not found in the shell. ")
        return command

    def get(self, request: Request) -> str:
        """Describe an open shell."""
        body = self._describe(self._shell(request))
        return envelope(_PREFIXES, names.GET + "Response", request.message_id, body)

    def command(self, request: Request) -> str:
        """Start a command line; it runs on while the client fetches its output."""
        shell, body = self._shell(request), request.body
        line = body.findtext(_RSP + "Command") if body is not None else None
        if body is None or body.tag != _RSP + "CommandLine" or not line:
            raise WsmanFault(faults.SCHEMA_VALIDATION)
        arguments = [element.text or "" for element in body.findall(_RSP + "Arguments")]
        command_id = (body.get("CommandId") or str(uuid.uuid4())).upper()
        shell.commands[command_id] = Command(asyncio.ensure_future(self._machine.run(line, arguments)))
        answer = f"<rsp:CommandResponse><rsp:CommandId>{escape(command_id)}</rsp:CommandId></rsp:CommandResponse>"
        return envelope(_PREFIXES, names.COMMAND + "Response", request.message_id, answer)

    def send(self, request: Request) -> str:
        """Take input; the lab's commands read none."""
        shell, body = self._shell(request), request.body
        for stream in body if body is not None else ():
            self._command(shell, stream.get("CommandId"))
        return envelope(_PREFIXES, names.SEND + "Response", request.message_id, "<rsp:SendResponse/>")

    async def receive(self, request: Request) -> str:
        """Output so far; waits for some until OperationTimeout, then TimedOut."""
        shell, body = self._shell(request), request.body
        desired = body.find(_RSP + "DesiredStream") if body is not None else None
        if desired is None:
            raise WsmanFault(faults.SCHEMA_VALIDATION)
        command_id = (desired.get("CommandId") or "").upper()
        command = self._command(shell, command_id)
        if not command.task.done():
            await asyncio.wait((command.task,), timeout=request.timeout)
            if not command.task.done():
                raise WsmanFault(faults.TIMED_OUT)
        if command.task.cancelled():
            raise WsmanFault(faults.UNEXPECTED_SELECTORS, "The command was terminated. ")
        command.collect(shell.codepage)
        wanted = frozenset((desired.text or "stdout stderr").split())
        return envelope(_PREFIXES, names.RECEIVE + "Response", request.message_id, self._output(command, command_id, wanted, request))

    @staticmethod
    def _output(command: Command, command_id: str, wanted: frozenset[str], request: Request) -> str:
        pending = command.pending or []
        fits = max(1, request.max_envelope_size // 2 // CHUNK_BYTES)
        now, command.pending = pending[:fits], pending[fits:]
        streams = "".join(
            f'<rsp:Stream Name="{name}" CommandId="{command_id}">{base64.b64encode(data).decode()}</rsp:Stream>'
            for name, data in now
            if name in wanted
        )
        if command.pending:
            state = f'<rsp:CommandState CommandId="{command_id}" State="{_STATE}Running"/>'
        else:
            streams += "".join(
                f'<rsp:Stream Name="{name}" CommandId="{command_id}" End="true"></rsp:Stream>'
                for name in ("stdout", "stderr")
                if name in wanted
            )
            state = (
                f'<rsp:CommandState CommandId="{command_id}" State="{_STATE}Done"><rsp:ExitCode>{command.exit_code}</rsp:ExitCode>'
                "</rsp:CommandState>"
            )
        return f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>"

    def signal(self, request: Request) -> str:
        """Terminate or interrupt a command, or acknowledge its end."""
        shell, body = self._shell(request), request.body
        if body is None or body.tag != _RSP + "Signal":
            raise WsmanFault(faults.SCHEMA_VALIDATION)
        command = self._command(shell, body.get("CommandId"))
        code = (body.findtext(_RSP + "Code") or "").rpartition("/")[2].lower()
        command.task.cancel()
        if code == "terminate":
            del shell.commands[(body.get("CommandId") or "").upper()]
        return envelope(_PREFIXES, names.SIGNAL + "Response", request.message_id, "<rsp:SignalResponse/>")

    def delete(self, request: Request) -> str:
        """Close a shell and end what runs in it."""
        shell = self._shell(request)
        del self._open[shell.id]
        shell.close()
        return envelope(_PREFIXES, names.DELETE + "Response", request.message_id, "")

    def close(self) -> None:
        """Close every shell."""
        for shell in self._open.values():
            shell.close()
        self._open.clear()
