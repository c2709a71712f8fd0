# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab only assumes about Windows, as switches: a machine can be told the other truth. The first choice of each is the usual one.

README.md says which assumption of the collection each switch inverts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

CHOICES: Mapping[str, tuple[str, ...]] = {
    "method_fault": ("of_release", "nested", "wmi_error", "plain", "text", "return_value"),
    "fault_code": ("number", "none"),
    "unset_text": ("of_release", "nil", "empty", "absent", "blank"),
    "never": ("year_1601", "nil"),
    "service_settings": ("shown", "hidden"),
    "application_settings": ("hidden", "shown"),
    "refresh": ("needed", "not_needed"),
    "unknown_column": ("fails", "left_out"),
    "archive_method": ("BackupEventlog", "BackupEventLog"),
    "event_strings": ("usual", "reversed", "missing"),
    "local_time": ("fraction", "whole"),
    "first_page": ("one", "several", "none"),
    "relates_to": ("always", "not_in_faults", "never"),
    "other_edition_key": ("refused", "changes_edition"),
    "late_activation": ("continues", "ends"),
    "stopped_service": ("answers", "fails"),
    "registry": ("read", "empty"),
    "refused_logon": ("unauthorized", "access_denied"),
    "unreadable_log": ("empty", "access_denied"),
    "new_products": ("shown", "after_restart"),
    "encrypted_header": ("usual", "other"),
}
"""The switches that have names for their values."""
CODES = ("missing_class", "missing_namespace", "missing_column", "missing_method", "missing_registry_value")
"""The switches whose value is the code of a failure; without one it is the usual code."""


@dataclass(frozen=True)
class Truths:
    """The truths of one machine. A code of 0 is the usual one."""

    method_fault: str = "of_release"
    fault_code: str = "number"
    unset_text: str = "of_release"
    never: str = "year_1601"
    service_settings: str = "shown"
    application_settings: str = "hidden"
    refresh: str = "needed"
    unknown_column: str = "fails"
    archive_method: str = "BackupEventlog"
    event_strings: str = "usual"
    local_time: str = "fraction"
    first_page: str = "one"
    relates_to: str = "always"
    other_edition_key: str = "refused"
    late_activation: str = "continues"
    stopped_service: str = "answers"
    registry: str = "read"
    refused_logon: str = "unauthorized"
    unreadable_log: str = "empty"
    new_products: str = "shown"
    encrypted_header: str = "usual"
    missing_class: int = 0
    missing_namespace: int = 0
    missing_column: int = 0
    missing_method: int = 0
    missing_registry_value: int = 0
    shown: Mapping[str, str | int | None] = field(default_factory=lambda: MappingProxyType({}))
    """What a property shows instead ("Class.Property"): a text, a number, or None for one that is not sent."""


USUAL = Truths()
