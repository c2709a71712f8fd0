# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the network and the HTTP service of one machine, switched on by tests.

refuse_connections            nothing listens
drop_before_reply             the connection is reset; executed=true: after the operation took effect
drop_mid_reply                the connection ends after after_bytes bytes of the answer's body
delay                         the answer comes milliseconds later
http_400_empty                HTTP 400 without a body, as a lost NTLM context shows
http_status                   a status as HTTP.sys or a proxy answers it, retry_after as a header. Without action and method before the
                              logon, with them in the place of the answer; executed=true: after the operation took effect
restart                       the machine restarts in the middle of the operation and answers nothing; executed=true: after it took effect
quota                         the service has met a limit: operations, shells, user, system, envelope
unauthorized                  HTTP 401 although the credentials are right
credssp_relay                 somebody on the way ends the TLS inside CredSSP; answers=true: and answers the client's proof of the key
All take times (default: until cleared); those about an operation take action (Enumerate, Pull, Invoke ...) or method.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from winlab.protocol.fault import QUOTAS

OPTIONS: dict[str, frozenset[str]] = {
    "refuse_connections": frozenset(),
    "drop_before_reply": frozenset({"action", "method", "times", "executed"}),
    "drop_mid_reply": frozenset({"action", "method", "times", "after_bytes"}),
    "delay": frozenset({"action", "method", "times", "milliseconds"}),
    "http_400_empty": frozenset({"times"}),
    "http_status": frozenset({"status", "action", "method", "times", "executed", "retry_after"}),
    "restart": frozenset({"action", "method", "times", "executed"}),
    "quota": frozenset({"limit", "action", "method", "times"}),
    "unauthorized": frozenset({"times"}),
    "credssp_relay": frozenset({"times", "answers"}),
}
"""Every fault and the options it takes."""
NAMES = frozenset(OPTIONS)
NEEDED: dict[str, dict[str, frozenset[object]]] = {
    "http_status": {"status": frozenset(range(400, 600)) & {int(status) for status in HTTPStatus}},
    "quota": {"limit": frozenset(QUOTAS)},
}
"""Options without which a fault says nothing, and what they may be."""
BEFORE_LOGON = "-"
"""In the place of an operation, where none is known yet: only a fault that names none strikes."""


class Dropped(Exception):
    """The connection is to be reset instead of answered."""


@dataclass
class _Fault:
    options: dict[str, Any]
    left: int | None
    before_logon: bool = False
    """Whether it strikes before anybody knows which operation is meant, when it names none."""

    def concerns(self, operation: str) -> bool:
        kind, _, called = operation.partition(":")
        action, method = self.options.get("action"), self.options.get("method")
        if self.before_logon and action is None and method is None:
            return operation == BEFORE_LOGON
        return operation != BEFORE_LOGON and (action is None or action == kind) and (method is None or method == called)


@dataclass
class TransportFaults:
    """The faults switched on at one machine."""

    _active: dict[str, list[_Fault]] = field(default_factory=dict)

    def set(self, name: str, **options: Any) -> None:
        """Switch a fault on; raises ValueError for an unknown fault or option."""
        unknown = set(options) - OPTIONS[name] if name in OPTIONS else {name}
        if unknown:
            raise ValueError(f"no such transport fault or option: {', '.join(sorted(unknown))}")
        for option, choices in NEEDED.get(name, {}).items():
            if options.get(option) not in choices:
                raise ValueError(f"fault {name}: {option} is one of {', '.join(sorted(map(str, choices)))}")
        self._active.setdefault(name, []).append(_Fault(options, options.get("times"), name == "http_status"))

    def clear(self) -> None:
        """Switch all of them off."""
        self._active.clear()

    def is_on(self, name: str) -> bool:
        """Whether a fault is switched on; uses up none of its times."""
        return name in self._active

    def take(self, name: str, operation: str = "") -> dict[str, Any] | None:
        """The options of a fault that strikes now, one of its times used up; None when it does not."""
        if not self._active:
            return None
        for fault in self._active.get(name, ()):
            if not fault.concerns(operation) or fault.left == 0:
                continue
            if fault.left is not None:
                fault.left -= 1
            return fault.options
        return None
