# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""BIND: zones that take updates signed by TSIG or GSS-TSIG. Its statistics channel counts the updates that arrive."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from server_process import LOOPBACK, Process, answers, copied, free_port

from .base import KEY_NAME, KEY_SECRET, NameServer

Zones = Mapping[str, str]
"""What each zone says beside its type and file, such as who may update it. One that names its type gets no file."""


def granted(zone: str, who: str = KEY_NAME) -> str:
    """The clause that lets a key or a Kerberos principal change the KMS records of a zone, and nothing else."""
    return f"update-policy {{ grant {who} name _vlmcs._tcp.{zone} SRV; }};"


class Bind(NameServer):
    """One named; `records` are lines for the files of some zones."""

    def __init__(
        self,
        folder: Path,
        zones: Zones,
        *,
        options: str = "",
        records: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        super().__init__(folder, port)
        self._statistics = free_port()
        self._zones = dict(zones)
        self._options = options
        self._records = dict(records or {})
        (folder / "named.conf").write_text(self._config(), encoding="utf-8")
        command = [copied("named", folder), "-f", "-n", "1", "-c", str(folder / "named.conf")]
        self.process = Process(folder, command, environment)

    def _config(self) -> str:
        place = self.folder
        keys = "".join(f'key "{name}" {{ algorithm hmac-sha256; secret "{KEY_SECRET}"; }};\n' for name in (KEY_NAME, "nobodys"))
        return f"""{keys}
options {{
  directory "{place}"; pid-file "{place}/named.pid"; session-keyfile "{place}/session.key";
  listen-on port {self.port} {{ {LOOPBACK}; }}; listen-on-v6 {{ none; }};
  allow-transfer {{ {LOOPBACK}; }}; notify no; dnssec-validation no; empty-zones-enable no; check-names primary ignore;
  {self._options or "recursion no;"}
}};
controls {{ }};
statistics-channels {{ inet {LOOPBACK} port {self._statistics}; }};
logging {{
  channel c {{ file "{place}/named.log"; severity info; print-time yes; print-category yes; }};
  category default {{ c; }}; category update {{ c; }}; category update-security {{ c; }};
}};
{"".join(self._zone(zone, says) for zone, says in self._zones.items())}"""

    def _zone(self, zone: str, says: str) -> str:
        if "type " in says:
            return f'zone "{zone}" {{ {says} }};\n'
        (self.folder / f"{zone}.db").write_text(zone_file(zone) + self._records.get(zone, ""), encoding="utf-8")
        return f'zone "{zone}" {{ type primary; file "{zone}.db"; {says} }};\n'

    def start(self) -> None:
        """Start named and wait for its first zone."""
        self.process.start(answers(self.port, next(iter(self._zones))))

    def updates_received(self) -> int:
        """The UPDATE messages of the statistics channel."""
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self._statistics}/json/v1/server", timeout=5) as answer:
            counted = json.load(answer)
        return int(counted["opcodes"]["UPDATE"])


def zone_file(zone: str) -> str:
    """An empty zone whose name server is ns1 within it."""
    return f"$ORIGIN {zone}.\n$TTL 300\n@ SOA ns1 hostmaster 1 3600 600 86400 60\n@ NS ns1\nns1 A {LOOPBACK}\n"
