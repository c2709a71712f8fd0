# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server of warm starts: it has imported ansible-playbook, and forks a child for each run. See `warm.py` for who uses it.

A child gets its arguments, output, record and session from the tests, and runs the `main` of ansible-playbook to its end as any process. It
has a temporary folder of its own, by which runs are told apart. The classes of the plugins and their documentation are loaded once for all
children, those of Ansible and those of the collection: a process that runs a second task does not load them again either. The archives in
which Ansible sends modules to localhost are kept too, as it does itself within a run.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

PRELOADED = (
    "ansible.cli.playbook",
    "ansible.executor.process.worker",
    "ansible.plugins.strategy.linear",
    "ansible.plugins.callback.default",
    "ansible.plugins.connection.winrm",
    "ansible.plugins.connection.psrp",
    "ansible.plugins.inventory.yaml",
    "dns.resolver",
    "dns.update",
    "requests_ntlm",
    "spnego",
)
COMPLETE = ("become", "callback", "connection", "inventory", "shell", "strategy")
"""The kinds of plugins of which Ansible looks at every one before the first task, or of which any may be asked for."""
ARCHIVES = "ansiballz_cache"


def load_plugins(collection: Path) -> None:
    """Load the classes of the plugins, and of their documentation what they need of it."""
    from ansible.plugins import loader  # noqa: PLC0415

    loader.init_plugin_loader()
    for kind in COMPLETE:
        for _plugin in getattr(loader, f"{kind}_loader").all(class_only=True):
            pass
    for kind in ("action", "filter", "lookup"):
        for path in sorted((collection / kind).glob("[!_]*.py")):
            getattr(loader, f"{kind}_loader").get(".".join((*collection.parts[-3:-1], path.stem)), class_only=True)


def become_run(order: dict[str, Any], output: int) -> None:
    """What a new process would find: its own session, arguments, output, environment and temporary folder."""
    from ansible import constants  # noqa: PLC0415
    from ansible.utils.path import cleanup_tmp_file  # noqa: PLC0415

    os.setsid()
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.environ.update(order["environment"])
    # The server has done this, and Ansible wants it done once.
    sys.modules["ansible.cli"].init_plugin_loader = lambda _paths: None  # type: ignore[attr-defined]
    sys.argv = order["command"]
    # The folder that the server made when it imported Ansible is not for its children to remove, and nothing of it to use but the archives
    # that Ansible makes of modules for localhost.
    archives = Path(constants.DEFAULT_LOCAL_TMP, ARCHIVES)
    atexit.unregister(cleanup_tmp_file)
    constants.set_constant("DEFAULT_LOCAL_TMP", constants.config.get_config_value("DEFAULT_LOCAL_TMP", variables=vars(constants)))
    Path(constants.DEFAULT_LOCAL_TMP, ARCHIVES).symlink_to(archives, target_is_directory=True)


def serve(channel: socket.socket) -> bool:
    """Fork a child for each order until the tests hang up. In the server the answer is False, in a child True."""
    while True:
        text, outputs, _, _ = socket.recv_fds(channel, 1 << 20, 1)
        if not text:
            return False
        child = os.fork()
        if not child:
            channel.close()
            become_run(json.loads(text), outputs[0])
            return True
        os.close(outputs[0])
        channel.sendall(json.dumps({"pid": child}).encode())
        _, status, usage = os.wait4(child, 0)
        end = {"status": status, "maxrss": usage.ru_maxrss, "cpu": usage.ru_utime + usage.ru_stime}
        channel.sendall(json.dumps(end).encode())


def run() -> NoReturn:
    """Run ansible-playbook, and end as a worker of Ansible does, without taking down all that the server has loaded."""
    try:
        sys.modules["ansible.cli.playbook"].main()
    except SystemExit as end:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))
    raise AssertionError("ansible-playbook ends with an exit code")


def main() -> None:
    descriptor, program, collection = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    # By the name of the program Ansible chooses what it says of itself, and the folder of this file is none of its own.
    sys.argv, sys.path[0] = [program], str(Path(program).parent)
    for name in PRELOADED:
        importlib.import_module(name)
    load_plugins(collection)
    constants = sys.modules["ansible.constants"]
    Path(constants.DEFAULT_LOCAL_TMP, ARCHIVES).mkdir()
    # Ansible looks a thousand times a second whether a worker has ended.
    constants.set_constant("DEFAULT_INTERNAL_POLL_INTERVAL", 0.01)
    # What is here stays: no child has to look through it, or copy it by doing so.
    gc.freeze()
    if serve(socket.socket(fileno=descriptor)):
        run()


if __name__ == "__main__":
    main()
