# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: adba_object
version_added: 0.1.0
short_description: Create or delete an activation object of Active Directory
description:
  - With O(state=present), a Windows machine creates an activation object in its forest with a KMS host key (CSVLK), as
    C(slmgr.vbs /ad-activation-online) does on the machine itself. The machine asks Microsoft, and Microsoft counts an activation of the
    key. The key is not installed on the machine.
  - With O(state=absent), the module deletes an activation object over LDAP, and does not use the machine of the task.
  - The module first reads the directory over LDAP from the controller. If an object with the key exists, under any name, there is nothing
    to do, and the key is not sent.
  - The machine must be a domain controller, or a member of a domain of the forest. Windows creates the object with the account of the
    connection. A member must therefore be able to pass the logon on to a domain controller, which requires CredSSP, or Kerberos with
    delegation. The module checks this before it sends the key, and fails with V(no_delegation).
  - The module also fails before it sends the key if another object has the name, if the machine is not a member of the forest of the
    directory, or if its version of Windows cannot create objects.
  - If the response of the machine is lost, the module reads the directory to find out whether the object was created.
  - An object is deleted by its GUID. The module reads it right before that, deletes it only if its activation ID and key are still the
    same, and reads the directory again.
  - The module does not delete the last object that covers one of O(machines), unless O(force=true).
