# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define the options of the DNS modules. A test compares them with the documentation.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import Any

from .._hosts import DEFAULT_PORT
from .tsig import ALGORITHMS

RECORDS: dict[str, Any] = {
    "host": {"type": "str", "required": True},
    "port": {"type": "int", "default": DEFAULT_PORT},
    "priority": {"type": "int", "default": 0},
    "weight": {"type": "int", "default": 0},
}

SERVER: dict[str, Any] = {
    "domains": {"type": "list", "elements": "str", "required": True},
    "dns_server": {"type": "str"},
    "dns_port": {"type": "int", "default": 53},
    "dns_timeout": {"type": "int", "default": 10},
}
"""Options of both DNS modules."""

CREDENTIALS: dict[str, Any] = {
    "authentication": {"type": "str", "choices": ["none", "tsig", "gss_tsig"], "default": "none"},
    "key_name": {"type": "str"},
    "key_secret": {"type": "str", "no_log": True},
    "key_algorithm": {"type": "str", "choices": list(ALGORITHMS)},
    "key_file": {"type": "path"},
    "principal": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "keytab": {"type": "path"},
    "ccache": {"type": "str"},
    "server_principal": {"type": "str"},
}

SRV_RECORD: dict[str, Any] = {
    **SERVER,
    "records": {"type": "list", "elements": "dict", "required": True, "options": RECORDS},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "ttl": {"type": "int"},
    "exclusive": {"type": "bool", "default": False},
    "refresh": {"type": "bool", "default": False},
    **CREDENTIALS,
    "mode": {"type": "str", "choices": ["update", "render"], "default": "update"},
}

SRV_RECORD_INFO: dict[str, Any] = {
    **SERVER,
    "probe": {"type": "bool", "default": False},
    "probe_timeout": {"type": "int", "default": 5},
    "probe_networks": {"type": "list", "elements": "str", "default": []},
}
