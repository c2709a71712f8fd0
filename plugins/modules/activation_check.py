# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: activation_check
version_added: 0.1.0
short_description: Check that a Windows machine is activated as it should be, and will stay so
description:
  - Fails for named reasons when a machine is not activated as it should be, or will not be renewed. It is made for gates in a playbook, for
    job templates and for scheduled runs.
  - A license that holds for months hides a renewal that fails. For a KMS client it is therefore checked that the KMS host it would ask
    answers, that its last request went well, that it was renewed when it was due, and that its clock is right.
  - Never changes anything. It reads what M(winops.volume_activation.activation_info) reads, and returns that too, so that one task serves
    a gate and a report.
  - Of a KMS host it checks that it counts enough clients, publishes itself, has started, and was asked of late.
options:
  application:
    description:
      - Whose licenses to check.
      - With V(office) those of Office alone, with V(all) those of Windows and Office.
    type: str
    choices: [windows, office, all]
    default: windows
  expected_channels:
    description:
      - Of which channels the keys may be. When it is not set, every channel will do.
      - Without V(csvlk) a key of a KMS host is taken for one on the wrong machine. When the option is not set, only such a key that is not
        activated, or that is on a client Windows, is.
      - V(subscription) is Windows that an active subscription licenses, whatever its key is. Such a machine is never reported as not
        licensed.
    type: list
    elements: str
    choices: [gvlk, mak, csvlk, retail, oem, subscription, evaluation, avma]
  min_days_left:
    description:
      - For how many days a license that ends has to hold at least. A KMS client that is renewed always has more than 170.
      - Not negative. With V(0) the days do not matter.
    type: int
    default: 30
  renewal:
    description: Whether to check that a KMS client will be renewed.
    type: bool
    default: true
  probe:
    description:
      - Whether to ask the KMS host of a client from the controller, as M(winops.volume_activation.kms_endpoint_info) does, and to look into
        DNS for it where the machine does. Nothing is activated by it, and no host counts the controller.
      - A host that was not asked, because its address is loopback, link-local or multicast and in none of O(probe_networks), or because
        there are too many hosts, is reported as V(renewal_not_checked).
      - Set it to V(false) where the controller does not reach the KMS hosts that the machines reach.
      - It has an effect with O(renewal=true) only.
    type: bool
    default: true
  clock_tolerance:
    description:
      - By how many minutes the clocks of machine and controller may differ. A KMS host refuses clients whose clock is about four hours off.
      - Not negative. With V(0) clocks are not compared.
    type: int
    default: 60
  policy:
    description:
      - Policies as they should be, in the words of M(winops.volume_activation.activation_policy). Those that are not named are not looked
        at.
    type: dict
    suboptions:
      # begin options of activation_policy (make returns)
      #   description: What O(winops.volume_activation.activation_policy#module:{name}) is to be.
      activation_alternate_url:
        description: What O(winops.volume_activation.activation_policy#module:activation_alternate_url) is to be.
        type: str
      activation_alternate_url_place:
        description: What O(winops.volume_activation.activation_policy#module:activation_alternate_url_place) is to be.
        type: str
        choices: [both, service, activation]
        default: both
      windows_anytime_upgrade:
        description: What O(winops.volume_activation.activation_policy#module:windows_anytime_upgrade) is to be.
        type: str
        choices: [absent, disabled]
      avs_validation:
        description: What O(winops.volume_activation.activation_policy#module:avs_validation) is to be.
        type: str
        choices: [absent, disabled, enabled]
      notifications:
        description: What O(winops.volume_activation.activation_policy#module:notifications) is to be.
        type: str
        choices: [absent, disabled, enabled]
      standard_user_activation:
        description: What O(winops.volume_activation.activation_policy#module:standard_user_activation) is to be.
        type: str
        choices: [absent, disabled, enabled]
      office_standard_user_activation:
        description: What O(winops.volume_activation.activation_policy#module:office_standard_user_activation) is to be.
        type: str
        choices: [absent, disabled, enabled]
      skip_rearm:
        description: What O(winops.volume_activation.activation_policy#module:skip_rearm) is to be.
        type: str
        choices: [absent, disabled, enabled]
      # end activation_policy
  fail_on:
    description:
      - What makes the task fail. An item is a severity, one of V(error), V(warning) and V(info), or the RV(findings[].id) of a finding.
      - With an empty list it never does, and RV(findings) tells what was found.
    type: list
    elements: str
    default: [error]
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.info
  - winops.volume_activation._connection
  - winops.volume_activation._probe
  - winops.volume_activation._probe.controller
  - winops.volume_activation._probe.networks
attributes:
  platform:
    details:
      - Windows Server 2003 up to Windows 11 and Windows Server 2025, in any display language.
      - Of Windows Server 2003 only the license is checked, as it knows no KMS.
notes:
  - Without dnspython on the controller a renewal that depends on DNS is reported as V(renewal_not_checked).
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.activation_policy
  - module: winops.volume_activation.kms_client
  - module: winops.volume_activation.kms_endpoint_info
  - module: winops.volume_activation.kms_srv_record_info
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Stop when the machine is not activated, or will not stay so
  winops.volume_activation.activation_check:

- name: Servers have a GVLK, KMS hosts their own key, and nothing else will do
  winops.volume_activation.activation_check:
    expected_channels: [gvlk, csvlk]
    min_days_left: 90

- name: Fail for a renewal that cannot work, and for nothing else
  winops.volume_activation.activation_check:
    dns_server: dc1.corp.example.com
    fail_on: [kms_host_not_responding, no_kms_host, last_request_failed, last_request_unanswered]

- name: The link to the help desk is set, and a rearm is not skipped
  winops.volume_activation.activation_check:
    policy:
      activation_alternate_url: https://helpdesk.example.com/activation
      skip_rearm: absent

- name: Only look, and go on whatever is found
  winops.volume_activation.activation_check:
    application: all
    fail_on: []
  register: checked

- name: Tell what was found
  ansible.builtin.debug:
    msg: "{{ item.severity }}: {{ item.text }} {{ item.next_steps | first | default('') }}"
  loop: "{{ checked.findings }}"
  loop_control:
    label: "{{ item.id }}"
"""

RETURN = r"""
passed:
  description: Whether nothing was found that O(fail_on) names.
  returned: when the machine could be read
  type: bool
  sample: false
findings:
  description: What was found, the worst first. Empty when all is well.
  returned: when the machine could be read
  type: list
  elements: dict
  contains:
    id:
      description:
        - Name of the finding.
        - Errors are V(no_product_key), V(not_licensed), V(not_genuine), V(csvlk_on_client), V(gvlk_mismatch), V(unexpected_channel),
          V(expires_soon), V(kms_host_not_responding), V(no_kms_host), V(last_request_failed), V(last_request_unanswered), V(clock_skew),
          V(policy_mismatch), V(dns_publishing_failed) and V(kms_host_failed_to_start).
        - Warnings are V(renewal_overdue), V(renewal_not_checked), V(cached_kms_host_not_responding), V(oem_marker_missing),
          V(count_below_threshold), V(no_kms_activity), V(events_not_read) and V(evaluation).
        - V(activated_by_ad) and V(awaiting_validation) are for information.
      type: str
      sample: kms_host_not_responding
    severity: {description: "One of V(error), V(warning) and V(info).", type: str, sample: error}
    text:
      description: What was found, in words.
      type: str
      sample: "the KMS host kms1.corp.example.com:1688 that is set for Windows(R), ServerStandard edition does not answer the controller"
    product:
      description: Name of the product it is about, V(null) for the machine.
      type: str
      sample: Windows(R), ServerStandard edition
    next_steps:
      description: What to do about it, the most promising first.
      type: list
      elements: str
      sample: [Check that the machine is up.]
    error:
      description: "The code behind it in words, as in RV(error), V(null) where there is none."
      type: dict
    fails: {description: Whether it makes the task fail., type: bool, sample: true}
host:
  description: The machine, as in RV(winops.volume_activation.activation_info#module:host).
  returned: when the machine could be read
  type: dict
  sample: {computer_name: W10-0001, edition_id: Professional, product_type: client}
licensed:
  description: Whether it is licensed, as in RV(winops.volume_activation.activation_info#module:licensed).
  returned: when the machine could be read
  type: bool
  sample: true
service:
  description: The licensing service, as in RV(winops.volume_activation.activation_info#module:service).
  returned: when the machine could be read
  type: dict
  sample: {cmid: c3a0b6d4-9a0f-4f3a-8f57-0d2f4a1c9b11, is_kms_host: false}
windows_product_activation:
  description: >-
    Activation of Windows Server 2003, as in RV(winops.volume_activation.activation_info#module:windows_product_activation).
  returned: when the machine could be read
  type: dict
  sample: null
products:
  description: The products with a key, as in RV(winops.volume_activation.activation_info#module:products).
  returned: when the machine could be read
  type: list
  elements: dict
  sample: [{name: "Windows(R), Professional edition", channel: gvlk, status: licensed}]
# begin part skipped_records (make returns)
#   returned: when the machine could be read
skipped_records:
  description: Number of records in the event logs that the module ignored because they are invalid, for example with an invalid time.
  returned: when the machine could be read
  type: int
  sample: 0
# end skipped_records
# begin part error (make returns)
#   also: When the check did, it is about the first finding that made it fail.
#   code.description: Code of Windows that is behind the finding, or else the RV(findings[].id).
#   category.also: V(check) for a finding without a code of Windows.
#   samples: {code: kms_host_not_responding, symbol: null, meaning: No KMS host could serve the request., cause: A firewall is in the way.,
#     next_steps: [Check that the machine is up.], category: check, source: null}
error:
  description: Why the task failed. When the check did, it is about the first finding that made it fail.
  returned: when the task failed, or the machine could not be asked
  type: dict
  contains:
    code:
      description: Code of Windows that is behind the finding, or else the RV(findings[].id).
      type: str
      sample: kms_host_not_responding
    symbol: {description: "Name of the code, V(null) for a word.", type: str, sample: null}
    meaning: {description: What it means., type: str, sample: No KMS host could serve the request.}
    cause: {description: What usually leads to it., type: str, sample: A firewall is in the way.}
    next_steps:
      description: What to do about it, the most promising first.
      type: list
      elements: str
      sample: [Check that the machine is up.]
    category:
      description: Kind of the error, V(refused) for a refusal. V(check) for a finding without a code of Windows.
      type: str
      sample: check
    source: {description: "Where the facts come from, V(null) for this collection's own.", type: str, sample: null}
    transient: {description: Whether it may pass by itself., type: bool, sample: false}
    detail:
      description: Which of its reasons V(0xC004F035) has, one of V(oem_marker_missing), V(wrong_key) and V(unclear). V(null) with every
        other code.
      type: str
      sample: null
    reason:
      description: The code behind a code that hides another one, from the event log of Windows. V(null) when there is none.
      type: dict
      sample: null
# end error
"""
