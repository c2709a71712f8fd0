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
  - winops.volume_activation._time_range.genuine
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
# begin part msg (make returns)
#   sample: PC01 is genuine.
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: PC01 is genuine.
# end msg
# begin part machine (make returns)
machine:
  description: Facts about the machine.
  returned: success
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
    - V(unknown_status) if Windows shows a number for the genuine validation that is not known. It is in RV(products). Whether
      Windows is genuine is then unknown, and RV(genuine) is V(false).
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
    meaning: {description: Meaning of the code., type: str, sample: The genuine validation found that the key is blocked.}
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
#     event_id: 8209
#     name: set_non_genuine
#     meaning: Windows marked the machine as not genuine. The result contains the reason.
#     severity: error
#     fields:
#       result:
#         code: "0xC004C4A2"
#         symbol: SL_E_VALIDATION_BLOCKED_PRODUCT_KEY
#         meaning: The genuine validation found that the key is blocked.
#       application_id: 55c92734-d682-4d71-983e-d6ec3f16059f
#     strings: ["0xC004C4A2", "55c92734-d682-4d71-983e-d6ec3f16059f"]
events:
  description: Events of the genuine validation (8208, 8209, and 12305) in the period, with the newest event first.
  returned: success
  type: list
  elements: dict
  contains:
    event_id: {description: ID of the event., type: int, sample: 8209}
    name:
      description: Name of the event in this collection, which does not depend on the display language.
      type: str
      sample: set_non_genuine
    meaning:
      description: Meaning of the event.
      type: str
      sample: Windows marked the machine as not genuine. The result contains the reason.
    severity: {description: "One of V(info), V(warning), and V(error).", type: str, sample: error}
    harmless:
      description: Whether the event can be ignored. V(true) for event 12321 with the code 0xC004F011, which a machine writes that does not
        use token-based activation.
      type: bool
      sample: false
    event_time: {description: Time of the event in UTC., type: str, sample: "2026-11-20T09:38:10Z"}
    log: {description: V(application) or V(key_management_service)., type: str, sample: application}
    record_number: {description: Number of the record in its log., type: int, sample: 4711}
    source: {description: Source that wrote the event., type: str, sample: Microsoft-Windows-Security-SPP}
    decoded: {description: Whether the layout of the insertion strings is known., type: bool, sample: true}
    fields:
      description:
        - Decoded insertion strings by name. Empty if RV(events[].decoded=false).
        - RV(ignore:result) is a dictionary with C(code), C(symbol), and C(meaning), and RV(ignore:flags) is a dictionary with C(value) and
          C(names). Times are in UTC. An ID that the event does not contain is V(null).
      type: dict
      sample:
        result:
          code: "0xC004C4A2"
          symbol: SL_E_VALIDATION_BLOCKED_PRODUCT_KEY
          meaning: The genuine validation found that the key is blocked.
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
#   code.when: for an error without a code of Windows
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(no_product_key) for an error without a code of Windows.
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
