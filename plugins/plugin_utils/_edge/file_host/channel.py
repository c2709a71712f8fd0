# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the program for files on a file host, over a connection of the inventory.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

A file host is a machine of the inventory. Its connection has the options of its own variables, as hostvars shows them: those of the play,
of its machines, and of its tasks are for Windows. Whether the user is changed there (become) is decided by its own variables, too.

A slice of a job of AWX has only its own machines in the inventory, so that the file host is missing in all slices but one. There, the
variable VARIABLES has its variables.

This is the only file of the collection that runs a command on a machine. The machine is not the one that a task is about.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import become_loader, connection_loader

from ....module_utils._file_host import program
from ....module_utils._visible import visible
from ..._errors import VolumeActivationError, sentence

_PARTS = ("paths", "ledger", "files", "program")
_START = "import sys;b=sys.stdin.buffer;exec(b.read(int(b.readline())))"
_LOADER = b"""\
import types
package = types.ModuleType("file_host")
package.__path__ = []
sys.modules["file_host"] = package
for name in ("paths", "ledger", "files", "program"):
    module = types.ModuleType("file_host." + name)
    module.__package__ = "file_host"
    sys.modules[module.__name__] = module
    setattr(package, name, module)
    exec(compile(b.read(int(b.readline())), name, "exec"), module.__dict__)
module.main()
"""
_PYTHON = "$(command -v python3 || command -v /usr/libexec/platform-python || echo python3)"
_NOT_FOUND = 127
_SECONDS = 60
_TURNS = 4
"""Maximum number of requests of a run at the same time. An SSH server permits ten sessions in a connection by default."""

_LONGEST_REASON = 400

VARIABLES = "volume_activation_file_host_variables"
"""Variables of the connection to a file host that is not in the inventory."""


class FileHostError(VolumeActivationError):
    """The file host cannot be used, or did not do what it was asked. The text contains its name and the reason."""

    error_code = "file_host"
    cause = "The machine is not in the inventory or not running, or its variables, its permissions, or its disk do not allow the access."
    next_steps = ("Check that Ansible reaches the machine with the module ansible.builtin.ping, and the path and its permissions there.",)


