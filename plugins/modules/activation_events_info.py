# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: activation_events_info
version_added: 0.1.0
short_description: Read the events of the licensing service, decoded
description:
  - Returns the events that the licensing service of Windows writes to the logs Application and Key Management Service, with what their
    insertion strings hold as named fields. The text of the messages is not read, so the display language of the machine does not matter.
  - Joins every request of a KMS client (12288) with the answer of its host (12289), and says which requests stayed without one.
  - On a KMS host it lists the clients that have asked it (12290), by client machine ID.
  - The logs are never read as a whole. A task without O(since) and O(last) looks 24 hours back.
  - A task keeps some 17,000 events. When the machine has more of those that are asked for, the task is refused with V(too_many_events). Set
    O(since) to fewer hours, or name the events with O(events) or the log with O(logs).
  - Changes nothing. It asks the machine for its clock and then once for each log, and with O(last) once for each step back in time.
options:
  since:
    description:
      - From when on to look. Either a number of hours before the machine's own time, such as V(24) or V(0.5), or a date or a time in
        ISO 8601, such as V(2026-11-20T08:00:00Z). A time without an offset is in UTC.
      - When neither O(since) nor O(last) is set, the last 24 hours.
    type: str
  last:
    description:
      - Only so many events, the newest of all logs, from 1 to 10000.
      - Without O(since) the last 24 hours are looked through, and while there are fewer events the last 7, 30, 90 and 365 days.
    type: int
  events:
    description:
      - The numbers of the events to return. All that are known when it is not set or empty.
      - A request (12288) is joined with its answer (12289) also when only one of the two is named here.
    type: list
    elements: int
  logs:
    description:
      - The logs to look through. Each event is written to one of them, and only 12290 to the log Key Management Service.
      - A machine without a log Key Management Service is no failure, see RV(logs[].exists).
    type: list
    elements: str
    choices: [application, key_management_service]
    default: [application, key_management_service]
  activation_id:
    description:
      - Only events about the product with this ID, as RV(winops.volume_activation.activation_info#module:products[].activation_id)
        shows it, and the answers to its requests. Events that name no product are left out.
    type: str
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.info
  - winops.volume_activation._connection
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.kms_event_archive
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Read what the licensing service has written in the last 24 hours
  winops.volume_activation.activation_events_info:
  register: found

- name: Name the requests to KMS hosts that stayed without an answer
  ansible.builtin.debug:
    msg: "{{ inventory_hostname }}: {{ item.kms_host }} at {{ item.time }}, {{ item.outcome }}: {{ item.result.meaning }}"
  loop: "{{ found.requests | rejectattr('answered') }}"
  loop_control:
    label: "{{ item.time }}"

- name: Why the machine counts as not genuine, the last time that happened in a year
  winops.volume_activation.activation_events_info:
    events: [8208, 8209]
    last: 1

- name: Find client machine IDs that several clients of a KMS host share
  winops.volume_activation.activation_events_info:
    since: 720
    events: [12290]
  register: heard

- name: Name them
  ansible.builtin.debug:
    msg: "{{ item.cmid }}: {{ item.names | join(', ') }}"
  loop: "{{ heard.clients | selectattr('names.1', 'defined') }}"
"""

RETURN = r"""
# begin part host (make returns)
#   only: [computer_name, version, time]
host:
  description: The machine.
  returned: success
  type: dict
  contains:
    computer_name: {description: Name of the computer., type: str, sample: W10-0001}
    version: {description: Version of the operating system., type: str, sample: 10.0.19045}
    time: {description: "Clock of the machine when asked, in UTC.", type: str, sample: "2026-11-20T10:00:00Z"}
# end host
since:
  description: From when on was looked, in UTC.
  returned: success
  type: str
  sample: "2026-11-19T10:00:00Z"
logs:
  description: The logs that were looked through. One to which none of the events is written is not.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: "Either V(application) or V(key_management_service).", type: str, sample: application}
    log: {description: Its name on the machine., type: str, sample: Application}
    exists: {description: Whether the machine has it., type: bool, sample: true}
    events: {description: How many of RV(events) are in it., type: int, sample: 4}
events:
  description: The events, newest first.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: Number of the event., type: int, sample: 12288}
    name: {description: A word for it that stays the same., type: str, sample: request_sent}
    meaning: {description: What it says., type: str, sample: "The client has sent a request to a KMS host, or has tried to."}
    severity: {description: "One of V(information), V(warning) and V(error).", type: str, sample: information}
    time: {description: "When it was written, in UTC.", type: str, sample: "2026-11-20T09:38:10Z"}
    log: {description: "Either V(application) or V(key_management_service).", type: str, sample: application}
    record: {description: Number of the record in its log., type: int, sample: 4711}
    source: {description: Who wrote it., type: str, sample: Microsoft-Windows-Security-SPP}
    decoded: {description: Whether its strings have a layout that is known., type: bool, sample: true}
    fields:
      description:
        - What its strings hold, by name. Empty when RV(events[].decoded=false).
        - RV(ignore:result) is a dictionary of C(code), C(symbol) and C(meaning), RV(ignore:flags) one of C(value) and C(names). Times are
          in UTC. An ID that the event leaves out is V(null).
      type: dict
      sample:
        result: {code: "0x800706BA", symbol: HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE), meaning: The KMS host did not answer.}
        kms_host: kms01.example.com:1688
    strings:
      description: The insertion strings as they are.
      type: list
      elements: str
      sample: ["0x00000000, 0x00000000, 1, 0, 10, 120, 10080, 2026/11/20 09:38"]
