# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: activation_events_info
version_added: 0.1.0
short_description: Read and decode the events of the licensing service
description:
  - The module returns the events that the licensing service of Windows writes to the logs Application and Key Management Service, with the
    decoded insertion strings as named fields. The module does not read the text of the messages, so the result does not depend on the
    display language of the machine.
  - The module combines each request of a KMS client (12288) with the response of its KMS host (12289), and returns the requests without a
    response.
  - For a KMS host, the module returns the clients that sent a request (12290), by client machine ID.
  - The module never reads a complete log. If neither O(since) nor O(max_events) is specified, the module reads the last 24 hours.
  - A task keeps about 17,000 events. If the machine has more events of the specified kind, the module fails with V(too_many_events). Set
    O(since) to fewer hours, or specify the events with O(event_ids) or the log with O(logs).
  - The module does not change anything. It sends one query for the clock of the machine and one query for each log. With O(max_events), it
    sends these queries for each step back in time.
options:
  max_events:
    description:
      - Maximum number of events. The module returns the newest events of all logs.
      - If O(since) is specified, the module reads only this period. If not, it first reads the last 24 hours. If it has found fewer events,
        it continues with the last 7, 30, 90, and at most 365 days.
      - Must be between 1 and 10000.
    type: int
  event_ids:
    description:
      - IDs of the events that the module returns.
      - If not specified or empty, the module returns all known events.
      - The module combines a request (12288) with its response (12289) also if the list contains only one of these IDs.
    type: list
    elements: int
  logs:
    description:
      - Logs that the module reads. Windows writes each event to one of the logs, and only 12290 to the log Key Management Service.
      - The module does not fail if the machine does not have the log Key Management Service, see RV(logs[].exists).
    type: list
    elements: str
    choices: [application, key_management_service]
    default: [application, key_management_service]
  activation_id:
    description:
      - ID of a product, as in RV(winops.volume_activation.activation_info#module:products[].activation_id). The module returns only events
        about this product, and the responses to its requests. It does not return events without a product.
    type: str
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.info
  - winops.volume_activation._connection
  - winops.volume_activation._time_range.events
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.kms_event_archive
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Read the events of the last 24 hours
  winops.volume_activation.activation_events_info:
  register: found

- name: Show the requests to KMS hosts without a response
  ansible.builtin.debug:
    msg: "{{ inventory_hostname }}: {{ item.kms_host }} at {{ item.request_time }}, {{ item.outcome }}: {{ item.result.meaning }}"
  loop: "{{ found.requests | rejectattr('answered') }}"
  loop_control:
    label: "{{ item.request_time }}"

- name: Read the newest event about a failed genuine validation in the last year
  winops.volume_activation.activation_events_info:
    event_ids: [8208, 8209]
    max_events: 1

- name: Read the requests that a KMS host received in the last 30 days
  winops.volume_activation.activation_events_info:
    since: 720
    event_ids: [12290]
  register: received

- name: Show the client machine IDs that several clients share
  ansible.builtin.debug:
    msg: "{{ item.cmid }}: {{ item.names | join(', ') }}"
  loop: "{{ received.clients | selectattr('names.1', 'defined') }}"
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: "W10-0001: 4 events since 2026-11-19T10:00:00Z."
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: "W10-0001: 4 events since 2026-11-19T10:00:00Z."
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
since:
  description: Start of the period that the module read in UTC.
  returned: success
  type: str
  sample: "2026-11-19T10:00:00Z"
logs:
  description: Logs that the module read. If Windows does not write any of O(event_ids) to a log, the log is not in the list.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: V(application) or V(key_management_service)., type: str, sample: application}
    log: {description: Name of the log on the machine., type: str, sample: Application}
    exists: {description: Whether the machine has the log., type: bool, sample: true}
    event_count: {description: Number of RV(events) in the log., type: int, sample: 4}
# begin part events (make returns)
events:
  description: Events of the licensing service in the period, with the newest event first.
  returned: success
  type: list
  elements: dict
  contains:
    event_id: {description: ID of the event., type: int, sample: 12288}
    name:
      description: Name of the event in this collection, which does not depend on the display language.
      type: str
      sample: request_sent
    meaning: {description: Meaning of the event., type: str, sample: "The client sent a request to a KMS host, or tried to send it."}
    severity: {description: "One of V(info), V(warning), and V(error).", type: str, sample: info}
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
        result: {code: "0x800706BA", symbol: HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE), meaning: The remote machine did not respond.}
        kms_host: kms01.example.com
        kms_port: 1688
    strings:
      description: Insertion strings without changes.
      type: list
      elements: str
      sample: ["0x00000000, 0x00000000, 1, 0, 10, 120, 10080, 2026/11/20 09:38"]
