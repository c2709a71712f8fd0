# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""WinRS shells: output, exit codes, code pages, time-outs and the end of things."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest


class ShellUser:
    """Speaks WinRS to one machine by hand."""

    def __init__(self, running: Any, machine: Any, soap: Any) -> None:
        self.running, self.machine, self.soap = running, machine, soap
        self.shell = ""

    def say(self, action: str, body: str, headers: str = "") -> tuple[int, str]:
        selectors = {"ShellId": self.shell} if self.shell else {}
        message = self.soap.message(action, self.soap.SHELL + "/cmd", body, selectors=selectors, headers=headers)
        status, text = self.running.ask(self.machine, message)
        return status, text

    def open(self, codepage: str = "65001") -> None:
        options = f'<w:OptionSet><w:Option Name="WINRS_CODEPAGE">{codepage}</w:Option></w:OptionSet>'
        _, text = self.say(self.soap.TRANSFER + "Create", "<rsp:Shell/>", options)
        self.shell = re.findall('<w:Selector Name="ShellId">(.*?)</w:Selector>', text)[0]

    def start(self, line: str, *arguments: str) -> str:
        inner = "".join(f"<rsp:Arguments>{argument}</rsp:Arguments>" for argument in arguments)
        command = f"<rsp:CommandLine><rsp:Command>{line}</rsp:Command>{inner}</rsp:CommandLine>"
        _, text = self.say(self.soap.SHELL + "/Command", command)
        return str(re.findall("<rsp:CommandId>(.*?)</rsp:CommandId>", text)[0])

    def receive(self, command: str, headers: str = "") -> tuple[int, str]:
        body = f'<rsp:Receive><rsp:DesiredStream CommandId="{command}">stdout stderr</rsp:DesiredStream></rsp:Receive>'
        return self.say(self.soap.SHELL + "/Receive", body, headers)

    def signal(self, command: str, code: str) -> tuple[int, str]:
        body = f'<rsp:Signal CommandId="{command}"><rsp:Code>{self.soap.SHELL}/signal/{code}</rsp:Code></rsp:Signal>'
        return self.say(self.soap.SHELL + "/Signal", body)


@pytest.fixture
def user(tiny: Callable[..., Any], wire: Callable[..., Any], soap: Any) -> Callable[..., ShellUser]:
    def make(**settings: Any) -> ShellUser:
        machine = tiny(**settings)
        return ShellUser(wire(machine), machine, soap)

    return make


def stream(text: str, name: str) -> bytes:
    return b"".join(base64.b64decode(part) for part in re.findall(f'<rsp:Stream Name="{name}" CommandId="[^"]*">(.*?)</rsp:Stream>', text))


def test_output_errors_and_exit_code_arrive_and_the_command_is_done(user: Callable[..., ShellUser]) -> None:
    shell = user()
    shell.open()
    status, text = shell.receive(shell.start("fail", "a b", "c"))
    assert status == 200
    assert stream(text, "stdout") == b"fail a b c\r\n"
    assert stream(text, "stderr") == b"warn\r\n"
    assert 'CommandState/Done"><rsp:ExitCode>3</rsp:ExitCode>' in text


def test_long_output_comes_in_parts_and_is_running_until_the_last(user: Callable[..., ShellUser]) -> None:
    shell = user(filler=60_000)
    shell.open()
    command, output, states = shell.start("dir"), b"", []
    while not states or states[-1] == "Running":
        _, text = shell.receive(command, "<w:MaxEnvelopeSize>153600</w:MaxEnvelopeSize>")
        assert len(text) < 153_600
        output += stream(text, "stdout")
        states.append(re.findall('CommandState/(\\w+)"', text)[0])
    assert output.decode() == "dir\r\n" + "\u30e9" * 60_000
    assert states[-1] == "Done"
    assert len(states) > 2


@pytest.mark.parametrize(("codepage", "expected"), [("65001", "\u30e9".encode()), ("932", "\u30e9".encode("cp932")), ("437", b"?")])
def test_output_is_in_the_code_page_of_the_shell(user: Callable[..., ShellUser], codepage: str, expected: bytes) -> None:
    shell = user(filler=1)
    shell.open(codepage)
    _, text = shell.receive(shell.start("dir"))
    assert stream(text, "stdout") == b"dir\r\n" + expected


def test_receive_times_out_while_the_command_runs_and_brings_the_output_later(user: Callable[..., ShellUser]) -> None:
    shell = user(slow=0.8)
    shell.open()
    command = shell.start("slow")
    status, text = shell.receive(command, "<w:OperationTimeout>PT0.5S</w:OperationTimeout>")
    assert status == 500
    assert 'Code="2150858793"' in text
    assert stream(shell.receive(command)[1], "stdout") == b"slow\r\n"


def test_terminate_ends_a_command_and_forgets_it(user: Callable[..., ShellUser]) -> None:
    shell = user(slow=30)
    shell.open()
    command = shell.start("slow")
    assert shell.signal(command, "terminate")[0] == 200
    status, text = shell.receive(command)
    assert status == 500
    assert 'Code="2150858793"' not in text, "it waited for the command instead"


def test_a_deleted_shell_is_not_found(user: Callable[..., ShellUser]) -> None:
    shell = user()
    shell.open()
    assert shell.say(shell.soap.TRANSFER + "Delete", "")[0] == 200
    status, text = shell.say(shell.soap.SHELL + "/Command", "<rsp:CommandLine><rsp:Command>x</rsp:Command></rsp:CommandLine>")
    assert status == 500
    assert 'Code="2150858843"' in text
    assert len(shell.running.endpoint(shell.machine).shells) == 0


@pytest.mark.parametrize(("generation", "allowed"), [("winrm2", 5), ("winrm3", 30)])
def test_a_user_gets_so_many_shells_and_a_closed_one_makes_room(user: Callable[..., ShellUser], *, generation: str, allowed: int) -> None:
    shell = user(fault_shape=generation)
    for _ in range(allowed):
        shell.shell = ""
        shell.open()
    last, shell.shell = shell.shell, ""
    status, text = shell.say(shell.soap.TRANSFER + "Create", "<rsp:Shell/>")
    assert status == 500
    assert "2150859173" in text
    assert f"maximum number of {allowed} concurrent shells" in text
    shell.shell = last
    shell.say(shell.soap.TRANSFER + "Delete", "")
    shell.shell = ""
    assert shell.say(shell.soap.TRANSFER + "Create", "<rsp:Shell/>")[0] == 200


def test_a_powershell_runspace_is_an_unknown_resource(user: Callable[..., ShellUser]) -> None:
    shell = user()
    uri = "http://schemas.microsoft.com/powershell/Microsoft.PowerShell"
    status, text = shell.running.ask(shell.machine, shell.soap.message(shell.soap.TRANSFER + "Create", uri, "<rsp:Shell/>"))
    assert status == 500
    assert "a:DestinationUnreachable" in text
