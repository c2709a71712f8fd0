# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: machine_outcome
version_added: 0.1.0
short_description: End the play for a machine with one line
description:
  - Fails the machine, or marks it as unreachable, with one line. The playbooks of this collection use it at the end of a run, for machines
    whose results they collected.
  - The module runs on the controller, and does not send anything to the machine.
  - Unlike M(ansible.builtin.fail), it can mark a machine as unreachable, and Ansible prints the message once, without the lines of the
    playbook around the task.
author:
  - winops contributors (@winops)
options:
  status:
    description: V(failed) fails the machine. V(unreachable) marks it as unreachable. V(ok) does neither.
    type: str
    choices: [failed, unreachable, ok]
    required: true
  msg:
    description: Message of the result.
    type: str
    required: true
extends_documentation_fragment:
  - winops.volume_activation._attributes.controller
  - winops.volume_activation._attributes.info
attributes:
  bypass_host_loop:
    support: none
seealso:
  - plugin: winops.volume_activation.outcome_report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Fail the machine if the report contains a problem
  winops.volume_activation.machine_outcome:
    status: failed
    msg: The clocks of the client and the KMS host differ too much. [0xC004F06C]
"""

RETURN = r"""
# begin part msg (make returns)
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: "PC-001: nothing to do."
# end msg
# begin part error (make returns)
#   code.words: [invalid_options]
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(invalid_options) if the module refused the task before it
          changed anything.
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
