# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that select the applications and the Office products of a KMS client."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of the module that configures KMS clients of Windows and Office."""

    DOCUMENTATION = r"""
options:
  application:
    description:
      - What the task is about. If set to V(windows), Windows. If set to V(office), the Office products. If set to V(all), both.
      - If set to V(office), the task fails if the machine does not have a volume edition of Office. If set to V(all), it does not.
    type: str
    choices: [windows, office, all]
    default: windows
  products:
    description:
      - Office products that the task is about, by the name of the volume product such as C(Office LTSC Professional Plus 2021), the name of
        a license such as C(Office21ProPlus2021VL_KMS_Client_AE), the product ID of Click-to-Run such as C(ProPlus2021Volume), or the
        activation ID of a license. The task fails for a name that no volume product of the machine has, and lists the products.
      - If not specified, all products with a volume key, and all products that are installed without a key. If two suites of one release
        can be the installed one, the task fails with V(several_office_suites). If two editions of Project or Visio can be the installed
        one, a warning names them.
      - Cannot be combined with O(application=windows).
    type: list
    elements: str
  remove_leftover_keys:
    description:
      - Whether to remove the keys of Office that no product uses any more, after the product was activated. These are the MAK or retail key
        of a product that has the GVLK, and keys of another release that Click-to-Run shows as not installed. Keys of subscriptions and KMS
        host keys are not removed. If V(false), the keys stay, and a warning names them.
      - A licensed MAK or retail key is an activation that cannot be restored. If its product is converted in the same task, the rules of
        O(lose_activation) and O(probe) apply. In every other case, O(lose_activation=true) is required.
      - Cannot be combined with O(application=windows).
    type: bool
    default: false
"""
