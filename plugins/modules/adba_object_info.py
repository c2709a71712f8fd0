# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: adba_object_info
version_added: 0.1.0
short_description: List the activation objects of an Active Directory forest
description:
  - Lists the activation objects with which Active Directory activates the domain members of a forest (Active Directory-based activation,
    ADBA). The module uses LDAP from the controller, and no Windows machine.
  - Each item of RV(objects) has the product of its KMS host key (CSVLK), if it is known. An object activates this product and older ones.
    Pass RV(objects) to M(winops.volume_activation.activation_check), so that it names machines that no object covers.
  - If the module finds no object, RV(msg) names the account that asked.
  - The module reads the attributes that it returns, and never the licenses in an object.
extends_documentation_fragment:
  - winops.volume_activation._attributes.info
  - winops.volume_activation._directory
attributes:
  action:
    description: Runs as an action plugin on the controller. It does not copy files to the machine, and does not start processes there.
    support: full
  async:
    description: Can be run in the background with C(async).
    support: none
    details: The task fails with C(async).
  bypass_host_loop:
    description: Runs once for all machines of the play, as with C(run_once).
    support: none
    details: Set C(run_once=true) in a play with several machines of one forest.
  platform:
    description: Operating systems that the module manages.
    platforms: posix
    support: full
    details: The module runs on the controller, also without C(delegate_to). It ignores the connection of the task.
seealso:
  - module: winops.volume_activation.adba_object
  - module: winops.volume_activation.activation_check
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: List the activation objects of the forest, with a ticket of the user who runs Ansible
  winops.volume_activation.adba_object_info:
    domain: example.com
  register: objects
  run_once: true

- name: List them with a keytab, on one domain controller
  winops.volume_activation.adba_object_info:
    server: dc1.example.com
    principal: ansible-reader@EXAMPLE.COM
    keytab: /etc/ansible/reader.keytab

- name: List them with a simple bind inside TLS
  winops.volume_activation.adba_object_info:
    server: dc1.example.com
    authentication: simple
    principal: EXAMPLE\ansible-reader
    password: "{{ vault_reader_password }}"
    ca_file: /etc/ansible/example-ca.pem

- name: Read the licenses without a key of a server, which include those of the KMS host keys
  winops.volume_activation.activation_info:
    include_products_without_key: true
  register: server

- name: List the objects with the products of their keys
  winops.volume_activation.adba_object_info:
    domain: example.com
    csvlk_products: "{{ server | winops.volume_activation.csvlk_products }}"
"""

RETURN = r"""
# begin part msg (make returns)
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: "PC-001: nothing to do."
# end msg
# begin part directory (make returns)
directory:
  description: Domain controller that the module used, and the connection to it.
  returned: success
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
objects:
  description: Activation objects that the account can read, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    # begin fields of activation_object (make returns)
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
# begin part error (make returns)
#   code.words: [directory_unreachable, directory_logon_failed, directory_no_container]
#   code.when: if the directory could not be read
#   subcode.also: [For V(directory_tls_failed) and V(directory_logon_failed), such as V(untrusted) and V(wrong_password).]
#   samples: {code: directory_no_container, symbol: null, meaning: The forest has no container for activation objects.,
#     cause: adprep did not run to its end., next_steps: [Ask an administrator to run adprep.], category: directory, source: null}
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(directory_unreachable), V(directory_logon_failed), and
          V(directory_no_container) if the directory could not be read.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
      type: str
      sample: directory_no_container
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: null
    meaning: {description: Meaning of the code., type: str, sample: The forest has no container for activation objects.}
    cause: {description: Most common cause., type: str, sample: adprep did not run to its end.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Ask an administrator to run adprep.]
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: directory}
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
