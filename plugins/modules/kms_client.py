# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_client
version_added: 0.1.0
short_description: Make a Windows machine a KMS client, point it to a KMS host and activate it
description:
  - Makes Windows a KMS client in one task. The module installs the public KMS client setup key (GVLK) of the edition, sets or clears the
    KMS host, and activates. It changes only what is different, and a second run does not write to the machine.
  - If an option is not set, the module does not change the setting.
  - Before the module replaces a licensed MAK, retail, or OEM key, which nobody can restore, it probes the KMS host. If a KMS host responds,
    O(lose_activation) is not needed. See O(probe).
  - The module does not change evaluation editions and editions without a GVLK. It does not change a KMS host unless
    O(convert_kms_host=true).
  - The module activates if Windows is not licensed, if the key or the KMS host in use was changed, or if O(reactivate=true).
options:
  product_key:
    description:
      - Key of the KMS client. If set to V(auto), the module uses the GVLK that Microsoft publishes for the edition and build of the
        machine.
      - The module compares keys by their channel and their last five characters, and does not install a GVLK that is installed.
      - A key that is not a published GVLK, such as a MAK or a KMS host key (CSVLK), is refused unless O(allow_unknown_key=true).
    type: str
    default: auto
  kms_host:
    description:
      - Name or address of the KMS host, without the port, which is an option of its own, O(kms_port). An IPv6 address can be in brackets.
      - Cannot be combined with O(discovery).
    type: str
  kms_port:
    description:
      - TCP port of the KMS host, from 1 to 65535.
      - If it is not set, the module keeps a port that is set together with O(kms_host), and clears the port of another KMS host. Windows
        then uses port 1688.
      - Needs O(kms_host).
    type: int
  discovery:
    description:
      - Whether to find the KMS host through DNS. If V(true), the module clears the KMS host and the port that are set, for the machine and
        for the product.
    type: bool
  lookup_domain:
    description:
      - DNS domain in which the machine looks for KMS hosts. If it is an empty string, the module clears the setting, and the machine looks
        in its own domain.
      - Windows ignores it if a KMS host is set. Available on Windows 8 or Windows Server 2012, or newer.
    type: str
  host_caching:
    description: Whether the machine first sends its request to the KMS host that responded last, before it looks for another one.
    type: bool
  activation_type:
    description:
      - How Windows can be activated. V(ad) is Active Directory, V(kms) is KMS, V(token) is a token, and V(all) is any of these.
      - Available on Windows 8 and Windows Server 2012, or newer.
    type: str
    choices: [all, ad, kms, token]
  allow_unknown_key:
    description:
      - Whether to install O(product_key) if it is not one of the GVLKs that this collection knows, for example because it is newer. If
        V(false), the task is refused. Overrides V(not_a_gvlk).
      - If the key turns out not to be a KMS client key, the module installs the GVLK of the edition instead, and the task fails.
    type: bool
    default: false
  reactivate:
    description:
      - Whether to send a request to the KMS host if Windows is licensed, for example after the KMS host or its key was replaced. The
        request renews the activation and uses no activation of a key.
      - If V(true), every run sends a request, and reports a change if the activation succeeds. Set it only for machines that need it.
      - If the request fails, the task fails. Windows stays licensed until the time in RV(activation.expires).
      - Ignored if only Active Directory or a token can activate Windows.
    type: bool
    default: false
  probe:
    description:
      - Whether to probe a KMS host from the controller before an activation is lost that nobody can restore. The module probes the KMS host
        that is set, or the KMS hosts that DNS names, as M(winops.volume_activation.kms_endpoint_info) does. The probe does not activate
        anything, and the KMS host does not count the controller.
      - If no KMS host responds, the task is refused with V(activation_would_be_lost), and nothing is changed.
      - If V(false), the task continues with a warning. Overrides V(activation_would_be_lost). Set it if the controller cannot reach the KMS
        hosts of the machines, or if Active Directory activates the machine.
      - The module does not probe if no activation would be lost, if the task is refused for another reason, or if O(lose_activation=true).
        In check mode, it probes as well.
    type: bool
    default: true
  kms_host_info:
    description:
      - Results of M(winops.volume_activation.activation_info) or M(winops.volume_activation.kms_host) for the KMS hosts, with the number of
        clients that each KMS host counts. The module finds a KMS host in the results by its computer name.
      - If an activation would be lost, and the KMS host does not count enough clients, the task is refused with
        V(activation_would_be_lost). If the count is not known, the module returns a warning.
    type: list
    elements: dict
    default: []
  fallback_key:
    description:
      - MAK or retail key that the machine has now. If its activation is lost, and no KMS host activates the machine, the module installs
        and activates this key again. This can use an activation of the key, see RV(activations_used).
      - The task is refused if the last five characters are not those of the key whose activation would be lost.
      - The module does not use the key if the KMS host does not count enough clients yet, or if the outcome of the request is not known.
        The machine then keeps its new key, and Windows sends the request again.
      - It is a secret, as O(product_key) is. Keep it in a vault.
    type: str
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._connection
  - winops.volume_activation._activation
  - winops.volume_activation._losses
  - winops.volume_activation._losses.subscription
  - winops.volume_activation._losses.client
  - winops.volume_activation._probe
  - winops.volume_activation._probe.controller
  - winops.volume_activation._probe.networks
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.product_key
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Make the machine a KMS client that finds its KMS host through DNS
  winops.volume_activation.kms_client:
    discovery: true

