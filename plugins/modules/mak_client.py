# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mak_client
version_added: 0.1.0
short_description: Activate Windows or Office with a multiple activation key (MAK)
description:
  - Installs a MAK and activates Windows or Office with it, online or with a confirmation ID. The module makes only the changes that are
    required.
  - An activation of a MAK cannot be given back. The module therefore does not activate a licensed MAK again, and repeats an attempt only if
    the request cannot have reached Microsoft. If a response is lost, the module reads the machine until it shows whether the activation
    succeeded.
  - Only one run at a time uses activations on a machine. Another run waits, and fails after several minutes.
  - Check mode returns the number of activations that the task would use.
  - If the activation fails, the module restores the previous KMS client setup key (GVLK). See O(rollback).
  - The MAK of an add-on, such as Extended Security Updates, is installed beside the key of Windows, which is not changed. See O(esu) and
    O(activation_id). The following conditions do not apply to it, and a rollback removes it again.
  - The module fails without changing anything if the machine is a KMS host, unless O(convert_kms_host=true). It also fails if the machine
    runs an evaluation edition, or an edition without a volume license, because these editions do not accept a MAK.
  - Each Office product has its own MAK. If the machine has Office products in two licensing services, the task must select the product with
    O(activation_id).
  - To convert the machine back to a KMS client, use M(winops.volume_activation.kms_client).
  - The module also activates Windows Server 2003, with the installed key or with O(product_key). If an option is not supported by Windows
    Server 2003, the task fails, and the message names the option.
options:
  product_key:
    description:
      - MAK, in five groups of five characters. Not required if the MAK is already installed.
      - If the key is not a MAK, the module does not activate it. The module restores the GVLK that the key replaced, and the task fails.
      - A new MAK replaces the installed MAK of the same product, whose activation is lost. See O(lose_activation).
    type: str
  # begin part confirmation_id (make returns)
  #   also: [Cannot be combined with O(activation_method=online). Cannot be combined with O(activate=false).]
  confirmation_id:
    description:
      - Confirmation ID that Microsoft gave for the installation ID of the key. The groups can be separated by spaces or hyphens.
      - The last digit of each group is a check digit. If a check digit does not match, the module returns a warning with the number of the
        group, and deposits the confirmation ID anyway, because this rule is not verified for the 48 digits of later Windows versions.
      - Cannot be combined with O(activation_method=online). Cannot be combined with O(activate=false).
    type: str
  # end confirmation_id
  confirmation_id_file:
    description:
      - Path of a file of MAK proxy activation on the controller, as the playbooks C(proxy_collect) and C(proxy_activate) write it. If the
        file has the confirmation ID for the installation ID of the product, the module deposits it. The module does not send a request to
        Microsoft, and does not change the file.
      - If the MAK is not installed, for example after a reinstallation, the module finds the record by the name of the machine and by the
        last five characters of O(product_key). It installs the MAK, and deposits the confirmation ID only if the machine then shows the
        installation ID of the record. Otherwise, it restores the previous GVLK, and the task fails (V(stale_installation_id)).
      - If the file does not have a confirmation ID for the machine, the module does what it does without this option, and returns a warning
        with the reason and the next step.
      - A relative path is relative to the directory of C(ansible-playbook). Symbolic links in the path must belong to you or to root. The
        file can be encrypted with C(ansible-vault), and can have at most 64 MiB. A file with a full product key is rejected.
      - Each machine reads the whole file. For many machines, use the playbook C(proxy_deposit).
      - Cannot be combined with O(confirmation_id). Cannot be combined with O(activation_method=online). Cannot be combined with
        O(activate=false).
    type: path
  # begin part installation_id (make returns)
  #   also: [Needs O(confirmation_id).]
  installation_id:
    description:
      - Installation ID for which Microsoft gave the confirmation ID. If the machine has another installation ID, the module does not
        deposit the confirmation ID, and the task fails.
      - Needs O(confirmation_id).
    type: str
  # end installation_id
  esu:
    description:
      - Programme and year of Extended Security Updates (ESU) that the MAK is for. The module selects the O(activation_id) of the programme,
        and installs the MAK beside the key of Windows, which is not changed. It does not matter how Windows is activated.
      - V(windows_server_2008_year_1) to V(windows_server_2008_year_3) are for Windows Server 2008 and 2008 R2,
        V(windows_server_2012_year_1) to V(windows_server_2012_year_3) for Windows Server 2012 and 2012 R2.
      - Before the module sends the MAK, it checks that the programme is for the version, build, and edition of Windows
        (V(esu_not_for_this_windows)), that Windows has the license of the programme, which an update installs (V(esu_preparation_missing)),
        and that Windows itself is activated (V(windows_not_activated)).
      - Each year has its own MAK and its own license. The module does not check other years. If the year has ended by the clock of the
        machine, the module returns a warning.
      - The module does the same if O(activation_id) is the ID of such a programme.
      - Cannot be combined with O(activation_id). Cannot be combined with O(application=office). Cannot be combined with
        O(clear_kms_settings).
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
  edition_id:
    description:
      - EditionID of the Windows edition that the key is for, such as V(ServerStandard). If the machine has another edition, the task fails
        before it changes anything.
      - The edition cannot be read from a MAK. Without this option, the module does not check the edition.
    type: str
  planned_activations:
    description:
      - Number of activations that the play is going to use, as the filter P(winops.volume_activation.mak_budget#filter) calculates it. The
        module compares this number with O(max_activations), and does not count the machines of the play. This also works in a loop and in a
        delegated task.
      - The role P(winops.volume_activation.mak_client#role) reads all machines first, and sets this option.
      - Needs O(max_activations).
    type: int
  rollback:
    description:
      - Whether to restore the previous GVLK if the activation fails. A KMS client that was licensed before is activated again.
      - The module does not restore the GVLK while the activation of the MAK can still succeed.
      - The module cannot restore other keys, because Windows does not return full product keys. See O(lose_activation).
      - The key of an add-on, such as Extended Security Updates, does not replace a key. The module removes it again.
      - If V(false), the machine keeps the MAK if the activation fails. Set O(rollback=false) if Windows is licensed with a key that the
        module cannot restore but that does not use an activation, such as a GVLK that is newer than this collection. Overrides the error
        code V(key_not_restorable).
      - Has no effect on Windows Server 2003.
    type: bool
    default: true
  clear_kms_settings:
    description:
      - Whether to remove the configured KMS host, its port, and the lookup domain of Windows. The module removes them only after Windows is
        licensed with its MAK.
      - A MAK does not use these settings, but Windows uses them if the machine becomes a KMS client again.
      - A KMS host that the registry sets for all of Windows is not removed. If the task changes something, the module reads this registry
        value, and returns a warning that contains it.
      - They are settings of Windows. Cannot be combined with O(application=office).
    type: bool
    default: false
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._attributes.ledger
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
      - If the MAK is licensed, the module does not write to the machine, except to remove KMS settings if O(clear_kms_settings=true).
      - On Windows Server 2003, the module installs O(product_key) with every run until Windows is activated. Windows Server 2003 also
        creates a new installation ID for each query. A run with O(activation_method=telephone) and without O(confirmation_id) therefore
        makes the previous installation ID invalid.
  platform:
    details: Windows Server 2003, and Windows 7 and Windows Server 2008 R2 up to Windows 11 and Windows Server 2025, in any display
      language.
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.kms_client
  - plugin: winops.volume_activation.mak_budget
    plugin_type: filter
  - ref: ansible_collections.winops.volume_activation.docsite.guide_convert_to_mak
    description: How to limit the activations of a MAK, and what can fail.
  - ref: ansible_collections.winops.volume_activation.docsite.guide_proxy_activation
    description: How to activate many machines without internet access.
author: [winops contributors (@winops)]
"""

EXAMPLES = r"""
- name: Activate online with the MAK from the vault
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak }}"

