# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a filter returns that came from machines or files: data, and never a template.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

from typing import TypeVar, cast

try:  # ansible-core 2.19 and later take no text for a template but those of playbooks
    from ansible.template import trust_as_template as _trusts_by_choice
except ImportError:
    _trusts_by_choice = None


Data = TypeVar("Data")


def inert(value: Data) -> Data:
    """The same data, of which no text is ever taken for a template. Every filter of the collection returns its result through here."""
    if _trusts_by_choice is not None:
        return value
    from ansible.utils.unsafe_proxy import wrap_var  # noqa: PLC0415 - later versions do without it

    return cast(Data, wrap_var(value))