- name: Point the machine to a KMS host, and give the host a quarter of an hour to count enough clients
  winops.volume_activation.kms_client:
    kms_host: kms01.example.com
    kms_port: 1688
    retry_timeout: 900

- name: Move from a MAK to KMS, and back to the MAK if KMS does not activate the machine
  winops.volume_activation.kms_client:
    kms_host: kms01.example.com
    dns_server: dc1.example.com
    fallback_key: "{{ vault_mak }}"

- name: Prepare an image without activating it
  winops.volume_activation.kms_client:
    discovery: true
    activate: false

- name: See what a conversion would do
  winops.volume_activation.kms_client:
    kms_host: "2001:db8::10"
  check_mode: true
  diff: true
  register: forecast

- name: Go on when the KMS host does not yet count enough clients
  winops.volume_activation.kms_client:
    kms_host: kms01.example.com
  register: conversion

- name: Renew the activation now, after the key of the KMS host was changed
  winops.volume_activation.kms_client:
    reactivate: true

- name: Say how many clients are missing
  ansible.builtin.debug:
    msg: "{{ conversion.activation.current_count }} of {{ conversion.activation.required_count }}"
  when: conversion.activation.outcome == 'waiting_for_count'
"""

RETURN = r"""
# begin part msg (make returns)
msg:
  description: The outcome in one line, as long as the task did not fail. Otherwise what failed and what to do next.
  returned: always
  type: str
  sample: "PC-001: nothing to do."
# end msg
# begin part machine (make returns)
#   returned: always
#   what: The machine, or V(null) if it was not read.
machine:
  description: The machine, or V(null) if it was not read.
  returned: always
  type: dict
  contains:
    computer_name: {description: Name of the computer., type: str, sample: W10-0001}
    caption: {description: Name of the operating system as the machine displays it., type: str, sample: Microsoft Windows 10 Pro}
    version: {description: Version of the operating system., type: str, sample: 10.0.19045}
    build: {description: Build number of the operating system., type: int, sample: 19045}
    edition_id:
      description: Edition as Windows names it in the registry, or V(null) if it was not read.
      type: str
      sample: Professional
    product_type: {description: "One of V(client), V(server) and V(domain_controller).", type: str, sample: client}
    language: {description: Language of the installation as a Windows language number (LCID)., type: int, sample: 1033}
    current_time: {description: "Time on the machine when it was read, in UTC.", type: str, sample: "2026-11-20T10:00:00Z"}
    licensing_version:
      description: Version of the licensing service, or V(null) if it was not read and on Windows Server 2003.
      type: str
      sample: 10.0.19041.3996
