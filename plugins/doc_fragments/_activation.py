# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules share that activate: whether, how, for how long, and how many activations they may use."""

from __future__ import annotations


class ModuleDocFragment:
    """Whether to activate and how long to retry; one attribute for each set of methods, and one for the limit.

    What the sets of methods have in common is written twice, because ansible-test reads these texts without running the file.
    """

    DOCUMENTATION = r"""
options:
  activate:
    description:
      - Whether to activate. If V(false), the module installs the key and applies the settings, and does not activate.
    type: bool
    default: true
  retry_timeout:
    description:
      - Time in seconds, counted from the first attempt to activate, in which the module retries.
      - It retries if the reason of the failure might pass, for example if a name is not resolved, if a KMS host or Microsoft does not
        respond, or if a KMS host does not count enough clients yet. It does not repeat an attempt that Microsoft might have counted.
      - If set to V(0), the module makes one attempt. Must be 0 or greater.
    type: int
    default: 0
"""

    TELEPHONE = r"""
options:
  activation_method:
    description:
      - How to activate with Microsoft.
      - If set to V(online), the machine sends the request to Microsoft.
      - If set to V(telephone), a person calls Microsoft. The module installs the key and returns the installation ID. Microsoft gives the
        confirmation ID, which a second run deposits. Microsoft counts the activation when it gives the confirmation ID, and depositing the
        confirmation ID uses no activation.
    type: str
    choices: [online, telephone]
    default: online
"""

    PROXY = r"""
options:
  activation_method:
    description:
      - How to activate with Microsoft.
      - If set to V(online), the machine sends the request to Microsoft.
      - If set to V(telephone), a person calls Microsoft. The module installs the key and returns the installation ID. Microsoft gives the
        confirmation ID, which a second run deposits. Microsoft counts the activation when it gives the confirmation ID, and depositing the
        confirmation ID uses no activation.
      - If set to V(proxy), another computer asks Microsoft for many machines. Otherwise it is the same as V(telephone).
    type: str
    choices: [online, telephone, proxy]
    default: online
"""

    LIMIT = r"""
options:
  max_activations:
    description:
      - Maximum number of activations that this task may use on all machines of the play together. If it could use more, the task is refused
        on each machine that would use one, before anything is changed.
      - A machine does not know what the others need. Each machine of the play, in all its batches, therefore counts as many activations as
        the task would use on this machine. In a loop and in a delegated task nobody knows how many machines there are, and the task is
        refused.
      - A slice of an AWX job is a play of its own, so that the maximum holds for each slice.
      - Must be 0 or greater.
    type: int
"""
