# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the modules that activate products: activation, method, retries, and limit."""

from __future__ import annotations


class ModuleDocFragment:
    """Whether to activate and how long to retry, with one attribute for each set of methods and one for the limit.

    What the sets of methods have in common is written twice, because ansible-test reads these texts without running the file.
    """

    DOCUMENTATION = r"""
options:
  activate:
    description:
      - Whether to activate. If V(false), the module installs the key and applies the settings, but does not activate.
    type: bool
    default: true
  retry_timeout:
    description:
      - Time in seconds in which the module retries the activation. The time starts with the first attempt.
      - The module retries only if the cause of the failure can be temporary, for example if a name is not resolved, or if Microsoft or the
        KMS host does not respond. M(winops.volume_activation.kms_client) also retries if the KMS host has not counted enough clients yet.
      - The module does not repeat an attempt that Microsoft might have counted.
      - If set to V(0), the module makes one attempt. Must be 0 or greater.
    type: int
    default: 0
"""

    TELEPHONE = r"""
options:
  activation_method:
    description:
      - Method of the activation with Microsoft.
      - If set to V(online), the machine sends an activation request to Microsoft.
      - If set to V(telephone), you call Microsoft. The first run installs the key and returns the installation ID. Microsoft gives you the
        confirmation ID for this installation ID. The second run deposits the confirmation ID on the machine.
      - Microsoft counts an activation when it gives the confirmation ID. Depositing the confirmation ID does not use another activation.
    type: str
    choices: [online, telephone]
    default: online
"""

    PROXY = r"""
options:
  activation_method:
    description:
      - Method of the activation with Microsoft.
      - If set to V(online), the machine sends an activation request to Microsoft.
      - If set to V(telephone), you call Microsoft. The first run installs the key and returns the installation ID. Microsoft gives you the
        confirmation ID for this installation ID. The second run deposits the confirmation ID on the machine.
      - Microsoft counts an activation when it gives the confirmation ID. Depositing the confirmation ID does not use another activation.
      - V(proxy) is the same as V(telephone), except that a computer with internet access requests the confirmation IDs of many machines.
    type: str
    choices: [online, telephone, proxy]
    default: online
"""

    LIMIT = r"""
options:
  max_activations:
    description:
      - Maximum number of activations that this task can use on all machines of the play together. If the task could use more, it fails on
        each machine that would use an activation, before it changes anything.
      - A task on one machine does not have the results of the other machines. The module therefore multiplies the number of activations
        that this machine would use by the number of machines in the play, in all batches.
      - The number of machines is not known in a loop and in a delegated task. The task fails in these cases.
      - A slice of an AWX job is a separate play. The maximum applies to each slice.
      - Must be 0 or greater.
    type: int
"""
