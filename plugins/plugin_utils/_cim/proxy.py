# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP proxy between controller and machine: which one it is, and who said so.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

An environment that sends web traffic through a proxy sends WinRM there too, and hardly any proxy takes it. What it then refuses
looks like a refusal of the machine.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

with suppress(ImportError):  # reported by the carriers
    from requests.utils import select_proxy

_FROM_ENVIRONMENT = (None, "legacy_requests")


@dataclass(frozen=True)
class Proxy:
    """A proxy as messages name it, without user and password; `source` is the variable it comes from."""

    address: str
    source: str
    is_option: bool
    machine: str
    """The machine's name, as no_proxy would have to hold it."""

    @property
    def name(self) -> str:
        """The proxy with where it comes from."""
        return f"the proxy {self.address} ({self.source}{'' if self.is_option else ' in the environment of Ansible'})"

    @property
    def steps(self) -> tuple[str, ...]:
        """How to reach the machine without it."""
        if self.is_option:
            return (f"Correct {self.source}, or remove it if the machine can be reached directly.",)
        return (f"Add {self.machine} to no_proxy in the environment of Ansible, so that the machine is reached directly.",)


def proxy_of(endpoint: str, chosen: Mapping[str, Any] | None, option: Any, variable: str) -> Proxy | None:
    """The proxy a session uses for an endpoint; `chosen` are those of the session, `option` is what `variable` of the inventory says."""
    url = select_proxy(endpoint, dict(chosen or {})) if chosen else None
    if not url:
        return None
    parts, target = urlsplit(endpoint), str(url)
    is_option = option not in _FROM_ENVIRONMENT
    return Proxy(_address(target), variable if is_option else _variable(parts.scheme), is_option, parts.hostname or endpoint)


def _address(url: str) -> str:
    """Host and port; the rest may hold a password."""
    return (url if "://" not in url else urlsplit(url).netloc or url).rpartition("@")[2].partition("/")[0]


def _variable(scheme: str) -> str:
    """The environment's variable for this scheme; the lower-case one counts where both are set."""
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    return next((name for name in names if os.environ.get(name)), f"{scheme}_proxy")


__all__ = ["Proxy", "proxy_of"]
