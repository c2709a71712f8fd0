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
  - Installs license files from the controller on the machine, as C(slmgr.vbs /ilc) and C(ospp.vbs /inslic) do. Volume License Packs,
    add-ons, and Office contain such files.
  - With a directory and O(reinstall=true), the module replaces C(slmgr.vbs /rilc), which installs all license files of Windows again and
    repairs a damaged license store. Copy C(%SystemRoot%\System32\spp\tokens) from a machine with the same edition and build of Windows to
    the controller.
  - A license file makes a product known to the licensing service. It does not contain a product key, and does not activate anything. Use
    M(winops.volume_activation.product_key), M(winops.volume_activation.mak_client), or M(winops.volume_activation.kms_host) afterwards.
  - The module installs a file if it names a product that the machine does not list yet. If the machine already lists all products of the
    file, the module does not install it.
  - A file that does not name a product, such as C(pkeyconfig), is installed only if at least one other file of O(src) is installed. If none
    of the files names a product, the task fails with V(no_product_id).
options:
  src:
    description:
      - Paths of license files on the controller, in the order of installation. Specify all files of a product in one task, and not in a
        loop, because the machine can list the product after the first file.
      - A path can be a directory. The module then takes all files in the directory and its subdirectories whose names end in C(.xrm-ms),
        sorted by path. Other files are ignored.
      - The module searches a relative path in the directory C(files) of the role, and then next to the playbook, as other modules do.
      - Each file must be an XML license document in UTF-8 or UTF-16, without a document type declaration. The module reads and sends the
        file, and never executes it.
      - At most 1000 files, of at most 4 MiB each and 64 MiB together.
    type: list
    elements: path
    required: true
  application:
    description:
      - Application that the files are for.
      - If set to V(windows), the module sends the files to the licensing service of Windows, on all versions of Windows. Also use
        V(windows) for the license files that make a machine a KMS host for Office.
      - If set to V(office) on Windows 7 and Windows Server 2008 R2, the module sends the files to the licensing service of Office.
      - If set to V(office) on Windows 8, Windows Server 2012, and later, the module sends the files of Office 2010 to the licensing service
        of Office, and the files of Office 2013 and later to the licensing service of Windows.
    type: str
    choices: [windows, office]
    default: windows
  reinstall:
    description:
      - Whether to install all files of O(src), even if the machine already lists their products, or if no file names a product. Overrides
        the error code V(no_product_id).
      - If V(true), every run changes the machine. Set O(reinstall=true) after a task that ended before all files were installed, or if
        files were replaced with newer files.
    type: bool
    default: false
attributes:
  idempotent:
    support: partial
    details:
      - If O(reinstall=false) and the machine lists the products after the first run, the second run does not write to the machine.
      - The module cannot find out whether all files of a listed product are installed.
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._connection
notes:
  - The module reads the products of a file from its C(productSkuId) entries, which contain activation IDs. Microsoft does not document the
    format of the files. This is inferred from public files.
  - It is inferred from C(slmgr.vbs /rilc), which installs all files of a machine again, that a file can be installed twice without harm.
  - The machine verifies the signature of each file. The module does not.
  - One WinRM message contains a whole file with escaped markup. WinRM accepts messages of up to 500 KB, or up to 150 KB before Windows 8,
    unless C(MaxEnvelopeSizekb) was increased on the machine.
  - Use license files only for products that your organization has licenses for.
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.product_key
  - module: winops.volume_activation.kms_host
  - ref: ansible_collections.winops.volume_activation.docsite.guide_overrides
    description: All options that override an error code, and the possible consequences.
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

- name: Install all license files in a directory of the role
  winops.volume_activation.license_file:
    src: "{{ query('ansible.builtin.fileglob', 'licenses/*.xrm-ms') | sort }}"

- name: Install all license files of Windows again, as slmgr.vbs /rilc does
  winops.volume_activation.license_file:
    src: windows-10-19045-enterprise/tokens
    reinstall: true

- name: Install license files of Office 2010 again after an interrupted run
  winops.volume_activation.license_file:
    src: "{{ query('ansible.builtin.fileglob', 'office14/*.xrm-ms') | sort }}"
    application: office
    reinstall: true
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
files:
  description: License files in the order of O(src), without duplicates.
  returned: success
  type: list
  elements: dict
  contains:
    path:
      description: Absolute path of the file on the controller.
      type: str
      sample: /srv/playbooks/files/kmshost2024vl_kms_host-pl.xrm-ms
    title:
      description: Title of the first license in the file, or V(null) if it has none.
      type: str
      sample: Office 24 Publishing License (Public)
    activation_ids:
      description: Activation IDs of the products that the file names. Empty if it does not name any.
      type: list
      elements: str
      sample: [f3d89bbf-c0ec-47ce-a8fa-e5a5f97e447f]
    is_listed:
      description: Whether the machine listed all products of the file before the task, or V(null) if the file does not name any.
      type: bool
      sample: false
# begin part steps (make returns)
#   action.description: Always V(install_license_file).
#   samples: {action: install_license_file, description: install the license file kmshost2024vl_kms_host-pl.xrm-ms}
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required.
  returned: always
  type: list
  elements: dict
  contains:
    action: {description: Always V(install_license_file)., type: str, sample: install_license_file}
    description: {description: Description of the step., type: str, sample: install the license file kmshost2024vl_kms_host-pl.xrm-ms}
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
    - Products that the files name, before the task.
    - V(null) if the module did not read the machine.
  returned: always
  type: dict
  contains: &products
    listed: {description: Activation IDs that the machine lists., type: list, elements: str, sample: []}
    missing:
      description: Activation IDs that the machine does not list.
      type: list
      elements: str
      sample: [f3d89bbf-c0ec-47ce-a8fa-e5a5f97e447f]
after:
  description:
    - Products that the files name, after the task. In check mode, the predicted products.
    - V(null) if the module did not read the machine, or could not read it again after a failed step.
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
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(no_product_id), V(application_mismatch),
          V(mixed_office_versions), V(office_service_missing), and V(not_supported_by_windows) if the module refused the task before it
          changed anything.
        - Error codes that all modules for Windows have, such as V(invalid_options) and V(unreachable), are in R(Errors and what they
          mean,ansible_collections.winops.volume_activation.docsite.guide_errors).
      type: str
      sample: "0xC004F01F"
    symbol:
      description: Symbolic name of the code, or V(null) for an error code of the collection and for a code that no public header contains.
      type: str
      sample: SL_E_INVALID_LICENSE
    meaning: {description: Meaning of the code., type: str, sample: The license is not valid.}
    cause: {description: Most common cause., type: str, sample: The file is damaged.}
    next_steps:
      description: What to do next, the most promising step first.
      type: list
      elements: str
      sample: [Copy the license file again from where it was delivered.]
    category: {description: Category of the error. V(precondition) if the module refused the task., type: str, sample: store}
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
