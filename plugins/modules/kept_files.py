# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kept_files
version_added: 0.1.0
short_description: Use files that a machine of the inventory keeps
description:
  - In an execution environment, files on the controller are lost with its container. This module lets a play use files of another machine
    instead, the file host. First it copies them to a temporary directory of the run. Other modules then use the copies, whose paths the
    filter P(winops.volume_activation.kept_path#filter) returns. At last this module writes the changed copies to the file host.
  - The roles and playbooks of this collection do this if their variable with the name of a file host is set.
  - The module uses the connection that the variables of the file host set. Variables of the play and keywords of the task have no effect.
    The file host does not have to be in the limit of the run. It needs Python 3.9 or later, and a connection plugin with pipelining, such
    as P(ansible.builtin.ssh#connection) and P(ansible.builtin.local#connection).
  - The module runs once for a play. It does not send anything to the machines of the play.
options:
  host:
    description: Name of the file host in the inventory.
    type: str
    required: true
  state:
    description:
      - V(staged) copies files to the controller, and checks that the files to write can be written. The copies replace those of an
        earlier task.
      - V(kept) writes the copies that have changed since they were made to the file host. Each file is replaced as a whole.
    type: str
    choices: [staged, kept]
    required: true
  read:
    description:
      - Paths of files on the file host, which can be patterns such as C(/srv/sites/*.jsonl). Files that do not exist are not copied.
      - A relative path, and a path that begins with C(~/), is in the home directory of the user on the file host.
    type: list
    elements: str
    default: []
  write:
    description:
      - Paths of files that the play writes. With O(state=staged), the module fails if a directory does not exist or is not writable. A file
        keeps its permissions; a new one gets those of the copy.
    type: list
    elements: str
    default: []
  folders:
    description:
      - Paths of directories that the play reads and writes, with everything below. The module creates a directory if only its last part
        does not exist. It ignores symbolic links in it. With O(state=kept), it removes files whose copies were removed.
    type: list
    elements: str
    default: []
  unchanged:
    description:
      - Whether O(state=kept) fails if another process has changed a file since it was copied. The module then does not overwrite the
        file, and writes the copy to a new file beside it, whose name contains the time.
    type: bool
    default: false
extends_documentation_fragment:
  - winops.volume_activation._attributes.controller
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing anything.
    support: full
    details: In check mode, O(state=staged) copies files to the controller, and O(state=kept) does not write files.
  diff_mode:
    description: Returns what has changed, or what would change in C(check_mode), if in diff mode.
    support: none
  idempotent:
    description: If run twice in a row outside C(check_mode) with the same options, the second run does not change anything.
    support: full
    details: A copy that was put back is written again only after it has changed.
notes:
  - All files of a task can have 512 MiB together.
  - A symbolic link on the file host must belong to root or to the user there.
seealso:
  - plugin: winops.volume_activation.kept_path
    plugin_type: filter
  - plugin: winops.volume_activation.shown_paths
    plugin_type: filter
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Copy the records of all sites to the controller
  winops.volume_activation.kept_files:
    host: files01
    state: staged
    read: [/srv/activation/sites/*.jsonl]
    write: [/srv/activation/all.jsonl]

- name: Put the records together
  winops.volume_activation.activation_merge:
    record_paths: ["{{ '/srv/activation/sites/*.jsonl' | winops.volume_activation.kept_path('files01') }}"]
    record_path: "{{ '/srv/activation/all.jsonl' | winops.volume_activation.kept_path('files01') }}"

- name: Write the file on the file host
  winops.volume_activation.kept_files:
    host: files01
    state: kept
    write: [/srv/activation/all.jsonl]
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: "1 file was written to files01."
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: 1 file was written to files01.
# end msg
paths:
  description: Files that were copied or written, with the name of the file host.
  returned: success
  type: list
  elements: str
  sample: ["files01:/srv/activation/all.jsonl"]
# begin part error (make returns)
#   code.words: [file_host, file_changed, unsafe_path]
#   code.when: if the file host cannot be used, another process has changed a file, or a path cannot be used
#   samples: {code: file_host, symbol: null, meaning: The file host files01 is not in the inventory., category: task, source: null,
#     cause: The machine is not in the inventory., next_steps: [Add the machine to the inventory.]}
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(file_host), V(file_changed), and V(unsafe_path) if the file
          host cannot be used, another process has changed a file, or a path cannot be used.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
      type: str
      sample: file_host
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: null
    meaning: {description: Meaning of the code., type: str, sample: The file host files01 is not in the inventory.}
    cause: {description: Most common cause., type: str, sample: The machine is not in the inventory.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Add the machine to the inventory.]
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: task}
    source: {description: "Source of the explanation, or V(null) if the explanation is only from this collection.", type: str, sample: null}
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
