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
files:
  description: The files, in the order of O(src), each once.
  returned: success
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
    is_listed:
      description: Whether the machine listed all products of the file before the task, or V(null) if the file has none.
      type: bool
      sample: false
# begin part steps (make returns)
#   also: Empty when no file had to be installed.
#   action.description: Always V(install_license_file).
#   samples: {action: install_license_file, description: install the license file kmshost2024vl_kms_host-pl.xrm-ms}
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required. Empty when no
    file had to be installed.
  returned: always
  type: list
  elements: dict
  contains:
    action: {description: Always V(install_license_file)., type: str, sample: install_license_file}
    description: {description: Description of the step., type: str, sample: install the license file kmshost2024vl_kms_host-pl.xrm-ms}
    consumes: {description: "What the step consumes, such as an activation of a MAK, or V(null) for nothing.", type: str, sample: null}
    loses: {description: "Activation that the step loses for good, or V(null) for none.", type: str, sample: null}
    uncertain:
      description: Whether the step was sent but its result is unknown. RV(ignore:changed) is V(true) then.
      type: bool
      sample: false
    done: {description: Whether the step was done. V(false) in check mode and after a failure., type: bool, sample: true}
# end steps
before:
  description: The products that the files name, before the task.
  returned: always
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
  returned: always
  type: dict
  contains: *products
# begin part diff (make returns)
#   samples: {before: "listed: []\n", after: "listed:\n- f3d89bbf-c0ec-47ce-a8fa-e5a5f97e447f\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "listed: []\n"}
    after: {description: RV(after) as text., type: str, sample: "listed:\n- f3d89bbf-c0ec-47ce-a8fa-e5a5f97e447f\n"}
# end diff
# begin part error (make returns)
#   code.words: [no_product_id, application_mismatch, mixed_office_versions, office_service_missing, not_supported_by_windows]
#   samples: {code: "0xC004F01F", symbol: SL_E_INVALID_LICENSE, meaning: The license is not valid., cause: The file is damaged.,
#     next_steps: [Copy the license file again from where it was delivered.], category: store, source: slerror.h (Windows SDK)}
error:
  description: Why the task failed.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Code of Windows, or an identifier such as V(no_product_id), V(application_mismatch), V(mixed_office_versions),
          V(office_service_missing) and V(not_supported_by_windows) if the module refused the task before it changed anything.
        - Identifiers without a code of Windows are V(invalid_options), V(not_applicable), V(wrong_connection), V(connection_options),
          V(unreachable), V(unknown_outcome), V(step_incomplete), V(wrong_key_type), V(invalid_state), and V(internal_error).
      type: str
      sample: "0xC004F01F"
    symbol: {description: "Symbolic name of the code, or V(null) for an identifier.", type: str, sample: SL_E_INVALID_LICENSE}
    meaning: {description: Meaning of the code., type: str, sample: The license is not valid.}
    cause: {description: Most common cause., type: str, sample: The file is damaged.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Copy the license file again from where it was delivered.]
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: store}
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
