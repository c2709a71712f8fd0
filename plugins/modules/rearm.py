# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rearm
version_added: 0.1.0
short_description: Rearm Windows, an application, or a product, and reboot the machine
description:
  - Resets the licensing state of Windows. The machine then gets a new client machine ID (CMID) and a new initial grace period. Use it for
    machines that were cloned from one image without C(sysprep /generalize). A KMS host counts such machines as one client.
  - A rearm takes effect after the next reboot. The number of rearms is limited, for example to 3 on Windows 7 and Windows Server 2008 R2.
    The module therefore rearms a machine only if it matches O(cmids) or O(max_days_left), or if O(force=true).
  - The module does not rearm a machine twice for the same reason. It recognizes a rearm that waits for its reboot. If the response to a
    rearm is lost, it reads the event log and the number of rearms, and does not send the rearm again.
  - After the rearm, a KMS client must be activated again, see M(winops.volume_activation.kms_client).
  - An Office with its own licensing service (Office 2010, and every Office on Windows 7 and Windows Server 2008 R2) cannot be rearmed over
    WMI. The task fails, and the message contains the command to run on the machine.
options:
  scope:
    description:
      - What to rearm. V(windows) is Windows, V(application) is an application such as Office, and V(product) is one product of an
        application.
      - V(application) and V(product) are supported on Windows 8, Windows Server 2012, and later. They are not supported for an Office with
        its own licensing service, which is each Office on Windows 7, and Office 2010 on all versions of Windows.
    type: str
    choices: [windows, application, product]
    default: windows
  application_id:
    description:
      - ID of the application, as RV(winops.volume_activation.activation_info#module:products[].application_id) returns it.
      - Cannot be combined with O(scope=windows).
      - Cannot be combined with O(scope=product).
      - Required with O(scope=application).
    type: str
  activation_id:
    description:
      - ID of the product (SKU), as RV(winops.volume_activation.activation_info#module:products[].activation_id) returns it.
      - Cannot be combined with O(scope=windows).
      - Cannot be combined with O(scope=application).
      - Required with O(scope=product).
    type: str
  cmids:
    description:
      - CMIDs of machines to rearm. The module rearms the machine if its CMID is in this list. The machine then has another CMID, so that a
        second run does not rearm it again.
      - If the list is empty, it does not match any machine.
      - Cannot be combined with O(scope=application).
      - Cannot be combined with O(scope=product).
    type: list
    elements: str
  max_days_left:
    description:
      - Number of days before the end of the grace period in which the module rearms a machine that is not activated. It also rearms the
        machine if the grace period has ended.
      - If set to V(0), the module rearms the machine only if the grace period has ended.
      - Must be between 0 and 7. This is less than the grace period after a rearm, so that a second run does not rearm the machine again.
      - The module does not rearm machines that failed the genuine validation, because a rearm does not help them.
    type: int
  force:
    description:
      - Whether to rearm without another reason. If V(true), every run uses a rearm, unless a previous rearm waits for its reboot.
      - This option does not permit the loss of an activation, see O(lose_activation).
    type: bool
    default: false
  min_rearms_left:
    description:
      - Minimum number of rearms that must be left after the task. If fewer would be left, the task fails before it changes anything.
      - Must be 0 or greater.
    type: int
    default: 0
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._attributes.ledger
  - winops.volume_activation._connection
  - winops.volume_activation._losses
  - winops.volume_activation._reboot
attributes:
  idempotent:
    support: partial
    details: The second run does not write to the machine, unless O(force=true).
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.kms_client
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Rearm the machine if it has the CMID of the image
  winops.volume_activation.rearm:
    cmids: 2ffcfc30-6a6a-49ec-92b8-f6150c7df211
    reboot: true

- name: Activate the machine again
  winops.volume_activation.kms_client:

- name: Rearm the machine if its grace period ends within three days, and keep one rearm
  winops.volume_activation.rearm:
    max_days_left: 3
    min_rearms_left: 1
    reboot: true
    reboot_timeout: 1800

- name: Rearm Office, which takes effect after the next reboot
  winops.volume_activation.rearm:
    scope: application
    application_id: 0ff1ce15-a989-479d-af46-f275c6370663
    force: true
  register: office  # office.reboot_required
"""

RETURN = r"""
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
# begin part msg (make returns)
#   sample: PC01 is rearmed and rebooted, with the CMID 0d9d1f0e-5a4c-4b5e-9a4e-0c2f9d2b6f11. Activate it again with kms_client.
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: PC01 is rearmed and rebooted, with the CMID 0d9d1f0e-5a4c-4b5e-9a4e-0c2f9d2b6f11. Activate it again with kms_client.
# end msg
trigger:
  description:
    - Reason for the rearm, one of V(duplicate_cmid), V(grace_ends), and V(forced).
    - V(null) if no rearm is required, or if the task failed before it planned the rearm.
  returned: always
  type: str
  sample: duplicate_cmid
rearms_used:
  description: Number of rearms that the task used, or would use in check mode.
  returned: always
  type: int
  sample: 1
reboot_required:
  description:
    - Whether a rearm waits for a reboot of the machine. Before the reboot, Windows rejects all other licensing operations.
    - In check mode, whether a rearm would wait for a reboot after the task.
    - V(null) if the module did not read the machine.
  returned: always
  type: bool
  sample: false
rebooted:
  description: Whether the machine was rebooted and responds again.
  returned: always
  type: bool
  sample: true
# begin part steps (make returns)
#   action.words: [rearm, reboot]
#   samples: {action: rearm, description: "rearm Windows, which leaves 999 rearms", consumes: 1 rearm of 1000}
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required.
  returned: always
  type: list
  elements: dict
  contains:
    action: {description: "Identifier of the step, one of V(rearm) and V(reboot).", type: str, sample: rearm}
    description: {description: Description of the step., type: str, sample: "rearm Windows, which leaves 999 rearms"}
    consumes:
      description: What the step consumes, such as an activation of a MAK, or V(null) for nothing.
      type: str
      sample: 1 rearm of 1000
    loses: {description: "Activation that the step removes and that cannot be restored, or V(null) for none.", type: str, sample: null}
    uncertain:
      description: Whether the step was sent but its result is unknown. If V(true), RV(ignore:changed) is also V(true).
      type: bool
      sample: false
    done: {description: Whether the step was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description:
    - Licensing state before the task. Windows can hide it between a rearm and its reboot. In this case, all fields are V(null).
    - V(null) if the module did not read the machine.
  returned: always
  type: dict
  contains: &state
    cmid:
      description: Client machine ID, or V(null) in check mode for the new one.
      type: str
      sample: 2ffcfc30-6a6a-49ec-92b8-f6150c7df211
    # begin fields of settings (make returns)
    #   only: [channel, status]
    channel:
      description: Channel of the product key, with the values of RV(winops.volume_activation.activation_info#module:products[].channel).
      type: str
      sample: gvlk
    status:
      description: Status of the product, with the values of RV(winops.volume_activation.activation_info#module:products[].status).
      type: str
      sample: licensed
    # end settings
    rearms_left: {description: "Number of rearms left, or V(null) if the machine does not return it.", type: int, sample: 1000}
after:
  description:
    - Licensing state after the task. In check mode, the predicted state.
    - V(null) if the module did not read the machine, or could not read it again after a failed step.
  returned: always
  type: dict
  contains: *state
# begin part diff (make returns)
#   samples: {before: "rearms_left: 1000\n", after: "rearms_left: 999\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "rearms_left: 1000\n"}
    after: {description: RV(after) as text., type: str, sample: "rearms_left: 999\n"}
# end diff
# begin part error (make returns)
#   code.words: [skip_rearm, activation_would_be_lost, no_rearms_left, rearm_limit, no_such_product, not_supported_by_windows,
#     managed_by_subscription]
#   samples: {code: "0xC004D307", symbol: SL_REMAPPING_SP_PUB_TS_MAX_REARM_REACHED, meaning: This machine has no rearms left.,
#     cause: All rearms are used., next_steps: [Activate the machine instead of rearming it.], category: rearm,
#     source: slerror.h (Windows SDK)}
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(skip_rearm), V(activation_would_be_lost), V(no_rearms_left),
          V(rearm_limit), V(no_such_product), V(not_supported_by_windows), and V(managed_by_subscription) if the module refused the task
          before it changed anything.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
      type: str
      sample: "0xC004D307"
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: SL_REMAPPING_SP_PUB_TS_MAX_REARM_REACHED
    meaning: {description: Meaning of the code., type: str, sample: This machine has no rearms left.}
    cause: {description: Most common cause., type: str, sample: All rearms are used.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Activate the machine instead of rearming it.]
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: rearm}
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
