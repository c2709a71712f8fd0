# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options for a reboot of the machine after a change that requires one."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that can reboot the machine."""

    DOCUMENTATION = r"""
options:
  reboot:
    description:
      - Whether to reboot the machine if a change takes effect only after a reboot, and to wait until the machine responds again. This
        includes a change of an earlier run.
      - If V(false), the module does not reboot the machine. RV(reboot_required) shows whether a reboot is required.
      - The account must have the right to shut down the machine.
    type: bool
    default: false
  reboot_timeout:
    description:
      - Time in seconds to wait for the machine after a reboot.
      - Must be 0 or greater.
    type: int
    default: 600
"""
