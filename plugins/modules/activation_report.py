# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: activation_report
version_added: 0.1.0
short_description: Write a report about the activation of many machines
description:
  - Reads record files, and writes a report about all machines in them, in one or several formats. A record file contains what
    M(winops.volume_activation.activation_check) or M(winops.volume_activation.activation_info) read from each machine.
  - If several files contain the same machine, the newest record counts. Several controllers, or the slices of a job, can write a file each.
  - The module runs once for a play, on the controller. It does not send anything to the machines.
options:
  record_paths:
    description:
      - Paths of record files on the controller. A path can be a pattern such as C(records/*.jsonl), which must match at least one file.
      - The module fails if a line of a file is not a record.
    type: list
    elements: path
    required: true
  ledger_paths:
    description:
      - Paths of ledgers on the controller, to which the modules append activations and keys. The guide R(Keep a ledger for
        audits,ansible_collections.winops.volume_activation.docsite.guide_ledger) describes them. A path can be a pattern such as
        C(ledgers/*.jsonl), which must match at least one file.
      - The report shows the use of each key, the last requests, and those whose result is not known. A request that several files contain
        is counted once.
      - The module counts and names lines that cannot be read. It fails if no line of a file is that of a ledger, or if the files have more
        than 512 MiB together.
    type: list
    elements: path
  title:
    description: Title of the report. If not specified, the title is that of O(language).
    type: str
  language:
    description: Language of the report. Names and texts that come from the machines are not translated.
    type: str
    choices: [en, ja]
    default: en
  stale_after_days:
    description:
      - Number of days. A machine whose newest record is older is marked as stale. If not specified, no machine is marked.
      - Must be 0 or greater.
    type: int
  expiring_within_days:
    description:
      - Number of days. The report lists each activated license that expires in fewer days.
      - Must be 0 or greater.
    type: int
    default: 30
  maks:
    description:
      - C(maks) of a result of M(winops.volume_activation.mak_activations_info). The report shows how many activations Microsoft has left
        for each MAK, and when it was asked. The MAK is that of the machines and of the requests in O(ledger_paths) with the same extended
        product ID.
      - If another run wrote the result to a file as JSON, read the file with the lookup plugin C(file) and the filter C(from_json).
    type: list
    elements: dict
    default: []
  mak_budgets:
    description:
      - Number of activations that each MAK may use, by the last five characters of its key. The report compares it with the machines that
        the MAK has activated, or with the activations in O(ledger_paths) if these are more.
      - Each number must be 0 or greater.
    type: dict
    default: {}
  sections:
    description:
      - Tables of the report. All but the last two are reports of Configuration Manager (Asset Intelligence), by their names without the
        word License.
      - V(02A) is the number of licenses that expire, by time range, and V(02B) are these licenses with their machines. V(02C) has every
        product with a key of every machine.
      - V(03A) is the number of machines by license status, and V(03B) are these machines.
      - V(04A) is the number of machines by product, and V(04B) are these machines. V(05A) are the KMS hosts.
      - V(ledger_keys) is the use of each key by all requests in O(ledger_paths), and V(ledger) are the newest 500 of these requests. The
        report does not have these tables without O(ledger_paths).
      - The tables of many machines are long. The HTML file shows the first 500 rows of each, and RV(sections) has all rows.
    type: list
    elements: str
    choices: ["02A", "02B", "02C", "03A", "03B", "04A", "04B", "05A", ledger_keys, ledger]
    default: ["02A", "03A", "04A", "05A", ledger_keys, ledger]
  history_path:
    description:
      - Path of a directory on the controller, in which the module keeps the records of each report. The report then shows what changed
        since the last one. Use a directory for each set of machines, because a machine that is in one report only is new or gone.
      - The module creates the directory with the mode C(0700) if it does not exist. Its parent must exist. A report with the same records
        as the last one is not kept again, and is compared with the one before.
    type: path
  history_keep:
    description:
      - Number of reports in O(history_path). If there are more, the module removes the oldest ones.
      - Must be between 1 and 1000.
    type: int
    default: 30
extends_documentation_fragment:
  - winops.volume_activation._report_files
  - winops.volume_activation._attributes.controller
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing anything.
    support: full
    details: The module reads the record files, makes the report, and does not write it.
  diff_mode:
    description: Returns what has changed, or what would change in C(check_mode), if in diff mode.
    support: none
  idempotent:
    description: If run twice in a row outside C(check_mode) with the same options, the second run does not change anything.
    support: none
    details: The report contains the time at which it was made, so that the module writes it again.
notes:
  - The module does not support C(become). The user who runs Ansible must be able to read the records and to write the report.
  - With C(serial), the task runs once for each batch. Use it in a play of its own, after the play that reads the machines.
seealso:
  - module: winops.volume_activation.activation_check
  - plugin: winops.volume_activation.activation_summary
    plugin_type: filter
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Write the report of one record file
  winops.volume_activation.activation_report:
    record_paths: [fleet.jsonl]
    html_path: fleet.html

- name: Write a report in Japanese about the machines of several controllers
  winops.volume_activation.activation_report:
    record_paths: ["records/*.jsonl"]
    html_path: fleet.html
    language: ja
    stale_after_days: 14
  register: report

- name: Write a report that compares the activations of a MAK with a budget and with what Microsoft has left
  winops.volume_activation.activation_report:
    record_paths: [fleet.jsonl]
    html_path: fleet.html
    maks: "{{ left.maks }}"
    mak_budgets: {"2X4YB": 60}

- name: Write a report that shows the ledgers of two controllers, and all their requests as CSV
  winops.volume_activation.activation_report:
    record_paths: [fleet.jsonl]
    ledger_paths: [/var/lib/ansible/licenses/ledger.jsonl, /srv/licenses/other-controller.jsonl]
    html_path: fleet.html
    ledger_csv_path: ledger.csv

- name: Show what the report says in a few lines
  ansible.builtin.debug:
    msg: "{{ report.lines }}"
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: "290 of 300 machines licensed; 7 not licensed; 3 could not be reached. Written to /srv/reports/fleet.html."
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: 290 of 300 machines licensed; 7 not licensed; 3 could not be reached. Written to /srv/reports/fleet.html.
# end msg
written_files:
  description: Files that the module wrote, or would write in check mode.
  returned: success
  type: list
  elements: dict
  contains:
    format: {description: "V(html), V(machines_csv), V(products_csv), V(ledger_csv), V(json), or V(prometheus).", type: str, sample: html}
    path: {description: Absolute path of the file with resolved symbolic links., type: str, sample: /srv/reports/fleet.html}
    size: {description: Size of the file in bytes., type: int, sample: 482133}
machine_count:
  description: Number of machines in the report.
  returned: success
  type: int
  sample: 300
stale_machines:
  description: Machines whose newest record is older than O(stale_after_days), in the order of their names.
  returned: success
  type: list
  elements: str
  sample: [pc17]
lines:
  description: >-
    The report in short sentences, the worst first, as in RV(winops.volume_activation.activation_summary#filter:_value.lines), followed by
    what changed since the last report, and by the numbers of the ledgers.
  returned: success
  type: list
  elements: str
  sample: ["3 machines of 300 could not be reached: pc7, pc8, pc9."]
summary:
  description: The report in one sentence.
  returned: success
  type: str
  sample: 290 of 300 machines licensed; 7 not licensed; 3 could not be reached.
kms_alarms:
  description: >-
    Alarms of the management pack for KMS of System Center Operations Manager, as in
    RV(winops.volume_activation.activation_summary#filter:_value.kms_alarms).
  returned: success
  type: list
  elements: dict
  sample: [{monitor: DNS Publishing, finding_id: dns_publishing_failed, severity: error, machines: [kms01], ok_machines: []}]
sections:
  description: Tables in O(sections), the reports of Configuration Manager in the order of their names.
  returned: success
  type: list
  elements: dict
  contains:
    id: {description: Name of the table., type: str, sample: 03A}
    columns: {description: Names of the columns., type: list, elements: str, sample: [application, status, machine_count]}
    rows:
      description:
        - Rows, each with all columns. A value is V(null) if it is not known, or does not apply.
        - C(days_left_from) and C(days_left_to) are the first and the last day of a time range. The last range does not have a last day.
      type: list
      elements: dict
      sample: [{application: windows, status: licensed, machine_count: 290}]
changes:
  description: What changed since the last report in O(history_path) for machines that both read, or V(null) if there is none.
  returned: success
  type: dict
  contains:
    since: {description: Time of the last report in UTC., type: str, sample: "2026-11-29T08:15:00Z"}
    newly_unlicensed: {description: Machines that were licensed and no longer are., type: list, elements: str, sample: [pc7]}
    newly_licensed: {description: Machines that were not licensed and now are., type: list, elements: str, sample: [pc8]}
    no_longer_read: {description: "Machines that were read before, and could not be read now.", type: list, elements: str, sample: []}
    read_again: {description: "Machines that could not be read before, and were read now.", type: list, elements: str, sample: []}
    new_machines: {description: Machines that are only in this report., type: list, elements: str, sample: [pc301]}
    gone_machines: {description: Machines that are only in the last report., type: list, elements: str, sample: []}
    renewed: {description: KMS clients that renewed their activation., type: list, elements: str, sample: [pc1, pc2]}
    channel_changes:
      description: Machines whose key has another channel.
      type: list
      elements: dict
      sample: [{machine: pc9, before: mak, after: gvlk}]
    activated_by_changes:
      description: Machines whose GVLK was activated in another way, such as by Active Directory instead of KMS.
      type: list
      elements: dict
      sample: [{machine: pc4, before: kms, after: ad}]
    kms_host_changes:
      description: Machines that use another KMS host.
      type: list
      elements: dict
      sample: [{machine: pc3, before: "kms01.example.com:1688", after: "kms02.example.com:1688"}]
    kms_count_changes:
      description: Count of each KMS host now, and in the last report that has it (V(null) without one).
      type: list
      elements: dict
      sample: [{machine: kms01, application: windows, before: 31, after: 33}]
    trend:
      description: Numbers of each kept report, and of this one, in the order of time.
      type: list
      elements: dict
      contains:
        report_time: {description: Time of the report in UTC., type: str, sample: "2026-11-29T08:15:00Z"}
        machine_count: {description: Number of machines., type: int, sample: 300}
        licensed_count: {description: Number of licensed machines., type: int, sample: 290}
        not_licensed_count: {description: Number of machines that were read and are not licensed., type: int, sample: 7}
        not_read_count: {description: Number of machines that were not read., type: int, sample: 3}
        count_by_kms_host: {description: Counts by application and KMS host., type: dict, sample: {windows: {kms01: 33}, office: {}}}
ledger:
  description: Numbers of the ledgers in O(ledger_paths), or V(null) without one.
  returned: success
  type: dict
  contains:
    entry_count: {description: Number of requests., type: int, sample: 1240}
    machine_count: {description: Number of machines with a request., type: int, sample: 310}
    first_time: {description: "Time of the first request in UTC, or V(null) without one.", type: str, sample: "2026-01-12T08:15:00Z"}
    last_time: {description: "Time of the last request in UTC, or V(null) without one.", type: str, sample: "2026-11-29T16:40:00Z"}
    activations_used: {description: Number of activations that were used., type: int, sample: 305}
    activations_uncertain: {description: Number of requests that Microsoft might have counted., type: int, sample: 1}
    uncertain_machines: {description: Machines with a request whose result is not known., type: list, elements: str, sample: [pc7]}
    damaged_line_count: {description: Number of lines that cannot be read., type: int, sample: 1}
    damaged_lines:
      description: The first 100 of these lines.
      type: list
      elements: dict
      sample: [{path: /var/lib/ansible/ledger.jsonl, line: 812, reason: the line is not complete}]
unreadable_reports:
  description: Names of reports in O(history_path) that cannot be read. The module ignores them.
  returned: success
  type: list
  elements: str
  sample: []
# begin part error (make returns)
#   code.words: [records_file, report_file, report_history, ledger_failed]
#   code.when: if a record file cannot be read, a report cannot be written or kept, or a ledger cannot be read
#   samples: {code: records_file, symbol: null, meaning: /srv/records/fleet.jsonl cannot be read., category: task, source: null,
#     cause: The file does not exist., next_steps: [Check the path.]}
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(records_file), V(report_file), V(report_history), and
          V(ledger_failed) if a record file cannot be read, a report cannot be written or kept, or a ledger cannot be read.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
      type: str
      sample: records_file
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: null
    meaning: {description: Meaning of the code., type: str, sample: /srv/records/fleet.jsonl cannot be read.}
    cause: {description: Most common cause., type: str, sample: The file does not exist.}
    next_steps: {description: "What to do next, the most promising step first.", type: list, elements: str, sample: [Check the path.]}
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
