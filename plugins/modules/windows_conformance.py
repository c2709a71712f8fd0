# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: windows_conformance
version_added: 0.1.0
short_description: Find out whether a machine behaves as the collection assumes
description:
  - This collection was written without access to real Windows machines. What it assumes about Windows is in the list of
    R(known limitations,ansible_collections.winops.volume_activation.docsite.guide_known_limitations), each with an ID such as V(W-001).
  - The module makes all reads of the other modules, and some reads that must fail, such as a query over a class that does not exist. It
    returns for each assumption whether it holds on this machine.
  - Without O(allow_changes), the module only reads. The account does not need to be an administrator. Without the rights, some assumptions
    cannot be seen.
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._connection
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing anything.
    support: full
    details: In check mode, the module makes all reads, and returns the steps of O(allow_changes=true) without doing them.
  diff_mode:
    description: Returns what has changed, or what would change in C(check_mode), if in diff mode.
    support: none
    details: The module restores what it changes.
  idempotent:
    description: If run twice in a row outside C(check_mode) with the same options, the second run does not change anything.
    support: partial
    details: With O(allow_changes=true), each run makes the changes and restores them.
options:
  allow_changes:
    description:
      - Whether the module also changes the machine and restores it, to show what reads cannot show. Use it only on a machine that is made
        for this test.
      - The module sets and removes policies, sets and restores the KMS host of the licensing service, installs the GVLK that the machine
        has again, and activates Windows once with KMS. It also sends two calls that Windows must refuse. It shows each change before it
        makes the change, restores the change, and reads the machine again to verify that. The activation restores the license, so the KMS
        host of the machine must respond.
      - The module refuses a machine with a key of another kind than a GVLK, such as a MAK, a KMS host key, or a retail key. It also
        refuses a KMS host, a machine with an add-on or a subscription, and an evaluation edition. Nothing is changed then.
      - After a problem, the module restores what it can. RV(changes_left) has what is not restored, with the commands for the machine.
    type: bool
    default: false
  computer_names:
    description:
      - Names of the computers that may be changed, as Windows shows them. The module refuses every other computer, so that a wrong
        address in the inventory does no harm. Required with O(allow_changes=true).
    type: list
    elements: str
  restore_path:
    description:
      - Directory on the controller for the record of each machine. The module writes the record before each change, and deletes it after
        the machine was restored. If the run is interrupted, the next run restores the machine from the record first. Required with
        O(allow_changes=true).
      - A record has the settings of the machine and the commands that restore them by hand. Do not send it to others.
    type: path
  deadline:
    description:
      - Time in seconds for all reads of a machine, from 10 to 3600. What was not read by then cannot be seen.
      - The changes of O(allow_changes=true) take up to 15 minutes more.
    type: int
    default: 300
  exchange_path:
    description:
      - Directory on the controller in which the module writes all requests and responses, in a directory for each machine. It is created.
      - Host names, domains, users, identities of machines, extended PIDs, installation IDs, and the last characters of product keys are
        replaced. Names of editions and licenses, codes, numbers, and dates are not. Read the files before you send them to somebody.
      - Nothing is written in check mode.
    type: path
  pseudonym_key:
    description:
      - Any text from which the replacements are computed. With the same text, a name has the same replacement in the files of all machines.
      - Without it, the replacements are different for each machine.
    type: str
seealso:
  - module: winops.volume_activation.activation_info
  - ref: ansible_collections.winops.volume_activation.docsite.guide_known_limitations
    description: The assumptions.
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Find out whether the machine behaves as assumed
  winops.volume_activation.windows_conformance:
  register: found

- name: Also change a machine that is made for the test, and restore it
  winops.volume_activation.windows_conformance:
    allow_changes: true
    computer_names: [TESTPC01]
    restore_path: "{{ playbook_dir }}/restore"

