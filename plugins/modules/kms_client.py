# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kms_client
version_added: 0.1.0
short_description: Configure and activate KMS clients of Windows and Office
description:
  - Configures Windows, the volume editions of Office, or both as KMS clients in one task. In this order, the module sets or removes the KMS
    host, installs the KMS client setup key (GVLK) of the edition or product, and activates. It makes only the changes that are required.
  - The module does not change a setting whose option is not specified. This is not true for O(product_key) and O(activate). Without
    O(product_key), the module installs the GVLK if the machine has a key that is not a GVLK, or the GVLK of another edition. Without
    O(activate), it activates Windows.
  - If a machine is licensed with a MAK, retail, or OEM key, the GVLK replaces an activation that cannot be restored. The module replaces it
    if O(lose_activation=true), if O(probe=true) and a KMS host responds to the controller, or if O(probe=false). In the two cases of
    O(probe), the number of clients in O(kms_host_info) must not be too low. In all other cases, the task fails with
    V(activation_would_be_lost) before it changes anything.
  - The module fails without changing anything if the machine runs an evaluation edition, or an edition without a published GVLK. It also
    fails if the machine is a KMS host, unless O(convert_kms_host=true).
  - The module activates a product if it is not licensed, if its key or its effective KMS host was changed, if O(activation_type) does not
    permit how it was activated, or if O(reactivate=true).
  - For Office, the module writes the KMS host, its port, the lookup domain, and the activation type to the license of each product of the
    task, as C(ospp.vbs) does, and not to the licensing service, which Windows uses too. Licenses of other products are not written. Host
    caching belongs to the licensing service. If O(application=office) and O(host_caching) changes it for Windows too, a warning says so.
  - Office 2010, and every Office on Windows 7, use the Office Software Protection Platform, which does not have a lookup domain and an
    activation type. If no product of the task has a setting, the task fails with V(not_supported_by_windows). If some have it, a warning
    names the others.
  - The keys of Office are installed side by side, so a GVLK does not replace a MAK. A product keeps its MAK until KMS has activated it. If
    the activation of a product with a licensed MAK fails, the module removes the new GVLK.
  - If one product fails, the others follow, and the task then fails with the products that failed. If O(application=all) and the licenses
    of Office cannot be read, the module completes the part of the task for Windows, and the task then fails with V(office_not_read).
  - Microsoft 365 and retail editions are not changed. RV(office_installations) lists them.
options:
  product_key:
    description:
      - Key of Windows. If set to V(auto), the GVLK that Microsoft publishes for the edition and build of the machine. The module keeps an
        installed GVLK that it does not know, because this key can be newer than the collection.
      - For Office, the module always installs the GVLK of the installed product. It keeps an installed GVLK.
      - The module identifies an installed key by its channel and its last five characters. It does not install the same GVLK twice.
      - The task fails if the key is not a published GVLK, for example if it is a MAK or a KMS host key (CSVLK), unless
        O(allow_unknown_key=true).
      - Cannot be combined with O(application=office).
    type: str
    default: auto
  allow_unknown_key:
    description:
      - Whether to install O(product_key) if it is not one of the GVLKs that this collection knows, for example because it is newer. If
        V(false), the task fails before it changes anything. Overrides the error code V(not_a_gvlk).
      - If Windows shows after the installation that the key is not a KMS client key, the module installs the GVLK of the edition instead,
        and the task fails.
    type: bool
    default: false
  reactivate:
    description:
      - Whether to activate Windows or the Office products of the task again if they are already licensed, for example after a KMS host was
        replaced or its key was changed. This renews the activation and does not consume anything.
      - If V(true), every run sends an activation request, and reports a change if the activation succeeds. Set O(reactivate=true) only
        for machines that need a renewal.
      - If the activation fails, the task fails. The product remains licensed until the time in RV(activation.expires).
      - Has no effect if only AD or a token can activate. With O(activation_type=token), the task fails with V(token_needs_smart_card).
    type: bool
    default: false
  probe:
    description:
      - Whether a KMS host must respond to the controller before the module removes an activation that cannot be restored. The module probes
        the configured KMS host, or else the KMS hosts that DNS lists, as M(winops.volume_activation.kms_endpoint_info) does. A probe does
        not activate anything, and a KMS host does not count the controller.
      - If V(true) and no KMS host responds, the task fails with V(activation_would_be_lost) and does not change anything.
      - If V(false), the module does not send a probe, and the task continues with a warning. Overrides the error code
        V(activation_would_be_lost). Set O(probe=false) if the controller cannot reach the KMS hosts, or for Active Directory activation.
      - The module does not send a probe if no activation would be lost, if the task fails for another reason, or if
        O(lose_activation=true). Check mode sends the same probes.
    type: bool
    default: true
  kms_host_info:
    description:
      - Results of M(winops.volume_activation.activation_info) or M(winops.volume_activation.kms_host) for the KMS hosts. They contain the
        number of clients that each KMS host has counted. The module finds the result of a KMS host by the computer name.
      - If an activation would be lost, and the KMS host has not counted enough clients, the task fails with V(activation_would_be_lost). If
        the number is not known, the module returns a warning.
    type: list
    elements: dict
    default: []
  fallback_key:
    description:
      - MAK or retail key that the machine has now. If the activation of this key was removed, but no KMS host activates the machine, the
        module installs this key and activates it again. This can use an activation of the key, see RV(activations_used).
      - If the key does not have the last five characters of the key whose activation would be lost, the task fails.
      - The module does not use the fallback key if the KMS host has not counted enough clients yet, or if the result of the activation
        request is unknown. In these cases, the machine keeps its new key, and Windows retries automatically.
      - This key is for Windows only. Office does not need it, because a product keeps its MAK until KMS has activated it.
      - This key is a secret, as O(product_key) is. Keep it in a vault.
    type: str
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._attributes.ledger
  - winops.volume_activation._connection
  - winops.volume_activation._activation
  - winops.volume_activation._kms_settings
  - winops.volume_activation._office
  - winops.volume_activation._losses
  - winops.volume_activation._losses.subscription
  - winops.volume_activation._losses.client
  - winops.volume_activation._probe
  - winops.volume_activation._probe.controller
  - winops.volume_activation._probe.networks
