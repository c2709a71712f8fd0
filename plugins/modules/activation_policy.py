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
  - The module sets policies about activation by name, for example the address of the help page in the activation dialogs, and whether
    Windows offers Windows Anytime Upgrade. The module knows the registry key, the type, and the data of each policy, and does not write
    other values.
  - At least one policy must be specified. If a policy is not specified, the module does not change it.
  - If a policy is set to V(absent), the module removes the registry values, so that Windows uses its default. If set to V(enabled) or
    V(disabled), the module writes the registry values. O(windows_anytime_upgrade) does not have the choice V(enabled).
    O(activation_alternate_url) is V(absent) or an address.
  - The module replaces a value of the wrong type, for example a number that is stored as text, and RV(diff) shows both values. A second run
    does not write anything.
  - The module creates missing keys. If a key that the module created does not contain other values, the module removes the key with the
    last policy in it. The module identifies such a key by the value C(WinopsCreated) and does not remove other keys.
  - If 32-bit programs use a separate key (C(Wow6432Node)) for a value, and the machine has this key, the module manages the value there
    too.
  - The module does not restart the licensing service. The service reads some of these values when it starts. It stops when it is idle, and
    starts when it receives a request.
  - A Group Policy that sets the same value has precedence at its next refresh, and the next run of this module changes the value again. Do
    not specify a policy that a Group Policy manages.
