# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The name server of a resolver: BIND on port 53 of 127.0.0.1, which needs a network of its own (own_network.py)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from server_process import LOOPBACK, Process, answers, copied

_PORT = 53


class Resolver:
    """Zones by name, each with its lines beside SOA and NS."""

    def __init__(self, folder: Path, zones: Mapping[str, list[str]]) -> None:
        folder.mkdir(parents=True)
        self._first = next(iter(zones))
        statements = []
        for zone, lines in zones.items():
            head = [f"$ORIGIN {zone}.", "$TTL 300", "@ SOA ns1.name.test. hostmaster 1 3600 600 86400 60", "@ NS ns1.name.test."]
            (folder / f"{zone}.db").write_text("\n".join([*head, *lines, ""]), encoding="utf-8")
            statements.append(f'zone "{zone}" {{ type primary; file "{zone}.db"; }};')
        options = f'directory "{folder}"; pid-file "{folder}/named.pid"; session-keyfile "{folder}/session.key"; recursion no;'
        options += f" listen-on port {_PORT} {{ {LOOPBACK}; }}; listen-on-v6 {{ none; }}; empty-zones-enable no; dnssec-validation no;"
        lines = [f"options {{ {options} }};", "controls { };", *statements, ""]
        (folder / "named.conf").write_text("\n".join(lines), encoding="utf-8")
        self._process = Process(folder, [copied("named", folder), "-f", "-n", "1", "-c", str(folder / "named.conf")])

    def start(self) -> None:
        """Start named and wait for its first zone."""
        self._process.start(answers(_PORT, self._first))

    def stop(self) -> None:
        """End it."""
        self._process.stop()