attributes:
  idempotent:
    support: partial
    details:
      - The second run does not write to the machine, unless O(reactivate=true).
      - While a machine is not licensed, each run sends an activation request, for example if RV(activation.outcome) is
        V(waiting_for_count).
  platform:
    details:
      - Windows Vista and Windows Server 2008 up to Windows 11 and Windows Server 2025, in any display language.
      - Windows Vista and Windows Server 2008 were tested with unit tests only.
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.product_key
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Configure a KMS client that finds its KMS host through DNS
  winops.volume_activation.kms_client:
    discovery: true

- name: Use a KMS host, and retry for 15 minutes if it has not counted enough clients
  winops.volume_activation.kms_client:
    kms_host: kms01.example.com
    kms_port: 1688
    retry_timeout: 900

- name: Use a KMS host also if a Group Policy preference has set another one in the registry
  winops.volume_activation.kms_client:
    kms_host: kms01.example.com
    clear_application_settings: true

- name: Configure Windows and all volume editions of Office
  winops.volume_activation.kms_client:
    application: all
    kms_host: kms01.example.com

- name: Convert one Office product from MAK to KMS, and remove its MAK after the activation
  winops.volume_activation.kms_client:
    application: office
    products: [Office LTSC Professional Plus 2021]
    kms_host: kms01.example.com
    remove_leftover_keys: true

- name: Convert a MAK client to KMS, and restore the MAK if KMS does not activate the machine
  winops.volume_activation.kms_client:
    kms_host: kms01.example.com
    dns_server: dc1.example.com
    fallback_key: "{{ vault_mak }}"

- name: Prepare an image without activating it
  winops.volume_activation.kms_client:
    discovery: true
    activate: false

- name: Preview a conversion
  winops.volume_activation.kms_client:
    kms_host: "2001:db8::10"
  check_mode: true
  diff: true
  register: preview

- name: Renew the activation after the key of the KMS host was changed
  winops.volume_activation.kms_client:
    reactivate: true

- name: Use a KMS host that might not have counted enough clients
  winops.volume_activation.kms_client:
    kms_host: kms01.example.com
  register: conversion

