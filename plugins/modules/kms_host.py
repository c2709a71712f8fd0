# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_host
version_added: 0.1.0
short_description: Configure or remove a KMS host
description:
  - Configures a machine as a KMS host in one task. The module installs KMS host keys (CSVLK) of Windows and Office, and activates them
    online or with a confirmation ID. It opens the Windows Firewall, and sets the listening port, the intervals, and DNS publishing.
  - The module also sets the registry value C(KeyManagementServiceVersion), by which System Center finds KMS hosts. It restarts the
    licensing service only if a setting requires it.
  - The module does not change a setting whose option is not specified. This is not true for O(firewall) and O(activate). Without
    O(firewall), the module opens the firewall. Without O(activate), it activates KMS host keys that are not licensed.
  - The module keeps KMS host keys that are not in O(host_keys), except that a new KMS host key of Windows replaces the installed one.
  - A KMS host key can be activated on six KMS hosts, ten times on each. The module therefore does not activate a licensed key again. If the
    connection is lost during an activation, the module reads the machine to find out whether the activation succeeded.
  - Only one run at a time uses activations on a machine. Another run waits, and fails after several minutes.
  - Check mode returns the number of activations that the task would use.
  - The module fails before it changes anything if the machine cannot become a KMS host, for example if its edition cannot be a KMS host, if
    Windows is too old for the key or does not have the update for it, if an Office key is specified without its Volume License Pack, or if
    the machine does not have a KMS host key and O(host_keys) does not contain one.
  - While O(dns_publishing) is on, the KMS host itself maintains its SRV records. If the name server does not accept records from the KMS
    host, use M(winops.volume_activation.kms_srv_record) for each item of RV(srv_records). See the examples.
