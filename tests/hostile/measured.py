# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process whose memory is measured: it queries hostile listeners, and says how far each drove it above its start, and why it gave up."""

from __future__ import annotations

import json
import os
import resource
import sys

from winrm.protocol import Protocol

from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim import pypsrp, pywinrm
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.transport import Transport
from ansible_collections.winops.volume_activation.plugins.plugin_utils._cim.wsman import Session
from ansible_collections.winops.volume_activation.plugins.plugin_utils._errors import UnreachableError

LOOKS = 40


def opened(library: str, address: str, port: int) -> Transport:
    """Log on by Basic, so that the hostile answer is read and not the logon."""
    if library == "pypsrp":
        login = {"username": "LabAdmin", "password": "x", "auth": "basic", "encryption": "never"}
        return pypsrp.PypsrpTransport(pypsrp.client({"server": address, "port": port, "ssl": False, **login}))
    return pywinrm.PywinrmTransport(Protocol(f"http://{address}:{port}/wsman", transport="plaintext", username="LabAdmin", password="x"))


def asked(transport: Transport) -> str:
    """One query, which must not end well, and what it ends with."""
    try:
        Session(transport).query("SELECT * FROM C")
    except UnreachableError as error:
        return str(error)
    raise AssertionError("the query ended well")


def waited(transport: Transport) -> str:
    """The same query as often as a task may ask it that waits, which keeps what it read at first and what it read last."""
    session = Session(transport)
    before = session.query("SELECT * FROM C")
    for _look in range(LOOKS):
        now = session.query("SELECT * FROM C")
    return f"{len(before)} {len(now)}"


def main() -> None:
    """Peaks only ever grow, so each listener gets a process that has seen none before it."""
    library, address, ports = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    opened(library, address, 1).reset()
    grown = {}
    for name, port in ports.items():
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            message = (waited if name == "large" else asked)(opened(library, address, port))
            grown_by = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            os.write(writing, json.dumps([grown_by * 1024, message]).encode())
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit(f"{name}: {status}")
        grown[name] = json.loads(os.read(reading, 4096))
        os.close(reading)
    sys.stdout.write(json.dumps(grown))


if __name__ == "__main__":
    main()
