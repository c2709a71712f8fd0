# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: genuine_info
version_added: 0.1.0
short_description: Read the result of the genuine validation
description:
  - Microsoft can block a MAK or a KMS host key that was lost or misused. Windows then fails its genuine validation, and must get another
    product key within 30 days.
  - The module reads the status of Windows and the events 8208, 8209, and 12305 in the log Application. It returns the reason, and how to
    recover the machine.
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.info
  - winops.volume_activation._connection
  - winops.volume_activation._time_range
seealso:
  - module: winops.volume_activation.activation_events_info
  - module: winops.volume_activation.activation_info
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Check whether the machine is genuine
  winops.volume_activation.genuine_info:
  register: found

- name: Show the next steps
  ansible.builtin.debug:
    msg: "{{ found.next_steps }}"
  when: not found.genuine
"""

RETURN = r"""
msg:
  description: The result in one line.
  returned: success
  type: str
  sample: PC01 is genuine.
genuine:
  description: Whether Windows passed the genuine validation.
  returned: success
  type: bool
  sample: false
genuine_state:
  description:
    - V(genuine) if Windows passed the genuine validation. V(awaiting_validation) if Windows is licensed again and the genuine validation
      has not run again yet.
    - V(blocked_key) if the genuine validation failed because of the product key, V(tampered) if it failed because of changed system files,
      and V(unclear) if it failed and no event contains the reason.
  returned: success
  type: str
  sample: blocked_key
recovery_method:
  description: How to recover the machine, one of V(kms_host), V(kms_client), V(mak), and V(other), or V(null) if this is not necessary.
  returned: success
  type: str
  sample: mak
reason:
  description: Reason for the failure, or V(null) if the genuine validation did not fail or no event contains the reason.
  returned: success
  type: dict
  contains:
    code: {description: Code of Windows., type: str, sample: "0xC004C4A2"}
    symbol: {description: Name of the code., type: str, sample: SL_E_VALIDATION_BLOCKED_PRODUCT_KEY}
    meaning: {description: Meaning of the code., type: str, sample: The genuine check found that the key is blocked.}
products:
  description: The product of Windows itself, with the fields of RV(winops.volume_activation.activation_info#module:products).
  returned: success
  type: list
  elements: dict
  sample:
    - {name: "Windows(R), Professional edition", channel: mak, partial_product_key: T83GX, status: non_genuine_grace, genuine_status: 1}
days_left:
  description: Days left until Windows is in the notification status, or V(null) if it is licensed.
  returned: success
  type: int
  sample: 29
# begin part events (make returns)
#   description: Events of the genuine validation (8208, 8209, and 12305) in the period, with the newest event first.
#   samples:
#     id: 8209
#     name: set_non_genuine
#     meaning: Windows marked the machine as not genuine. The result contains the reason.
#     severity: error
#     fields:
#       result: {code: "0xC004C4A2", symbol: SL_E_VALIDATION_BLOCKED_PRODUCT_KEY, meaning: The genuine check found that the key is blocked.}
#       application_id: 55c92734-d682-4d71-983e-d6ec3f16059f
#     strings: ["0xC004C4A2", "55c92734-d682-4d71-983e-d6ec3f16059f"]
events:
  description: Events of the genuine validation (8208, 8209, and 12305) in the period, with the newest event first.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: ID of the event., type: int, sample: 8209}
    name:
      description: Name of the event in this collection, which does not depend on the display language.
      type: str
      sample: set_non_genuine
    meaning:
      description: Meaning of the event.
      type: str
      sample: Windows marked the machine as not genuine. The result contains the reason.
    severity: {description: "One of V(info), V(warning), and V(error).", type: str, sample: error}
    event_time: {description: Time of the event in UTC., type: str, sample: "2026-11-20T09:38:10Z"}
    log: {description: V(application) or V(key_management_service)., type: str, sample: application}
    record: {description: Number of the record in its log., type: int, sample: 4711}
    source: {description: Source that wrote the event., type: str, sample: Microsoft-Windows-Security-SPP}
    decoded: {description: Whether the layout of the insertion strings is known., type: bool, sample: true}
    fields:
      description:
        - Decoded insertion strings by name. Empty if RV(events[].decoded=false).
        - RV(ignore:result) is a dictionary with C(code), C(symbol), and C(meaning), and RV(ignore:flags) is a dictionary with C(value) and
          C(names). Times are in UTC. An ID that the event does not contain is V(null).
      type: dict
      sample:
        result: {code: "0xC004C4A2", symbol: SL_E_VALIDATION_BLOCKED_PRODUCT_KEY, meaning: The genuine check found that the key is blocked.}
        application_id: 55c92734-d682-4d71-983e-d6ec3f16059f
    strings:
      description: Insertion strings without changes.
      type: list
      elements: str
      sample: ["0xC004C4A2", 55c92734-d682-4d71-983e-d6ec3f16059f]
# end events
next_steps:
  description: What to do, in this order.
  returned: success
  type: list
  elements: str
  sample: [Install another MAK and activate (mak_client).]
# begin part skipped_records (make returns)
#   returned: success
skipped_records:
  description: Number of records in the event logs that the module ignored because they are invalid, for example with an invalid time.
  returned: success
  type: int
  sample: 0
# end skipped_records
# begin part error (make returns)
#   code.words: [no_product_key]
#   always_null: [detail, reason]
error:
  description: Why the task failed.
  returned: when the task failed, or the machine could not be asked
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or a word such as V(no_product_key) when the module refused to do something before it began.
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