# end events
requests:
  description: Requests of a KMS client in RV(events) with their responses, with the newest request first.
  returned: success
  type: list
  elements: dict
  contains:
    request_time: {description: Time of the request in UTC., type: str, sample: "2026-11-20T09:38:10Z"}
    record_number: {description: Number of the record of the request., type: int, sample: 4711}
    outcome:
      description:
        - V(activated) if the KMS host activated the client, V(refused) if the KMS host rejected the request, V(not_reached) if the
          connection to the KMS host failed, V(no_answer) if the KMS host did not respond, and V(unknown) if the strings could not be
          decoded.
      type: str
      sample: activated
    answered: {description: Whether a response exists (12289)., type: bool, sample: true}
    kms_host:
      description: Name or address of the KMS host, or V(null) if the strings could not be decoded.
      type: str
      sample: kms01.example.com
    kms_port: {description: "Port of the KMS host, or V(null) if the strings do not contain it.", type: int, sample: 1688}
    activation_id: {description: Activation ID of the product., type: str, sample: 2de67392-b7a7-462a-b1ca-108dd189f588}
    cmid: {description: Client machine ID., type: str, sample: c3a0b6d4-9a0f-4f3a-8f57-0d2f4a1c9b11}
    result: &code
      description: Result code.
      type: dict
      contains:
        code: {description: Code of Windows., type: str, sample: "0x00000000"}
        symbol: {description: Name of the code., type: str, sample: S_OK}
        meaning: {description: Meaning of the code., type: str, sample: No error.}
    flags: &flags
      description: Flags of the licensing service.
      type: dict
      contains:
        value: {description: All flags as a number., type: str, sample: "0x00000000"}
        names:
          description:
            - Flags that are set, of V(other_pc), V(no_binding_registration), V(invalid_data_type), V(not_enough_count), and
              V(no_windows_marker). The last flag is about the firmware of an OEM machine.
          type: list
          elements: str
          sample: []
    status:
      description: Status of the product at this time, as in RV(winops.volume_activation.activation_info#module:products[].status).
      type: str
      sample: initial_grace
    grace_minutes: {description: Minutes left until the status ended., type: int, sample: 43200}
    required_count: {description: Number of clients that the KMS host must count for the product., type: int, sample: 25}
    is_virtual: {description: Whether the client is a virtual machine., type: bool, sample: true}
    answer:
      description: The response, or V(null) if there is none.
      type: dict
      contains:
        answer_time: {description: Time of the response in UTC., type: str, sample: "2026-11-20T09:38:10Z"}
        record_number: {description: Number of the record of the response., type: int, sample: 4712}
        result: *code
        flags: *flags
        current_count: {description: Number of clients that the KMS host has counted., type: int, sample: 31}
        is_bound: {description: Whether the license was bound to the response., type: bool, sample: true}
        activation_interval: {description: Time in minutes between attempts while the client is not activated., type: int, sample: 120}
        renewal_interval: {description: Time in minutes between renewals of the activation., type: int, sample: 10080}
clients:
  description: Clients that sent requests to the KMS host, from the events 12290 in RV(events). The client of the newest request is first.
  returned: success
  type: list
  elements: dict
  contains:
    cmid: {description: Client machine ID., type: str, sample: c3a0b6d4-9a0f-4f3a-8f57-0d2f4a1c9b11}
    names:
      description: Names of the machines with this ID. Several names belong to clones that share an ID, or to a machine that was renamed.
      type: list
      elements: str
      sample: [w10-0001.example.com]
    activation_ids:
      description: Activation IDs of the requested products.
      type: list
      elements: str
      sample: [2de67392-b7a7-462a-b1ca-108dd189f588]
    request_count: {description: Number of requests., type: int, sample: 3}
    refused_count: {description: Number of requests that the KMS host rejected., type: int, sample: 0}
    first_request_time: {description: Time of the first request in the period in UTC., type: str, sample: "2026-11-19T10:00:00Z"}
    last_request_time: {description: Time of the last request in the period in UTC., type: str, sample: "2026-11-20T09:38:10Z"}
    last_result: *code
# begin part skipped_records (make returns)
#   returned: success
skipped_records:
  description: Number of records in the event logs that the module ignored because they are invalid, for example with an invalid time.
  returned: success
  type: int
  sample: 0
# end skipped_records
# begin part error (make returns)
#   code.words: [no_such_event_in_log, too_many_events]
#   code.when: for an error without a code of Windows
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(no_such_event_in_log) and V(too_many_events) for an error
          without a code of Windows.
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