# end machine
# begin part steps (make returns)
#   action.words: [install_product_key, activate, restore_product_key, activate_again, set_kms_host, set_kms_port, clear_kms_host,
#     clear_kms_port, set_lookup_domain, clear_lookup_domain, set_host_caching, set_activation_type]
#   action.also:
#     - V(restore_product_key) and V(activate_again) are those of O(fallback_key).
#     - A setting of the product, which has precedence over that of the machine, has V(product) in the name of its step, as in
#       V(clear_product_kms_host).
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description:
        - Identifier of the step, one of V(install_product_key), V(activate), V(restore_product_key), V(activate_again), V(set_kms_host),
          V(set_kms_port), V(clear_kms_host), V(clear_kms_port), V(set_lookup_domain), V(clear_lookup_domain), V(set_host_caching) and
          V(set_activation_type).
        - V(restore_product_key) and V(activate_again) are those of O(fallback_key).
        - A setting of the product, which has precedence over that of the machine, has V(product) in the name of its step, as in
          V(clear_product_kms_host).
      type: str
      sample: install_product_key
    description: {description: Description of the step., type: str, sample: install the GVLK ending in T83GX for Professional}
    consumes: {description: "What the step consumes, such as an activation of a MAK, or V(null) for nothing.", type: str, sample: null}
    loses: {description: "Activation that the step loses for good, or V(null) for none.", type: str, sample: null}
    uncertain:
      description: Whether the step was sent but its result is unknown. RV(ignore:changed) is V(true) then.
      type: bool
      sample: false
    done: {description: Whether the step was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description: The settings before the task.
  returned: always
  type: dict
  contains: &settings
    # begin fields of settings (make returns)
    partial_product_key: {description: Last five characters of the product key., type: str, sample: T83GX}
    channel: {description: Channel of the key., type: str, sample: gvlk}
    status: {description: Status of the product., type: str, sample: licensed}
    kms_host: {description: "KMS host that is set, V(null) for none.", type: str, sample: kms01.example.com}
    kms_port: {description: "Port that is set, 1688 for a host without one, V(null) when neither is set.", type: int, sample: 1688}
    lookup_domain: {description: "DNS domain to look for KMS hosts in, V(null) for the machine's own.", type: str, sample: example.com}
    host_caching: {description: Whether the KMS host that answered last is asked first., type: bool, sample: true}
    activation_type: {description: By what the product may be activated., type: str, sample: all}
    # end settings
after:
  description: The settings after the task, in check mode as predicted.
  returned: always
  type: dict
  contains: *settings
# begin part diff (make returns)
#   samples: {before: "kms_host: null\n", after: "kms_host: kms01.example.com\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "kms_host: null\n"}
    after: {description: RV(after) as text., type: str, sample: "kms_host: kms01.example.com\n"}
# end diff
# begin part products (make returns)
products:
  description:
    - Product that the task is about, after the task or, in check mode, before it. The fields are those of
      RV(winops.volume_activation.activation_info#module:products).
    - Empty if no product has a key, or if the task failed before the product was read again.
  returned: always
  type: list
  elements: dict
  sample: [{name: "Windows(R), Professional edition", channel: gvlk, partial_product_key: T83GX, status: licensed}]
# end products
# begin part activation (make returns)
#   outcome.not_requested: O(activate=false)
#   outcome.also:
#     - V(waiting_for_count) when the KMS host answered that too few clients have asked so far. The request was counted, Windows asks
#       again by itself, and the task does not fail.
activation:
  description: Outcome of the activation, or V(null) if the task failed before the activation.
  returned: always
  type: dict
  contains:
    partial_product_key:
      description: Last five characters of the product key, or V(null) if Windows does not return them.
      type: str
      sample: T83GX
    outcome:
      description:
        - V(activated) if the activation succeeded, V(already_licensed) if no activation was required, V(not_requested) with
          O(activate=false), V(planned) in check mode, and V(failed) if the activation failed.
        - V(waiting_for_count) when the KMS host answered that too few clients have asked so far. The request was counted, Windows asks
          again by itself, and the task does not fail.
      type: str
      sample: activated
    attempts: {description: Number of activation attempts., type: int, sample: 1}
    kms_host: {description: "Name or address of the KMS host that was used, or V(null) if none was.", type: str, sample: kms01.example.com}
    kms_port: {description: "TCP port of RV(ignore:kms_host), or V(null).", type: int, sample: 1688}
    expires:
      description: Time when the activation ends, in UTC, or V(null) if it does not end.
      type: str
      sample: "2027-05-19T10:00:00Z"
    current_count:
      description: Number of clients that the KMS host has counted if RV(ignore:outcome=waiting_for_count), or V(null).
      type: int
      sample: null
    required_count:
      description: Number of clients that the KMS host must count if RV(ignore:outcome=waiting_for_count), or V(null).
      type: int
      sample: null
    installation_id:
      description: Installation ID to give to Microsoft as long as the product is not activated. V(null) for a KMS client.
      type: str
      sample: null
    error: {description: "Why the activation failed, with the fields of RV(error), or V(null) if it did not fail.", type: dict}
# end activation
activations_used:
  {description: Activations of O(fallback_key) spent. KMS consumes none., returned: always, type: int, sample: 0}
rolled_back:
  description:
    - Whether the activation failed and O(fallback_key) is installed again.
    - V(true) also when O(product_key) turned out to be no key of a KMS client and the GVLK of the edition took its place. See
      O(allow_unknown_key).
  returned: always
  type: bool
  sample: false
# begin part error (make returns)
#   code.words: [is_kms_host]
#   samples: {code: "0xC004F074", symbol: SL_E_VL_BINDING_SERVICE_UNAVAILABLE, meaning: No KMS host could serve the request.,
#     cause: A firewall is in the way., next_steps: [Check the port.], category: kms_contact, transient: true,
#     source: slerror.h (Windows SDK),
#     underlying: {code: "0x800706BA", symbol: HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE), kms_host: kms01.example.com, kms_port: 1688}}
error:
  description: Why the task failed.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or an identifier such as V(is_kms_host) if the module refused the task before it changed anything.
        - Identifiers without a code of Windows are V(invalid_options), V(not_applicable), V(wrong_connection), V(connection_options),
          V(unreachable), V(unknown_outcome), V(step_incomplete), V(wrong_key_type), V(invalid_state), and V(internal_error).
      type: str
      sample: "0xC004F074"
    symbol:
      description: Symbolic name of the code, or V(null) for an identifier.
      type: str
      sample: SL_E_VL_BINDING_SERVICE_UNAVAILABLE
    meaning: {description: Meaning of the code., type: str, sample: No KMS host could serve the request.}
    cause: {description: Most common cause., type: str, sample: A firewall is in the way.}
    next_steps: {description: "What to do next, the most promising step first.", type: list, elements: str, sample: [Check the port.]}
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: kms_contact}
    source: {description: "Source of the facts, or V(null) for those of this collection.", type: str, sample: slerror.h (Windows SDK)}
    transient: {description: Whether the same request can succeed later without any change., type: bool, sample: true}
    known:
      description: Whether the code is in the catalog. If V(false), the explanation only rests on the number range of the code.
      type: bool
      sample: true
    subcode:
      description:
        - Identifier of one of several causes of a code. For V(0xC004F035), one of V(oem_marker_missing), V(wrong_key), and V(unclear).
        - V(null) for every other code.
      type: str
      sample: null
    underlying:
      description:
        - Error behind RV(ignore:code) from the event log of Windows, with C(code), C(symbol), C(meaning), C(kms_host), and C(kms_port).
        - V(null) if there is none.
      type: dict
      sample: {code: "0x800706BA", symbol: HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE), kms_host: kms01.example.com, kms_port: 1688}
# end error
"""