- name: Show what does not hold
  ansible.builtin.debug:
    msg: "{{ found.assumptions | selectattr('verdict', 'eq', 'does_not_hold') }}"
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: Assumptions - 21 hold, 0 do not hold, 1 only recorded, 11 cannot be seen here.
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: Assumptions - 21 hold, 0 do not hold, 1 only recorded, 11 cannot be seen here.
# end msg
# begin part steps (make returns)
#   action.words: [create_key, set_policy, restore_policy, set_kms_host, set_kms_port, restore_kms_host, install_product_key,
#     restore_product_key, activate, restore, restore_earlier]
#   samples:
#     action: set_kms_host
#     description: set the KMS host to winops-conformance.invalid
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: Identifier of the step, one of V(create_key), V(set_policy), V(restore_policy), V(set_kms_host), V(set_kms_port),
        V(restore_kms_host), V(install_product_key), V(restore_product_key), V(activate), V(restore), and V(restore_earlier).
      type: str
      sample: set_kms_host
    description: {description: Description of the step., type: str, sample: set the KMS host to winops-conformance.invalid}
    consumes: {description: "What the step consumes, such as an activation of a MAK, or V(null) for nothing.", type: str, sample: null}
    loses: {description: "Activation that the step removes and that cannot be restored, or V(null) for none.", type: str, sample: null}
    uncertain:
      description: Whether the step was sent but its result is unknown. If V(true), RV(ignore:changed) is also V(true).
      type: bool
      sample: false
    done: {description: Whether the step was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
changes_left:
  description:
    - What is not restored, with the command to run on the machine, in the order of the commands. Empty if the machine is as before, and in
      check mode.
  returned: always
  type: list
  elements: dict
  contains:
    change: {description: "What to do, as a verb phrase.", type: str, sample: "clear the KMS host, which was not set before"}
    command:
      description: Command to run on the machine.
      type: str
      sample: cscript //nologo %windir%\\system32\\slmgr.vbs /ckms
restore_path:
  description: Record of the machine on the controller, or V(null) if nothing is left to restore.
  returned: always
  type: str
  sample: null
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
encrypted:
  description: Whether TLS or message encryption protected the connection.
  returned: success
  type: bool
  sample: true
counts:
  description: The number of assumptions for each verdict.
  returned: success
  type: dict
  contains:
    holds: {description: Number of assumptions that hold on this machine., type: int, sample: 21}
    does_not_hold: {description: Number of assumptions that do not hold., type: int, sample: 0}
    recorded:
      description: Number of assumptions about which the machine shows something that neither confirms nor refutes them.
      type: int
      sample: 1
    not_visible: {description: Number of assumptions about which the machine shows nothing., type: int, sample: 11}
assumptions:
  description: The assumptions, ordered by their ID.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: ID of the assumption. It never changes., type: str, sample: W-004}
    area: {description: What the assumption is about., type: str, sample: WinRM}
    text: {description: The assumption., type: str, sample: A query over a class that does not exist fails with one of five codes.}
    verdict: {description: "One of V(holds), V(does_not_hold), V(recorded), and V(not_visible).", type: str, sample: holds}
    seen: {description: "What was seen, or why nothing was seen.", type: str, sample: The code is 0x80041010.}
    if_wrong:
      description: What a user of the collection sees if the assumption does not hold, or V(null) if it holds or cannot be seen.
      type: str
      sample: null
questions:
  description: The reads that the module made, and with O(allow_changes=true) the changes, in their order.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the read., type: str, sample: operating_system}
    about: {description: What was read., type: str, sample: Win32_OperatingSystem}
    fault_expected: {description: Whether the machine must answer with an error., type: bool, sample: false}
    request_count: {description: Number of requests., type: int, sample: 1}
    byte_count: {description: Number of bytes of the responses., type: int, sample: 1733}
    seconds: {description: Duration of the requests in seconds., type: float, sample: 0.041}
    code: {description: "Code of the error, or V(null) without a code.", type: str, sample: "0x80041010"}
    error_text: {description: "Text of the error, or V(null) without an error.", type: str, sample: null}
shareable:
  description:
    - The result without names, identities, and keys, to send to others. RV(shareable.name) is the replacement of the name of the machine.
  returned: success
  type: dict
  contains:
    name: {description: Replacement of the name of the machine in the inventory., type: str, sample: qkx73}
    msg: {description: As RV(msg)., type: str, sample: "Assumptions - 21 hold, 0 do not hold, 1 only recorded, 11 cannot be seen here."}
    changed: {description: Whether the module changed the machine., type: bool, sample: false}
    steps: {description: As RV(steps)., type: list, elements: dict, sample: []}
    machine: {description: As RV(machine)., type: dict, sample: {computer_name: QKX73, version: 10.0.19045}}
    encrypted: {description: As RV(encrypted)., type: bool, sample: true}
    counts: {description: As RV(counts)., type: dict, sample: {holds: 21, does_not_hold: 0, recorded: 1, not_visible: 11}}
    assumptions: {description: As RV(assumptions)., type: list, elements: dict, sample: []}
    questions: {description: As RV(questions)., type: list, elements: dict, sample: []}
exchange_path:
  description: Directory with the requests and responses of this machine, or V(null) if O(exchange_path) is not set.
  returned: success
  type: str
  sample: /home/user/conformance/qkxwz73
# begin part error (make returns)
#   code.words: [wrong_connection, computer_not_named, is_kms_host, key_not_restorable, has_addon, subscription_active, no_product_key,
#     not_a_gvlk, kms_not_allowed, evaluation_edition, record_unusable, not_restored]
#   code.when: for a machine with another connection, and that the module refuses to change or could not restore
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(wrong_connection), V(computer_not_named), V(is_kms_host),
          V(key_not_restorable), V(has_addon), V(subscription_active), V(no_product_key), V(not_a_gvlk), V(kms_not_allowed),
          V(evaluation_edition), V(record_unusable), and V(not_restored) for a machine with another connection, and that the module refuses
          to change or could not restore.
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
