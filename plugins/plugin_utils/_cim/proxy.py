# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP proxy between controller and machine, and the variable that sets it.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

If the environment sends web traffic through a proxy, requests to WinRM also go through this proxy. Most proxies reject them, which
looks like a rejection by the machine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

with suppress(ImportError):  # reported by the transports
    from requests.utils import select_proxy

_FROM_ENVIRONMENT = (None, "legacy_requests")


@dataclass(frozen=True)
class Proxy:
    """A proxy as it is shown in messages, without user and password; `source` is the name of the variable that sets it."""

    address: str
    source: str
    is_option: bool
    machine: str
    """Name of the machine in the form for no_proxy."""

    @property
    def name(self) -> str:
        """Return the proxy and its source as a text."""
        return f"the proxy {self.address} ({self.source}{'' if self.is_option else ' in the environment of Ansible'})"

    @property
    def steps(self) -> tuple[str, ...]:
        """Return how to connect to the machine without the proxy."""
        if self.is_option:
            return (f"Correct {self.source}, or remove this variable if the controller can reach the machine directly.",)
        return (f"Add {self.machine} to no_proxy in the environment of Ansible, so that the controller connects to the machine directly.",)


def proxy_of(endpoint: str, chosen: Mapping[str, Any] | None, option: Any, variable: str) -> Proxy | None:
    """Return the proxy of a session for an endpoint, or None.

    `chosen` are the proxies of the session, `option` is the value of the inventory variable `variable`.
    """
    url = select_proxy(endpoint, dict(chosen or {})) if chosen else None
    if not url:
        return None
    parts, target = urlsplit(endpoint), str(url)
    is_option = option not in _FROM_ENVIRONMENT
    return Proxy(_address(target), variable if is_option else _variable(parts.scheme), is_option, parts.hostname or endpoint)


def _address(url: str) -> str:
    """Return host and port; the other parts might contain a password."""
    return (url if "://" not in url else urlsplit(url).netloc or url).rpartition("@")[2].partition("/")[0]


def _variable(scheme: str) -> str:
    """Return the environment variable for this scheme; the lower-case one has precedence."""
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    return next((name for name in names if os.environ.get(name)), f"{scheme}_proxy")


__all__ = ["Proxy", "proxy_of"]
