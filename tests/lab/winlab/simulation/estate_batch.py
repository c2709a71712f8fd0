# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The batch activation service of an estate file: `microsoft.batch_activation`."""

from __future__ import annotations

from winlab.interfaces import BatchListen

from .estate_file import Node, addresses

BATCH_ENTRIES = (
    "address",
    "port",
    "proxy_port",
    "basic_proxy_port",
    "windows_proxy_port",
    "tls_proxy_port",
    "proxy_user",
    "proxy_password",
    "only_through_proxy",
    "several_requests",
    "shared_serials",
)
_PORT = 8443
_PROXY_PORTS = {"proxy_port": 3128, "basic_proxy_port": 3129, "windows_proxy_port": 3130, "tls_proxy_port": 3131}


def read_batch(node: Node) -> BatchListen | None:
    """Where the service and its proxies listen, None when the estate has none; raises EstateError."""
    if node.value is None:
        return None
    node.mapping(BATCH_ENTRIES)
    address = addresses(node.child("address"), 1)[0]
    listen = BatchListen(
        address,
        node.child("port", _PORT).integer(1, 65535),
        node.child("proxy_port", _PROXY_PORTS["proxy_port"]).integer(1, 65535),
        node.child("basic_proxy_port", _PROXY_PORTS["basic_proxy_port"]).integer(1, 65535),
        node.child("windows_proxy_port", _PROXY_PORTS["windows_proxy_port"]).integer(1, 65535),
        node.child("tls_proxy_port", _PROXY_PORTS["tls_proxy_port"]).integer(1, 65535),
        node.child("proxy_user", "LabProxy").text(),
        node.child("proxy_password", "Proxy-Passw0rd!").text(),
        node.child("only_through_proxy", False).flag(),
        node.child("several_requests", False).flag(),
        node.child("shared_serials", False).flag(),
    )
    if len({listen.port, *(getattr(listen, entry) for entry in _PROXY_PORTS)}) <= len(_PROXY_PORTS):
        raise node.fail(f"port, {', '.join(_PROXY_PORTS)} must differ")
    return listen
