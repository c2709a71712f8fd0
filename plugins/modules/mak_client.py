# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mak_client
version_added: 0.1.0
short_description: Activate a Windows machine, or Office on it, with a multiple activation key (MAK)
description:
  - Installs a MAK and activates it, online, or by a confirmation ID from the telephone or from another computer. The module changes only
    what is different, and a second run does not write to the machine.
  - Each activation of a MAK is used permanently. The module never activates a licensed MAK again. It repeats an attempt only if Microsoft
    cannot have received it. After a lost response, it reads the machine until the outcome of the activation is known. Only one run at a
    time uses activations on a machine. Another run waits, and is refused after some minutes. Check mode returns how many activations would
    be used.
  - If the activation fails, the module puts back the KMS client key (GVLK) that the machine had before.
  - The module does not change a KMS host unless O(convert_kms_host=true). Evaluation editions and editions without a volume license do not
    accept a MAK.
  - To make the machine a KMS client again, use M(winops.volume_activation.kms_client).
  - On Windows Server 2003, the module activates the key of the machine or O(product_key) with the same options. Options that Windows Server
    2003 does not support are refused.
options:
  product_key:
    description:
      - The MAK, five groups of five characters. Not needed if the machine has its MAK already.
      - A key that turns out not to be a MAK is never activated. The module puts back the GVLK that the key replaced, and the task fails.
      - A new MAK of the same product replaces the first one, and its activation is lost. See O(lose_activation).
    type: str
  # begin part confirmation_id (make returns)
  #   also: [Cannot be combined with O(activation_method=online). Cannot be combined with O(activate=false).]
  confirmation_id:
    description:
      - Confirmation ID that Microsoft gave for the installation ID of the key. Its groups can have blanks or hyphens between them.
      - The last digit of each group is a check digit. A group that does not match is named in a warning, and the confirmation ID is sent
        all the same, because the rule is not verified for the 48 digits of later Windows.
      - Cannot be combined with O(activation_method=online). Cannot be combined with O(activate=false).
    type: str
  # end confirmation_id
  # begin part installation_id (make returns)
  #   also: [Needs O(confirmation_id).]
  installation_id:
    description:
      - Installation ID for which Microsoft gave the confirmation ID. If the machine shows another one, the module does not deposit the
        confirmation ID, and the task fails.
      - Needs O(confirmation_id).
    type: str
  # end installation_id
  edition_id:
    description:
      - EditionID of the Windows that the key is for, such as V(ServerStandard). If the machine has another edition, the task is refused
        before anything is changed.
      - Set it if your machines have several editions, because a MAK does not show its edition.
    type: str
  planned_activations:
    description:
      - Number of activations that the play is going to use, as the filter P(winops.volume_activation.mak_budget#filter) adds them up. It
        counts instead of the machines of the play, in a loop and in a delegated task too.
      - The role P(winops.volume_activation.mak_client#role) reads all machines first and sets it.
      - Needs O(max_activations).
    type: int
  rollback:
    description:
      - Whether to put back the GVLK that the machine had before if the activation fails, and to activate the KMS client again if it was
        licensed. The module does not put back the GVLK while the activation might still take effect.
      - The module cannot put back other keys, because Windows does not show full keys. See O(lose_activation).
      - If V(false), the MAK stays if its activation fails. Set it if Windows is licensed by a key that can be activated without a loss but
        cannot be put back, such as a GVLK newer than this collection. Overrides V(key_not_restorable).
      - Ignored on Windows Server 2003.
    type: bool
    default: true
  clear_kms_settings:
    description:
      - Whether to clear the KMS host, the port, and the lookup domain that are set for Windows, after Windows is licensed by its MAK. A MAK
        does not use these settings, but a machine that becomes a KMS client again does.
      - Cannot be combined with O(application=office).
    type: bool
    default: false
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._connection
  - winops.volume_activation._selection
  - winops.volume_activation._activation
  - winops.volume_activation._activation.proxy
  - winops.volume_activation._activation.limit
  - winops.volume_activation._losses
  - winops.volume_activation._losses.subscription
  - winops.volume_activation._losses.client
attributes:
  idempotent:
    support: partial
    details:
      - A machine with a licensed MAK gets no write, but for KMS settings that are to be cleared and are there.
      - Windows Server 2003 takes O(product_key) with every run until it is activated. It makes a new installation ID for every request for
        one. With O(activation_method=telephone) and without O(confirmation_id), every run therefore makes the previous installation ID
        void.
  platform:
    details: Windows Server 2003 up to Windows 11 and Windows Server 2025, in any display language.
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.kms_client
  - plugin: winops.volume_activation.mak_budget
    plugin_type: filter
  - ref: ansible_collections.winops.volume_activation.docsite.guide_convert_to_mak
    description: How to spend the activations of a MAK with care, and what fails.
  - ref: ansible_collections.winops.volume_activation.docsite.guide_proxy_activation
    description: How to activate many machines without the internet.
author: [winops contributors (@winops)]
"""

EXAMPLES = r"""
- name: Activate online with the MAK from the vault
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak }}"

