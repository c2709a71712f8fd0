# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: genuine_info
version_added: 0.1.0
short_description: Say whether Windows passed Microsoft's check for genuine software, why not, and by what it recovers
description:
  - When a MAK or a KMS host key was lost or misused, Microsoft may mark it. Windows then fails its check, and has 30 days to get another
    key.
  - Reads the status of Windows and the events 8208, 8209 and 12305 of the Application log, and names the reason and the way out.
options:
  days:
    description:
      - How many days to look back in the event log.
      - Not negative.
    type: int
    default: 90
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.info
  - winops.volume_activation._connection
seealso:
  - module: winops.volume_activation.activation_info
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: See whether the machine is genuine
  winops.volume_activation.genuine_info:
  register: found

- name: Say what to do
  ansible.builtin.debug:
    msg: "{{ found.next_steps }}"
  when: not found.genuine
"""

RETURN = r"""
msg:
  description: The finding in one line.
  returned: success
  type: str
  sample: PC01 is genuine.
genuine:
  description: Whether Windows passed the check.
  returned: success
  type: bool
  sample: false
verdict:
  description:
    - V(genuine) when it passed. V(awaiting_validation) when it is licensed again and has not been checked again.
    - V(blocked_key) and V(tampered) when it failed because of its key, or because of changed system files. V(unclear) when it failed and no
      event says why.
  returned: success
  type: str
  sample: blocked_key
recovery:
  description: By what it recovers, one of V(kms_host), V(kms_client), V(mak) and V(other), V(null) when it need not.
  returned: success
  type: str
  sample: mak
reason:
  description: Why it failed, V(null) when it did not or no event says so.
  returned: success
  type: dict
  contains:
    code: {description: Code of Windows., type: str, sample: "0xC004C4A2"}
    symbol: {description: Name of the code., type: str, sample: SL_E_VALIDATION_BLOCKED_PRODUCT_KEY}
    meaning: {description: What it means., type: str, sample: The genuine check found that the key is blocked.}
status: {description: Status of the product., returned: success, type: str, sample: non_genuine_grace}
channel: {description: Channel of the key., returned: success, type: str, sample: mak}
partial_product_key: {description: Last five characters of the key., returned: success, type: str, sample: T83GX}
genuine_status:
  description: "What the check found as a number of Windows, 0 for genuine."
  returned: success
  type: int
  sample: 1
days_left: {description: "Days until Windows only shows notices, V(null) when it is licensed.", returned: success, type: int, sample: 29}
events:
  description: What the Application log says of the check, the newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: "Number of the event, 8208, 8209 or 12305.", type: int, sample: 8209}
    code: {description: "Code it names, V(null) for none.", type: str, sample: "0xC004C4A2"}
    time: {description: "When it was written, in UTC.", type: str, sample: "2026-11-20T10:00:00Z"}
next_steps:
  description: What to do about it.
  returned: success
  type: list
  elements: str
  sample: [Install another MAK and activate (mak_client).]
# begin part skipped_records (make returns)
#   returned: success
skipped_records:
  description: How many records of the event logs were left out because they make no sense, such as with a time that is none.
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