- name: Show how many clients the KMS host has counted
  ansible.builtin.debug:
    msg: "{{ conversion.activation.current_count }} of {{ conversion.activation.required_count }}"
  when: conversion.activation.outcome == 'waiting_for_count'
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
#   action.words: [install_product_key, activate, restore_product_key, activate_again, set_kms_host, set_kms_port, clear_kms_host,
#     clear_kms_port, set_lookup_domain, clear_lookup_domain, set_host_caching, set_activation_type, clear_application_kms_host,
#     clear_application_kms_port, restart_service, remove_product_key]
#   action.also:
#     - V(restore_kms_host) restores the previous KMS host if its port could not be set, and V(restore_application_kms_host) does the same
#       for O(clear_application_settings).
#     - V(remove_product_key) removes a leftover key of Office, or the new GVLK of an Office product that KMS did not activate.
#     - V(restore_product_key) and V(activate_again) are the steps for O(fallback_key).
#     - V(restore_activation_type) restores the previous activation type after a failed activation.
#     - A product can have its own settings, which have precedence over those of the machine. The steps for them contain V(product), as in
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
          V(set_kms_port), V(clear_kms_host), V(clear_kms_port), V(set_lookup_domain), V(clear_lookup_domain), V(set_host_caching),
          V(set_activation_type), V(clear_application_kms_host), V(clear_application_kms_port), V(restart_service), and
          V(remove_product_key).
        - V(restore_kms_host) restores the previous KMS host if its port could not be set, and V(restore_application_kms_host) does the same
          for O(clear_application_settings).
        - V(remove_product_key) removes a leftover key of Office, or the new GVLK of an Office product that KMS did not activate.
        - V(restore_product_key) and V(activate_again) are the steps for O(fallback_key).
        - V(restore_activation_type) restores the previous activation type after a failed activation.
        - A product can have its own settings, which have precedence over those of the machine. The steps for them contain V(product), as in
          V(clear_product_kms_host).
      type: str
      sample: install_product_key
    description: {description: Description of the step., type: str, sample: install the GVLK ending in T83GX for Professional}
    consumes: {description: "What the step consumes, such as an activation of a MAK, or V(null) for nothing.", type: str, sample: null}
    loses: {description: "Activation that the step removes and that cannot be restored, or V(null) for none.", type: str, sample: null}
    uncertain:
      description: Whether the step was sent but its result is unknown. If V(true), RV(ignore:changed) is also V(true).
      type: bool
      sample: false
    done: {description: Whether the step was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description:
    - Settings before the task. If O(application=office), all settings except C(host_caching) and C(office_products) are V(null).
    - V(null) if the module did not read the machine.
  returned: always
  type: dict
  contains: &settings
    # begin part office_products (make returns)
    office_products:
      description: Office products of the task with their settings. Empty if the task is about Windows only.
      type: list
      elements: dict
      contains:
        product_name: {description: Name of the product., type: str, sample: Office LTSC Professional Plus 2021}
        activation_id: {description: Activation ID of its license for KMS clients., type: str, sample: fbdb3e18-a8ef-4fb3-9183-dffd60bd0984}
        partial_product_key: {description: "Last five characters of the product key, or V(null) if it has none.", type: str, sample: 6F7TH}
        channel: {description: "Channel of the product key, or V(null) if the product does not have a key.", type: str, sample: gvlk}
        status: {description: Status of the product., type: str, sample: licensed}
        kms_host: {description: "Configured KMS host, or V(null) if none is configured.", type: str, sample: kms01.example.com}
        kms_port: {description: "Configured TCP port, or V(null) if none is configured.", type: int, sample: 1688}
        lookup_domain: {description: "DNS domain in which the product looks for KMS hosts, or V(null).", type: str, sample: example.com}
        activation_type: {description: "Permitted kind of activation, or V(null) if the product does not show it.", type: str, sample: all}
        application_kms_host: {description: "KMS host that the registry sets for Office, or V(null).", type: str, sample: null}
        application_kms_port:
          description: TCP port that the registry sets for Office, 1688 if it sets only a KMS host, or V(null).
          type: int
          sample: null
    # end office_products
    # begin fields of settings (make returns)
    partial_product_key: {description: Last five characters of the product key., type: str, sample: T83GX}
    channel:
      description: Channel of the product key, with the values of RV(winops.volume_activation.activation_info#module:products[].channel).
      type: str
      sample: gvlk
    status:
      description: Status of the product, with the values of RV(winops.volume_activation.activation_info#module:products[].status).
      type: str
      sample: licensed
    kms_host: {description: "Configured KMS host, or V(null) if none is configured.", type: str, sample: kms01.example.com}
    kms_port:
      description: Configured TCP port, 1688 if only the KMS host is configured, or V(null) if neither is configured.
      type: int
      sample: 1688
    lookup_domain:
      description: DNS domain in which the machine looks for KMS hosts, or V(null) if it looks in its own domains.
      type: str
      sample: example.com
    host_caching: {description: Whether the machine first contacts the KMS host that responded last., type: bool, sample: true}
    activation_type:
      description: Permitted kind of activation, or V(null) if Windows does not have this setting.
      type: str
      sample: all
    # end settings
    application_kms_host:
      description: KMS host that the registry sets for the application and that has precedence, or V(null) if there is none, or if the
        module did not read it. See O(clear_application_settings).
      type: str
      sample: null
    application_kms_port:
      description: TCP port that the registry sets for the application, 1688 if it sets only a KMS host, or V(null).
      type: int
      sample: null
after:
  description:
    - Settings after the task. In check mode, the predicted settings.
    - V(null) if the module did not read the machine, or could not read it again after a failed step.
  returned: always
  type: dict
  contains: *settings
# begin part diff (make returns)
#   returned: success, and failure of an activation, if diff mode is on
#   samples: {before: "kms_host: null\n", after: "kms_host: kms01.example.com\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, and failure of an activation, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "kms_host: null\n"}
    after: {description: RV(after) as text., type: str, sample: "kms_host: kms01.example.com\n"}
# end diff
# begin part products (make returns)
products:
  description:
    - Product that the task manages, after the task, or before the task in check mode. The fields are those of
      RV(winops.volume_activation.activation_info#module:products).
    - Empty if no product has a key, or if the task failed before the product was read again.
  returned: always
  type: list
  elements: dict
  sample: [{name: "Windows(R), Professional edition", channel: gvlk, partial_product_key: T83GX, status: licensed}]
# end products
# begin part activation (make returns)
#   also:
#     - Also V(null) if O(application=office).
#   outcome.not_requested: O(activate=false)
#   outcome.also:
#     - V(waiting_for_count) if the KMS host responded that it has not counted enough clients yet. The KMS host counted the request, and
#       Windows retries automatically. The task does not fail.
activation:
  description:
    - Outcome of the activation, or V(null) if the task failed before the activation.
    - Also V(null) if O(application=office).
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
      sample: T83GX
    outcome:
      description:
        - V(activated) if the activation succeeded, V(already_licensed) if no activation was required, V(not_requested) if
          O(activate=false), V(planned) in check mode, and V(failed) if the activation failed.
        - V(waiting_for_count) if the KMS host responded that it has not counted enough clients yet. The KMS host counted the request, and
          Windows retries automatically. The task does not fail.
      type: str
      sample: activated
    attempts: {description: Number of activation attempts., type: int, sample: 1}
    kms_host:
      description: Name or address of the KMS host that was used, or V(null) if no KMS host was used.
      type: str
      sample: kms01.example.com
    kms_port: {description: "TCP port of the KMS host, or V(null) if no KMS host was used.", type: int, sample: 1688}
    expires:
      description:
        - Time in UTC at which the activation ends, or V(null) if it does not end.
        - If the product is not activated, the end of its grace period.
      type: str
      sample: "2027-05-19T10:00:00Z"
    current_count:
      description: Number of clients that the KMS host has counted, or V(null) if RV(ignore:outcome) is not V(waiting_for_count).
      type: int
      sample: null
    required_count:
      description: Number of clients that the KMS host must count, or V(null) if RV(ignore:outcome) is not V(waiting_for_count).
      type: int
      sample: null
    installation_id:
      description: Installation ID to give to Microsoft, or V(null) if the product is activated or is a KMS client.
      type: str
      sample: null
    error: {description: "Error of the activation, with the fields of RV(error), or V(null) if the activation did not fail.", type: dict}
# end activation
activations:
  description:
    - Activation of each product of the task, Windows first. If O(application=windows), one item with the values of RV(activation).
    - Empty if the task failed before the activation.
  returned: always
  type: list
  elements: dict
  contains:
    # begin fields of activation (make returns)
    #   outcome.not_requested: O(activate=false)
    #   outcome.also:
    #     - V(waiting_for_count) if the KMS host responded that it has not counted enough clients yet. Also V(failed) if a step before
    #       the activation failed.
    #   samples: {product_name: "Office 21, Office21ProPlus2021VL_KMS_Client_AE edition", partial_product_key: 6F7TH}
    product_name:
      description: Name of the product, or V(null) if no product has the key.
      type: str
      sample: Office 21, Office21ProPlus2021VL_KMS_Client_AE edition
    activation_id:
      description: Activation ID of the product, or V(null) if no product has the key.
      type: str
      sample: 2de67392-b7a7-462a-b1ca-108dd189f588
    partial_product_key:
      description: Last five characters of the product key, or V(null) if Windows does not return them.
      type: str
      sample: 6F7TH
    outcome:
      description:
        - V(activated) if the activation succeeded, V(already_licensed) if no activation was required, V(not_requested) if
          O(activate=false), V(planned) in check mode, and V(failed) if the activation failed.
        - V(waiting_for_count) if the KMS host responded that it has not counted enough clients yet. Also V(failed) if a step before the
          activation failed.
      type: str
      sample: activated
    attempts: {description: Number of activation attempts., type: int, sample: 1}
    kms_host:
      description: Name or address of the KMS host that was used, or V(null) if no KMS host was used.
      type: str
      sample: kms01.example.com
    kms_port: {description: "TCP port of the KMS host, or V(null) if no KMS host was used.", type: int, sample: 1688}
    expires:
      description:
        - Time in UTC at which the activation ends, or V(null) if it does not end.
        - If the product is not activated, the end of its grace period.
      type: str
      sample: "2027-05-19T10:00:00Z"
    current_count:
      description: Number of clients that the KMS host has counted, or V(null) if RV(ignore:outcome) is not V(waiting_for_count).
      type: int
      sample: null
    required_count:
      description: Number of clients that the KMS host must count, or V(null) if RV(ignore:outcome) is not V(waiting_for_count).
      type: int
      sample: null
    installation_id:
      description: Installation ID to give to Microsoft, or V(null) if the product is activated or is a KMS client.
      type: str
      sample: null
    error: {description: "Error of the activation, with the fields of RV(error), or V(null) if the activation did not fail.", type: dict}
    # end activation
# begin part leftover_keys (make returns)
leftover_keys:
  description: Keys of Office that no product of the machine uses any more. Empty if O(application=windows).
  returned: always
  type: list
  elements: dict
  contains:
    product_name: {description: Name of the license., type: str, sample: "Office 19, Office19ProPlus2019VL_KMS_Client_AE edition"}
    activation_id: {description: Activation ID of the license., type: str, sample: 85dd8b5f-eaa4-4af3-a628-cce9e77c9a03}
    partial_product_key: {description: Last five characters of the key., type: str, sample: 6MWKP}
    channel: {description: Channel of the key., type: str, sample: gvlk}
    status: {description: Status of the license before the task., type: str, sample: notification}
    removed: {description: Whether the task removed the key., type: bool, sample: false}
# end leftover_keys
office_installations:
  description: Installed Office products, as in RV(winops.volume_activation.activation_info#module:office_installations).
  returned: always
  type: list
  elements: dict
  sample: [{release_id: ProPlus2021Volume, product: ProPlus, release: "2021", kind: volume}]
restart_office_programs:
  {description: Whether open Office programs must be restarted to show their new license., returned: always, type: bool, sample: true}
activations_used:
  description:
    - Number of activations of O(fallback_key) that the task used. KMS does not use any.
    - An activation whose result is unknown is not counted. Its step has RV(steps[].uncertain=true).
  returned: always
  type: int
  sample: 0
rolled_back:
  description:
    - Whether the module installed O(fallback_key) again because the activation failed.
    - Also V(true) if the module restored the previous activation type because the activation failed.
    - Also V(true) if O(product_key) is not a KMS client key and the module installed the GVLK of the edition instead. See
      O(allow_unknown_key).
  returned: always
  type: bool
  sample: false
# begin part error (make returns)
#   code.words: [is_kms_host, token_needs_smart_card]
#   samples: {code: "0xC004F074", symbol: SL_E_VL_BINDING_SERVICE_UNAVAILABLE, meaning: No KMS host could process the request.,
#     cause: A firewall is in the way., next_steps: [Check the port.], category: kms_contact, transient: true,
#     source: slerror.h (Windows SDK),
#     underlying: {code: "0x800706BA", symbol: HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE), kms_host: kms01.example.com, kms_port: 1688}}
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(is_kms_host) and V(token_needs_smart_card) if the module
          refused the task before it changed anything.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
      type: str
      sample: "0xC004F074"
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: SL_E_VL_BINDING_SERVICE_UNAVAILABLE
    meaning: {description: Meaning of the code., type: str, sample: No KMS host could process the request.}
    cause: {description: Most common cause., type: str, sample: A firewall is in the way.}
    next_steps: {description: "What to do next, the most promising step first.", type: list, elements: str, sample: [Check the port.]}
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: kms_contact}
    source:
      description: Source of the explanation, or V(null) if the explanation is only from this collection.
      type: str
      sample: slerror.h (Windows SDK)
    transient: {description: Whether the same request can succeed later without any change., type: bool, sample: true}
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
      sample: {code: "0x800706BA", symbol: HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE), kms_host: kms01.example.com, kms_port: 1688}
# end error
"""
