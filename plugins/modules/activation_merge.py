# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: activation_merge
version_added: 0.1.0
short_description: Put the record files of several controllers or slices together
description:
  - Reads record files, which M(winops.volume_activation.activation_fleet_info) and the role
    P(winops.volume_activation.activation_check#role) write, and keeps the newest record of each machine. Of two records with the same time,
    the one in the later file counts.
  - Returns the summary of all these machines, as P(winops.volume_activation.activation_summary#filter) does. It finds what one file cannot
    show, such as machines with the same client machine ID in two files.
  - The module runs once for a play, on the controller. It does not send anything to the machines.
options:
  record_paths:
    description:
      - Paths of record files on the controller. A path can be a pattern such as C(records/*.jsonl), which must match at least one file.
      - The module fails if a line of a file is not a record.
    type: list
    elements: path
    required: true
  machines:
    description:
      - Names of the machines to keep. A machine without a record is in
        RV(winops.volume_activation.activation_summary#filter:_value.machines) among those that were not part of the run.
      - If not specified, the module keeps all machines of the files.
    type: list
    elements: str
  record_path:
    description:
      - Path of the file on the controller to which the module writes the newest record of each machine. The directory must exist. If not
        specified, and in check mode, the module does not write a file.
      - The module fails if a symbolic link in the path belongs to another user than you or root.
    type: path
  record_mode:
    description:
      - File permissions of the record file as an octal string, such as C(0640). If not specified, a new file gets C(0600), and an existing
        file keeps its permissions.
    type: str
  stale_after_days:
    description:
      - Number of days. A machine whose newest record is older is marked as stale. If not specified, no machine is marked.
      - Must be 0 or greater.
    type: int
  expiring_within_days:
    description:
      - Number of days. The summary contains each license that expires in fewer days.
      - Must be 0 or greater.
    type: int
    default: 30
extends_documentation_fragment:
  - winops.volume_activation._attributes.controller
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing anything.
    support: full
    details: The module reads the record files, and does not write a file.
  diff_mode:
    description: Returns what has changed, or what would change in C(check_mode), if in diff mode.
    support: none
  idempotent:
    description: If run twice in a row outside C(check_mode) with the same options, the second run does not change anything.
    support: full
    details: The second run writes the same file.
notes:
  - If the file in O(record_path) is also in O(record_paths), it is read first and then replaced.
seealso:
  - module: winops.volume_activation.activation_fleet_info
  - module: winops.volume_activation.activation_report
  - plugin: winops.volume_activation.activation_merge
    plugin_type: filter
  - plugin: winops.volume_activation.activation_summary
    plugin_type: filter
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Put the records of all sites together
  winops.volume_activation.activation_merge:
    record_paths: [/srv/activation/sites/*.jsonl]
    record_path: /srv/activation/all.jsonl
    stale_after_days: 14
  register: merged

- name: Show the machines that were not read for two weeks
  ansible.builtin.debug:
    msg: "{{ merged.stale_machines }}"

- name: Show the summary of all sites
  ansible.builtin.debug:
    msg: "{{ merged.activation_summary.lines + [merged.activation_summary.summary] }}"
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: "297 of 300 machines were read without a failure; 3 could not be reached: PC-007, PC-110, PC-204."
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: "297 of 300 machines were read without a failure; 3 could not be reached: PC-007, PC-110, PC-204."
# end msg
machine_count:
  description: Number of machines with a record.
  returned: success
  type: int
  sample: 300
read_count:
  description: Number of machines that were read, and whose check did not fail.
  returned: success
  type: int
  sample: 297
failed_count:
  description: Number of machines that failed, because they could not be read or because their check failed.
  returned: success
  type: int
  sample: 0
unreachable_count:
  description: Number of machines that could not be reached.
  returned: success
  type: int
  sample: 3
failed_machines:
  description: Machines that failed, at most 100.
  returned: success
  type: list
  elements: dict
  contains:
    machine: {description: Name of the machine in the inventory., type: str, sample: PC-007}
    msg: {description: Message of the machine., type: str, sample: "PC-007: [not_licensed] Windows is not licensed."}
unreachable_machines:
  description: Machines that could not be reached, at most 100.
  returned: success
  type: list
  elements: dict
  contains:
    machine: {description: Name of the machine in the inventory., type: str, sample: PC-007}
    msg: {description: Message of the machine., type: str, sample: "PC-007: http://192.0.2.7:5985/wsman: connection refused."}
stale_machines:
  description: Machines whose newest record is older than O(stale_after_days), in the order of their names.
  returned: success
  type: list
  elements: str
  sample: [pc17]
several_files:
  description: Machines that are in more than one file.
  returned: success
  type: list
  elements: dict
  contains:
    machine: {description: Name of the machine in the inventory., type: str, sample: PC-007}
    sources:
      description: Paths of the files with the machine.
      type: list
      elements: str
      sample: [/srv/activation/sites/munich.jsonl, /srv/activation/sites/osaka.jsonl]
record_path:
  description: Path of the file that the module wrote, or would write in check mode, or V(null) if O(record_path) is not specified.
  returned: success
  type: str
  sample: /srv/activation/all.jsonl
activation_summary:
  description: Summary of the machines, with the fields of RV(winops.volume_activation.activation_summary#filter:_value).
  returned: success
  type: dict
# begin part error (make returns)
#   code.words: [records_file]
#   code.when: if a record file cannot be read or written
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(records_file) if a record file cannot be read or written.
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
