# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: license_file
short_description: Install license files (xrm-ms) of Windows or Office
version_added: 0.1.0
description:
  - Installs license files of the controller on the machine, as C(slmgr.vbs /ilc) and C(ospp.vbs /inslic) do. Such files come with Volume
    License Packs, with add-ons, and with Office.
  - A license file makes a product known to the licensing service. It brings no product key and activates nothing. Use
    M(winops.volume_activation.product_key), M(winops.volume_activation.mak_client) or M(winops.volume_activation.kms_host) afterwards.
  - A file is installed when it names a product that the machine does not list yet. When the machine lists all products that it names, the
    file is left alone.
  - A file that names no product, such as C(pkeyconfig), is installed together with the files of O(src) that are installed, and left alone
    when none is.
options:
  src:
    description:
      - The license files, in the order in which they are to be installed. Give all files of a product in one task, and not in a loop,
        because the machine may list the product after the first of them.
      - They are on the controller. A relative path is looked for as other modules do it, in the folder C(files) of the role and then beside
        the playbook. At most 100 files of 1 MiB each.
      - Each file has to be a license document in XML, in UTF-8 or UTF-16. It is read, sent, and never executed. A document type is refused.
    type: list
    elements: path
    required: true
  application:
    description:
      - Whose files they are. Files for V(windows) go to the licensing service of Windows.
      - Files for V(office) go to the licensing service of Office before Windows 8, and on later Windows when they are of Office 2010. Those
        of a later Office go to the service of Windows there.
      - The licenses that make a machine a KMS host for Office belong to the service of Windows on every Windows. Choose V(windows) for
        them.
    type: str
    choices: [windows, office]
    default: windows
  reinstall:
    description:
      - Install all files of O(src), whatever the machine lists. Use it after a task that ended before all files were installed, and for
        files that were replaced by newer ones. Every run then changes the machine. Overrides V(no_product_id).
    type: bool
    default: false
attributes:
  idempotent:
    support: partial
    details:
      - Without O(reinstall) the second run sends no write to the machine, if the machine lists the products by then.
      - What does not show is whether all files of a listed product are installed.
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._connection
notes:
  - Which products a file names is read from its C(productSkuId) entries, which hold activation IDs. That is how public files look.
    Microsoft documents the method and not the format of the files, so this is inferred.
  - That a file may be installed again without harm is inferred from C(slmgr.vbs /rilc), which installs all files of a machine again.
  - The machine checks the signature of each file. This collection does not.
  - A message holds a whole file, with its markup escaped. WinRM takes up to 500 KB, and 150 KB before Windows 8, unless
    C(MaxEnvelopeSizekb) was raised on the machine.
  - Use license files only for products that your organization has licenses for.
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.product_key
  - module: winops.volume_activation.kms_host
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Install the licenses of an Office KMS host
  winops.volume_activation.license_file:
    src:
      - office/pkeyconfig-office-kmshost.xrm-ms
      - office/kmshost2024vl_kms_host-pl.xrm-ms
      - office/kmshost2024vl_kms_host-ppd.xrm-ms
      - office/kmshost2024vl_kms_host-ul-oob.xrm-ms

- name: Install all license files of a folder of the role
  winops.volume_activation.license_file:
    src: "{{ query('ansible.builtin.fileglob', 'licenses/*.xrm-ms') | sort }}"

- name: Install them again after an interrupted run, for Office 2010
  winops.volume_activation.license_file:
    src: "{{ query('ansible.builtin.fileglob', 'office14/*.xrm-ms') | sort }}"
    application: office
    reinstall: true
"""

RETURN = r"""
files:
  description: The files, in the order of O(src), each once.
  returned: unless the task was refused or a step failed
  type: list
  elements: dict
  contains:
    path: {description: Full name of the file on the controller., type: str, sample: /srv/playbooks/files/kmshost2024vl_kms_host-pl.xrm-ms}
    title: {description: "Title of its first license, V(null) when it has none.", type: str, sample: Office 24 Publishing License (Public)}
    activation_ids:
      description: Activation IDs of the products that it names. Empty when it names none.
      type: list
      elements: str
      sample: [f3d89bbf-c0ec-47ce-a8fa-e5a5f97e447f]
    listed: {description: "Whether the machine listed all of them before the task, V(null) when there are none.", type: bool, sample: false}
