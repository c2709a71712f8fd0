# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of the modules: check mode, diff mode, and platform."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of all modules for Windows, of modules that run once on the controller, that only read, and that change a machine."""

    DOCUMENTATION = r"""
attributes:
  action:
    description: Runs as an action plugin on the controller. It does not copy files to the machine, and does not start processes there.
    support: full
  async:
    description: Can be run in the background with C(async).
    support: none
    details: The task fails with C(async), because no process on the machine could continue in the background.
  platform:
    description: Operating systems that the module manages.
    platforms: windows
    support: full
    details: Windows 7 and Windows Server 2008 R2 up to Windows 11 and Windows Server 2025, in any display language.
"""

    CONTROLLER = r"""
attributes:
  action:
    description: Runs as an action plugin on the controller. It does not copy files to the machine, and does not start processes there.
    support: full
  async:
    description: Can be run in the background with C(async).
    support: none
    details: The task fails with C(async), because no process on the machine could continue in the background.
  bypass_host_loop:
    description: Runs once for all machines of the play, as with C(run_once).
    support: full
  platform:
    description: Operating systems that the module manages.
    platforms: posix
    support: full
    details: The module runs on the controller.
"""

    INFO = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return the same result, without changing anything.
    support: full
    details: The module never changes anything.
  diff_mode:
    description: Returns what has changed, or what would change in C(check_mode), if in diff mode.
    support: N/A
    details: The module never changes anything.
  idempotent:
    description: If run twice in a row outside C(check_mode) with the same options, the second run does not change anything.
    support: N/A
    details: The module never changes anything.
"""

    STATE = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing anything.
    support: full
    details: The module uses the same list of steps to predict the changes and to make them.
  diff_mode:
    description: Returns what has changed, or what would change in C(check_mode), if in diff mode.
    support: full
  idempotent:
    description: If run twice in a row outside C(check_mode) with the same options, the second run does not change anything.
    support: full
    details: The second run does not write to the machine.
"""

    LEDGER = r"""
attributes:
  ledger:
    description: Appends keys, activations, confirmation IDs, and rearms to the file that the variable C(activation_ledger) names.
    support: full
    details:
      - The task fails with V(ledger_failed) before it sends a request if the file cannot be written. Check mode does not write to it.
      - With the variable C(activation_ledger_file_host), the file is on this machine of the inventory.
"""
