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
  - Saves the log Key Management Service, in which a KMS host notes every request of its clients (12290), to a file on the host. Windows
    overwrites the oldest records when the log is full, so whoever documents activations with it has to save it from time to time.
  - Does it once for each file name. A file that is there is left alone and reported. With the day in its name, as by default, the log is
    saved once a day.
  - The log is not cleared, and no file is ever removed.
options:
  path:
    description:
      - Where to save it, on a drive of the host. Either a folder, which has to exist, or the full name of a file that ends in V(.evtx).
      - The folder of the log itself when it is not set, which usually is C(C:\Windows\System32\winevt\Logs).
      - A share of another machine is refused, because the host cannot log on there for the task. Fetch the file afterwards instead.
    type: str
  file_name:
    description:
      - Name of the file in the folder O(path). It ends in V(.evtx), and V({date}) in it stands for the day by the host's own clock and time
        zone, such as V(2026-11-20).
      - V(Archive-Key Management Service-{date}.evtx) when it is not set. Not together with a full file name in O(path).
    type: str
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._connection
notes:
  - The account needs the right to back up files, which administrators have.
  - Take O(file_name) with a name of your own, such as one with the build of a pipeline in it, to save the log more than once a day.
seealso:
  - module: winops.volume_activation.activation_events_info
  - module: winops.volume_activation.kms_host
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Save the log once a day, beside the log itself
  winops.volume_activation.kms_event_archive:
  register: saved

- name: Say where
  ansible.builtin.debug:
    msg: "{{ inventory_hostname }}: {{ saved.archive.path }}, {{ saved.archive.size }} bytes"

- name: Save it in a folder that is backed up
  winops.volume_activation.kms_event_archive:
    path: D:\KmsLogs
    file_name: "{{ inventory_hostname }}-{date}.evtx"

- name: Save it once before the host is replaced
  winops.volume_activation.kms_event_archive:
    path: C:\ProgramData\before-replacement.evtx
"""

RETURN = r"""
archive:
  description: The file.
  returned: unless the task was refused or a step failed
  type: dict
  contains:
    path:
      description: Its full name on the host.
      type: str
      sample: 'C:\Windows\System32\winevt\Logs\Archive-Key Management Service-2026-11-20.evtx'
    exists: {description: Whether it is there. V(false) only in check mode., type: bool, sample: true}
    size: {description: "Its size in bytes, V(null) in check mode when it is not there.", type: int, sample: 69632}
    created: {description: "When it was made, in UTC, V(null) as with RV(archive.size).", type: str, sample: "2026-11-20T10:00:00Z"}
    records:
      description: Records in the log when it was saved by this task, or in check mode would be. V(null) for a file that was there before.
      type: int
      sample: 120
log:
  description: The log.
  returned: unless the task was refused or a step failed
  type: dict
  contains:
    name: {description: Its name., type: str, sample: Key Management Service}
    path: {description: Its file., type: str, sample: 'C:\Windows\System32\winevt\Logs\Key Management Service.evtx'}
    records: {description: How many records it has., type: int, sample: 120}
    size: {description: Its size in bytes., type: int, sample: 69632}
    maximum_size: {description: The size it may grow to., type: int, sample: 20971520}
    overwrites:
      description:
        - What happens when it is full. V(when_needed) overwrites the oldest records, V(outdated) those older than some days, and with
          V(never) new ones are lost.
        - V(null) when the host does not tell.
      type: str
      sample: when_needed
host:
  description: The host.
  returned: unless the task was refused or a step failed
  type: dict
  contains:
    # begin fields of host (make returns)
    #   only: [computer_name, time]
    #   samples: {computer_name: KMS01}
    computer_name: {description: Name of the computer., type: str, sample: KMS01}
    time: {description: "Clock of the machine when asked, in UTC.", type: str, sample: "2026-11-20T10:00:00Z"}
    # end host
    local_date: {description: "The day there, which V({date}) stands for.", type: str, sample: "2026-11-20"}
# begin part steps (make returns)
#   also: Empty when the file was there.
#   action.description: Always V(archive_log).
#   always_null: [consumes, loses]
#   samples: {action: archive_log, description: 'save the log Key Management Service to C:\ProgramData\kms.evtx'}
steps:
  description: What was done, in order, or what would be done in check mode. Empty when the file was there.
  returned: unless the task was refused
  type: list
  elements: dict
  contains:
    action: {description: Always V(archive_log)., type: str, sample: archive_log}
    description: {description: The step in words., type: str, sample: 'save the log Key Management Service to C:\ProgramData\kms.evtx'}
    consumes: {description: Always V(null) here., type: str, sample: null}
    loses: {description: Always V(null) here., type: str, sample: null}
    uncertain: {description: Whether it was sent and nobody knows if it took effect. Then C(changed) is true., type: bool, sample: false}
    done: {description: Whether it was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description: The file before the task.
  returned: unless the task was refused or a step failed
  type: dict
  contains: &file
    path: {description: Its full name., type: str, sample: 'C:\ProgramData\kms.evtx'}
    exists: {description: Whether it is there., type: bool, sample: false}
    size: {description: "Its size in bytes, V(null) when it is not there or not known yet.", type: int, sample: 69632}
after:
  description: The file after the task, in check mode as predicted.
  returned: unless the task was refused or a step failed
  type: dict
  contains: *file
# begin part diff (make returns)
#   samples: {before: "exists: false\n", after: "exists: true\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: when diff mode is on, unless the task was refused or a step failed
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "exists: false\n"}
    after: {description: RV(after) as text., type: str, sample: "exists: true\n"}
# end diff
# begin part error (make returns)
#   code.words: [no_kms_log, not_a_kms_host, directory_not_found, path_too_long, conflicting_file_names, not_supported_by_windows]
#   always_null: [detail, reason]
error:
  description: Why the task failed.
  returned: when the task failed, or the machine could not be asked
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or a word such as V(no_kms_log), V(not_a_kms_host), V(directory_not_found), V(path_too_long),
          V(conflicting_file_names) and V(not_supported_by_windows) when the module refused to do something before it began.
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
