# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task that replaces a key may lose only when it is told to, in the words that all modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that replaces keys, those about a subscription, and those about a KMS host."""

    DOCUMENTATION = r"""
options:
  lose_activation:
    description:
      - Whether to lose an activation that nobody can restore, that of a licensed MAK, retail, OEM, or KMS host key. If V(false), the task
        is refused.
      - A key that is blocked or not licensed has no activation to lose. Overrides V(activation_would_be_lost).
    type: bool
    default: false
"""

    SUBSCRIPTION = r"""
options:
  replace_subscription:
    description:
      - Whether to replace the active subscription (Windows E3, E5, A3, or A5) that licenses the machine by a key. If V(false), the task is
        refused. Overrides V(subscription_active).
    type: bool
    default: false
"""

    CLIENT = r"""
options:
  convert_kms_host:
    description:
      - Whether to replace or remove the key of a KMS host, which is not a KMS host afterwards. Its clients must find another KMS host. If
        V(false), the task is refused. Overrides V(is_kms_host).
      - It also accepts the loss of the activation of the KMS host key, which O(lose_activation) does not.
    type: bool
    default: false
"""
