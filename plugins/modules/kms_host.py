# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_host
version_added: 0.1.0
short_description: Make a Windows machine a KMS host, keep its settings, or make it a client again
description:
  - Brings a machine to the state of a KMS host in one task. It installs KMS host keys (CSVLK) of Windows and Office, activates them online
    or by a confirmation ID, opens the firewall, sets port, intervals and publishing, keeps the registry value by which System Center finds
    KMS hosts (C(KeyManagementServiceVersion)), and restarts the licensing service when, and only when, a setting needs it.
  - An option that is not set leaves its setting alone, and keys that are not named stay, but for the one of Windows a new one replaces.
  - A licensed host key is never activated again. It works on six hosts, ten times on each; check mode says how many activations a run would
    spend. When the connection breaks while a key is activated, the state of the machine decides.
  - Only one run at a time consumes activations on a machine; another one waits.
  - Refuses before anything is sent what cannot work, such as an edition that cannot be a KMS host, a Windows that is too old for the key or
    lacks the update for it, Office keys without their Volume License Pack, and a machine without a host key for which none is named.
  - SRV records are kept by the host itself while O(dns_publishing) is on. Where DNS takes none from it, use
    M(winops.volume_activation.kms_srv_record) with RV(host.srv_records).
options:
  state:
    description:
      - With V(present) the machine is a KMS host.
      - With V(absent) it becomes a client again. The public key of its edition (GVLK) takes the place of the host key, Office host keys are
        removed, publishing is turned off and the firewall closed. It is not activated; do that with
        M(winops.volume_activation.kms_client). Records that are left in DNS are in RV(stale_srv_records). When it is to be a host again,
        set O(dns_publishing=true).
      - V(absent) also accepts the loss of the activation of the host keys that it removes, which O(lose_activation) does not.
      - With V(absent) all other options but O(firewall=unmanaged) have no effect.
    type: str
    choices: [present, absent]
    default: present
  host_keys:
    description:
      - The KMS host keys the machine should have. Windows has room for one, every Office generation has its own.
      - A key is recognized by its last five characters and its channel, so that it is not installed twice.
      - A host key that replaces another host key loses nothing that O(lose_activation) would have to accept.
    type: list
    elements: dict
    suboptions:
      product_key:
        description: The KMS host key (CSVLK). Keep it in a vault; no output shows more of it than the last five characters.
        type: str
        required: true
      activation_id:
        description:
          - ID of the license the key must belong to. Microsoft prints those of Office host keys.
          - Keys of Office beside one of Windows have to carry it, or O(host_keys[].product_name).
        type: str
      product_name:
        description:
          - What the key is for, such as V(Windows Server 2022) or V(Office LTSC 2021). With it the module checks beforehand whether this
            Windows can host the key and has the update for it.
          - V(Windows Server 2025), V(Windows Server 2022), V(Windows Server 2019), V(Windows Server 2016), V(Windows Server 2012 R2),
            V(Windows Server 2012), V(Windows Server 2008 R2), V(Windows 10), V(Office LTSC 2024), V(Office LTSC 2021), V(Office 2019),
            V(Office 2016), V(Office 2013) or V(Office 2010), in any case.
        type: str
      # begin part confirmation_id (make returns)
      #   also: ["If set, it is deposited, whatever O(activation_method) is. Ignored if O(activate=false)."]
      confirmation_id:
        description:
          - Confirmation ID that Microsoft gave for the installation ID of the key. Its groups can have blanks or hyphens between them.
          - The last digit of each group is a check digit. A group that does not match is named in a warning, and the confirmation ID is
            sent all the same, because the rule is not verified for the 48 digits of later Windows.
          - If set, it is deposited, whatever O(activation_method) is. Ignored if O(activate=false).
        type: str
      # end confirmation_id
      # begin part installation_id (make returns)
      #   also: ["Needs O(host_keys[].confirmation_id)."]
      installation_id:
        description:
          - Installation ID for which Microsoft gave the confirmation ID. If the machine shows another one, the module does not deposit the
            confirmation ID, and the task fails.
          - Needs O(host_keys[].confirmation_id).
        type: str
      # end installation_id
  listening_port: {description: "TCP port the host listens on, from 1 to 65535. Windows uses 1688 when nothing is set.", type: int}
  activation_interval: {description: "Minutes until a client that is not activated asks again, 15 to 43200. Windows uses 120.", type: int}
  renewal_interval: {description: "Minutes until an activated client asks again, from 15 to 43200. Windows uses 10080.", type: int}
  dns_publishing: {description: "Whether the host keeps its SRV records in DNS by itself, when it starts and every 24 hours.", type: bool}
  publish_domains:
    description:
      - DNS domains in which the host publishes itself besides its own (registry value C(DnsDomainPublishList)).
      - An empty list removes the setting. The order means nothing.
    type: list
    elements: dict
    suboptions:
      domain: {description: DNS domain., type: str, required: true}
      priority: {description: "Priority of the record, 0 to 65535; clients try the lowest first.", type: int, default: 0}
      weight: {description: "Weight among records of one priority, 0 to 65535.", type: int, default: 0}
  low_priority: {description: "Whether the KMS service runs at low priority, which may let it starve on a busy machine.", type: bool}
  firewall:
    description:
      - With V(open) the Windows Firewall lets the listening port in, and with V(closed) not. For port 1688 the rules Windows brings are
        enabled; another port gets a copy of them whose name begins with C(WINOPS-), and they are disabled.
      - With V(unmanaged) the firewall is not looked at.
      - Windows 7 and Windows Server 2008 R2 have no firewall classes. The task goes on there, warns, and the command to run is in
        RV(host.firewall.command).
    type: str
    choices: [open, closed, unmanaged]
    default: open
  check_compatibility:
    description:
      - Whether to check, by O(host_keys[].product_name) or O(host_keys[].activation_id), that this Windows can host the key and has the
        update that the key needs.
      - If V(false), the module installs the key without this check, and Windows accepts or rejects it. Overrides
        V(key_not_supported_on_host), V(host_update_missing).
    type: bool
    default: true
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
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
- name: Make the machine a KMS host for Windows and Office
  winops.volume_activation.kms_host:
    host_keys:
      - {product_key: "{{ vault_windows_host_key }}", product_name: Windows Server 2022}
      - {product_key: "{{ vault_office_host_key }}", product_name: Office LTSC 2021}

