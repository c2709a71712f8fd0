# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requirements and limits of the modules that connect to a Windows machine."""

from __future__ import annotations


class ModuleDocFragment:
    """Requirements and notes of all modules that use CIM through the connection of the task."""

    DOCUMENTATION = r"""
options: {}
requirements:
  - "On the controller: pywinrm >= 0.5.0 for hosts with C(ansible_connection=winrm)."
  - "On the controller: pypsrp >= 0.9.0 for hosts with C(ansible_connection=psrp)."
  - "On the machine: WinRM, and an account that is a local administrator."
notes:
  - The module runs on the controller. It sends WS-Management requests to WMI on the machine, through the connection of the task and with
    the authentication of the inventory (Kerberos, NTLM, CredSSP, certificate, or basic over TLS). It does not start PowerShell, VBScript,
    or a command shell on the machine.
  - The connection plugin must be P(ansible.builtin.winrm#connection) or P(ansible.builtin.psrp#connection). The task fails with any other
    connection plugin.
  - "The module does not support C(become), because it does not start a process on the machine. Connect as an administrator. If the
    inventory sets C(ansible_become), add C(vars: {ansible_become: false}) to the task."
  - Product keys are secrets. The module never writes a full product key to a result, a diff, a warning, or the log, at any verbosity. It
    shows only the last five characters. Keep product keys in a vault and pass them as variables, because Ansible itself can print the lines
    of a playbook and the items of a loop.
  - If the items of a loop contain full product keys, the output of the task is hidden, as with C(no_log). Loop over names instead, and look
    up the key by name.
  - If Windows returns an error code, the dictionary RV(ignore:error) contains the code, its symbol, its meaning, its cause, and the next
    steps.
seealso:
  - name: Volume activation for Windows (Microsoft)
    description: Introduction to KMS, MAK, and Active Directory-based activation.
    link: https://learn.microsoft.com/windows/deployment/volume-activation/volume-activation-windows
"""
