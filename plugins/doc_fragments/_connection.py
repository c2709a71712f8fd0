# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module that talks to a Windows machine needs, and what does not apply to it."""

from __future__ import annotations


class ModuleDocFragment:
    """Requirements and notes shared by all modules that speak CIM through the task's own connection."""

    DOCUMENTATION = r"""
options: {}
requirements:
  - "On the controller: pywinrm >= 0.5.0 for hosts with C(ansible_connection=winrm)."
  - "On the controller: pypsrp >= 0.9.0 for hosts with C(ansible_connection=psrp)."
  - "On the machine: WinRM, and an account that is a local administrator."
notes:
  - The module speaks WS-Management to the machine's own WMI through the connection of the task, with the authentication of the inventory
    (Kerberos, NTLM, CredSSP, certificate, basic over TLS). It starts neither PowerShell nor VBScript nor a command shell.
  - The connection has to be P(ansible.builtin.winrm#connection) or P(ansible.builtin.psrp#connection). Any other is refused with a message.
  - "C(become) is refused, because no process is started on the machine under which another user could act. Connect as an administrator.
    Where the inventory sets it, give the task C(vars: {ansible_become: false})."
  - Product keys are secrets. A full key never shows in a result, a diff, a warning or the log, at any verbosity, and only its last five
    characters are named. Keep keys in a vault and pass them as a variable, since Ansible itself may print the lines of a playbook and
    the items of a loop.
  - A loop whose items hold full keys has its output hidden, as with C(no_log). Loop over names, and look the key up by name.
  - A failure that Windows explains by a code comes with a dictionary RV(ignore:error) of code, symbol, meaning, cause and next steps.
seealso:
  - name: Microsoft's guide to volume activation
    description: What KMS, MAK and Active Directory-based activation are.
    link: https://learn.microsoft.com/windows/deployment/volume-activation/volume-activation-windows
"""