options:
  state:
    description:
      - Desired role of the machine. If set to V(present), the module configures the machine as a KMS host.
      - If set to V(absent), the module converts the KMS host to a KMS client. It replaces the KMS host key of Windows with the KMS client
        setup key (GVLK) of the edition, removes the KMS host keys of Office, turns off DNS publishing, and closes the firewall. It does not
        activate Windows. To activate it, use M(winops.volume_activation.kms_client). RV(stale_srv_records) contains the records that remain
        in DNS.
      - To make the machine a KMS host again later, set O(dns_publishing=true) in that later task with O(state=present), because DNS
        publishing remains off otherwise.
      - V(absent) also permits the loss of the activations of these KMS host keys. O(lose_activation) alone does not permit this.
      - If set to V(absent), all other options except O(firewall=unmanaged) have no effect.
    type: str
    choices: [present, absent]
    default: present
  host_keys:
    description:
      - KMS host keys that the machine must have. Windows can have one KMS host key, and each version of Office can have one.
      - The module identifies an installed key by its last five characters and its channel, and does not install it twice.
      - If a KMS host key replaces another KMS host key, O(lose_activation) is not required.
    type: list
    elements: dict
    suboptions:
      product_key:
        description: KMS host key (CSVLK). Keep it in a vault. The module shows only its last five characters.
        type: str
        required: true
      activation_id:
        description:
          - Activation ID of the product that the key must be for. Microsoft publishes the activation IDs of KMS host keys of Office.
          - If the list contains keys of Windows and Office, each Office key must have this option or O(host_keys[].product_name).
        type: str
      product_name:
        description:
          - Product that the key is for. If specified, the module checks before the installation whether this version of Windows can host
            the key, and whether it has the update for the key.
          - For servers, one of V(Windows Server 2025), V(Windows Server 2022), V(Windows Server 2019), V(Windows Server 2016), V(Windows
            Server 2012 R2 for Windows 10), V(Windows Server 2012 R2), V(Windows Server 2012), and V(Windows Server 2008 R2).
          - For client versions, one of V(Windows 11), V(Windows 10), V(Windows 8.1), V(Windows 8), and V(Windows 7), which do not activate
            servers. For Office, one of V(Office LTSC 2024), V(Office LTSC 2021), V(Office 2019), V(Office 2016), V(Office 2013), and
            V(Office 2010). Not case-sensitive.
        type: str
      # begin part confirmation_id (make returns)
      #   also: ["If specified, the module deposits it, for any O(activation_method). Ignored if O(activate=false)."]
      confirmation_id:
        description:
          - Confirmation ID that Microsoft gave for the installation ID of the key. The groups can be separated by spaces or hyphens.
          - The last digit of each group is a check digit. If a check digit does not match, the module returns a warning with the number of
            the group, and deposits the confirmation ID anyway, because this rule is not verified for the 48 digits of later Windows
            versions.
          - If specified, the module deposits it, for any O(activation_method). Ignored if O(activate=false).
        type: str
      # end confirmation_id
      # begin part installation_id (make returns)
      #   also: ["Needs O(host_keys[].confirmation_id)."]
      installation_id:
        description:
          - Installation ID for which Microsoft gave the confirmation ID. If the machine has another installation ID, the module does not
            deposit the confirmation ID, and the task fails.
          - Needs O(host_keys[].confirmation_id).
        type: str
      # end installation_id
  listening_port:
    description: TCP port on which the KMS host listens. If no port is configured, Windows uses 1688. Must be between 1 and 65535.
    type: int
  activation_interval:
    description: Time in minutes after which a client that is not activated sends its next request. If not configured, Windows uses 120.
      Must be between 15 and 43200.
    type: int
  renewal_interval:
    description: Time in minutes after which an activated client renews its activation. If not configured, Windows uses 10080. Must be
      between 15 and 43200.
    type: int
  dns_publishing:
    description: Whether the KMS host publishes its SRV records in DNS, when its service starts and every 24 hours.
    type: bool
  publish_domains:
    description:
      - DNS domains in which the KMS host publishes SRV records in addition to its own domain (registry value C(DnsDomainPublishList)).
      - Also list the own domain of the KMS host, because the documents of Microsoft disagree on whether the list replaces this domain.
      - If set to an empty list, the module removes the setting. The order of the list has no effect.
    type: list
    elements: dict
    suboptions:
      domain: {description: DNS domain., type: str, required: true}
      priority: {description: "Priority of the SRV record, from 0 to 65535. Clients try the lowest first.", type: int, default: 0}
      weight: {description: "Weight among the records with the same priority, from 0 to 65535.", type: int, default: 0}
  low_priority:
    description: Whether the KMS service runs at low priority. On a busy machine, it might then not get enough processor time.
    type: bool
  firewall:
    description:
      - Desired state of the Windows Firewall. If set to V(open), it permits connections to the listening port. If set to V(closed), it does
        not.
      - For port 1688, the module enables or disables the rules of Windows. For another port, the module creates copies of these rules with
        names that begin with C(WINOPS-), and disables the rules of Windows.
      - If set to V(unmanaged), the module does not read or change the firewall.
      - Windows 7 and Windows Server 2008 R2 do not have the WMI classes of the firewall. The task then continues with a warning, and
        RV(firewall_info.command) contains the command to run on the machine.
    type: str
    choices: [open, closed, unmanaged]
    default: open
  check_compatibility:
    description:
      - Whether to check, by O(host_keys[].product_name) or O(host_keys[].activation_id), that this version of Windows can host the key and
        has the update for it.
      - On Windows Server 2016 and later, the revision of the build must be at least that of the required update. On earlier versions, the
        module looks for the number of the update in the list of installed updates. If the list does not contain the update, the module
        returns a warning, because a later monthly rollup can contain the update.
      - If V(false), the module installs the key without this check, and Windows accepts or rejects it. Overrides the error codes
        V(key_not_supported_on_host) and V(host_update_missing).
    type: bool
    default: true
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._attributes.ledger
  - winops.volume_activation._connection
  - winops.volume_activation._activation
  - winops.volume_activation._activation.telephone
  - winops.volume_activation._activation.limit
  - winops.volume_activation._losses
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.kms_client
  - module: winops.volume_activation.kms_srv_record
  - module: winops.volume_activation.kms_endpoint_info
