# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came in at the batch activation service and at the proxies, so that tests can say what left the client."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_KEY = re.compile(r"[2346789BCDFGHJKMNPQRTVWXY]{5}(?:-?[2346789BCDFGHJKMNPQRTVWXY]{5}){4}", re.IGNORECASE)
_DIGITS = re.compile(r"[\d-]*")


def _keys_in(text: str) -> list[str]:
    return [found for found in _KEY.findall(text) if _DIGITS.fullmatch(found) is None]


@dataclass
class LoggedRequest:
    """One HTTP request at the service. A product key in it is never shown, has_key says that there was one."""

    client: str
    through_proxy: bool
    method: str
    path: str
    headers: dict[str, str]
    body: str
    request_type: int | None = None
    request_xml: str = ""
    questions: list[dict[str, str | None]] = field(default_factory=list)
    outcome: str = "no answer"

    def as_dict(self) -> dict[str, Any]:
        """The request as JSON, without keys."""
        plain = dict(vars(self))
        has_key = any(_keys_in(text) for text in (self.path, self.body, self.request_xml, *self.headers.values()))
        if has_key:
            shown = ("client", "through_proxy", "method", "request_type", "outcome")
            plain = {**dict.fromkeys(plain), **{name: plain[name] for name in shown}}
        return {**plain, "has_key": has_key}


@dataclass
class ProxiedConnection:
    """One request at a proxy, the scheme of its credentials, and how much went through the tunnel."""

    port: int
    method: str
    target: str
    headers: dict[str, str]
    status: int
    scheme: str = ""
    user: str = ""
    bytes_up: int = 0
    bytes_down: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The connection as JSON; credentials are not shown, user says who was let in."""
        headers = {name: "..." if name.lower() == "proxy-authorization" else value for name, value in self.headers.items()}
        return {**vars(self), "headers": headers}
