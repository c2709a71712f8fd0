# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that permit a task to lose an activation, a subscription, or a KMS host."""

from __future__ import annotations


class ModuleDocFragment:
    """Option of every module that replaces keys, with one attribute for subscriptions and one for KMS hosts."""

    DOCUMENTATION = r"""
options:
  lose_activation:
    description:
      - Whether the task can remove an activation that cannot be restored, which is that of a licensed MAK, retail, OEM, or KMS host key,
        and that of a product that a token activated. If V(false), the task fails before it changes anything, unless another option of this
        module permits the loss. Overrides the error code V(activation_would_be_lost).
      - A key that is blocked or not licensed does not have an activation that could be lost. This option has no effect on such a key.
    type: bool
    default: false
seealso:
  - ref: ansible_collections.winops.volume_activation.docsite.guide_overrides
    description: All options that override an error code, and the possible consequences.
"""

    SUBSCRIPTION = r"""
options:
  replace_subscription:
    description:
      - Whether a key can replace the active subscription (Windows E3, E5, A3, or A5) that licenses the machine. If V(false), the task
        fails before it changes anything. Overrides the error code V(subscription_active).
    type: bool
    default: false
"""

    CLIENT = r"""
options:
  convert_kms_host:
    description:
      - Whether to replace or remove the KMS host key of a machine that is a KMS host. The machine is not a KMS host afterwards, and its
        clients must find another KMS host. If V(false), the task fails before it changes anything. Overrides the error code V(is_kms_host).
      - If V(true), the task can also remove the activation of the KMS host key. O(lose_activation) alone does not permit this.
    type: bool
    default: false
"""
