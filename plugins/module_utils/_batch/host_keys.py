# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation IDs of KMS host keys, for which Microsoft's service does not give confirmation IDs.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.

Microsoft publishes the IDs of the KMS host keys of Office only. A module cannot read the catalog of KMS host keys, because it can run on
another machine than the controller; a test compares both.
"""

from __future__ import annotations

HOST_KEYS = frozenset(
    {
        "2e28138a-847f-42bc-9752-61b03fff33cd",  # Office 2013
        "47f3b983-7c53-4d45-abc6-bcd91e2dd90a",  # Office LTSC 2021
        "70512334-47b4-44db-a233-be5ea33b914c",  # Office 2019
        "98ebfe73-2084-4c97-932c-c0cd1643bea7",  # Office 2016
        "bfe7a195-4f8f-4f0b-a622-cf13c7d16864",  # Office 2010
        "f3d89bbf-c0ec-47ce-a8fa-e5a5f97e447f",  # Office LTSC 2024
    }
)


def is_host_key(activation_id: str) -> bool:
    """Whether an activation ID is the one of a KMS host key. False for an ID that is not known."""
    return activation_id.strip().strip("{}").lower() in HOST_KEYS
