# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_event_archive
version_added: 0.1.0
short_description: Save the Key Management Service log of a KMS host
description:
  - The module saves the log Key Management Service to a file on the KMS host. In this log, a KMS host records each request of its clients
    (12290). Windows overwrites the oldest records if the log is full, so you must save the log regularly if you use it to document
    activations.
  - The module saves the log once for each file name, and returns an existing file without changing it. The default name contains the date,
    so the module saves the log once a day.
  - The module does not clear the log, and does not remove files.
options:
  path:
    description:
      - Directory on a drive of the KMS host, or full name of a file that ends in V(.evtx). The directory must exist.
      - If not specified, the directory of the log, which is usually C(C:\Windows\System32\winevt\Logs).
      - Must not be a share of another machine, because the KMS host cannot log on to the share for the task. Fetch the file afterwards
        instead.
    type: str
  file_name:
    description:
      - Name of the file in the directory O(path). Must end in V(.evtx).
      - The module replaces V({date}) with the date by the clock and time zone of the KMS host, such as V(2026-11-20).
      - If not specified, V(Archive-Key Management Service-{date}.evtx).
      - Must not be specified if O(path) contains a file name.
    type: str
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._connection
notes:
  - The account must have the right to back up files, which administrators have.
  - To save the log more than once a day, set O(file_name) to a name that changes, for example a name with the build of a pipeline.
seealso:
  - module: winops.volume_activation.activation_events_info
  - module: winops.volume_activation.kms_host
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Save the log once a day, in the directory of the log
  winops.volume_activation.kms_event_archive:
  register: saved

- name: Show the path
  ansible.builtin.debug:
    msg: "{{ inventory_hostname }}: {{ saved.archive.path }}, {{ saved.archive.size }} bytes"

- name: Save the log in a directory that is backed up
  winops.volume_activation.kms_event_archive:
    path: D:\KmsLogs
    file_name: "{{ inventory_hostname }}-{date}.evtx"

- name: Save the log once before replacing the KMS host
  winops.volume_activation.kms_event_archive:
    path: C:\ProgramData\before-replacement.evtx
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
archive:
  description: The file.
  returned: success
  type: dict
  contains:
    path:
      description: Full name of the file on the KMS host.
      type: str
      sample: 'C:\Windows\System32\winevt\Logs\Archive-Key Management Service-2026-11-20.evtx'
    exists: {description: Whether the file exists. V(false) only in check mode., type: bool, sample: true}
    size: {description: "Size of the file in bytes, or V(null) if the file does not exist in check mode.", type: int, sample: 69632}
    created_time:
      description: Time in UTC at which the file was created, or V(null) if the file does not exist in check mode.
      type: str
      sample: "2026-11-20T10:00:00Z"
    record_count:
      description: Number of records in the log when this task saved it, or would save it in check mode. V(null) if the file existed before.
      type: int
      sample: 120
    local_date: {description: "Local date of the KMS host, which replaces V({date}).", type: str, sample: "2026-11-20"}
event_log:
  description: The log.
  returned: success
  type: dict
  contains:
    name: {description: Name of the log., type: str, sample: Key Management Service}
    path: {description: File of the log., type: str, sample: 'C:\Windows\System32\winevt\Logs\Key Management Service.evtx'}
    record_count: {description: Number of records in the log., type: int, sample: 120}
    size: {description: Size of the log in bytes., type: int, sample: 69632}
    maximum_size: {description: Maximum size of the log in bytes., type: int, sample: 20971520}
    overwrites:
      description:
        - What Windows does if the log is full. If V(when_needed), it overwrites the oldest records. If V(outdated), it overwrites records
          that are older than some days. If V(never), it does not write new records.
        - V(null) if the KMS host does not report it.
      type: str
      sample: when_needed
# begin part steps (make returns)
#   action.description: Always V(archive_log).
#   samples: {action: archive_log, description: 'save the log Key Management Service to C:\ProgramData\kms.evtx'}
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required.
  returned: always
  type: list
  elements: dict
  contains:
    action: {description: Always V(archive_log)., type: str, sample: archive_log}
    description:
      description: Description of the step.
      type: str
      sample: save the log Key Management Service to C:\ProgramData\kms.evtx
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
    - The file before the task.
    - V(null) if the module did not read the machine.
  returned: always
  type: dict
  contains: &file
    path: {description: Full name of the file., type: str, sample: 'C:\ProgramData\kms.evtx'}
    exists: {description: Whether the file exists., type: bool, sample: false}
    size:
      description: Size of the file in bytes, or V(null) if the file does not exist or its size is not known yet.
      type: int
      sample: 69632
after:
  description:
    - The file after the task. In check mode, the predicted file.
    - V(null) if the module did not read the machine, or could not read it again after a failed step.
  returned: always
  type: dict
  contains: *file
# begin part diff (make returns)
#   samples: {before: "exists: false\n", after: "exists: true\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "exists: false\n"}
    after: {description: RV(after) as text., type: str, sample: "exists: true\n"}
# end diff
# begin part error (make returns)
#   code.words: [no_kms_log, not_a_kms_host, directory_not_found, path_too_long, conflicting_file_names, not_supported_by_windows]
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(no_kms_log), V(not_a_kms_host), V(directory_not_found),
          V(path_too_long), V(conflicting_file_names), and V(not_supported_by_windows) if the module refused the task before it changed
          anything.
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
