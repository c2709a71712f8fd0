# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which product a task about a product key means."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that manages one product key of an application."""

    DOCUMENTATION = r"""
options:
  application:
    description: The application that the key is for.
    type: str
    choices: [windows, office]
    default: windows
  activation_id:
    description:
      - ID of the product (SKU) that the key is for, as RV(winops.volume_activation.activation_info#module:products[].activation_id) returns
        it. A key that turns out to be for another product is refused.
      - Needed to select an installed key if several products of the application have one, such as products of Office, and to select the key
        of an add-on such as extended security updates.
    type: str
"""
