# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: product_key
version_added: 0.1.0
short_description: Install or remove a product key of Windows or Office
description:
  - Installs or removes a product key. The module does not activate the product, and does not change the settings of a KMS client.
  - If the key is already installed, the module does not install it again, so that no activation of a MAK is lost.
  - If O(state=absent) and no installed key matches the options, the module does not change anything. If the keys of several products match,
    the task fails, because one task removes only one key.
  - Each Office product has its own key, in the licensing service of its release. The module fails without changing anything if a GVLK is
    for a product whose retail edition or Microsoft 365 is installed, or for the other edition (MSI or Click-to-Run) of Project 2016 or
    Visio 2016. Without O(product_key) and O(activation_id), O(state=absent) leaves the keys of a subscription out.
options:
  state:
    description:
      - Desired state of the product key. If set to V(present), the module installs O(product_key).
      - If set to V(absent), the module removes the installed key. If O(product_key) is specified, it removes the key only if the last five
        characters are the same.
    type: str
    choices: [present, absent]
    default: present
  product_key:
    description:
      - Product key, in five groups of five characters.
      - Required with O(state=present).
    type: str
  clear_from_registry:
    description:
      - When to remove the copy of the key that Windows keeps in the registry, so that the key cannot be read there. The product remains
        activated.
      - If set to V(never), the module does not remove the copy.
      - If set to V(on_change), the module removes the copy if it installs or removes a key.
      - If set to V(always), the module removes the copy with every run. Every run reports a change, because Windows does not show whether a
        copy exists.
    type: str
    choices: [never, on_change, always]
    default: never
  allow_edition_mismatch:
    description:
      - Whether to install the GVLK of another edition, or any key on an evaluation edition. Windows then accepts or rejects the key. If
        V(false), the task fails before it changes anything. Overrides the error codes V(edition_mismatch) and V(evaluation_edition).
    type: bool
    default: false
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._attributes.ledger
  - winops.volume_activation._connection
  - winops.volume_activation._selection
  - winops.volume_activation._losses
  - winops.volume_activation._losses.subscription
  - winops.volume_activation._losses.client
attributes:
  idempotent:
    support: partial
    details: The second run does not write to the machine, unless O(clear_from_registry=always).
  platform:
    details:
      - Windows Vista and Windows Server 2008 up to Windows 11 and Windows Server 2025, in any display language.
      - Windows Vista and Windows Server 2008 were tested with unit tests only.
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.kms_client
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Install the key from the vault, and remove the copy in the registry
  winops.volume_activation.product_key:
    product_key: "{{ vault_product_key }}"
    clear_from_registry: on_change

- name: Remove an Office key that is not in use, which activation_check found
  winops.volume_activation.product_key:
    application: office
    state: absent
    activation_id: 85dd8b5f-eaa4-4af3-a628-cce9e77c9a03

- name: Remove the key of Windows
  winops.volume_activation.product_key:
    state: absent

- name: Remove one of several keys of Office
  winops.volume_activation.product_key:
    state: absent
    application: office
    activation_id: b322da9c-a2e2-4058-9e4e-f59a6970bd69
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
#   action.words: [install_product_key, remove_product_key, clear_product_key_from_registry]
#   action.also:
#     - Also V(restore_product_key), and V(activate_again) for a KMS client, if Windows installed the key for the other application.
#   samples: {description: install the product key ending in 2BCDF}
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description:
        - Identifier of the step, one of V(install_product_key), V(remove_product_key), and V(clear_product_key_from_registry).
        - Also V(restore_product_key), and V(activate_again) for a KMS client, if Windows installed the key for the other application.
      type: str
      sample: install_product_key
    description: {description: Description of the step., type: str, sample: install the product key ending in 2BCDF}
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
    - Product before the task.
    - V(null) if the module did not read the machine.
  returned: always
  type: dict
  contains: &settings
    # begin fields of settings (make returns)
    #   only: [partial_product_key, channel, status]
    #   channel.also: V(unknown) in check mode if the key is not published.
    #   samples: {partial_product_key: 2BCDF, channel: mak, status: initial_grace}
    partial_product_key: {description: Last five characters of the product key., type: str, sample: 2BCDF}
    channel:
      description: Channel of the product key, with the values of RV(winops.volume_activation.activation_info#module:products[].channel).
        V(unknown) in check mode if the key is not published.
      type: str
      sample: mak
    status:
      description: Status of the product, with the values of RV(winops.volume_activation.activation_info#module:products[].status).
      type: str
      sample: initial_grace
    # end settings
after:
  description:
    - Product after the task. In check mode, the predicted product.
    - V(null) if the module did not read the machine, or could not read it again after a failed step.
  returned: always
  type: dict
  contains: *settings
# begin part diff (make returns)
#   samples: {before: "partial_product_key: T83GX\n", after: "partial_product_key: 2BCDF\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "partial_product_key: T83GX\n"}
    after: {description: RV(after) as text., type: str, sample: "partial_product_key: 2BCDF\n"}
# end diff
# begin part products (make returns)
#   sample: [{name: "Windows(R), Professional edition", channel: mak, partial_product_key: 2BCDF, status: initial_grace}]
products:
  description:
    - Product that the task manages, after the task, or before the task in check mode. The fields are those of
      RV(winops.volume_activation.activation_info#module:products).
    - Empty if no product has a key, or if the task failed before the product was read again.
  returned: always
  type: list
  elements: dict
  sample: [{name: "Windows(R), Professional edition", channel: mak, partial_product_key: 2BCDF, status: initial_grace}]
# end products
# begin part error (make returns)
#   code.words: [is_kms_host]
#   samples: {code: "0xC004F069", symbol: SL_E_MISMATCHED_PRODUCT_SKU, meaning: The key does not match the installed edition.,
#     cause: A key for Datacenter on Standard., next_steps: [Compare edition in the activation_info result with the key.], category: key,
#     source: slerror.h (Windows SDK)}
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(is_kms_host) if the module refused the task before it changed
          anything.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
      type: str
      sample: "0xC004F069"
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: SL_E_MISMATCHED_PRODUCT_SKU
    meaning: {description: Meaning of the code., type: str, sample: The key does not match the installed edition.}
    cause: {description: Most common cause., type: str, sample: A key for Datacenter on Standard.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Compare edition in the activation_info result with the key.]
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