- name: Publish it in the domains of the branches too, the one far away as the second choice
  winops.volume_activation.kms_host:
    dns_publishing: true
    publish_domains: [{domain: branch.example.com}, {domain: overseas.example.com, priority: 10}]

- name: Install the key of a host without internet access, and show what to tell the activation centre
  winops.volume_activation.kms_host:
    activation_method: telephone
    host_keys:
      - product_key: "{{ vault_windows_host_key }}"
        confirmation_id: "{{ confirmation_id | default(omit) }}"
  register: by_telephone  # by_telephone.activations[0].installation_id

- name: Make the machine a client again, and keep what is left in DNS for kms_srv_record
  winops.volume_activation.kms_host: {state: absent}
  register: retired  # retired.stale_srv_records
"""

RETURN = r"""
# begin part steps (make returns)
#   action.words: [install_product_key, activate, remove_product_key, enable_firewall_rule, disable_firewall_rule, clone_firewall_rule,
#     set_firewall_port, set_listening_port, set_activation_interval, set_renewal_interval, set_dns_publishing, set_publish_domains,
#     set_low_priority, set_restart_marker, set_host_version, restart_service]
#   samples: {action: activate, description: activate the KMS host key ending 3QDRM online,
#     consumes: 1 of the 10 activations this key has here}
steps:
  description: What was done, in order, or what would be done in check mode.
  returned: unless the task was refused
  type: list
  elements: dict
  contains:
    action:
      description: Kind of the step, one of V(install_product_key), V(activate), V(remove_product_key), V(enable_firewall_rule),
        V(disable_firewall_rule), V(clone_firewall_rule), V(set_firewall_port), V(set_listening_port), V(set_activation_interval),
        V(set_renewal_interval), V(set_dns_publishing), V(set_publish_domains), V(set_low_priority), V(set_restart_marker),
        V(set_host_version) and V(restart_service).
      type: str
      sample: activate
    description: {description: The step in words., type: str, sample: activate the KMS host key ending 3QDRM online}
    consumes:
      description: What it consumes, such as an activation of a MAK, V(null) for nothing.
      type: str
      sample: 1 of the 10 activations this key has here
    loses: {description: "Activation that is lost for good, V(null) for none.", type: str, sample: the activation by MAK ending TTWX3 of X}
    uncertain: {description: Whether it was sent and nobody knows if it took effect. Then C(changed) is true., type: bool, sample: false}
    done: {description: Whether it was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description: The settings before the task.
  returned: unless the task was refused or a step failed
  type: dict
  contains: &settings
    host_keys:
      description: KMS host keys, those of Windows first.
      type: list
      elements: dict
      contains: {product_key: {description: Last five., type: str, sample: A}, status: {description: Status., type: str, sample: licensed}}
    listening_port: {description: Port that is set., type: int, sample: 1688}
    activation_interval: {description: "In minutes, V(null) when nothing is set.", type: int, sample: 120}
    renewal_interval: {description: "In minutes, V(null) when nothing is set.", type: int, sample: 10080}
    dns_publishing: {description: Whether the host keeps its SRV records itself., type: bool, sample: true}
    publish_domains: {description: Further domains., type: list, elements: dict, sample: [{domain: a.example.com, priority: 0, weight: 0}]}
    low_priority: {description: Whether the service runs at low priority., type: bool, sample: false}
    firewall: {description: "V(open), V(closed), V(mixed) or V(unmanaged) for the desired port.", type: str, sample: open}
    host_version: {description: Registry value C(KeyManagementServiceVersion)., type: str, sample: 10.0.20348.1}
after:
  description: The settings after the task, in check mode as predicted.
  returned: unless the task was refused or a step failed
  type: dict
  contains: *settings
# begin part diff (make returns)
#   samples: {before: "listening_port: 1688\n", after: "listening_port: 1689\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: when diff mode is on, unless the task was refused or a step failed
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "listening_port: 1688\n"}
    after: {description: RV(after) as text., type: str, sample: "listening_port: 1689\n"}
