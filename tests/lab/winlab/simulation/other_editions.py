# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key of another edition: usually it is refused, and a machine that is told so changes its edition (winlab.truths)."""

from __future__ import annotations

from collections.abc import Mapping

from .catalog import GVLK, Sku
from .computer import Computer
from .editions import in_edition
from .facts import WINDOWS


def match(computer: Computer, text: str, skus: Mapping[str, Sku]) -> Sku:
    """The license a key installs into; raises LicensingError."""
    any_edition = computer.truths.other_edition_key == "changes_edition"
    sku = computer.context.keys.match(text, computer.os, skus.values(), any_edition=any_edition)
    if any_edition and sku.channel == GVLK and sku.application_id == WINDOWS:
        computer.os = in_edition(computer.os, sku.family)
    return sku
