# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: activation_check
version_added: 0.1.0
short_description: Check the activation and the renewal of a Windows machine
description:
  - The module fails if a machine is not in the expected activation state, or if Windows cannot renew its activation. You can use it as a
    gate in a playbook, in a job template, or in a scheduled run.
  - A license that is valid for months hides a renewal that fails. For a KMS client, the module therefore checks whether its KMS host
    responds, whether its last request succeeded, whether the license was renewed in time, and whether its clock is correct.
  - For a KMS host, the module checks whether it has counted enough clients, publishes its SRV record, has started, and received requests
    recently.
  - The module does not change anything. It reads and returns the same as M(winops.volume_activation.activation_info), so that you can use
    one task for a gate and a report.
options:
  application:
    description:
      - Application whose products the module checks.
      - If set to V(windows), only the products of Windows. If set to V(office), only the products of Office. If set to V(all), both.
      - If set to V(all), a machine without Office, or with Microsoft 365 only, passes the check of Office. A volume edition of Office
        without a product key has the finding V(office_no_key).
      - A product that a subscription licenses, and an Office key that is not in use, have no finding about their license or renewal.
    type: str
    choices: [windows, office, all]
    default: windows
  expected_channels:
    description:
      - Channels that the product keys can have.
      - If not specified, each channel is accepted. In this case, a KMS host key (CSVLK) is reported only if it is not activated, or if the
        machine runs a client version of Windows.
      - If the list does not contain V(csvlk), each KMS host key (CSVLK) is reported.
      - V(subscription) is a Windows that an active subscription licenses, whatever the channel of its key. Such a machine is never
        reported as not licensed.
    type: list
    elements: str
    choices: [gvlk, mak, csvlk, retail, oem, subscription, evaluation, avma]
  min_days_left:
    description:
      - Minimum number of days that a license must still be valid. A KMS client that renews its activation every 7 days, which is the
        default of Windows, always has more than 170 days.
      - If set to V(0), the module does not check the days.
      - Must be 0 or greater.
    type: int
    default: 30
  renewal:
    description: Whether to check the renewal of a KMS client.
    type: bool
    default: true
  probe:
    description:
      - Whether to probe the KMS host of a client from the controller, as M(winops.volume_activation.kms_endpoint_info) does, and to look
        for the KMS host in the same DNS domain as the machine. A probe does not activate anything, and a KMS host does not count the
        controller.
      - If a KMS host was not probed, the module returns V(renewal_not_checked). This is the case if its address is loopback, link-local, or
        multicast and not in O(probe_networks), or if there are too many KMS hosts.
      - Set this option to V(false) if the controller cannot reach the KMS hosts of the machines.
      - Ignored if O(renewal=false).
    type: bool
    default: true
  clock_tolerance:
    description:
      - Maximum difference in minutes between the clocks of the machine and the controller. A KMS host rejects clients whose clock differs
        by about four hours.
      - If set to V(0), the module does not compare the clocks.
      - Must be 0 or greater.
    type: int
    default: 60
  policy:
    description:
      - Expected policies, with the options of M(winops.volume_activation.activation_policy). The module does not check a policy that is not
        specified.
    type: dict
    suboptions:
      # begin options of activation_policy (make returns)
      #   description: Expected value of O(winops.volume_activation.activation_policy#module:{name}).
      activation_alternate_url:
        description: Expected value of O(winops.volume_activation.activation_policy#module:activation_alternate_url).
        type: str
      activation_alternate_url_place:
        description: Expected value of O(winops.volume_activation.activation_policy#module:activation_alternate_url_place).
        type: str
        choices: [both, service, activation]
        default: both
      windows_anytime_upgrade:
        description: Expected value of O(winops.volume_activation.activation_policy#module:windows_anytime_upgrade).
        type: str
        choices: [absent, disabled]
      avs_validation:
        description: Expected value of O(winops.volume_activation.activation_policy#module:avs_validation).
        type: str
        choices: [absent, disabled, enabled]
      allow_windows_entitlement_reactivation:
        description: Expected value of O(winops.volume_activation.activation_policy#module:allow_windows_entitlement_reactivation).
        type: str
        choices: [absent, disabled, enabled]
      notifications:
        description: Expected value of O(winops.volume_activation.activation_policy#module:notifications).
        type: str
        choices: [absent, disabled, enabled]
      standard_user_activation:
        description: Expected value of O(winops.volume_activation.activation_policy#module:standard_user_activation).
        type: str
        choices: [absent, disabled, enabled]
      office_standard_user_activation:
        description: Expected value of O(winops.volume_activation.activation_policy#module:office_standard_user_activation).
        type: str
        choices: [absent, disabled, enabled]
      skip_rearm:
        description: Expected value of O(winops.volume_activation.activation_policy#module:skip_rearm).
        type: str
        choices: [absent, disabled, enabled]
      # end activation_policy
  esu:
    description:
      - Programme and year of Extended Security Updates (ESU) that the machine must have a license for, with the values of
        O(winops.volume_activation.mak_client#module:esu). The module returns V(esu_missing) if there is no key for it, and
        V(esu_not_licensed) if the key is not activated.
      - Extended Security Updates that Azure, Azure Arc, Windows 365, or the programme for consumers provide do not have a key, and WMI does
        not show them. Do not specify this option for such a machine.
      - For a Windows that the programme is not for, the module returns V(esu_not_for_this_windows), which is only information.
      - Without this option, the module checks only the licenses for Extended Security Updates that have a key.
      - Cannot be combined with O(application=office).
    type: str
    choices:
      - windows_7_year_1
      - windows_7_year_2
      - windows_7_year_3
      - windows_10_year_1
      - windows_10_year_2
      - windows_10_year_3
      - windows_server_2008_year_1
      - windows_server_2008_year_2
      - windows_server_2008_year_3
      - windows_server_2012_year_1
      - windows_server_2012_year_2
      - windows_server_2012_year_3
  activation_objects:
    description:
      - Activation objects of the forest of the machine, as RV(winops.volume_activation.adba_object_info#module:objects) returns them. Each
        item needs C(name), C(dn), and C(product_name), which can be null.
      - The module then checks whether an activation object covers each product with a GVLK, and returns RV(object_coverage) and the
        findings V(no_object_covers), V(object_too_old), and V(activated_by_kms_although_ad). An empty list means that the forest does not
        have an activation object.
      - If the list has objects of several forests, the module uses those of the forest whose root domain is the domain of the machine or a
        parent of it, or all objects if there are none.
      - Without this option, the module does not check whether an activation object covers the machine.
    type: list
    elements: dict
  fail_on:
    description:
      - Findings for which the task fails. An item is a severity (V(error), V(warning), or V(info)), or the RV(findings[].id) of a finding.
      - If the list is empty, the task does not fail for a finding.
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
      - Windows Server 2003, and Windows 7 and Windows Server 2008 R2 up to Windows 11 and Windows Server 2025, in any display language.
      - For Windows Server 2003, the module checks only the license, because this version does not support KMS.
notes:
  - If the controller does not have dnspython, the module returns V(renewal_not_checked) for a renewal that depends on DNS.
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
- name: Fail if the machine is not activated, or cannot renew its activation
  winops.volume_activation.activation_check:

- name: Fail if a machine has another key than a GVLK or a KMS host key
  winops.volume_activation.activation_check:
    expected_channels: [gvlk, csvlk]
    min_days_left: 90

- name: Fail only for a renewal that cannot work
  winops.volume_activation.activation_check:
    dns_server: dc1.corp.example.com
    fail_on: [kms_host_not_responding, no_kms_host, last_request_failed, last_request_unanswered]

- name: Check the help page, and that Windows does not ignore a rearm
  winops.volume_activation.activation_check:
    policy:
      activation_alternate_url: https://helpdesk.example.com/activation
      skip_rearm: absent

- name: Fail if a machine does not have the second year of Extended Security Updates
  winops.volume_activation.activation_check:
    esu: windows_10_year_2
    fail_on: [esu_missing, esu_not_licensed]

- name: Read the activation objects of the forest
  winops.volume_activation.adba_object_info:
    server: dc1.corp.example.com
  register: directory
  run_once: true

- name: Fail if a machine needs an activation object that the forest does not have
  winops.volume_activation.activation_check:
    activation_objects: "{{ directory.objects }}"
    fail_on: [no_object_covers, object_too_old, left_the_domain]

- name: Read the findings without failing
  winops.volume_activation.activation_check:
    application: all
    fail_on: []
  register: checked

- name: Show the findings
  ansible.builtin.debug:
    msg: "{{ item.severity }}: {{ item.message }} {{ item.next_steps | first | default('') }}"
  loop: "{{ checked.findings }}"
  loop_control:
    label: "{{ item.id }}"
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: "PC-001: 1 warning (not in fail_on: error)."
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: "PC-001: 1 warning (not in fail_on: error)."
# end msg
passed:
  description: Whether the check did not find anything that O(fail_on) contains.
  returned: success, and failure because of a finding
  type: bool
  sample: false
# begin part findings (make returns)
findings:
  description: Findings of the check, with the worst first. Empty if there are none.
  returned: success, and failure because of a finding
  type: list
  elements: dict
  contains:
    id:
      description:
        - Name of the finding.
        - Errors are V(no_product_key), V(office_no_key), V(not_licensed), V(not_genuine), V(csvlk_on_client), V(esu_missing),
          V(esu_not_licensed), V(gvlk_mismatch), V(unexpected_channel), V(expires_soon), V(kms_host_not_responding), V(no_kms_host),
          V(last_request_failed), V(last_request_unanswered), V(kms_not_allowed), V(no_object_covers), V(left_the_domain),
          V(token_license_missing), V(token_license_not_authorized), V(token_license_expires_soon), V(clock_skew), V(policy_mismatch),
          V(dns_publishing_failed), V(kms_host_failed_to_start), and V(renewal_timer_failed).
        - Warnings are V(office_not_read), V(kms_host_of_application), V(renewal_overdue), V(renewal_not_checked),
          V(cached_kms_host_not_responding), V(object_too_old), V(activated_by_kms_although_ad), V(oem_marker_missing),
          V(count_below_threshold), V(no_kms_activity), V(events_not_read), V(evaluation), V(leftover_key), V(esu_ended), and
          V(unknown_genuine_status).
        - V(activated_by_ad), V(awaiting_validation), V(managed_by_subscription), and V(esu_not_for_this_windows) are only information.
      type: str
      sample: kms_host_not_responding
    severity: {description: "One of V(error), V(warning), and V(info).", type: str, sample: error}
    message:
      description: Description of the finding.
      type: str
      sample: "The KMS host kms1.corp.example.com:1688, which is configured for Windows(R), ServerStandard edition, does not respond to the
        controller: The host refused the connection."
    product_name:
      description: Name of the product, or V(null) if the finding is about the machine.
      type: str
      sample: Windows(R), ServerStandard edition
    next_steps: {description: "What to do, in this order.", type: list, elements: str, sample: [Check that the machine is up.]}
    error: {description: "The code of Windows behind the finding, with the fields of RV(error), or V(null) if there is none.", type: dict}
    is_failure: {description: Whether the task fails for the finding., type: bool, sample: true}
# end findings
# begin part object_coverage (make returns)
object_coverage:
  description:
    - Whether an activation object covers each product with a GVLK, if Active Directory can activate this version of the product.
    - V(null) if O(activation_objects) is not specified.
  returned: success, and failure because of a finding
  type: list
  elements: dict
  contains:
    product_name: {description: Name of the product., type: str, sample: "Windows(R), ServerStandard edition"}
    activation_id: {description: Activation ID of the product., type: str, sample: 9bd77860-9b31-4b7b-96ad-2564017315bf}
    covered: {description: "Whether an object covers the product, or V(null) if it is not known.", type: bool, sample: true}
    objects:
      description: The objects that cover the product.
      type: list
      elements: dict
      contains:
        object_name: {description: Name of the object., type: str, sample: Server 2022}
        object_dn:
          description: Distinguished name of the object.
          type: str
          sample: CN=Server 2022,CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=corp,DC=example
# end object_coverage
# begin part domain_membership (make returns)
domain_membership:
  description:
    - Whether the machine is a member of a domain. V(null) if the module did not read it.
    - The module reads it if O(activation_objects) is specified and the machine has a product with a GVLK, or if a rule depends on it.
  returned: success, and failure because of a finding
  type: dict
  contains:
    is_member: {description: Whether the machine is a member of a domain., type: bool, sample: true}
    domain: {description: "DNS domain of the machine, or V(null) if it is not a member of a domain.", type: str, sample: corp.example.com}
# end domain_membership
clock_difference_minutes:
  description:
    - Difference in minutes between the clock of the machine and the clock of the controller. Positive if the clock of the machine is ahead.
    - V(null) if O(clock_tolerance=0).
  returned: success, and failure because of a finding
  type: int
  sample: 0
machine:
  description: Facts about the machine, as in RV(winops.volume_activation.activation_info#module:machine).
  returned: success, and failure because of a finding
  type: dict
  sample: {computer_name: W10-0001, edition_id: Professional, product_type: client}
licensed:
  description: Whether Windows or Office is licensed, as in RV(winops.volume_activation.activation_info#module:licensed).
  returned: success, and failure because of a finding
  type: bool
  sample: true
service:
  description: The licensing service, as in RV(winops.volume_activation.activation_info#module:service).
  returned: success, and failure because of a finding
  type: dict
  sample: {cmid: c3a0b6d4-9a0f-4f3a-8f57-0d2f4a1c9b11, is_kms_host: false}
office_service:
  description: The licensing service of Office, as in RV(winops.volume_activation.activation_info#module:office_service).
  returned: success, and failure because of a finding
  type: dict
  sample: null
office_installations:
  description: Installed Office products, as in RV(winops.volume_activation.activation_info#module:office_installations).
  returned: success, and failure because of a finding
  type: list
  elements: dict
  sample: [{release_id: ProPlus2024Volume, product: ProPlus, release: "2024", kind: volume, managed_by: null}]
windows_product_activation:
  description: >-
    Activation of Windows Server 2003, as in RV(winops.volume_activation.activation_info#module:windows_product_activation).
  returned: success, and failure because of a finding
  type: dict
  sample: null
products:
  description: The products with a key, as in RV(winops.volume_activation.activation_info#module:products).
  returned: success, and failure because of a finding
  type: list
  elements: dict
  sample: [{name: "Windows(R), Professional edition", channel: gvlk, status: licensed}]
# begin part esu (make returns)
#   returned: success, and failure because of a finding
esu:
  description:
    - Licenses with a key for Extended Security Updates (ESU), in the order of the programmes and years. Empty if there are none.
    - Extended Security Updates that Azure, Azure Arc, Windows 365, or the programme for consumers provide do not have a key. WMI does not
      show them, and they are not in this list.
  returned: success, and failure because of a finding
  type: list
  elements: dict
  contains:
    programme:
      description: Name of the programme and year, with the values of O(winops.volume_activation.mak_client#module:esu).
      type: str
      sample: windows_10_year_2
    year: {description: "Year of the programme, from 1.", type: int, sample: 2}
    licensed:
      description: Whether the license is activated. An activated license of a year that has ended stays licensed.
      type: bool
      sample: true
    ends: {description: Last day of the year in UTC. Updates that are released later need the next year., type: str, sample: "2027-10-12"}
# end esu
# begin part skipped_records (make returns)
#   returned: success, and failure because of a finding
skipped_records:
  description: Number of records in the event logs that the module ignored because they are invalid, for example with an invalid time.
  returned: success, and failure because of a finding
  type: int
  sample: 0
# end skipped_records
# begin part error (make returns)
#   also: If the task failed because of findings, the error is about the first of these findings.
#   code.description: Error code of Windows, or the RV(findings[].id) if the finding does not have an error code.
#   category.also: V(check) for a finding without a code of Windows.
#   samples: {code: kms_host_not_responding, symbol: null, meaning: No KMS host could process the request., cause: A firewall blocks it.,
#     next_steps: [Check that the machine is up.], category: check, source: null}
error:
  description: Error that made the task fail. If the task failed because of findings, the error is about the first of these findings.
  returned: failure
  type: dict
  contains:
    code:
      description: Error code of Windows, or the RV(findings[].id) if the finding does not have an error code.
      type: str
      sample: kms_host_not_responding
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: null
    meaning: {description: Meaning of the code., type: str, sample: No KMS host could process the request.}
    cause: {description: Most common cause., type: str, sample: A firewall blocks it.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Check that the machine is up.]
    category:
      description: Category of the error. V(precondition) if the module refused the task. V(check) for a finding without a code of Windows.
      type: str
      sample: check
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