# end diff
host:
  description: The KMS host after the task, in check mode as it is.
  returned: unless the task was refused or a step failed
  type: dict
  contains:
    name: {description: "Name, fully qualified in a domain.", type: str, sample: kms01.example.com}
    port: {description: Port that is set., type: int, sample: 1688}
    enabled: {description: Whether a host key is activated., type: bool, sample: true}
    count: {description: "Clients it counts, V(null) before the first one asked.", type: int, sample: 31}
    requests: {description: Requests so far by the status of the client., type: dict, sample: {total: 120, failed: 3}}
    host_keys:
      description: KMS host keys, those of Windows first.
      type: list
      elements: dict
      contains:
        product_key: {description: Last five characters of the key., type: str, sample: 3QDRM}
        name: {description: Name of the license., type: str, sample: "Windows(R), ServerStandard edition"}
        application: {description: "V(windows) or V(office).", type: str, sample: windows}
        activation_id: {description: ID of the license., type: str, sample: 47f3b983-7c53-4d45-abc6-bcd91e2dd90a}
        status: {description: Status of the license., type: str, sample: licensed}
        extended_pid: {description: "Extended PID, which clients name as their host's.", type: str, sample: 03612-00206-556-123456}
        installation_id: {description: Installation ID for the telephone., type: str, sample: "0180067...3521"}
        count: {description: "Clients counted for it, as Windows and Office are counted apart.", type: int, sample: 31}
    intervals:
      description: The intervals the host gives to its clients, in minutes.
      type: dict
      contains: {activation: {description: First., type: int, sample: 120}, renewal: {description: Later., type: int, sample: 10080}}
    dns_publishing: {description: Whether it keeps its SRV records itself., type: bool, sample: true}
    low_priority: {description: Whether the service runs at low priority., type: bool, sample: false}
    firewall:
      description: The Windows Firewall for the desired port.
      type: dict
      contains:
        state: {description: "V(open), V(closed), V(unmanaged), or V(mixed) when more or less than it is open.", type: str, sample: open}
        rules:
          description: The rules for KMS.
          type: list
          elements: dict
          contains:
            name: {description: Name of the rule., type: str, sample: SPPSVC-In-TCP}
            enabled: {description: Whether it is enabled., type: bool, sample: true}
            ports: {description: Ports it lets in., type: list, elements: str, sample: ["1688"]}
            profiles: {description: "Profiles it counts in, empty for all.", type: list, elements: str, sample: []}
        ignored_profiles: {description: Profiles in which Group Policy has local rules ignored., type: list, elements: str, sample: []}
        command: {description: "What to run where the firewall cannot be managed, V(null) elsewhere.", type: str, sample: netsh advfirewall}
    dns_publication:
      description: How publishing went the last time, from the event log of the last two days. A failure in one domain comes first.
      type: dict
      contains:
        outcome: {description: "V(published), V(failed) or V(unknown).", type: str, sample: published}
        domain: {description: "DNS domain it was, V(null) when unknown.", type: str, sample: example.com}
        time: {description: "When it was, in UTC.", type: str, sample: "2026-11-20T09:00:05Z"}
        error: {description: "Why it failed, with the first eight fields of RV(error), V(null) when it did not.", type: dict}
    srv_records:
      description: Records it keeps in DNS, as M(winops.volume_activation.kms_srv_record) takes them. Empty outside a domain.
      type: list
      elements: dict
      contains: &record
        domain: {description: DNS domain., type: str, sample: example.com}
        # begin fields of srv_record (make returns)
        #   samples: {host: kms01.example.com}
        host: {description: Name of the KMS host., type: str, sample: kms01.example.com}
        port: {description: Its TCP port., type: int, sample: 1688}
        priority: {description: Records with a lower priority are tried first., type: int, sample: 0}
        weight: {description: Share of the clients within its priority., type: int, sample: 0}
        # end srv_record
