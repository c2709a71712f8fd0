# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the service is and how to reach it: the URL, the proxy, the certificates, and the limits in time.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

_HTTPS = 443
_PROXY_PORTS = {"http": 3128, "https": 443}
"""Default port of a proxy by the scheme of its URL."""
_UNUSABLE = frozenset(chr(code) for code in (*range(0x21), 0x7F))


class Endpoint(NamedTuple):
    """A host and a port."""

    host: str
    port: int

    @property
    def shown(self) -> str:
        """The host and the port for messages and for the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True)
class HttpProxy:
    """An HTTP proxy; the password is not part of any message. `is_encrypted`: the connection to the proxy itself uses TLS."""

    endpoint: Endpoint
    username: str = ""
    password: str = field(default="", repr=False)
    is_encrypted: bool = False

    @property
    def authorization(self) -> str | None:
        """The value of the header Proxy-Authorization with Basic, or None without a user name."""
        if not self.username:
            return None
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


@dataclass(frozen=True)
class ServiceSettings:
    """How to reach the service; `ca_path` is a file of certificates, or None for those of the machine. `timeout` is for each question."""

    endpoint: Endpoint
    path: str
    proxy: HttpProxy | None = None
    ca_path: str | None = None
    timeout: float = 60


def service_of(url: str) -> tuple[Endpoint, str]:
    """Return the endpoint and the path of a URL. Raises ValueError with a readable message."""
    parts = _split(url)
    if parts.scheme != "https":
        raise ValueError("must begin with https://, because the certificate of the service is always verified")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must consist of a host, a port, and a path")
    return _endpoint(parts, _HTTPS), parts.path or "/"


def proxy_of(url: str, username: str = "", password: str = "") -> HttpProxy:
    """Return the proxy of a URL such as http://proxy:3128. Raises ValueError with a readable message, which does not contain the URL."""
    parts = _split(url if "://" in url else f"http://{url}")
    if parts.scheme not in _PROXY_PORTS:
        raise ValueError("must begin with http://, or with https:// if the connection to the proxy itself uses TLS")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("must consist of a host and a port")
    endpoint = _endpoint(parts, _PROXY_PORTS[parts.scheme])
    credentials = username or unquote(parts.username or ""), password or unquote(parts.password or "")
    return HttpProxy(endpoint, *credentials, is_encrypted=parts.scheme == "https")


def has_credentials(url: str) -> bool:
    """Whether a URL contains a user name or a password."""
    return "@" in url


def environment_proxy(host: str, environment: Mapping[str, str]) -> str:
    """Return the URL of the proxy for HTTPS in the environment, or an empty text if there is none or the host is exempted."""
    url = environment.get("https_proxy") or environment.get("HTTPS_PROXY") or ""
    exempted = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    return "" if any(_is_exempted(host, entry.strip()) for entry in exempted.split(",")) else url.strip()


def _is_exempted(host: str, entry: str) -> bool:
    name = entry.lstrip("*").lstrip(".").casefold()
    return entry == "*" or (bool(name) and (host.casefold() == name or host.casefold().endswith(f".{name}")))


def _split(url: str) -> SplitResult:
    if _UNUSABLE & set(url) or not url.isascii():
        raise ValueError("must not contain spaces, control characters, or characters that are not ASCII")
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError("is not a URL") from None


def _endpoint(parts: SplitResult, port: int) -> Endpoint:
    try:
        given = parts.port
    except ValueError:
        raise ValueError("does not have a port from 1 to 65535 after the colon") from None
    if not parts.hostname or given == 0:
        raise ValueError("does not contain a host" if given != 0 else "does not have a port from 1 to 65535 after the colon")
    return Endpoint(parts.hostname, given or port)
