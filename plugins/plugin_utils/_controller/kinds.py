# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of objects of a controller, by their names in infra.aap_configuration.

FOR INTERNAL COLLECTION USE ONLY. The interfaces in this file are meant for use within this collection
and may not remain stable to outside uses.
"""

from __future__ import annotations

PREFIX = "controller_"
"""Beginning of the names that infra.aap_configuration has for the lists."""

ORDER = (
    "organizations",
    "labels",
    "credential_types",
    "credentials",
    "execution_environments",
    "projects",
    "inventories",
    "inventory_sources",
    "notifications",
    "templates",
    "workflows",
    "schedules",
    "teams",
    "roles",
)
"""Kinds of objects in the order in which a controller can take them."""

__all__ = ["ORDER", "PREFIX"]