options:
  state:
    description:
      - Desired state of the object.
      - If set to V(absent), set at least one of O(guid), O(name), O(activation_id), and O(partial_product_key). The task fails if they
        match several objects.
    type: str
    choices: [present, absent]
    default: present
  product_key:
    description:
      - KMS host key (CSVLK) of the object. Keep it in a vault. The module shows only its last five characters.
      - With O(state=absent), the module uses its last five characters, as with O(partial_product_key).
      - Required with O(state=present).
    type: str
  name:
    description:
      - Name of the object, of at most 64 characters. If not specified, Windows chooses the name of a new object.
      - With O(state=absent), the name or the display name of the object to delete. Not case-sensitive.
    type: str
  guid:
    description:
      - GUID of the object to delete, see RV(winops.volume_activation.adba_object_info#module:objects[].guid).
      - Cannot be combined with O(state=present).
    type: str
  activation_id:
    description: Activation ID of the KMS host key. With O(state=present), an object with the last five characters of O(product_key) and
      another activation ID does not count as the object of the task.
    type: str
  partial_product_key:
    description:
      - Last five characters of the KMS host key of the object to delete.
      - Cannot be combined with O(state=present).
    type: str
  activation_method:
    description:
      - Method of the activation with Microsoft.
      - If set to V(online), the machine sends an activation request to Microsoft.
      - If set to V(telephone), the first run returns RV(installation_id), and changes nothing. Get the confirmation ID for it from
        Microsoft. The second run deposits the confirmation ID, which creates the object.
      - Microsoft counts an activation when it gives the confirmation ID. Depositing it does not use another activation.
    type: str
    choices: [online, telephone]
    default: online
  # begin part confirmation_id (make returns)
  #   also: ["Cannot be combined with O(activation_method=online)."]
  confirmation_id:
    description:
      - Confirmation ID that Microsoft gave for the installation ID of the key. The groups can be separated by spaces or hyphens.
      - The last digit of each group is a check digit. If a check digit does not match, the module returns a warning with the number of the
        group, and deposits the confirmation ID anyway, because this rule is not verified for the 48 digits of later Windows versions.
      - Cannot be combined with O(activation_method=online).
    type: str
  # end confirmation_id
  # begin part installation_id (make returns)
  #   also: ["Needs O(confirmation_id)."]
  installation_id:
    description:
      - Installation ID for which Microsoft gave the confirmation ID. If the machine has another installation ID, the module does not
        deposit the confirmation ID, and the task fails.
      - Needs O(confirmation_id).
    type: str
  # end installation_id
  max_activations:
    description:
      - Maximum number of activations that the task can use. A task that creates an object uses one. With V(0), it fails before it sends the
        key if the object does not exist.
      - The number is not known in a loop. The task fails in this case if it would use an activation.
      - Must be 0 or greater.
    type: int
  machines:
    description:
      - Machines that need an activation object, for O(state=absent). Each item is the registered result of
        M(winops.volume_activation.activation_info), or a dictionary with C(name), C(build), C(product_type), and C(edition_id) as in
        RV(winops.volume_activation.activation_info#module:machine). No machine is asked again.
      - The task fails with V(last_activation_object) if no other object covers the Windows or the Office of one of these machines. A
        machine that was not read, and an object whose product is not known, count against deleting. See O(csvlk_products).
      - If not specified, or if the list is empty, the task fails only for the last object of the forest.
      - Cannot be combined with O(state=present).
    type: list
    elements: dict
  force:
    description:
      - Whether to delete an object even if it is the last one that covers machines. Overrides the error code V(last_activation_object).
      - Machines that no object covers keep their license for up to 180 days after their last renewal.
      - Cannot be combined with O(state=present).
    type: bool
    default: false
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._attributes.ledger
  - winops.volume_activation._connection
  - winops.volume_activation._directory
notes:
  - A task with O(state=present) in a play with several machines fails with V(several_machines), unless C(run_once=true), because each
    machine would create the object.
  - In check mode, the module does not send the key, not even to read the installation ID.
  - Windows creates the object on a domain controller of its choice. If RV(directory.server) does not show it yet, the task succeeds with a
    warning.
seealso:
  - module: winops.volume_activation.adba_object_info
  - module: winops.volume_activation.kms_host
  - module: winops.volume_activation.kms_client
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Create the activation object through a domain controller
  winops.volume_activation.adba_object:
    product_key: "{{ vault_csvlk_2025 }}"
    name: Windows Server 2025
    max_activations: 1
    server: dc1.example.com
    principal: ansible-admin@EXAMPLE.COM
    keytab: /etc/ansible/admin.keytab

- name: Read the installation ID for the telephone
  winops.volume_activation.adba_object:
    product_key: "{{ vault_csvlk_2025 }}"
    activation_method: telephone
    domain: example.com
  register: object

- name: Create the object with the confirmation ID
  winops.volume_activation.adba_object:
    product_key: "{{ vault_csvlk_2025 }}"
    activation_method: telephone
    installation_id: "{{ object.installation_id }}"
    confirmation_id: "{{ confirmation_id }}"
    domain: example.com

- name: Read all machines
  winops.volume_activation.activation_info:
    application: all
  register: facts

- name: Delete the object of Windows Server 2019, if another object covers all machines
  winops.volume_activation.adba_object:
    state: absent
    name: Windows Server 2019
    machines: "{{ ansible_play_hosts_all | map('extract', hostvars, 'facts') }}"
    csvlk_products: "{{ csvlk_products }}"
    domain: example.com
  run_once: true

- name: Delete a conflict copy by its GUID
  winops.volume_activation.adba_object:
    state: absent
    guid: 4b6d2b0e-6a0c-4a44-9a35-1fd6c1d0a111
    domain: example.com
  delegate_to: localhost
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
#   what: Facts about the machine, or V(null) with O(state=absent) and if the module did not read it.
machine:
  description: Facts about the machine, or V(null) with O(state=absent) and if the module did not read it.
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
# begin part activation_object (make returns)
#   returned: always
#   what: Activation object of the task. With O(state=absent), the object that the task deleted. V(null) if there is none, or if it is not
#     visible yet.
object:
  description: Activation object of the task. With O(state=absent), the object that the task deleted. V(null) if there is none, or if it is
    not visible yet.
  returned: always
  type: dict
  contains:
    name: {description: Name of the object (C(cn)). Names of conflict copies contain C(\\0ACNF) and a GUID., type: str, sample: Server 2022}
    display_name: {description: "Display name of the object, or its name if it has none.", type: str, sample: Server 2022}
    dn:
      description: Distinguished name of the object.
      type: str
      sample: CN=Server 2022,CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=example,DC=com
    guid:
      description: GUID of the object (C(objectGUID)), which stays the same and identifies it.
      type: str
      sample: 4b6d2b0e-6a0c-4a44-9a35-1fd6c1d0a111
    activation_id:
      description: Activation ID of the KMS host key (CSVLK), or V(null) if the account cannot read it.
      type: str
      sample: 47f3b983-7c53-4d45-abc6-bcd91e2dd90a
    product_name:
      description: Product of the KMS host key, or V(null) if its activation ID is not known. See O(csvlk_products).
      type: str
      sample: Office LTSC 2021
    partial_product_key:
      description: Last five characters of the KMS host key, or V(null) if the account cannot read them.
      type: str
      sample: 3QDRM
    extended_pid:
      description: Extended PID of the KMS host key, or V(null) if the account cannot read it.
      type: str
      sample: 55041-00206-471-111111-03-1033-17763.0000-2712026
    kms_ids:
      description: IDs of the groups of products that the object activates (C(msSPP-KMSIds)), sorted.
      type: list
      elements: str
      sample: [8a3c8d8a-9f67-4f1d-93b5-0b1b2a3c4d5e]
    created_time:
      description: Time at which the object was created, in UTC. On each domain controller, this is the original time.
      type: str
      sample: "2026-11-20T10:00:00Z"
    changed_time:
      description: Time at which this domain controller last received a change of the object, in UTC.
      type: str
      sample: "2026-11-20T10:00:00Z"
    age_days: {description: "Number of days since RV(ignore:created_time), by the clock of the domain controller.", type: int, sample: 11}
    is_conflict_copy:
      description: Whether replication renamed the object because another object got the same name on another domain controller.
      type: bool
      sample: false
# end activation_object
# begin part directory (make returns)
#   returned: always
#   what: Domain controller that the module used, and the connection to it. V(null) if it could not be reached.
directory:
  description: Domain controller that the module used, and the connection to it. V(null) if it could not be reached.
  returned: always
  type: dict
  contains:
    server: {description: Name of the domain controller., type: str, sample: dc1.example.com}
    address: {description: Address of the domain controller., type: str, sample: 192.0.2.10}
    port: {description: TCP port of the domain controller., type: int, sample: 389}
    forest: {description: DNS name of the root domain of the forest., type: str, sample: example.com}
    container:
      description: Distinguished name of the container of the activation objects.
      type: str
      sample: CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=example,DC=com
    protocol: {description: "How the module logged on: one of V(kerberos), V(ntlm), and V(simple).", type: str, sample: kerberos}
    security:
      description: "How the session was encrypted: one of V(sealed) (by Kerberos or NTLM), V(ldaps), and V(starttls)."
      type: str
      sample: sealed
    tls_version: {description: "Version of TLS, or V(null) without TLS.", type: str, sample: null}
    account: {description: "Account of the session, as the domain controller names it.", type: str, sample: EXAMPLE\reader}
    clock_difference:
      description: Clock of the domain controller minus the clock of the controller in seconds, or V(null) if it is not known.
      type: int
      sample: 0
    is_read_only: {description: Whether the domain controller is a read-only domain controller (RODC)., type: bool, sample: false}
# end directory
installation_id:
  description: Installation ID for the telephone, or V(null) if the module did not read it.
  returned: always
  type: str
  sample: null
activations_used:
  description:
    - Number of activations of the KMS host key that the task used, or would use in check mode.
    - An activation whose result is unknown is not counted. Its step has RV(steps[].uncertain=true).
  returned: always
  type: int
  sample: 1
# begin part steps (make returns)
#   action.words: [activate, delete_activation_object]
#   samples: {action: activate, description: create the activation object with the KMS host key ending in 3QDRM,
#     consumes: 1 activation of this KMS host key}
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required.
  returned: always
  type: list
  elements: dict
  contains:
    action: {description: "Identifier of the step, one of V(activate) and V(delete_activation_object).", type: str, sample: activate}
    description:
      description: Description of the step.
      type: str
      sample: create the activation object with the KMS host key ending in 3QDRM
    consumes:
      description: What the step consumes, such as an activation of a MAK, or V(null) for nothing.
      type: str
      sample: 1 activation of this KMS host key
    loses: {description: "Activation that the step removes and that cannot be restored, or V(null) for none.", type: str, sample: null}
    uncertain:
      description: Whether the step was sent but its result is unknown. If V(true), RV(ignore:changed) is also V(true).
      type: bool
      sample: false
    done: {description: Whether the step was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description: The object before the task, or V(null) if the module did not read the directory.
  returned: always
  type: dict
  contains: &settings
    object:
      description: Name, activation ID, and partial product key of the object, or V(null) if there is none.
      type: dict
      sample: null
after:
  description: The object after the task, in check mode as predicted. V(null) if the directory was not read again.
  returned: always
  type: dict
  contains: *settings
# begin part diff (make returns)
#   samples: {before: "object: null\n", after: "object:\n  name: Windows Server 2025\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "object: null\n"}
    after: {description: RV(after) as text., type: str, sample: "object:\n  name: Windows Server 2025\n"}
# end diff
# begin part error (make returns)
#   code.words: [no_delegation, activation_object_name_taken, other_forest, last_activation_object, several_activation_objects]
#   subcode.also: [For V(directory_tls_failed) and V(directory_logon_failed), such as V(untrusted) and V(wrong_password).]
#   samples: {code: "0x80072098", symbol: HRESULT_FROM_WIN32(ERROR_DS_INSUFF_ACCESS_RIGHTS),
#     meaning: The account does not have enough rights in the directory., cause: "Only Enterprise Admins, or accounts with delegated rights,
#     can create or delete activation objects.", next_steps: [Use an account from Enterprise Admins.], category: ad, source: winerror.h}
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(no_delegation), V(activation_object_name_taken),
          V(other_forest), V(last_activation_object), and V(several_activation_objects) if the module refused the task before it changed
          anything.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
      type: str
      sample: "0x80072098"
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: HRESULT_FROM_WIN32(ERROR_DS_INSUFF_ACCESS_RIGHTS)
    meaning: {description: Meaning of the code., type: str, sample: The account does not have enough rights in the directory.}
    cause:
      description: Most common cause.
      type: str
      sample: Only Enterprise Admins, or accounts with delegated rights, can create or delete activation objects.
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Use an account from Enterprise Admins.]
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: ad}
    source:
      description: Source of the explanation, or V(null) if the explanation is only from this collection.
      type: str
      sample: winerror.h
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
        - For V(directory_tls_failed) and V(directory_logon_failed)
        - such as V(untrusted) and V(wrong_password).
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
