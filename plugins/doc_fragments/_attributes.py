# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module of this collection says of itself: check mode, diff, where it runs."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes shared by all modules, and the parts in which readers and changers differ."""

    DOCUMENTATION = r"""
attributes:
  action:
    description: Runs as an action plugin, on the controller. No file is copied to the machine and nothing is started there.
    support: full
  action_group:
    description: "Use C(group/winops.volume_activation.windows) in C(module_defaults) to set options for all modules of the group."
    support: full
    membership:
      - winops.volume_activation.windows
  async:
    description: Can be run in the background with C(async).
    support: none
    details: The task is refused, because no process runs on the machine that could go on alone.
  platform:
    description: Operating systems the module manages.
    platforms: windows
    support: full
    details: Windows 7 and Windows Server 2008 R2 up to Windows 11 and Windows Server 2025, in any display language.
"""

    INFO = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and says what it would have said anyway.
    support: full
    details: The module never changes anything.
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
    support: N/A
    details: The module never changes anything.
  idempotent:
    description: When run twice in a row outside C(check_mode), with the same options, the second run changes nothing.
    support: N/A
    details: The module never changes anything.
"""

    STATE = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode), changes nothing then and says what it would change.
    support: full
    details: The prediction and the work come from the same list of steps.
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside C(check_mode), with the same options, the second run changes nothing.
    support: full
    details: The second run sends no write to the machine.
"""