activations:
  description: What became of every key of O(host_keys), in their order.
  returned: unless the task was refused or a step failed
  type: list
  elements: dict
  contains:
    product_key: {description: Last five characters of the key., type: str, sample: 3QDRM}
    # begin fields of activation (make returns)
    #   only: [outcome, attempts, error]
    #   outcome.not_requested: O(activate=false)
    #   outcome.also: [V(needs_confirmation_id) when only that is missing. V(planned) also for keys behind one that failed.]
    outcome:
      description:
        - V(activated) when it succeeded, V(already_licensed) when there was nothing to do, V(not_requested) with O(activate=false),
          V(planned) in check mode, V(failed) when it failed.
        - V(needs_confirmation_id) when only that is missing. V(planned) also for keys behind one that failed.
      type: str
      sample: activated
    attempts: {description: How often activation was tried., type: int, sample: 1}
    error: {description: "Why it failed, with the fields of RV(error), V(null) when it did not.", type: dict}
    # end activation
    installation_id: {description: "Installation ID of an installed key that is not activated, else V(null).", type: str, sample: "0180067"}
activations_used:
  {description: "Activations of host keys spent, or to be.", returned: unless the task was refused, type: int, sample: 1}
service_restarted:
  description: Whether the licensing service was restarted.
  returned: unless the task was refused
  type: bool
  sample: true
stale_srv_records:
  description: With O(state=absent) the records of the machine that are to be removed from DNS.
  returned: unless the task was refused or a step failed
  type: list
  elements: dict
  contains: *record
# begin part error (make returns)
#   code.words: [host_update_missing]
#   samples: {code: "0xC004C008", symbol: SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED, meaning: The key has been activated as often as it may be.,
#     cause: A rebuilt host counts again., next_steps: [Activate by telephone.], category: key,
#     source: slerror.h (Windows SDK)}
error:
  description: Why the task failed.
  returned: when the task failed, or the machine could not be asked
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or a word such as V(host_update_missing) when the module refused to do something before it began.
        - Words for what has no code are V(invalid_options), V(not_applicable), V(wrong_connection), V(connection_options), V(unreachable),
          V(unknown_outcome), V(step_incomplete), V(wrong_key_type), V(invalid_state) and V(internal_error).
      type: str
      sample: "0xC004C008"
    symbol: {description: "Name of the code, V(null) for a word.", type: str, sample: SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED}
    meaning: {description: What it means., type: str, sample: The key has been activated as often as it may be.}
    cause: {description: What usually leads to it., type: str, sample: A rebuilt host counts again.}
    next_steps: {description: "What to do about it, the most promising first.", type: list, elements: str, sample: [Activate by telephone.]}
    category: {description: "Kind of the error, V(refused) for a refusal.", type: str, sample: key}
    source: {description: "Where the facts come from, V(null) for this collection's own.", type: str, sample: slerror.h (Windows SDK)}
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
