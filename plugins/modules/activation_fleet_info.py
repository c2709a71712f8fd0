# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: activation_fleet_info
version_added: 0.1.0
short_description: Read or check the activation of many Windows machines in one task
description:
  - Ansible starts a process for each machine and each task. For thousands of machines, these processes take more time than the requests
    to the machines. This module runs once for the play, in one process, and reads all machines of the play at the same time.
  - For each machine, the module returns the result that M(winops.volume_activation.activation_info) or, with O(check),
    M(winops.volume_activation.activation_check) returns for this machine. It writes these records to a file, in which each line is a
    record in JSON. A machine that fails, or that cannot be reached, has a record with the reason.
  - Each machine has its own connection, with the variables that a task on this machine would use.
  - The module does not change the machines.
options:
  machines:
    description:
      - Machines to read, as patterns of the inventory, such as C(offices) or C(windows:!kms_hosts). The limit of the run applies to these
        machines too.
      - If not specified, the module reads the machines of the play for which no task has failed. In a play with C(serial), the task runs
        once for each batch, and reads the machines of the batch.
    type: list
    elements: str
  application:
    description:
      - Application whose products the module reads or checks, as in O(winops.volume_activation.activation_info#module:application).
      - The value can be different for each machine, because a template is evaluated with the variables of each machine.
    type: str
    choices: [windows, office, all]
    default: windows
  check:
    description:
      - Options of M(winops.volume_activation.activation_check), apart from O(application). An empty dictionary checks the machines with the
        defaults of that module.
      - Templates are evaluated with the variables of each machine, as for a task on this machine.
      - If not specified, the module reads the machines and does not check them.
    type: dict
  parallel_machines:
    description:
      - Number of machines that are read at the same time.
      - Must be between 1 and 500.
    type: int
    default: 150
  machine_timeout:
    description:
      - Time in seconds for all requests to one machine. A machine that needs more time counts as a machine that cannot be reached.
      - Must be between 1 and 3600.
    type: int
    default: 120
  deadline:
    description:
      - Time in seconds for all machines. A machine that is not read before has a record with this reason, so that the module returns the
        records of the others. Use this option instead of the keyword C(timeout), which ends the task without records.
      - If set to V(0), the task ends when all machines were read.
      - Must be between 0 and 86400.
    type: int
    default: 0
  record_path:
    description:
      - Path of the record file on the controller. An existing file is replaced after all machines were read. The directory must exist.
      - If not specified, and in check mode, the module writes a temporary file, which Ansible deletes at the end of the run.
      - The module fails if a symbolic link in the path belongs to another user than you or root.
    type: path
  record_mode:
    description:
      - File permissions of the record file as an octal string, such as C(0640). If not specified, a new file gets C(0600), and an existing
        file keeps its permissions.
    type: str
  max_returned_records:
    description:
      - Maximum number of machines for which RV(records) contains the records. With more machines, only the record file contains them.
      - Must be between 0 and 1000.
    type: int
    default: 50
  fail_on_failed:
    description:
      - Whether the task fails if a machine failed, which includes machines whose check failed. The record file is complete in any case.
    type: bool
    default: true
  fail_on_unreachable:
    description: Whether the task fails if a machine could not be reached.
    type: bool
    default: true
extends_documentation_fragment:
  - winops.volume_activation._attributes.controller
  - winops.volume_activation._attributes.info
attributes:
  platform:
    details:
      - The module runs on the controller. The machines run Windows Server 2003, or Windows Vista and Windows Server 2008 up to Windows 11
        and Windows Server 2025, in any display language.
requirements:
  - "On the controller: pywinrm >= 0.5.0 for hosts with C(ansible_connection=winrm)."
  - "On the controller: pypsrp >= 0.9.0 for hosts with C(ansible_connection=psrp)."
  - "On the machines: WinRM, and an account that is a local administrator."
notes:
  - Ansible shows the result of the task for the first machine of the play, and the play recap counts the task for this machine only.
  - If the task does not have C(delegate_to), Ansible also evaluates the connection variables of the first machine for the task itself, and
    the task fails if one of them is not valid. With C(delegate_to=localhost), such an error is in the record of the machine, as for the
    other machines. In this case, variables (C(vars)) of the task itself do not apply to the machines.
  - If the task fails, the play ends for all its machines. To continue, set O(fail_on_failed=false) and O(fail_on_unreachable=false).
  - A machine with a connection plugin other than C(winrm) or C(psrp), or with C(become), has a record with the error. The other machines
    are read.
  - The module evaluates the variables of one machine after the other. A lookup in a connection variable therefore runs once for each
    machine, one after the other.
  - The module never writes a full product key or a password to a record or a result.
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.activation_check
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Read all machines of the play, and write their records
  winops.volume_activation.activation_fleet_info:
    record_path: /var/lib/activation/records.jsonl
  delegate_to: localhost
  register: fleet

- name: Show the machines that could not be reached
  ansible.builtin.debug:
    msg: "{{ item.machine }}: {{ item.msg }}"
  loop: "{{ fleet.unreachable_machines }}"
  loop_control:
    label: "{{ item.machine }}"
  run_once: true

- name: Check all machines within 20 minutes, and continue after failures
  winops.volume_activation.activation_fleet_info:
    check:
      min_days_left: 90
      expected_channels: [gvlk, csvlk]
    deadline: 1200
    record_path: /var/lib/activation/records.jsonl
    fail_on_failed: false
    fail_on_unreachable: false
  delegate_to: localhost

- name: Read a few machines, and use their results
  winops.volume_activation.activation_fleet_info:
    machines: [kms_hosts]
  delegate_to: localhost
  register: kms_hosts
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
  description: Number of machines of the task.
  returned: success, and failure because of a machine
  type: int
  sample: 300
read_count:
  description: Number of machines that were read, and whose check did not fail.
  returned: success, and failure because of a machine
  type: int
  sample: 297
failed_count:
  description: Number of machines that failed, because they could not be read or because their check failed.
  returned: success, and failure because of a machine
  type: int
  sample: 0
unreachable_count:
  description: Number of machines that could not be reached.
  returned: success, and failure because of a machine
  type: int
  sample: 3
failed_machines:
  description: Machines that failed, at most 100.
  returned: success, and failure because of a machine
  type: list
  elements: dict
  contains:
    machine: {description: Name of the machine in the inventory., type: str, sample: PC-007}
    msg: {description: Message of the machine., type: str, sample: "PC-007: [not_licensed] Windows is not licensed."}
unreachable_machines:
  description: Machines that could not be reached, at most 100.
  returned: success, and failure because of a machine
  type: list
  elements: dict
  contains:
    machine: {description: Name of the machine in the inventory., type: str, sample: PC-007}
    msg: {description: Message of the machine., type: str, sample: "PC-007: http://192.0.2.7:5985/wsman: connection refused."}
record_path:
  description: Path of the record file. In check mode, it is that of a temporary file.
  returned: success, and failure because of a machine
  type: str
  sample: /var/lib/activation/records.jsonl
records:
  description: Records of the machines in the order of the play, or V(null) if there are more machines than O(max_returned_records).
  returned: success, and failure because of a machine
  type: list
  elements: dict
  contains:
    schema: {description: Version of the format of the records., type: int, sample: 1}
    inventory_hostname: {description: Name of the machine in the inventory., type: str, sample: PC-007}
    time: {description: Time at which the machine was read in UTC., type: str, sample: "2026-11-20T10:00:00Z"}
    result:
      description: Result of M(winops.volume_activation.activation_info) or M(winops.volume_activation.activation_check) for this machine.
      type: dict
# begin part error (make returns)
#   code.words: [machines_failed]
#   code.when: for a task that fails because of its machines
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(machines_failed) for a task that fails because of its
          machines.
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
