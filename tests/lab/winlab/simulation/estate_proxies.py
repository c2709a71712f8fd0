# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP proxies between the controller and the machines of an estate file: `http_proxies`."""

from __future__ import annotations

from http import HTTPStatus

from ..interfaces import MachineProxy
from .estate_file import Node, addresses

_ENTRIES = ("address", "port", "access", "pooled", "answers")


def read_proxies(node: Node) -> tuple[MachineProxy, ...]:
    """The proxies of an estate; raises EstateError."""
    found = []
    for entry in node.items():
        entry.mapping(_ENTRIES)
        answers = entry.child("answers")
        found.append(
            MachineProxy(
                addresses(entry.child("address"), 1)[0],
                entry.child("port").integer(1, 65535),
                entry.child("access", "everybody").one_of("everybody", "basic", "windows"),
                entry.child("pooled", False).flag(),
                None if answers.value is None else answers.integer(HTTPStatus.OK, 599),
            )
        )
    return tuple(found)
