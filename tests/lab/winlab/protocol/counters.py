# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine's endpoint has served, so that tests can assert what a task costs."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

_WRITES = re.compile(
    r"Invoke:(Set|Clear|Install|Uninstall|Activate|Refresh|ReArm|Deposit|Create|Delete|Enable|Disable|Clone|Rename|Start|Stop|Reboot|Shutdown|Backup)"
    r"|Put$"
)


@dataclass
class Counters:
    """Numbers since the start or the last reset. Bytes are those of HTTP, before TLS; the last two are of the KMS port."""

    requests: int = 0
    auth_requests: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    shells: int = 0
    writes: int = 0
    tcp_connections: int = 0
    kms_binds: int = 0
    kms_requests: int = 0
    operations: Counter[str] = field(default_factory=Counter)

    def count(self, operation: str) -> None:
        """Count one authenticated operation; an invocation of a method that changes state is also a write."""
        self.requests += 1
        self.operations[operation] += 1
        if operation == "Create":
            self.shells += 1
        elif _WRITES.match(operation):
            self.writes += 1

    def as_dict(self) -> dict[str, Any]:
        """The numbers as JSON."""
        plain = {name: value for name, value in vars(self).items() if name != "operations"}
        return {**plain, "operations": dict(self.operations)}
