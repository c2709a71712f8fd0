# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: activation_policy
version_added: 0.1.0
short_description: Set the registry policies about activation on a Windows machine
description:
  - Sets policies about activation by their names, such as the address of your own help page and whether Windows Anytime Upgrade is
    offered. The registry paths, types and numbers behind them are the module's business, and no other value is ever written.
  - Every policy takes the same words. V(unmanaged), the default, leaves it alone. V(absent) removes its values. V(disabled), and
    V(allowed) or V(enabled), write them.
  - A value of the wrong type, such as a number somebody wrote as text, is replaced, and RV(diff) shows both. A second run sends no write.
  - Keys that are missing are created. A key this module created is removed again once nothing is left in it. It is recognized by a value
    C(WinopsCreated) in the key, and no other key is ever removed.
  - Where 32-bit programs have a key of their own (C(Wow6432Node)) for one of these values, and the machine has that key, the value is
    kept there too.
  - The licensing service is not restarted. It reads some of these values when it starts, which it does by itself after it was idle.
  - A Group Policy that sets the same value wins at its next refresh, and the next run of this module changes it back. Leave such a policy
    V(unmanaged) here.
options:
  activation_alternate_url:
    description:
      - Address behind the link "learn about activation online" in the activation dialogs, such as a page of your help desk.
      - V(http://), V(https://) and V(file://) addresses and UNC paths are taken, and nothing else but V(unmanaged) and V(absent).
      - A C(REG_SZ). Microsoft names two places for it, see O(activation_alternate_url_place).
    type: str
    default: unmanaged
  activation_alternate_url_place:
    description:
      - Where O(activation_alternate_url) is written or removed. The place that is not chosen is left alone.
      - V(service) is C(ActivationAlternateURL) in C(HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform), from
        Microsoft's guide to volume activation of Windows 7.
      - V(activation) is C(AlternateURL) in C(HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\SoftwareProtectionPlatform\Activation),
        from Microsoft's table of registry settings (dn502532).
    type: str
    choices: [both, service, activation]
    default: both
  windows_anytime_upgrade:
    description:
      - Whether users may buy a better edition through Windows Anytime Upgrade, or through "Add features" as it is called since Windows 8.
      - V(disabled) writes the C(REG_DWORD) C(Disabled) = 1 in C(HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\WAU), as
        Microsoft's guide to volume activation of Windows 7 says. V(allowed) removes the value as V(absent) does, because no other number
        is documented.
      - Servers, and clients from Windows 10 on, have no Windows Anytime Upgrade. The value is written there too, and RV(notes) says that
        it has no effect.
    type: str
    choices: [unmanaged, absent, disabled, allowed]
    default: unmanaged
  avs_validation:
    description:
      - Whether a KMS client sends data about its activation to Microsoft (online AVS validation).
      - V(disabled) writes the C(REG_DWORD) values C(NoGenTicket) and C(NoAcquireGT) = 1 in C(HKLM\SOFTWARE\Policies\Microsoft\Windows
        NT\CurrentVersion\Software Protection Platform), and V(allowed) writes 0. It is the policy "Turn off KMS Client Online AVS
        Validation" (AVSValidationGP.admx); Windows Server 2016 reads the second value.
      - It came with Windows 10 and Windows Server 2016. On older ones RV(notes) says that it has no effect.
    type: str
    choices: [unmanaged, absent, disabled, allowed]
    default: unmanaged
  notifications:
    description:
      - Whether Windows shows notifications about activation. Once the grace period is over it shows them in any case.
      - V(disabled) writes the C(REG_DWORD) C(NotificationDisabled) = 1 in C(HKLM\SOFTWARE\Microsoft\Windows
        NT\CurrentVersion\SoftwareProtectionPlatform\Activation), and V(allowed) writes 0. From Microsoft's table of registry settings
        (dn502532) and its optional configurations (ff793402), which do not recommend it.
    type: str
    choices: [unmanaged, absent, disabled, allowed]
    default: unmanaged
  standard_user_activation:
    description:
      - Whether users who are no administrators may install keys, activate and rearm Windows, with C(slmgr.vbs).
      - V(allowed) writes the C(REG_DWORD) C(UserOperations) = 1 in C(HKLM\SOFTWARE\Microsoft\Windows
        NT\CurrentVersion\SoftwareProtectionPlatform), and V(disabled) writes 0. From Microsoft's table of registry settings (dn502532)
        and its optional configurations (ff793402), which do not recommend to allow it.
    type: str
    choices: [unmanaged, absent, disabled, allowed]
    default: unmanaged
  office_standard_user_activation:
    description:
      - The same for Office with a licensing service of its own, that is Office 2010, and every Office on Windows 7 or Windows Server 2008
        R2.
      - V(allowed) writes the C(REG_DWORD) C(UserOperations) = 1 in C(HKLM\SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform), and
        V(disabled) writes 0. It is what C(ospp.vbs /puserops) and C(/duserops) do, as ospp.htm describes them.
      - Where no such Office is found, RV(notes) says that it has no effect.
    type: str
    choices: [unmanaged, absent, disabled, allowed]
    default: unmanaged
  skip_rearm:
    description:
      - Whether a rearm does nothing. It is for testing images with C(sysprep). Machines made from an image that was not rearmed all have
        one client machine ID (CMID), and a KMS host counts them as one.
      - V(enabled) writes the C(REG_DWORD) C(SkipRearm) = 1 in C(HKLM\SOFTWARE\Microsoft\Windows
        NT\CurrentVersion\SoftwareProtectionPlatform), and V(disabled) writes 0. From Microsoft's KB929829.
    type: str
    choices: [unmanaged, absent, disabled, enabled]
    default: unmanaged
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._connection
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.kms_client
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Lead users to the help desk, and offer them no other edition
  winops.volume_activation.activation_policy:
    activation_alternate_url: https://helpdesk.example.com/activation
    windows_anytime_upgrade: disabled

- name: See what would change
  winops.volume_activation.activation_policy:
    notifications: allowed
    standard_user_activation: disabled
  check_mode: true
  diff: true

- name: Use only the place of Microsoft's table, with a page on a file server
  winops.volume_activation.activation_policy:
    activation_alternate_url: \\files.example.com\public\activation.htm
    activation_alternate_url_place: activation

# Where a Group Policy turns AVS validation off, it writes the same values again at its next refresh: leave it unmanaged then.
- name: Keep KMS clients that no Group Policy reaches from sending data to Microsoft
  winops.volume_activation.activation_policy:
    avs_validation: disabled

- name: Take everything back, and the keys that were created for it
  winops.volume_activation.activation_policy:
    activation_alternate_url: absent
    windows_anytime_upgrade: absent
    avs_validation: absent
"""

RETURN = r"""
# begin part steps (make returns)
#   action.words: [create_key, set_policy, remove_policy, remove_key]
#   always_null: [consumes, loses]
#   samples:
#     action: set_policy
#     description: 'set HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\WAU\Disabled to REG_DWORD 1 (was REG_SZ 1)'
steps:
  description: What was done, in order, or what would be done in check mode.
  returned: unless the task was refused
  type: list
  elements: dict
  contains:
    action:
      description: Kind of the step, one of V(create_key), V(set_policy), V(remove_policy) and V(remove_key).
      type: str
      sample: set_policy
    description:
      description: The step in words.
      type: str
      sample: set HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\WAU\Disabled to REG_DWORD 1 (was REG_SZ 1)
    consumes: {description: Always V(null) here., type: str, sample: null}
    loses: {description: Always V(null) here., type: str, sample: null}
    uncertain: {description: Whether it was sent and nobody knows if it took effect. Then C(changed) is true., type: bool, sample: false}
    done: {description: Whether it was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description: The values behind each option before the task, V(null) for an option that is V(unmanaged).
  returned: unless the task was refused or a step failed
  type: dict
  contains: &policies
    activation_alternate_url:
      description: The values of this option.
      type: list
      elements: dict
      contains: &values
        value:
          description: Path of the value.
          type: str
          sample: HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\WAU\Disabled
        type: {description: "Its type, V(null) when it is not there.", type: str, sample: REG_DWORD}
        data: {description: "Its data as text, V(null) when it is not there.", type: str, sample: "1"}
    windows_anytime_upgrade: {description: The values of this option., type: list, elements: dict, contains: *values}
    avs_validation: {description: The values of this option., type: list, elements: dict, contains: *values}
    notifications: {description: The values of this option., type: list, elements: dict, contains: *values}
    standard_user_activation: {description: The values of this option., type: list, elements: dict, contains: *values}
    office_standard_user_activation: {description: The values of this option., type: list, elements: dict, contains: *values}
    skip_rearm: {description: The values of this option., type: list, elements: dict, contains: *values}
after:
  description: The values behind each option after the task, in check mode as predicted.
  returned: unless the task was refused or a step failed
  type: dict
  contains: *policies
notes:
  description: Which of the policies have no effect on this Windows, and why.
  returned: unless the task was refused or a step failed
  type: list
  elements: str
  sample:
    - >-
      windows_anytime_upgrade has no effect on Microsoft Windows 11 Pro (version 10.0.26100): there is no Windows Anytime Upgrade,
      which only clients before Windows 10 have
# begin part diff (make returns)
#   samples: {before: "skip_rearm: null\n", after: "skip_rearm: null\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: when diff mode is on, unless the task was refused or a step failed
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "skip_rearm: null\n"}
    after: {description: RV(after) as text., type: str, sample: "skip_rearm: null\n"}
# end diff
# begin part error (make returns)
#   code.words: [not_supported_by_windows]
#   always_null: [detail, reason]
error:
  description: Why the task failed.
  returned: when the task failed, or the machine could not be asked
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or a word such as V(not_supported_by_windows) when the module refused to do something before it began.
        - Words for what has no code are V(invalid_options), V(not_applicable), V(wrong_connection), V(connection_options), V(unreachable),
          V(unknown_outcome), V(step_incomplete), V(wrong_key_type), V(invalid_state) and V(internal_error).
      type: str
      sample: "0x80070005"
    symbol: {description: "Name of the code, V(null) for a word.", type: str, sample: E_ACCESSDENIED}
    meaning: {description: What it means., type: str, sample: Access was denied.}
    cause: {description: What usually leads to it., type: str, sample: The account is not an administrator of the machine.}
    next_steps:
      description: What to do about it, the most promising first.
      type: list
      elements: str
      sample: [Connect with an account in the local Administrators group.]
    category: {description: "Kind of the error, V(refused) for a refusal.", type: str, sample: permission}
    source: {description: "Where the facts come from, V(null) for this collection's own.", type: str, sample: winerror.h (Windows SDK)}
    transient: {description: Whether it may pass by itself., type: bool, sample: false}
    detail: {description: Always V(null) here., type: str, sample: null}
    reason: {description: Always V(null) here., type: dict, sample: null}
# end error
"""