class FileHost:
    """A machine that keeps files. Nothing is sent before the first request."""

    def __init__(self, name: Any, variables: Mapping[str, Any], lock: Any = None) -> None:
        """`variables` are those of the task, and `lock` is what its play context has for questions about keys of SSH servers."""
        if not isinstance(name, str) or not name.strip():
            raise FileHostError("The name of the file host is empty, or is not a text.")
        self.name = name.strip()
        self._hostvars = variables["hostvars"]
        self._here = variables.get("inventory_hostname")
        self._lock = lock
        self._connection: Any = None

    def request(self, operation: str, content: Iterable[bytes] = (), *, seconds: int = _SECONDS, **values: Any) -> tuple[Any, bytes]:
        """Return the answer of a request, and the content after it. Raises FileHostError.

        :param content: The parts of what follows the request.
        :param seconds: Time after which the program is ended on the machine.
        """
        marker = secrets.token_hex(16)
        line = json.dumps({"operation": operation, "marker": marker, "seconds": seconds, **values}).encode("ascii")
        data = b"".join((_program(), line, b"\n", *content))
        with _turn():
            code, output, errors = self._run(data)
        _before, found, reply = output.partition(f"\n{marker}\n".encode("ascii"))
        if not found:
            raise self._no_reply(code, errors)
        header, _line_feed, rest = reply.partition(b"\n")
        try:
            answer = json.loads(header)
        except ValueError:
            raise FileHostError(f"The reply of the file host {self.name} is damaged.") from None
        if "refusal" in answer:
            raise FileHostError(f"The file host {self.name} refused to {_WORDS[operation]}: {visible(answer['refusal'])}.")
        return answer, rest

    def _run(self, data: bytes) -> tuple[int, bytes, bytes]:
        try:
            if self._connection is None:
                self._connection = self._connected()
            connection = self._connection
            command = f"/bin/sh -c {shlex.quote(f'exec {self._python()} -c {shlex.quote(_START)}')}"
            if connection.become:
                command = connection.become.build_become_command(command, connection._shell)
            code, output, errors = connection.exec_command(command, in_data=data, sudoable=True)
        except AnsibleError as error:
            problem = _one_line(error)
        else:
            return code, output, errors
        raise FileHostError(sentence(f"The file host {self.name} cannot be reached: {problem}"))

    def _connected(self) -> Any:
        """Return the connection with its options. Raises FileHostError or AnsibleError."""
        own = self._variables()
        kind = str(own.get("ansible_connection") or "ssh")
        plugin = connection_loader.get("ssh" if kind == "smart" else kind, PlayContext(connection_lockfd=self._lock), os.devnull)
        if plugin is None or not getattr(plugin, "has_pipelining", False) or plugin.transport in ("winrm", "psrp"):
            steps = ("Set ansible_connection of the machine to ssh, local, or another connection plugin with pipelining.",)
            raise FileHostError(f"The file host {self.name} cannot be used over the connection {visible(kind)}.", steps)
        plugin.set_options(var_options=_options("connection", plugin, own))
        if boolean(own.get("ansible_become") or False, strict=False):
            become = become_loader.get(str(own.get("ansible_become_method") or "sudo"))
            if become is None:
                raise FileHostError(f"The become plugin of the file host {self.name} was not found.")
            become.set_options(var_options=_options("become", become, own))
            plugin.set_become_plugin(become)
        return plugin

    def _variables(self) -> Mapping[str, Any]:
        """Return the variables of the machine. Raises FileHostError if they are not known."""
        if self.name in self._hostvars:
            return dict(self._hostvars[self.name])
        given = self._hostvars[self._here].get(VARIABLES) if self._here in self._hostvars else None
        if isinstance(given, Mapping) and given:
            return given
        steps = (f"Add the machine to the inventory, or correct its name. For slices of a job, set {VARIABLES} to its variables.",)
        raise FileHostError(f"The file host {self.name} is not in the inventory.", steps)

    def _python(self) -> str:
        found = str(self._variables().get("ansible_python_interpreter") or "auto")
        return f'"{_PYTHON}"' if found.startswith("auto") else found

    def _no_reply(self, code: int, errors: bytes) -> FileHostError:
        reason = visible(" ".join(errors.decode("utf-8", "replace").split()))[-_LONGEST_REASON:]
        if code == _NOT_FOUND and boolean(self._variables().get("ansible_become") or False, strict=False):
            steps = (
                "Install the become program, such as sudo, and Python 3.9 or later there, or set ansible_become of the machine to false.",
            )
            return FileHostError(sentence(f"The file host {self.name} cannot run Python as another user: {reason}"), steps)
        if code == _NOT_FOUND:
            steps = ("Install Python 3.9 or later there, or set ansible_python_interpreter of the machine.",)
            return FileHostError(sentence(f"The file host {self.name} has no Python: {reason}"), steps)
        return FileHostError(sentence(f"The file host {self.name} did not reply (exit status {code}): {reason or 'no message'}"))


_WORDS = {
    "survey": "look for files",
    "read": "read files",
    "write": "write files",
    "check_ledger": "open the ledger",
    "append": "append to the ledger",
}


@cache
def _program() -> bytes:
    """Return the text of the program for the interpreter on the machine, as lines with lengths and texts."""
    folder = Path(program.__file__).parent
    texts = (_LOADER, *((folder / f"{name}.py").read_bytes() for name in _PARTS))
    return b"".join(f"{len(text)}\n".encode("ascii") + text for text in texts)


def _options(kind: str, plugin: Any, own: Mapping[str, Any]) -> dict[str, Any]:
    names = constants.config.get_plugin_vars(kind, plugin._load_name)
    return {name: own[name] for name in names if name in own}


@contextmanager
def _turn() -> Iterator[None]:
    """Wait until this run has fewer requests at the same time. The workers of a run are processes."""
    path = Path(constants.DEFAULT_LOCAL_TMP) / f"file_host.{os.getpid() % _TURNS}.lock"
    with path.open("ab") as file:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX)
        yield


def _one_line(error: Exception) -> str:
    text: str = visible(" ".join(str(getattr(error, "message", error)).split()))
    return text[:_LONGEST_REASON]


__all__ = ["FileHost", "FileHostError"]
