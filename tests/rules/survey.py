# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX passes for a survey that asks for every variable of a playbook, of which a person answers few.

Every answer is a text, and a question without an answer is an empty text. All are extra variables, which win over every other variable.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
LEDGER = ("activation_ledger", "activation_ledger_file_host")
WITH_EMPTY_VALUE = {"kms_client_lookup_domain", "kms_failover_domains"}
"""Variables whose description says what an empty text does."""


def specification(role: str) -> dict[str, dict[str, Any]]:
    """The options of all entry points of a role."""
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    return {name: option for entry in yaml.safe_load(text)["argument_specs"].values() for name, option in entry["options"].items()}


def is_refused(name: str, option: Mapping[str, Any]) -> bool:
    """Whether an empty text is refused, as a key, another secret, or a limit."""
    has_key = option["type"] == "list" and any(part.get("no_log") for part in (option.get("options") or {}).values())
    return bool(option.get("no_log")) or has_key or name.endswith("_max_activations")


def unanswered(*roles: str, playbook: str = "", but: Container[str] = ()) -> dict[str, str]:
    """Every optional variable of roles, and of a playbook and its roles, with an empty text."""
    specs = yaml.safe_load((ROOT / "meta" / "playbook_specs.yml").read_text(encoding="utf-8"))["playbook_specs"]
    own = specs[playbook] if playbook else {"options": {}, "roles": []}
    found = [name for name, option in own["options"].items() if not option.get("required")] + list(LEDGER)
    for role in (*own["roles"], *roles):
        options = specification(role).items()
        found += [name for name, option in options if not option.get("required") and not is_refused(name, option)]
    return {name: "" for name in found if name not in but and name not in WITH_EMPTY_VALUE}


def answered(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The same variables as answers of a survey: texts with the lines of a text area, choices, and numbers."""
    return {name: _answer(value) for name, value in variables.items()}


def _answer(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "\r\n".join([*value, "", ""])
    return value


__all__ = ["answered", "is_refused", "specification", "unanswered"]