- name: See what it would spend
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak }}"
  check_mode: true
  register: forecast  # forecast.activations_used

- name: Install the MAK and get the installation ID for the telephone
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak }}"
    activation_method: telephone
  register: by_telephone  # by_telephone.product.installation_id_groups

- name: Deposit what the activation center answered
  winops.volume_activation.mak_client:
    activation_method: telephone
    confirmation_id: 204455-473963-727110-378854-169136-901266-745572-123451

- name: Activate the volume edition of Office with its own MAK
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak_office }}"
    application: office

- name: Convert a KMS client for good, and let nothing point to the KMS host any more
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak }}"
    edition_id: ServerStandard
    clear_kms_settings: true
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
#   action.words: [install_product_key, activate, clear_kms_host, clear_kms_port, clear_lookup_domain]
#   action.also:
#     - A setting of the product, which has precedence over that of the machine, has V(product) in the name of its step, as in
#       V(clear_product_kms_host).
#     - For a rollback V(restore_product_key), V(remove_product_key) for Office, and V(activate_again).
#     - V(get_installation_id) on Windows Server 2003.
#   samples: {description: install the MAK ending in TTWX3 (the machine has the GVLK ending in T83GX),
#     consumes: 1 activation of the MAK ending in TTWX3}
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description:
        - Identifier of the step, one of V(install_product_key), V(activate), V(clear_kms_host), V(clear_kms_port) and
          V(clear_lookup_domain).
        - A setting of the product, which has precedence over that of the machine, has V(product) in the name of its step, as in
          V(clear_product_kms_host).
        - For a rollback V(restore_product_key), V(remove_product_key) for Office, and V(activate_again).
        - V(get_installation_id) on Windows Server 2003.
      type: str
      sample: install_product_key
    description:
      description: Description of the step.
      type: str
      sample: install the MAK ending in TTWX3 (the machine has the GVLK ending in T83GX)
    consumes:
      description: What the step consumes, such as an activation of a MAK, or V(null) for nothing.
      type: str
      sample: 1 activation of the MAK ending in TTWX3
    loses: {description: "Activation that the step loses for good, or V(null) for none.", type: str, sample: null}
    uncertain:
      description: Whether the step was sent but its result is unknown. RV(ignore:changed) is V(true) then.
      type: bool
      sample: false
    done: {description: Whether the step was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description: The product and the KMS settings of Windows before the task.
  returned: always
  type: dict
  contains: &settings
    # begin fields of settings (make returns)
    #   only: [partial_product_key, channel, status, kms_host, kms_port, lookup_domain]
    #   partial_product_key.also: V(null) on Windows Server 2003.
    #   kms_host.also: V(null) also with O(application=office).
    #   samples: {partial_product_key: TTWX3, channel: mak}
    partial_product_key: {description: Last five characters of the product key. V(null) on Windows Server 2003., type: str, sample: TTWX3}
    channel: {description: Channel of the key., type: str, sample: mak}
    status: {description: Status of the product., type: str, sample: licensed}
    kms_host:
      description: KMS host that is set, V(null) for none. V(null) also with O(application=office).
      type: str
      sample: kms01.example.com
    kms_port: {description: "Port that is set, 1688 for a host without one, V(null) when neither is set.", type: int, sample: 1688}
    lookup_domain: {description: "DNS domain to look for KMS hosts in, V(null) for the machine's own.", type: str, sample: example.com}
    # end settings
after:
  description: The product and the KMS settings of Windows after the task, in check mode as predicted.
  returned: always
  type: dict
  contains: *settings
# begin part diff (make returns)
#   samples: {before: "partial_product_key: T83GX\n", after: "partial_product_key: TTWX3\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "partial_product_key: T83GX\n"}
    after: {description: RV(after) as text., type: str, sample: "partial_product_key: TTWX3\n"}
# end diff
# begin part products (make returns)
#   sample: [{name: "Windows(R), Professional edition", channel: mak, partial_product_key: TTWX3, status: licensed}]
products:
  description:
    - Product that the task is about, after the task or, in check mode, before it. The fields are those of
      RV(winops.volume_activation.activation_info#module:products).
    - Empty if no product has a key, or if the task failed before the product was read again.
  returned: always
  type: list
  elements: dict
  sample: [{name: "Windows(R), Professional edition", channel: mak, partial_product_key: TTWX3, status: licensed}]
# end products
# begin part activation (make returns)
#   outcome.not_requested: O(activate=false)
#   outcome.also:
#     - V(needs_confirmation_id) with O(activation_method=telephone) and O(activation_method=proxy) until O(confirmation_id) is given.
#   samples: {expires: null}
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
        - V(needs_confirmation_id) with O(activation_method=telephone) and O(activation_method=proxy) until O(confirmation_id) is given.
      type: str
      sample: activated
    attempts: {description: Number of activation attempts., type: int, sample: 1}
    kms_host: {description: "Name or address of the KMS host that was used, or V(null) if none was.", type: str, sample: kms01.example.com}
    kms_port: {description: "TCP port of RV(ignore:kms_host), or V(null).", type: int, sample: 1688}
    expires: {description: "Time when the activation ends, in UTC, or V(null) if it does not end.", type: str, sample: null}
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
  {description: "Activations of the MAK spent, or to be. A confirmation ID consumes none.", returned: always, type: int, sample: 1}
rolled_back:
  description: Whether the machine has the key it had before, because the activation failed or O(product_key) turned out to be no MAK.
  returned: always
  type: bool
  sample: false
# begin part error (make returns)
#   code.words: [activation_budget, not_a_mak, edition_mismatch, edition_takes_no_mak, is_kms_host, activation_would_be_lost]
#   code.also: [V(stale_installation_id) when the confirmation ID was given for another installation ID.]
#   samples: {code: "0xC004C020", symbol: SL_E_CHPA_DMAK_LIMIT_EXCEEDED, meaning: The MAK has no activations left.,
#     cause: Each reinstallation takes one activation., next_steps: [Ask the Licensing Activation Center to raise the limit.],
#     category: key, source: slerror.h (Windows SDK)}
error:
  description: Why the task failed.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or an identifier such as V(activation_budget), V(not_a_mak), V(edition_mismatch), V(edition_takes_no_mak),
          V(is_kms_host) and V(activation_would_be_lost) if the module refused the task before it changed anything.
        - Identifiers without a code of Windows are V(invalid_options), V(not_applicable), V(wrong_connection), V(connection_options),
          V(unreachable), V(unknown_outcome), V(step_incomplete), V(wrong_key_type), V(invalid_state), and V(internal_error).
        - V(stale_installation_id) when the confirmation ID was given for another installation ID.
      type: str
      sample: "0xC004C020"
    symbol: {description: "Symbolic name of the code, or V(null) for an identifier.", type: str, sample: SL_E_CHPA_DMAK_LIMIT_EXCEEDED}
    meaning: {description: Meaning of the code., type: str, sample: The MAK has no activations left.}
    cause: {description: Most common cause., type: str, sample: Each reinstallation takes one activation.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Ask the Licensing Activation Center to raise the limit.]
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: key}
    source: {description: "Source of the facts, or V(null) for those of this collection.", type: str, sample: slerror.h (Windows SDK)}
    transient: {description: Whether the same request can succeed later without any change., type: bool, sample: false}
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
      sample: null
# end error
"""