author: [winops contributors (@winops)]
"""

EXAMPLES = r"""
- name: Configure a KMS host for Windows and Office
  winops.volume_activation.kms_host:
    host_keys:
      - {product_key: "{{ vault_windows_host_key }}", product_name: Windows Server 2022}
      - {product_key: "{{ vault_office_host_key }}", product_name: Office LTSC 2021}

- name: Publish SRV records in the own domain and in two more domains, in one of them as the second choice
  winops.volume_activation.kms_host:
    dns_publishing: true
    publish_domains: [{domain: corp.example.com}, {domain: branch.example.com}, {domain: overseas.example.com, priority: 10}]

- name: Install the key of a KMS host without internet access, and return the installation ID for the telephone
  winops.volume_activation.kms_host:
    activation_method: telephone
    host_keys:
      - product_key: "{{ vault_windows_host_key }}"
        confirmation_id: "{{ confirmation_id | default(omit) }}"
  register: by_telephone  # by_telephone.activations[0].installation_id

- name: Configure a KMS host whose name server does not accept its records
  winops.volume_activation.kms_host:
  register: configured

- name: Publish the SRV records of the KMS host
  winops.volume_activation.kms_srv_record:
    domains: ["{{ item.domain }}"]
    records: [{host: "{{ item.host }}", port: "{{ item.port }}", priority: "{{ item.priority }}", weight: "{{ item.weight }}"}]
    authentication: tsig
    key_file: /etc/bind/kms-update.key
  loop: "{{ configured.srv_records }}"
  delegate_to: localhost

