# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry `accounts` of an estate file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .estate_file import Node
from .rights import ACCOUNT_STATES, PERMISSIONS, PRESETS, Account, Rights
from .wmi import NAMESPACES

DEFAULT_ACCOUNTS = {"LabAdmin": "Lab-Passw0rd!"}
RIGHTS_ENTRIES = ("like", "namespaces", "event_logs", "services", "registry")


def read_accounts(node: Node, base: Mapping[str, Account]) -> Mapping[str, Account]:
    """Accounts by name, those of `base` when the entry is empty; raises EstateError."""
    given = node.mapping()
    return {str(name): _account(node.child(name)) for name in given} if given else base


def _account(node: Node) -> Account:
    if not isinstance(node.value, dict):
        return Account(_password(node))
    node.mapping(("password", "rights", "state"))
    password, rights, state = _password(node.child("password")), node.child("rights", "administrator"), node.child("state")
    refusal = None if state.value is None else ACCOUNT_STATES[state.one_of(*ACCOUNT_STATES)]
    if isinstance(rights.value, str):
        kind = rights.one_of(*PRESETS)
        return Account(password, PRESETS[kind], kind, refusal)
    return Account(password, *_own_rights(rights), refusal)


def _password(node: Node) -> str:
    """A password, which may be empty."""
    return "" if node.value == "" else node.text()


def _own_rights(node: Node) -> tuple[Rights, str]:
    """Rights that differ from those of a name."""
    node.mapping(RIGHTS_ENTRIES)
    kind = node.child("like", "reader").one_of(*PRESETS)
    changes: dict[str, Any] = {
        name: node.child(name).flag() for name in ("event_logs", "services", "registry") if node.child(name).value is not None
    }
    rights = replace(PRESETS[kind], **changes)
    return replace(rights, namespaces={**rights.namespaces, **_namespaces(node.child("namespaces"))}), kind


def _namespaces(node: Node) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name in node.mapping(NAMESPACES):
        found[str(name)] = frozenset(permission.one_of(*PERMISSIONS) for permission in node.child(name).items())
    return found
