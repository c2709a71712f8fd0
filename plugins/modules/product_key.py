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
  - Installs a product key, or removes one, and touches nothing else. The module neither activates nor changes the settings of a KMS client.
  - A key that is installed already is not installed again, so that no activation of a MAK is lost.
  - Removing is refused unless exactly one product with a key is meant. No task can take the keys of several products away by accident.
options:
  state:
    description:
      - Whether the key is to be there.
      - With V(absent) and O(product_key) the key is removed only if its last five characters are those of the machine's key.
    type: str
    choices: [present, absent]
    default: present
  product_key:
    description:
      - The key, five groups of five characters.
      - Required with O(state=present).
    type: str
  clear_from_registry:
    description:
      - When to remove the copy of the key that Windows keeps in the registry, so that nobody can read the key there. The activation stays.
      - If set to V(never), the module does not remove the copy.
      - If set to V(on_change), the module removes the copy if it installs or removes a key.
      - If set to V(always), the module removes the copy with every run, and every run reports a change, because Windows does not show
        whether there is a copy.
    type: str
    choices: [never, on_change, always]
    default: never
  allow_edition_mismatch:
    description:
      - Whether to install the GVLK of another edition, or any key on an evaluation edition. Windows then accepts or rejects the key. If
        V(false), the task is refused. Overrides V(edition_mismatch) and V(evaluation_edition).
    type: bool
    default: false
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._connection
  - winops.volume_activation._selection
  - winops.volume_activation._losses
  - winops.volume_activation._losses.subscription
  - winops.volume_activation._losses.client
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.kms_client
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Install the key from the vault, and leave no copy in the registry
  winops.volume_activation.product_key:
    product_key: "{{ vault_product_key }}"
    clear_from_registry: on_change

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
# begin part steps (make returns)
#   action.words: [install_product_key, remove_product_key, clear_product_key_from_registry]
#   samples: {description: install the product key ending 2BCDF}
steps:
  description: What was done, in order, or what would be done in check mode.
  returned: unless the task was refused
  type: list
  elements: dict
  contains:
    action:
      description: Kind of the step, one of V(install_product_key), V(remove_product_key) and V(clear_product_key_from_registry).
      type: str
      sample: install_product_key
    description: {description: The step in words., type: str, sample: install the product key ending 2BCDF}
    consumes: {description: "What it consumes, such as an activation of a MAK, V(null) for nothing.", type: str, sample: null}
    loses: {description: "Activation that is lost for good, V(null) for none.", type: str, sample: the activation by MAK ending TTWX3 of X}
    uncertain: {description: Whether it was sent and nobody knows if it took effect. Then C(changed) is true., type: bool, sample: false}
    done: {description: Whether it was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description: The product before the task.
  returned: unless the task was refused or a step failed
  type: dict
  contains: &settings
    # begin fields of settings (make returns)
    #   only: [product_key, channel, status]
    #   channel.also: V(unknown) in check mode for a key that is not published.
    #   samples: {product_key: 2BCDF, channel: mak, status: initial_grace}
    product_key: {description: Last five characters of the key., type: str, sample: 2BCDF}
    channel: {description: Channel of the key. V(unknown) in check mode for a key that is not published., type: str, sample: mak}
    status: {description: Status of the product., type: str, sample: initial_grace}
    # end settings
after:
  description: The product after the task, in check mode as predicted.
  returned: unless the task was refused or a step failed
  type: dict
  contains: *settings
# begin part diff (make returns)
#   samples: {before: "product_key: T83GX\n", after: "product_key: 2BCDF\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: when diff mode is on, unless the task was refused or a step failed
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "product_key: T83GX\n"}
    after: {description: RV(after) as text., type: str, sample: "product_key: 2BCDF\n"}
# end diff
# begin part product (make returns)
#   also: V(null) when no product has a key.
#   sample: {name: "Windows(R), Professional edition", channel: mak, partial_product_key: 2BCDF, status: initial_grace}
product:
  description: The product after the task, in check mode as it is, with the fields of
    RV(winops.volume_activation.activation_info#module:products). V(null) when no product has a key.
  returned: unless the task was refused or a step failed
  type: dict
  sample: {name: "Windows(R), Professional edition", channel: mak, partial_product_key: 2BCDF, status: initial_grace}
# end product
# begin part activation (make returns)
#   outcome.description: Always V(not_requested), because the module does not activate.
#   samples: {outcome: not_requested, attempts: 0}
#   always_null: [kms_host, expires, count, error]
activation:
  description: What became of the activation.
  returned: unless the task was refused or a step failed
  type: dict
  contains:
    outcome: {description: "Always V(not_requested), because the module does not activate.", type: str, sample: not_requested}
    attempts: {description: How often activation was tried., type: int, sample: 0}
    kms_host: {description: Always V(null) here., type: str, sample: null}
    expires: {description: Always V(null) here., type: str, sample: null}
    count: {description: Always V(null) here., type: dict, sample: null}
    error: {description: Always V(null) here., type: dict, sample: null}
# end activation
# begin part error (make returns)
#   code.words: [is_kms_host]
#   always_null: [reason]
#   samples: {code: "0xC004F069", symbol: SL_E_MISMATCHED_PRODUCT_SKU, meaning: The key does not fit the installed edition.,
#     cause: A key for Datacenter on Standard., next_steps: [Compare edition in the activation_info result with the key.], category: key,
#     source: slerror.h (Windows SDK)}
error:
  description: Why the task failed.
  returned: when the task failed, or the machine could not be asked
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or a word such as V(is_kms_host) when the module refused to do something before it began.
        - Words for what has no code are V(invalid_options), V(not_applicable), V(wrong_connection), V(connection_options), V(unreachable),
          V(unknown_outcome), V(step_incomplete), V(wrong_key_type), V(invalid_state) and V(internal_error).
      type: str
      sample: "0xC004F069"
    symbol: {description: "Name of the code, V(null) for a word.", type: str, sample: SL_E_MISMATCHED_PRODUCT_SKU}
    meaning: {description: What it means., type: str, sample: The key does not fit the installed edition.}
    cause: {description: What usually leads to it., type: str, sample: A key for Datacenter on Standard.}
    next_steps:
      description: What to do about it, the most promising first.
      type: list
      elements: str
      sample: [Compare edition in the activation_info result with the key.]
    category: {description: "Kind of the error, V(refused) for a refusal.", type: str, sample: key}
    source: {description: "Where the facts come from, V(null) for this collection's own.", type: str, sample: slerror.h (Windows SDK)}
    transient: {description: Whether it may pass by itself., type: bool, sample: false}
    detail:
      description: Which of its reasons V(0xC004F035) has, one of V(oem_marker_missing), V(wrong_key) and V(unclear). V(null) with every
        other code.
      type: str
      sample: null
    reason: {description: Always V(null) here., type: dict, sample: null}
# end error
"""