- name: Preview the number of activations
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak }}"
  check_mode: true
  register: preview  # preview.activations_used

- name: Install the MAK, and return the installation ID for the telephone
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak }}"
    activation_method: telephone
  register: by_telephone  # by_telephone.products[0].installation_id_groups

- name: Deposit the confirmation ID from Microsoft
  winops.volume_activation.mak_client:
    activation_method: telephone
    confirmation_id: 204455-473963-727110-378854-169136-901266-745572-123451

- name: Activate a reinstalled machine with the confirmation ID that the playbook proxy_activate kept
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak }}"
    activation_method: proxy
    confirmation_id_file: plant.csv

- name: Activate the volume edition of Office with its MAK
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak_office }}"
    application: office

- name: Activate the second year of Extended Security Updates for Windows 10
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak_esu }}"
    esu: windows_10_year_2

- name: Convert a KMS client to a MAK client, and remove its KMS settings
  winops.volume_activation.mak_client:
    product_key: "{{ vault_mak }}"
    edition_id: ServerStandard
    clear_kms_settings: true
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
#   action.words: [install_product_key, activate, clear_kms_host, clear_kms_port, clear_lookup_domain]
#   action.also:
#     - A product can have its own settings, which have precedence over those of the machine. The steps for them contain V(product), as in
#       V(clear_product_kms_host).
#     - Also V(restore_product_key), V(activate_again), and for Office and add-ons V(remove_product_key) if the task was rolled back.
#     - Also V(get_installation_id) on Windows Server 2003.
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
        - Identifier of the step, one of V(install_product_key), V(activate), V(clear_kms_host), V(clear_kms_port), and
          V(clear_lookup_domain).
        - A product can have its own settings, which have precedence over those of the machine. The steps for them contain V(product), as in
          V(clear_product_kms_host).
        - Also V(restore_product_key), V(activate_again), and for Office and add-ons V(remove_product_key) if the task was rolled back.
        - Also V(get_installation_id) on Windows Server 2003.
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
    loses: {description: "Activation that the step removes and that cannot be restored, or V(null) for none.", type: str, sample: null}
    uncertain:
      description: Whether the step was sent but its result is unknown. If V(true), RV(ignore:changed) is also V(true).
      type: bool
      sample: false
    done: {description: Whether the step was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description:
    - Product, and KMS settings of Windows, before the task. For an add-on, such as Extended Security Updates, the add-on and not Windows.
    - V(null) if the module did not read the machine.
  returned: always
  type: dict
  contains: &settings
    # begin fields of settings (make returns)
    #   only: [partial_product_key, channel, status, kms_host, kms_port, lookup_domain]
    #   partial_product_key.also: Always V(null) on Windows Server 2003.
    #   kms_host.also: Also V(null) if O(application=office), and for an add-on.
    #   samples: {partial_product_key: TTWX3, channel: mak}
    partial_product_key:
      description: Last five characters of the product key. Always V(null) on Windows Server 2003.
      type: str
      sample: TTWX3
    channel:
      description: Channel of the product key, with the values of RV(winops.volume_activation.activation_info#module:products[].channel).
      type: str
      sample: mak
    status:
      description: Status of the product, with the values of RV(winops.volume_activation.activation_info#module:products[].status).
      type: str
      sample: licensed
    kms_host:
      description: Configured KMS host, or V(null) if none is configured. Also V(null) if O(application=office), and for an add-on.
      type: str
      sample: kms01.example.com
    kms_port:
      description: Configured TCP port, 1688 if only the KMS host is configured, or V(null) if neither is configured.
      type: int
      sample: 1688
    lookup_domain:
      description: DNS domain in which the machine looks for KMS hosts, or V(null) if it looks in its own domains.
      type: str
      sample: example.com
    # end settings
after:
  description:
    - Product, and KMS settings of Windows, after the task. In check mode, the predicted settings.
    - V(null) if the module did not read the machine, or could not read it again after a failed step.
  returned: always
  type: dict
  contains: *settings
# begin part diff (make returns)
#   returned: success, and failure of an activation, if diff mode is on
#   samples: {before: "partial_product_key: T83GX\n", after: "partial_product_key: TTWX3\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, and failure of an activation, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "partial_product_key: T83GX\n"}
    after: {description: RV(after) as text., type: str, sample: "partial_product_key: TTWX3\n"}
# end diff
# begin part products (make returns)
#   sample: [{name: "Windows(R), Professional edition", channel: mak, partial_product_key: TTWX3, status: licensed}]
products:
  description:
    - Product that the task manages, after the task, or before the task in check mode. The fields are those of
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
#     - V(needs_confirmation_id) if O(activation_method=telephone) or O(activation_method=proxy), and O(confirmation_id) is not specified.
#   always_null: [current_count, required_count]
#   samples: {partial_product_key: TTWX3, kms_host: null, kms_port: null, expires: null}
activation:
  description: Outcome of the activation, or V(null) if the task failed before the activation.
  returned: always
  type: dict
  contains:
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
      sample: TTWX3
    outcome:
      description:
        - V(activated) if the activation succeeded, V(already_licensed) if no activation was required, V(not_requested) if
          O(activate=false), V(planned) in check mode, and V(failed) if the activation failed.
        - V(needs_confirmation_id) if O(activation_method=telephone) or O(activation_method=proxy), and O(confirmation_id) is not specified.
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
# begin part esu (make returns)
esu:
  description:
    - Licenses with a key for Extended Security Updates (ESU), in the order of the programmes and years. Empty if there are none.
    - Extended Security Updates that Azure, Azure Arc, Windows 365, or the programme for consumers provide do not have a key. WMI does not
      show them, and they are not in this list.
  returned: always
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
activations_used:
  description:
    - Number of activations of the MAK that the task used, or would use in check mode. Depositing a confirmation ID does not use an
      activation.
    - An activation whose result is unknown is not counted. Its step has RV(steps[].uncertain=true).
  returned: always
  type: int
  sample: 1
rolled_back:
  description: Whether the module restored the previous key, or removed the key of an add-on, because the activation failed or
    O(product_key) is not the expected MAK.
  returned: always
  type: bool
  sample: false
# begin part error (make returns)
#   code.words: [activation_budget, not_a_mak, edition_mismatch, edition_takes_no_mak, is_kms_host, activation_would_be_lost]
#   code.also: [V(stale_installation_id) if the confirmation ID was given for another installation ID.]
#   samples: {code: "0xC004C020", symbol: SL_E_CHPA_DMAK_LIMIT_EXCEEDED, meaning: The MAK has no activations left.,
#     cause: Each reinstallation uses one activation., next_steps: [Ask the Licensing Activation Center to raise the limit.],
#     category: key, source: slerror.h (Windows SDK)}
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(activation_budget), V(not_a_mak), V(edition_mismatch),
          V(edition_takes_no_mak), V(is_kms_host), and V(activation_would_be_lost) if the module refused the task before it changed
          anything.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
        - V(stale_installation_id) if the confirmation ID was given for another installation ID.
      type: str
      sample: "0xC004C020"
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: SL_E_CHPA_DMAK_LIMIT_EXCEEDED
    meaning: {description: Meaning of the code., type: str, sample: The MAK has no activations left.}
    cause: {description: Most common cause., type: str, sample: Each reinstallation uses one activation.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Ask the Licensing Activation Center to raise the limit.]
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