options:
  activation_alternate_url:
    description:
      - Address that the link "learn about activation online" in the activation dialogs opens, for example a page of your help desk.
      - Must be an V(http://), V(https://), or V(file://) address, a UNC path, or V(absent).
      - If set to V(absent), the module removes the values.
      - The type of the value is C(REG_SZ). Microsoft documents two places for it, see O(activation_alternate_url_place).
    type: str
  activation_alternate_url_place:
    description:
      - Place in which the module writes or removes O(activation_alternate_url). The module does not change the other place.
      - If set to V(service), the value C(ActivationAlternateURL) in C(HKLM\SOFTWARE\Microsoft\Windows
        NT\CurrentVersion\SoftwareProtectionPlatform). The source is Microsoft's guide to volume activation of Windows 7.
      - If set to V(activation), the value C(AlternateURL) in C(HKLM\SOFTWARE\Microsoft\Windows
        NT\CurrentVersion\SoftwareProtectionPlatform\Activation). The source is Microsoft's table of registry settings (dn502532).
      - If set to V(both), both values.
    type: str
    choices: [both, service, activation]
    default: both
  windows_anytime_upgrade:
    description:
      - Whether users can buy another edition with Windows Anytime Upgrade. Since Windows 8, the feature is called "Add features".
      - If set to V(disabled), the module writes the C(REG_DWORD) C(Disabled) = 1 in
        C(HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\WAU). The source is Microsoft's guide to volume activation of
        Windows 7.
      - If set to V(absent), the module removes the value, so that the feature is enabled. Microsoft does not document other data, so the
        choice V(enabled) does not exist.
      - Servers, and clients with Windows 10 and later, do not have Windows Anytime Upgrade. The module writes the value anyway and returns
        a warning.
    type: str
    choices: [absent, disabled]
  avs_validation:
    description:
      - Whether a KMS client sends data about its activation to Microsoft (online AVS validation).
      - If set to V(disabled), the module writes the C(REG_DWORD) values C(NoGenTicket) and C(NoAcquireGT) = 1 in
        C(HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform). If set to V(enabled), it writes 0.
      - The source is the policy "Turn off KMS Client Online AVS Validation" (AVSValidationGP.admx). Windows Server 2016 reads the second
        value.
      - Windows versions before Windows 10 and Windows Server 2016 do not have this policy. The module writes the values anyway and returns
        a warning.
    type: str
    choices: [absent, disabled, enabled]
  allow_windows_entitlement_reactivation:
    description:
      - Whether Windows can activate itself again with the digital license of its device, for example after Windows was installed again.
      - If set to V(disabled), the module writes the C(REG_DWORD) C(AllowWindowsEntitlementReactivation) = 0 in
        C(HKLM\SOFTWARE\Policies\Microsoft\Windows NT\CurrentVersion\Software Protection Platform). If set to V(enabled), it writes 1,
        which is the default of Windows.
      - The sources are the policy "Control Device Reactivation for Retail devices" (AVSValidationGP.admx), and Microsoft's page about the
        policies for licensing (Policy CSP). Activation with a MAK or by KMS does not use a digital license.
      - Servers, and clients before Windows 10 version 1607, do not have this policy. The module writes the value anyway and returns a
        warning.
    type: str
    choices: [absent, disabled, enabled]
  notifications:
    description:
      - Whether Windows shows notifications about activation. After the end of the grace period, Windows always shows notifications.
      - If set to V(disabled), the module writes the C(REG_DWORD) C(NotificationDisabled) = 1 in C(HKLM\SOFTWARE\Microsoft\Windows
        NT\CurrentVersion\SoftwareProtectionPlatform\Activation). If set to V(enabled), it writes 0.
      - The sources are Microsoft's table of registry settings (dn502532) and its optional configurations (ff793402), which do not recommend
        V(disabled).
    type: str
    choices: [absent, disabled, enabled]
  standard_user_activation:
    description:
      - Whether users who are not administrators can install product keys, and activate and rearm Windows, with C(slmgr.vbs).
      - If set to V(enabled), the module writes the C(REG_DWORD) C(UserOperations) = 1 in C(HKLM\SOFTWARE\Microsoft\Windows
        NT\CurrentVersion\SoftwareProtectionPlatform). If set to V(disabled), it writes 0.
      - The sources are Microsoft's table of registry settings (dn502532) and its optional configurations (ff793402), which do not recommend
        V(enabled).
    type: str
    choices: [absent, disabled, enabled]
  office_standard_user_activation:
    description:
      - Whether users who are not administrators can install product keys of Office, and activate and rearm Office, with C(ospp.vbs). This
        policy is for an Office with its own licensing service, which is Office 2010, and each Office on Windows 7 and Windows Server 2008
        R2.
      - If set to V(enabled), the module writes the C(REG_DWORD) C(UserOperations) = 1 in
        C(HKLM\SOFTWARE\Microsoft\OfficeSoftwareProtectionPlatform). If set to V(disabled), it writes 0. The commands C(ospp.vbs /puserops)
        and C(/duserops) do the same. The source is ospp.htm.
      - If the machine does not have such an Office, the module writes the value anyway and returns a warning.
    type: str
    choices: [absent, disabled, enabled]
  skip_rearm:
    description:
      - Whether Windows ignores a rearm. This policy is for tests of images with C(sysprep). Machines that were created from an image
        without a rearm have the same client machine ID (CMID), and a KMS host counts these machines only once.
      - If set to V(enabled), the module writes the C(REG_DWORD) C(SkipRearm) = 1 in C(HKLM\SOFTWARE\Microsoft\Windows
        NT\CurrentVersion\SoftwareProtectionPlatform). If set to V(disabled), it writes 0. The source is Microsoft's KB929829.
    type: str
    choices: [absent, disabled, enabled]
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
- name: Set the help page, and disable Windows Anytime Upgrade
  winops.volume_activation.activation_policy:
    activation_alternate_url: https://helpdesk.example.com/activation
    windows_anytime_upgrade: disabled

- name: Preview the changes
  winops.volume_activation.activation_policy:
    notifications: enabled
    standard_user_activation: disabled
  check_mode: true
  diff: true

- name: Use only the place of Microsoft's table, with a page on a file server
  winops.volume_activation.activation_policy:
    activation_alternate_url: \\files.example.com\public\activation.htm
    activation_alternate_url_place: activation

# If a Group Policy disables AVS validation, it writes the same values again at its next refresh. Do not specify the policy then.
- name: Disable AVS validation on KMS clients without a Group Policy
  winops.volume_activation.activation_policy:
    avs_validation: disabled

- name: Remove the policies, and the keys that were created for them
  winops.volume_activation.activation_policy:
    activation_alternate_url: absent
    windows_anytime_upgrade: absent
    avs_validation: absent
"""

RETURN = r"""
# begin part msg (make returns)
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: "PC-001: nothing to do."
# end msg
# begin part machine (make returns)
#   returned: always
#   what: Facts about the machine, or V(null) if the module did not read it.
machine:
  description: Facts about the machine, or V(null) if the module did not read it.
  returned: always
  type: dict
  contains:
    computer_name: {description: Name of the computer., type: str, sample: W10-0001}
    caption: {description: Name of the operating system as the machine displays it., type: str, sample: Microsoft Windows 10 Pro}
    version: {description: Version of the operating system., type: str, sample: 10.0.19045}
    build: {description: Build number of the operating system., type: int, sample: 19045}
    edition_id: {description: "EditionID of Windows from the registry, or V(null) if it was not read.", type: str, sample: Professional}
    product_type: {description: "One of V(client), V(server), and V(domain_controller).", type: str, sample: client}
    language: {description: Windows language ID (LCID) of the installation., type: int, sample: 1033}
    current_time: {description: Time of the clock of the machine in UTC., type: str, sample: "2026-11-20T10:00:00Z"}
    licensing_version:
      description: Version of the licensing service, or V(null) on Windows Server 2003 and if the module did not read it.
      type: str
      sample: 10.0.19041.3996
# end machine
# begin part steps (make returns)
#   action.words: [create_key, set_policy, remove_policy, remove_key]
#   samples:
#     action: set_policy
#     description: 'set HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\WAU\Disabled to REG_DWORD 1 (was REG_SZ 1)'
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: Identifier of the step, one of V(create_key), V(set_policy), V(remove_policy), and V(remove_key).
      type: str
      sample: set_policy
    description:
      description: Description of the step.
      type: str
      sample: set HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\WAU\Disabled to REG_DWORD 1 (was REG_SZ 1)
    consumes: {description: "What the step consumes, such as an activation of a MAK, or V(null) for nothing.", type: str, sample: null}
    loses: {description: "Activation that the step removes and that cannot be restored, or V(null) for none.", type: str, sample: null}
    uncertain:
      description: Whether the step was sent but its result is unknown. If V(true), RV(ignore:changed) is also V(true).
      type: bool
      sample: false
    done: {description: Whether the step was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description:
    - Registry values of each option before the task, or V(null) for an option that is not specified.
    - V(null) if the module did not read the machine.
  returned: always
  type: dict
  contains: &policies
    activation_alternate_url:
      description: Registry values of the option.
      type: list
      elements: dict
      contains: &values
        path:
          description: Path of the registry key.
          type: str
          sample: HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\Explorer\WAU
        name: {description: Name of the registry value., type: str, sample: Disabled}
        type: {description: "Type of the registry value, or V(null) if the value does not exist.", type: str, sample: REG_DWORD}
        data: {description: "Data of the registry value as text, or V(null) if the value does not exist.", type: str, sample: "1"}
    windows_anytime_upgrade: {description: Registry values of the option., type: list, elements: dict, contains: *values}
    avs_validation: {description: Registry values of the option., type: list, elements: dict, contains: *values}
    allow_windows_entitlement_reactivation:
      {description: Registry values of the option., type: list, elements: dict, contains: *values}
    notifications: {description: Registry values of the option., type: list, elements: dict, contains: *values}
    standard_user_activation: {description: Registry values of the option., type: list, elements: dict, contains: *values}
    office_standard_user_activation: {description: Registry values of the option., type: list, elements: dict, contains: *values}
    skip_rearm: {description: Registry values of the option., type: list, elements: dict, contains: *values}
after:
  description:
    - Registry values of each option after the task. In check mode, the predicted values.
    - V(null) if the module did not read the machine, or could not read it again after a failed step.
  returned: always
  type: dict
  contains: *policies
warnings:
  description: Policies that do not have an effect on this version of Windows, with the reason.
  returned: success, if a policy does not have an effect
  type: list
  elements: str
  sample:
    - >-
      pc-007: windows_anytime_upgrade has no effect on Microsoft Windows 11 Pro (version 10.0.26100): only clients before Windows 10 have
      Windows Anytime Upgrade
# begin part diff (make returns)
#   samples: {before: "skip_rearm: null\n", after: "skip_rearm: null\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "skip_rearm: null\n"}
    after: {description: RV(after) as text., type: str, sample: "skip_rearm: null\n"}
# end diff
# begin part error (make returns)
#   code.words: [not_supported_by_windows]
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(not_supported_by_windows) if the module refused the task
          before it changed anything.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
      type: str
      sample: "0x80070005"
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: E_ACCESSDENIED
    meaning: {description: Meaning of the code., type: str, sample: Access was denied.}
    cause: {description: Most common cause., type: str, sample: The account is not an administrator of the machine.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Connect with an account in the local Administrators group.]
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: permission}
    source:
      description: Source of the explanation, or V(null) if the explanation is only from this collection.
      type: str
      sample: slerror.h (Windows SDK)
    transient: {description: Whether the same request can succeed later without any change., type: bool, sample: false}
    known:
      description: Whether the code is in the error catalog of this collection. If V(false), the explanation is based only on the number
        range of the code.
      type: bool
      sample: true
    subcode:
      description:
        - Identifier of the cause if the code has several causes, otherwise V(null).
        - For V(0xC004F035), one of V(oem_marker_missing), V(wrong_key), and V(unclear).
      type: str
      sample: null
    underlying:
      description:
        - Underlying error from the event log of Windows, with C(code), C(symbol), C(meaning), C(kms_host), and C(kms_port).
        - V(null) if there is none.
      type: dict
      sample: null
# end error
"""
