# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rearm
version_added: 0.1.0
short_description: Rearm Windows, an application or a product when it needs it, and reboot the machine
description:
  - Resets the licensing state of Windows, so that the machine gets a new client machine ID (CMID) and a new initial grace period. It is the
    remedy for machines that were cloned from one image without C(sysprep /generalize), which a KMS host counts as one.
  - A rearm takes effect at the next reboot, and there are only a few of them, 3 on Windows 7 and Windows Server 2008 R2. So the module
    asks for the reason, by O(cmids), O(max_days_left) or O(force), and does nothing where it does not hold.
  - Never rearms twice for one reason. A rearm that waits for its reboot is recognized, and one whose answer was lost is looked for in the
    event log and in the counts, and not sent again.
  - After it a KMS client has to be activated again, see M(winops.volume_activation.kms_client).
options:
  scope:
    description:
      - What to rearm. V(windows) is Windows as a whole.
      - V(application) and V(product) are one application, such as Office, and one product of it. They exist since Windows 8 and Windows
        Server 2012, and not for Office that has a licensing service of its own (all of it on Windows 7, Office 2010 everywhere).
    type: str
    choices: [windows, application, product]
    default: windows
  application_id:
    description:
      - ID of the application, as RV(winops.volume_activation.activation_info#module:products[].application_id) tells it.
      - Cannot be combined with O(scope=windows).
      - Cannot be combined with O(scope=product).
      - Required with O(scope=application).
    type: str
  activation_id:
    description:
      - ID of the product (SKU), as RV(winops.volume_activation.activation_info#module:products[].activation_id) tells it.
      - Cannot be combined with O(scope=windows).
      - Cannot be combined with O(scope=application).
      - Required with O(scope=product).
    type: str
  cmids:
    description:
      - Rearm while the machine has one of these CMIDs. It has another one afterwards, so that a second run does nothing.
      - An empty list is a reason that never holds.
      - Cannot be combined with O(scope=application).
      - Cannot be combined with O(scope=product).
    type: list
    elements: str
  max_days_left:
    description:
      - Rearm when the machine is not activated and its grace period ends within so many days, or is over. V(0) means that it is over.
      - From 0 to 7, which is less than the grace period a rearm gives, so that a second run does nothing.
      - Machines that failed the check for genuine software are left alone, because a rearm does not help them.
    type: int
  force:
    description:
      - Rearm without another reason. With V(true) every run consumes a rearm, unless one waits for its reboot.
      - It does not accept the loss of an activation, see O(lose_activation).
    type: bool
    default: false
  min_rearms_left:
    description:
      - How many rearms have to be left afterwards. Otherwise the task is refused before anything is sent.
      - Not negative.
    type: int
    default: 0
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._connection
  - winops.volume_activation._losses
  - winops.volume_activation._reboot
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.kms_client
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Give a machine another CMID when it has the one of the image
  winops.volume_activation.rearm:
    cmids: 2ffcfc30-6a6a-49ec-92b8-f6150c7df211
    reboot: true

- name: Have it ask its KMS host again
  winops.volume_activation.kms_client:

- name: Win time for machines whose grace period ends within three days, and keep one rearm in reserve
  winops.volume_activation.rearm:
    max_days_left: 3
    min_rearms_left: 1
    reboot: true
    reboot_timeout: 1800

- name: Rearm Office, and reboot in the night
  winops.volume_activation.rearm:
    scope: application
    application_id: 0ff1ce15-a989-479d-af46-f275c6370663
    force: true
  register: office
"""

RETURN = r"""
msg:
  description: What was done, or would be done, and what comes next.
  returned: always
  type: str
  sample: PC01 is rearmed and rebooted, with the CMID 0d9d1f0e-5a4c-4b5e-9a4e-0c2f9d2b6f11. Activate it again with kms_client.
trigger:
  description: Why the machine needs it, one of V(duplicate_cmid), V(grace_ends) and V(forced), V(null) when it does not.
  returned: unless the task was refused or a step failed
  type: str
  sample: duplicate_cmid
rearms_used:
  description: Rearms that were spent, or would be in check mode.
  returned: unless the task was refused
  type: int
  sample: 1
reboot_required:
  description: Whether a rearm waits for a reboot of the machine. Until then Windows refuses everything else about its license.
  returned: unless the task was refused
  type: bool
  sample: false
rebooted:
  description: Whether the machine was rebooted and responds again.
  returned: unless the task was refused
  type: bool
  sample: true
# begin part steps (make returns)
#   action.words: [rearm, reboot]
#   samples: {action: rearm, description: "rearm Windows, which leaves 999 rearms", consumes: 1 rearm of 1000}
steps:
  description: What was done, in order, or what would be done in check mode.
  returned: unless the task was refused
  type: list
  elements: dict
  contains:
    action: {description: "Kind of the step, one of V(rearm) and V(reboot).", type: str, sample: rearm}
    description: {description: The step in words., type: str, sample: "rearm Windows, which leaves 999 rearms"}
    consumes: {description: "What it consumes, such as an activation of a MAK, V(null) for nothing.", type: str, sample: 1 rearm of 1000}
    loses: {description: "Activation that is lost for good, V(null) for none.", type: str, sample: the activation by MAK ending TTWX3 of X}
    uncertain: {description: Whether it was sent and nobody knows if it took effect. Then C(changed) is true., type: bool, sample: false}
    done: {description: Whether it was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description: The machine before the task. Windows may hide it between a rearm and its reboot, and then all of it is V(null).
  returned: unless the task was refused or a step failed
  type: dict
  contains: &state
    cmid:
      description: Client machine ID, V(null) in check mode for the one it would get.
      type: str
      sample: 2ffcfc30-6a6a-49ec-92b8-f6150c7df211
    # begin fields of settings (make returns)
    #   only: [channel, status]
    channel: {description: Channel of the key., type: str, sample: gvlk}
    status: {description: Status of the product., type: str, sample: licensed}
    # end settings
    rearms_left: {description: "Rearms that are left, V(null) when the machine does not tell.", type: int, sample: 1000}
after:
  description: The machine after the task, in check mode as predicted.
  returned: unless the task was refused or a step failed
  type: dict
  contains: *state
# begin part diff (make returns)
#   samples: {before: "rearms_left: 1000\n", after: "rearms_left: 999\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: when diff mode is on, unless the task was refused or a step failed
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "rearms_left: 1000\n"}
    after: {description: RV(after) as text., type: str, sample: "rearms_left: 999\n"}
# end diff
# begin part error (make returns)
#   code.words: [skip_rearm, activation_would_be_lost, no_rearms_left, rearm_limit, no_such_product, not_supported_by_windows]
#   always_null: [detail, reason]
#   samples: {code: "0xC004D307", symbol: SL_REMAPPING_SP_PUB_TS_MAX_REARM_REACHED, meaning: No rearm is left on this machine.,
#     cause: All of them are used., next_steps: [Activate the machine instead of rearming it.], category: rearm,
#     source: slerror.h (Windows SDK)}
error:
  description: Why the task failed.
  returned: when the task failed, or the machine could not be asked
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or a word such as V(skip_rearm), V(activation_would_be_lost), V(no_rearms_left), V(rearm_limit),
          V(no_such_product) and V(not_supported_by_windows) when the module refused to do something before it began.
        - Words for what has no code are V(invalid_options), V(not_applicable), V(wrong_connection), V(connection_options), V(unreachable),
          V(unknown_outcome), V(step_incomplete), V(wrong_key_type), V(invalid_state) and V(internal_error).
      type: str
      sample: "0xC004D307"
    symbol: {description: "Name of the code, V(null) for a word.", type: str, sample: SL_REMAPPING_SP_PUB_TS_MAX_REARM_REACHED}
    meaning: {description: What it means., type: str, sample: No rearm is left on this machine.}
    cause: {description: What usually leads to it., type: str, sample: All of them are used.}
    next_steps:
      description: What to do about it, the most promising first.
      type: list
      elements: str
      sample: [Activate the machine instead of rearming it.]
    category: {description: "Kind of the error, V(refused) for a refusal.", type: str, sample: rearm}
    source: {description: "Where the facts come from, V(null) for this collection's own.", type: str, sample: slerror.h (Windows SDK)}
    transient: {description: Whether it may pass by itself., type: bool, sample: false}
    detail: {description: Always V(null) here., type: str, sample: null}
    reason: {description: Always V(null) here., type: dict, sample: null}
# end error
"""