# begin part steps (make returns)
#   also: Empty when no file had to be installed.
#   action.description: Always V(install_license_file).
#   always_null: [consumes, loses]
#   samples: {action: install_license_file, description: install the license file kmshost2024vl_kms_host-pl.xrm-ms}
steps:
  description: What was done, in order, or what would be done in check mode. Empty when no file had to be installed.
  returned: unless the task was refused
  type: list
  elements: dict
  contains:
    action: {description: Always V(install_license_file)., type: str, sample: install_license_file}
    description: {description: The step in words., type: str, sample: install the license file kmshost2024vl_kms_host-pl.xrm-ms}
    consumes: {description: Always V(null) here., type: str, sample: null}
    loses: {description: Always V(null) here., type: str, sample: null}
    uncertain: {description: Whether it was sent and nobody knows if it took effect. Then C(changed) is true., type: bool, sample: false}
    done: {description: Whether it was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description: The products that the files name, before the task.
  returned: unless the task was refused or a step failed
  type: dict
  contains: &products
    listed: {description: Activation IDs of those that the machine lists., type: list, elements: str, sample: []}
    missing:
      description: Activation IDs of those that it does not list.
      type: list
      elements: str
      sample: [f3d89bbf-c0ec-47ce-a8fa-e5a5f97e447f]
after:
  description: The same after the task, in check mode as predicted.
  returned: unless the task was refused or a step failed
  type: dict
  contains: *products
# begin part diff (make returns)
#   samples: {before: "listed: []\n", after: "listed:\n- f3d89bbf-c0ec-47ce-a8fa-e5a5f97e447f\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: when diff mode is on, unless the task was refused or a step failed
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "listed: []\n"}
    after: {description: RV(after) as text., type: str, sample: "listed:\n- f3d89bbf-c0ec-47ce-a8fa-e5a5f97e447f\n"}
# end diff
# begin part error (make returns)
#   code.words: [no_product_id, application_mismatch, mixed_office_versions, office_service_missing, not_supported_by_windows]
#   always_null: [detail, reason]
#   samples: {code: "0xC004F01F", symbol: SL_E_INVALID_LICENSE, meaning: The license is not valid., cause: The file is damaged.,
#     next_steps: [Copy the license file again from where it was delivered.], category: store, source: slerror.h (Windows SDK)}
error:
  description: Why the task failed.
  returned: when the task failed, or the machine could not be asked
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or a word such as V(no_product_id), V(application_mismatch), V(mixed_office_versions), V(office_service_missing)
          and V(not_supported_by_windows) when the module refused to do something before it began.
        - Words for what has no code are V(invalid_options), V(not_applicable), V(wrong_connection), V(connection_options), V(unreachable),
          V(unknown_outcome), V(step_incomplete), V(wrong_key_type), V(invalid_state) and V(internal_error).
      type: str
      sample: "0xC004F01F"
    symbol: {description: "Name of the code, V(null) for a word.", type: str, sample: SL_E_INVALID_LICENSE}
    meaning: {description: What it means., type: str, sample: The license is not valid.}
    cause: {description: What usually leads to it., type: str, sample: The file is damaged.}
    next_steps:
      description: What to do about it, the most promising first.
      type: list
      elements: str
      sample: [Copy the license file again from where it was delivered.]
    category: {description: "Kind of the error, V(refused) for a refusal.", type: str, sample: store}
    source: {description: "Where the facts come from, V(null) for this collection's own.", type: str, sample: slerror.h (Windows SDK)}
    transient: {description: Whether it may pass by itself., type: bool, sample: false}
    detail: {description: Always V(null) here., type: str, sample: null}
    reason: {description: Always V(null) here., type: dict, sample: null}
# end error
"""
