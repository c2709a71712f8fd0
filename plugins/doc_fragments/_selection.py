# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that select the product of a product key."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that manages one product key of an application."""

    DOCUMENTATION = r"""
options:
  application:
    description: Application that the key is for.
    type: str
    choices: [windows, office]
    default: windows
  activation_id:
    description:
      - ID of the product (SKU) that the key is for, as RV(winops.volume_activation.activation_info#module:products[].activation_id) returns
        it. The task fails if the key is for another product.
      - Use this option to select an installed key if several products of the application have a key, such as products of Office, and to
        select the key of an add-on, such as Extended Security Updates.
    type: str
"""