requests:
  description: The requests of a KMS client among RV(events), with their answers, newest first.
  returned: success
  type: list
  elements: dict
  contains:
    time: {description: "When the request was written down, in UTC.", type: str, sample: "2026-11-20T09:38:10Z"}
    record: {description: Number of its record., type: int, sample: 4711}
    outcome:
      description:
        - V(activated) when the host said yes, V(refused) when it said no, V(not_reached) when the way to it failed, V(no_answer) when the
          request was sent and nothing came back, and V(unknown) when the strings could not be read.
      type: str
      sample: activated
    answered: {description: Whether there is an answer (12289)., type: bool, sample: true}
    kms_host: {description: The host that was asked and its port., type: str, sample: "kms01.example.com:1688"}
    activation_id: {description: The product., type: str, sample: 2de67392-b7a7-462a-b1ca-108dd189f588}
    cmid: {description: Client machine ID., type: str, sample: c3a0b6d4-9a0f-4f3a-8f57-0d2f4a1c9b11}
    result: &code
      description: What came of it.
      type: dict
      contains:
        code: {description: Code of Windows., type: str, sample: "0x00000000"}
        symbol: {description: Name of the code., type: str, sample: S_OK}
        meaning: {description: What it means., type: str, sample: No error.}
    flags: &flags
      description: Marks the licensing service sets.
      type: dict
      contains:
        value: {description: All of them as a number., type: str, sample: "0x00000000"}
        names:
          description:
            - Those that are set, of V(other_pc), V(no_binding_registration), V(invalid_data_type), V(not_enough_count) and
              V(no_windows_marker), the last being about the firmware of an OEM machine.
          type: list
          elements: str
          sample: []
    status:
      description: Status of the product then, in the words of RV(winops.volume_activation.activation_info#module:products[].status).
      type: str
      sample: initial_grace
    grace_minutes: {description: Minutes until that status ends., type: int, sample: 43200}
    required_count: {description: Clients the product needs the host to count., type: int, sample: 25}
    is_virtual: {description: Whether the client is a virtual machine., type: bool, sample: true}
    answer:
      description: The answer, V(null) when there is none.
      type: dict
      contains:
        time: {description: "When it was written down, in UTC.", type: str, sample: "2026-11-20T09:38:10Z"}
        record: {description: Number of its record., type: int, sample: 4712}
        result: *code
        flags: *flags
        current_count: {description: Clients the host counts., type: int, sample: 31}
        is_bound: {description: Whether the license was bound to the answer., type: bool, sample: true}
        activation_interval: {description: Minutes between attempts while not activated., type: int, sample: 120}
        renewal_interval: {description: Minutes between renewals once activated., type: int, sample: 10080}
clients:
  description: The clients that asked a KMS host, by the 12290 among RV(events), the one heard last first.
  returned: success
  type: list
  elements: dict
  contains:
    cmid: {description: Client machine ID., type: str, sample: c3a0b6d4-9a0f-4f3a-8f57-0d2f4a1c9b11}
    names:
      description: Names of the machines that asked with it. Several are clones that share an ID, or a machine that got another name.
      type: list
      elements: str
      sample: [w10-0001.example.com]
    activation_ids:
      description: The products they asked for.
      type: list
      elements: str
      sample: [2de67392-b7a7-462a-b1ca-108dd189f588]
    requests: {description: How often they asked., type: int, sample: 3}
    refused: {description: How often the answer was no., type: int, sample: 0}
    first: {description: "The first request among the events, in UTC.", type: str, sample: "2026-11-19T10:00:00Z"}
    last: {description: "The last one, in UTC.", type: str, sample: "2026-11-20T09:38:10Z"}
    last_result: *code
# begin part skipped_records (make returns)
#   returned: success
skipped_records:
  description: How many records of the event logs were left out because they make no sense, such as with a time that is none.
  returned: success
  type: int
  sample: 0
# end skipped_records
# begin part error (make returns)
#   code.words: [no_such_event_in_log, too_many_events]
#   always_null: [detail, reason]
error:
  description: Why the task failed.
  returned: when the task failed, or the machine could not be asked
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or a word such as V(no_such_event_in_log) and V(too_many_events) when the module refused to do something before
          it began.
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
