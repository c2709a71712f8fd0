# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task that replaces a key may lose only when it is told to, in the words that all modules share."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that replaces keys, and those of modules that make a machine a client."""

    DOCUMENTATION = r"""
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
    description: Whether to make a KMS host a client. Its clients have to find another host then. Overrides V(is_kms_host).
    type: bool
    default: false
"""
