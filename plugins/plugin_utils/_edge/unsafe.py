# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Marks the result of a filter as data, so that Ansible never evaluates a text from machines or files as a template.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import TypeVar, cast

try:  # ansible-core 2.19 and later evaluate only texts of playbooks as templates
    from ansible.template import trust_as_template as _trusts_by_choice
except ImportError:
    _trusts_by_choice = None


Data = TypeVar("Data")


def make_unsafe(value: Data) -> Data:
    """Return the same data, marked as unsafe. Every filter of the collection calls this function for its result."""
    if _trusts_by_choice is not None:
        return value
    from ansible.utils.unsafe_proxy import wrap_var  # noqa: PLC0415 - not used in later versions

    return cast(Data, wrap_var(value))