- name: Convert the KMS host to a KMS client, and return the records that remain in DNS
  winops.volume_activation.kms_host: {state: absent}
  register: retired  # retired.stale_srv_records
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
# begin part steps (make returns)
#   action.words: [install_product_key, activate, remove_product_key, enable_firewall_rule, disable_firewall_rule, clone_firewall_rule,
#     set_firewall_port, set_listening_port, set_activation_interval, set_renewal_interval, set_dns_publishing, set_publish_domains,
#     set_low_priority, set_restart_marker, set_host_version, restart_service]
#   action.also:
#     - V(restore_product_key) and V(clear_restart_marker) undo the steps of a new key that is not a KMS host key.
#   samples: {action: activate, description: activate the KMS host key ending in 3QDRM online,
#     consumes: 1 of the 10 activations of this KMS host key on this machine}
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description:
        - Identifier of the step, one of V(install_product_key), V(activate), V(remove_product_key), V(enable_firewall_rule),
          V(disable_firewall_rule), V(clone_firewall_rule), V(set_firewall_port), V(set_listening_port), V(set_activation_interval),
          V(set_renewal_interval), V(set_dns_publishing), V(set_publish_domains), V(set_low_priority), V(set_restart_marker),
          V(set_host_version), and V(restart_service).
        - V(restore_product_key) and V(clear_restart_marker) undo the steps of a new key that is not a KMS host key.
      type: str
      sample: activate
    description: {description: Description of the step., type: str, sample: activate the KMS host key ending in 3QDRM online}
    consumes:
      description: What the step consumes, such as an activation of a MAK, or V(null) for nothing.
      type: str
      sample: 1 of the 10 activations of this KMS host key on this machine
    loses: {description: "Activation that the step removes and that cannot be restored, or V(null) for none.", type: str, sample: null}
    uncertain:
      description: Whether the step was sent but its result is unknown. If V(true), RV(ignore:changed) is also V(true).
      type: bool
      sample: false
    done: {description: Whether the step was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description:
    - Settings before the task.
    - V(null) if the module did not read the machine.
  returned: always
  type: dict
  contains: &settings
    host_keys:
      description: Installed KMS host keys, with those of Windows first.
      type: list
      elements: dict
      contains:
        partial_product_key: {description: Last five characters of the product key., type: str, sample: 3QDRM}
        status: {description: Status of the product., type: str, sample: licensed}
    listening_port: {description: "TCP port on which the KMS host listens.", type: int, sample: 1688}
    activation_interval: {description: "Interval in minutes, or V(120) if none is configured.", type: int, sample: 120}
    renewal_interval: {description: "Interval in minutes, or V(10080) if none is configured.", type: int, sample: 10080}
    dns_publishing: {description: Whether the KMS host publishes its SRV records in DNS., type: bool, sample: true}
    publish_domains: {description: Configured domains., type: list, elements: dict, sample: [{domain: a.example, priority: 0, weight: 0}]}
    low_priority: {description: Whether the KMS service runs at low priority., type: bool, sample: false}
    firewall: {description: "State of the Windows Firewall, as in RV(firewall_info.status).", type: str, sample: open}
    host_version: {description: "Registry value C(KeyManagementServiceVersion), or V(null) if missing.", type: str, sample: 10.0.20348.1}
after:
  description:
    - Settings after the task. In check mode, the predicted settings.
    - V(null) if the module did not read the machine, or could not read it again after a failed step.
  returned: always
  type: dict
  contains: *settings
# begin part diff (make returns)
#   returned: success, and failure of an activation, if diff mode is on
#   samples: {before: "listening_port: 1688\n", after: "listening_port: 1689\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, and failure of an activation, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "listening_port: 1688\n"}
    after: {description: RV(after) as text., type: str, sample: "listening_port: 1689\n"}
# end diff
kms_host:
  description: Name of the KMS host, fully qualified if the machine is in a domain.
  returned: success, and failure of an activation
  type: str
  sample: kms01.example.com
service:
  description: Licensing service after the task, with the fields of RV(winops.volume_activation.activation_info#module:service).
  returned: success, and failure of an activation
  type: dict
  sample: {is_kms_host: true, listening_port: 1688, current_count: 31, activation_interval: 120, renewal_interval: 10080}
# begin part products (make returns)
#   description:
#     - Products with a KMS host key after the task, with those of Windows first. The fields are those of
#       RV(winops.volume_activation.activation_info#module:products).
#     - Empty if there are none, or if the task failed before the module read them again.
#   sample: [{name: "Windows(R), ServerStandard edition", channel: csvlk, partial_product_key: 3QDRM, status: licensed}]
products:
  description:
    - Products with a KMS host key after the task, with those of Windows first. The fields are those of
      RV(winops.volume_activation.activation_info#module:products).
    - Empty if there are none, or if the task failed before the module read them again.
  returned: always
  type: list
  elements: dict
  sample: [{name: "Windows(R), ServerStandard edition", channel: csvlk, partial_product_key: 3QDRM, status: licensed}]
# end products
# begin part firewall_info (make returns)
firewall_info:
  description: Windows Firewall for the listening port.
  returned: success
  type: dict
  contains:
    status:
      description:
        - V(open) if the firewall permits connections to the listening port only, V(closed) if no rule for KMS is enabled, and V(mixed) in
          all other cases.
        - V(unknown) if rules are enabled, but the machine does not show their ports.
        - V(unmanaged) if the module does not or cannot read the firewall.
      type: str
      sample: open
    rules:
      description: Firewall rules for KMS.
      type: list
      elements: dict
      contains:
        name: {description: Name of the rule., type: str, sample: SPPSVC-In-TCP}
        enabled: {description: Whether the rule is enabled., type: bool, sample: true}
        ports: {description: Ports to which the rule permits connections., type: list, elements: str, sample: ["1688"]}
        profiles: {description: Profiles in which the rule is active. Empty for all profiles., type: list, elements: str, sample: []}
    ignored_profiles: {description: Profiles in which Group Policy ignores local rules., type: list, elements: str, sample: []}
    command:
      description: Command to run on the machine if the module cannot manage its firewall, or V(null) if it can.
      type: str
      sample: null
# end firewall_info
# begin part dns_publication (make returns)
dns_publication:
  description: Result of the last DNS publication from the events of the last two days. If it failed for any domain, the result of this
    domain.
  returned: success
  type: dict
  contains:
    outcome: {description: "One of V(published), V(failed), and V(unknown).", type: str, sample: published}
    domain: {description: "DNS domain, or V(null) if there is no event.", type: str, sample: example.com}
    event_time: {description: "Time of the event in UTC, or V(null) if there is none.", type: str, sample: "2026-11-20T09:00:05Z"}
    error: {description: "Error of the publication, with the fields of RV(error), or V(null) if it did not fail.", type: dict}
# end dns_publication
srv_records:
  description: SRV records that the KMS host publishes. Empty if it does not publish records, or is not in a domain.
  returned: success, and failure of an activation
  type: list
  elements: dict
  contains: &record
    domain: {description: DNS domain., type: str, sample: example.com}
    # begin fields of srv_record (make returns)
    #   samples: {host: kms01.example.com}
    host: {description: Name of the KMS host., type: str, sample: kms01.example.com}
    port: {description: TCP port of the KMS host., type: int, sample: 1688}
    priority: {description: Priority of the record. Clients try the records with the lowest priority first., type: int, sample: 0}
    weight: {description: Weight of the record among the records with the same priority., type: int, sample: 0}
    # end srv_record
activations:
  description: Activation of each key of O(host_keys), in the same order. Empty if the task failed before the activation.
  returned: always
  type: list
  elements: dict
  contains:
    # begin fields of activation (make returns)
    #   outcome.not_requested: O(activate=false)
    #   outcome.also:
    #     - V(needs_confirmation_id) if only the confirmation ID is missing. Also V(planned) for the keys after a key that failed.
    #   always_null: [current_count, required_count]
    #   samples: {partial_product_key: 3QDRM, kms_host: null, kms_port: null, expires: null}
    product_name:
      description: Name of the product, or V(null) if no product has the key.
      type: str
      sample: Windows(R), Professional edition
    activation_id:
      description: Activation ID of the product, or V(null) if no product has the key.
      type: str
      sample: 2de67392-b7a7-462a-b1ca-108dd189f588
    partial_product_key:
      description: Last five characters of the product key, or V(null) if Windows does not return them.
      type: str
      sample: 3QDRM
    outcome:
      description:
        - V(activated) if the activation succeeded, V(already_licensed) if no activation was required, V(not_requested) if
          O(activate=false), V(planned) in check mode, and V(failed) if the activation failed.
        - V(needs_confirmation_id) if only the confirmation ID is missing. Also V(planned) for the keys after a key that failed.
      type: str
      sample: activated
    attempts: {description: Number of activation attempts., type: int, sample: 1}
    kms_host: {description: "Name or address of the KMS host that was used, or V(null) if no KMS host was used.", type: str, sample: null}
    kms_port: {description: "TCP port of the KMS host, or V(null) if no KMS host was used.", type: int, sample: null}
    expires:
      description:
        - Time in UTC at which the activation ends, or V(null) if it does not end.
        - If the product is not activated, the end of its grace period.
      type: str
      sample: null
    current_count: {description: Always V(null) here., type: int, sample: null}
    required_count: {description: Always V(null) here., type: int, sample: null}
    installation_id:
      description: Installation ID to give to Microsoft, or V(null) if the product is activated or is a KMS client.
      type: str
      sample: null
    error: {description: "Error of the activation, with the fields of RV(error), or V(null) if the activation did not fail.", type: dict}
    # end activation
activations_used:
  description:
    - Number of activations of KMS host keys that the task used, or would use in check mode.
    - An activation whose result is unknown is not counted. Its step has RV(steps[].uncertain=true).
  returned: always
  type: int
  sample: 1
service_restarted:
  description: Whether the licensing service was restarted.
  returned: always
  type: bool
  sample: true
stale_srv_records:
  description: SRV records of the machine that you must remove from DNS. Empty if O(state=present).
  returned: success, and failure of an activation
  type: list
  elements: dict
  contains: *record
# begin part error (make returns)
#   code.words: [host_update_missing]
#   samples: {code: "0xC004C008", symbol: SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED,
#     meaning: The key has reached its maximum number of activations., cause: A rebuilt host counts again.,
#     next_steps: [Activate by telephone.], category: key, source: slerror.h (Windows SDK)}
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(host_update_missing) if the module refused the task before it
          changed anything.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
      type: str
      sample: "0xC004C008"
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED
    meaning: {description: Meaning of the code., type: str, sample: The key has reached its maximum number of activations.}
    cause: {description: Most common cause., type: str, sample: A rebuilt host counts again.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Activate by telephone.]
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: key}
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
