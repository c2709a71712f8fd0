# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the batch activation service and of the HTTP proxies beside it, switched on by tests.

batch_delay          the answer comes milliseconds later, or when the faults are cleared; when=before: it is counted only then
batch_drop           the connection is reset instead of an answer; when=after: after the activation was counted
batch_http_status    a status with a page, retry_after as a header; when=after: after the activation was counted
batch_redirect       a redirect to location, nothing is counted
batch_error          the answer has this error code, nothing is counted
batch_soap_fault     a SOAP fault, nothing is counted
batch_others         after this answer, other computers use activations of the same key
batch_late_number    type 2 is answered with a number in which the last activations, as many as `behind`, are not counted yet
batch_answer         the activation is counted and the answer is spoiled, see KINDS
batch_proxy_status   the proxy answers with this status, to those whom it lets through
batch_proxy_drop     the proxy resets the connection; after_bytes: after so many bytes of the answer
All take times (default: until cleared); those of the service take request_type (1 or 2), but for batch_late_number.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

KINDS = (
    "garbage", "not_xml", "empty", "doctype", "truncated", "oversized", "endless", "trickle", "gzip",
    "wrong_content_type", "wrong_response_type",
    "wrong_check_digits", "other_installation_id", "short_confirmation_id", "no_response", "no_number", "minus_one",
)  # fmt: skip
"""How batch_answer spoils an answer."""
OPTIONS: Mapping[str, frozenset[str]] = {
    "batch_delay": frozenset({"milliseconds", "when", "request_type", "times"}),
    "batch_drop": frozenset({"when", "request_type", "times"}),
    "batch_http_status": frozenset({"status", "when", "retry_after", "request_type", "times"}),
    "batch_redirect": frozenset({"location", "status", "request_type", "times"}),
    "batch_error": frozenset({"code", "request_type", "times"}),
    "batch_soap_fault": frozenset({"request_type", "times"}),
    "batch_answer": frozenset({"kind", "request_type", "times"}),
    "batch_others": frozenset({"activations", "request_type", "times"}),
    "batch_late_number": frozenset({"behind", "times"}),
    "batch_proxy_status": frozenset({"status", "times"}),
    "batch_proxy_drop": frozenset({"after_bytes", "times"}),
}
"""Every fault and the options it takes."""
PROXY_FAULTS = frozenset({"batch_proxy_status", "batch_proxy_drop"})
_NEEDED = {
    "batch_http_status": ("status",), "batch_redirect": ("location",), "batch_error": ("code",), "batch_answer": ("kind",),
    "batch_others": ("activations",), "batch_late_number": ("behind",),
    "batch_proxy_status": ("status",),
}  # fmt: skip
_CHOICES: Mapping[tuple[str, str], Collection[object]] = {
    ("batch_others", "activations"): range(1, 1000),
    ("batch_late_number", "behind"): range(1, 1000),
    ("batch_answer", "kind"): KINDS,
    ("batch_http_status", "status"): frozenset(int(status) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST),
    ("batch_proxy_status", "status"): frozenset(int(status) for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST),
    ("batch_redirect", "status"): frozenset({301, 302, 303, 307, 308}),
}
EVERYONE = "*"
BEFORE, AFTER = "before", "after"
_USUAL: Mapping[str, Mapping[str, object]] = {
    "batch_delay": {"when": AFTER}, "batch_drop": {"when": BEFORE}, "batch_http_status": {"when": BEFORE},
    "batch_redirect": {"status": 302},
}  # fmt: skip


@dataclass
class _Fault:
    machine: str
    options: dict[str, Any]
    left: int | None

    def strikes(self, machines: Collection[str], conditions: Mapping[str, object]) -> bool:
        if self.left == 0 or (self.machine != EVERYONE and self.machine not in machines):
            return False
        return all(self.options.get(name, value) == value for name, value in conditions.items())


def _number(code: object) -> int:
    """An error code as a number or as text ("0x7F")."""
    try:
        return code if isinstance(code, int) else int(str(code), 0)
    except ValueError:
        raise ValueError(f"fault batch_error: code is a number such as 0x7F, not {code!r}") from None


@dataclass
class BatchFaults:
    """The faults that are switched on."""

    _active: dict[str, list[_Fault]] = field(default_factory=dict)

    def set(self, machine: str, name: str, **options: Any) -> None:
        """Switch a fault on for the questions about one machine or for all ("*"); raises ValueError for an unknown fault or option."""
        unknown = set(options) - OPTIONS[name] if name in OPTIONS else {name}
        if unknown:
            raise ValueError(f"no such fault or option of the batch activation service: {', '.join(sorted(unknown))}")
        missing = [option for option in _NEEDED.get(name, ()) if option not in options]
        if missing:
            raise ValueError(f"fault {name}: missing {', '.join(missing)}")
        options = {**_USUAL.get(name, {}), **options}
        for option, value in options.items():
            choices = (BEFORE, AFTER) if option == "when" else _CHOICES.get((name, option), (value,))
            if value not in choices:
                raise ValueError(f"fault {name}: {option} is one of {', '.join(sorted(map(str, choices)))}")
        if name in PROXY_FAULTS and machine != EVERYONE:
            raise ValueError(f"fault {name}: the proxy does not know the machine; leave it out")
        if "code" in options:
            options["code"] = _number(options["code"])
        self._active.setdefault(name, []).append(_Fault(machine, options, options.get("times")))

    def clear(self) -> None:
        """Switch all of them off."""
        self._active.clear()

    def take(self, name: str, machines: Collection[str] = (), **conditions: object) -> dict[str, Any] | None:
        """The options of a fault that strikes now, one of its times used up; None when it does not.

        A condition holds when the fault has this option with this value, or does not have the option.
        """
        for fault in self._active.get(name, ()):
            if fault.strikes(machines, conditions):
                if fault.left is not None:
                    fault.left -= 1
                return fault.options
        return None
