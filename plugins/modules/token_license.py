# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the module; the work is done by the action plugin of the same name, on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: token_license
short_description: Install or remove an issuance license of token-based activation
version_added: 0.1.0
description:
  - Installs an issuance license from the controller on the machine, or removes one, as C(slmgr.vbs /ilc) and C(slmgr.vbs /ril), and
    C(ospp.vbs /inslic) and C(ospp.vbs /rtokil) do. Organizations get issuance licenses from Microsoft for machines that are activated with
    a certificate, usually on a smart card, and that cannot contact a KMS host.
  - The module does not activate anything. Only the machine itself can sign with the certificate. Run C(slmgr.vbs /ltc) on the machine to
    list its certificates, and C(slmgr.vbs /fta) with the thumbprint of a certificate to activate.
  - The module recognizes a license by its ID and its version. If the machine has this license, the module does not install the files.
  - The module does not remove a license by which a product is activated, unless O(lose_activation=true).
  - After the installation, the module reads the licenses of the machine. If the files contained another license than that of
    O(issuance_license_id) and O(issuance_license_version), the task fails with V(wrong_issuance_license), and the message names it.
options:
  state:
    description: Whether the machine must have the license (V(present)), or must not have it (V(absent)).
    type: str
    choices: [present, absent]
    default: present
  issuance_license_id:
    description:
      - ID of the issuance license (ILID), which C(slmgr.vbs /lil) and
        RV(winops.volume_activation.activation_info#module:token_licenses[].issuance_license_id) show.
    type: str
    required: true
  issuance_license_version:
    description:
      - Version of the issuance license (ILVID), from 0 to 4294967294. Versions of the same license can be installed side by side.
    type: int
    required: true
  src:
    description:
      - Paths of the files of the license on the controller, whose names end in C(.xrm-ms), in the order of installation. Usually one file.
      - The paths, their directories, and the limits are as in O(winops.volume_activation.license_file#module:src).
      - With O(state=absent), the module ignores the option and does not read the files.
      - Required with O(state=present).
    type: list
    elements: path
  licensing_service:
    description:
      - Licensing service that has the license.
      - V(windows) is the service of Windows, which Office 2013 and later use too, on Windows 8, Windows Server 2012, and later.
      - V(office) is the service that Office 2010, and every Office on Windows 7 and Windows Server 2008 R2, has.
    type: str
    choices: [windows, office]
    default: windows
attributes:
  idempotent:
    support: full
    details: The second run does not write to the machine.
extends_documentation_fragment:
  - winops.volume_activation._attributes
  - winops.volume_activation._attributes.state
  - winops.volume_activation._connection
  - winops.volume_activation._losses
notes:
  - Supported on Windows 7, Windows Server 2008 R2, and later. Older versions of Windows do not show their issuance licenses.
  - Microsoft does not document the format of the files. The module therefore does not read the ID and the version from them.
  - The machine verifies the signature of each file. The module does not.
  - It is inferred that a license that is removed ends the activations that were made with it. Microsoft does not document this.
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.activation_check
  - module: winops.volume_activation.kms_client
  - ref: ansible_collections.winops.volume_activation.docsite.guide_tokens
    description: Token-based activation, from the license to the certificate.
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Install an issuance license
  winops.volume_activation.token_license:
    issuance_license_id: 2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42
    issuance_license_version: 3
    src: contoso-issuance-v3.xrm-ms

- name: Remove its previous version
  winops.volume_activation.token_license:
    state: absent
    issuance_license_id: 2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42
    issuance_license_version: 2

- name: Only allow token-based activation
  winops.volume_activation.kms_client:
    activation_type: token
    activate: false

- name: Show the issuance licenses
  winops.volume_activation.activation_info:
    include_token_licenses: true
  register: activation  # activation.token_licenses
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
# begin part token_licenses (make returns)
#   returned: success
#   what: Issuance licenses of the licensing service after the task, or in check mode before the task.
token_licenses:
  description: Issuance licenses of the licensing service after the task, or in check mode before the task.
  returned: success
  type: list
  elements: dict
  contains:
    license_id:
      description: ID with which the licensing service identifies the license.
      type: str
      sample: 5e9f2c47-0b6d-4d1a-9c38-7a4e1f8b2d60
    issuance_license_id:
      description: ID of the license for its owner (ILID). Only unique together with the version.
      type: str
      sample: 2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42
    issuance_license_version: {description: Version of the license (ILVID)., type: int, sample: 3}
    authorization_status:
      description: Why Windows does not authorize the license, or V(null) if Windows authorizes it.
      type: dict
      contains:
        code: {description: Code of Windows., type: str, sample: "0xC004F306"}
        symbol:
          description: Name of the code, or V(null) if no public header contains the code.
          type: str
          sample: SL_E_TKA_INVALID_SKU_ID
        meaning: {description: Meaning of the code., type: str, sample: This edition does not support token-based activation.}
    expires:
      description: Time in UTC after which the license cannot activate anything, or V(null) if it does not expire.
      type: str
      sample: "2027-11-20T09:00:00Z"
    description: {description: Text in the license., type: str, sample: "Windows(R) Operating System, VOLUME_KMSCLIENT channel"}
    additional_info: {description: More text in the license., type: str, sample: null}
    licensing_service:
      description: Licensing service of the license, V(windows) or V(office), as RV(ignore:products[].licensing_service).
      type: str
      sample: windows
# end token_licenses
# begin part steps (make returns)
#   action.description: One of V(install_token_license) and V(remove_token_license).
#   samples: {action: install_token_license, description: "install the issuance license 2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42, version 3,
#     from contoso-issuance-v3.xrm-ms"}
steps:
  description: Steps of the task in order. In check mode, the steps that the task would do. Empty if no change is required.
  returned: always
  type: list
  elements: dict
  contains:
    action: {description: One of V(install_token_license) and V(remove_token_license)., type: str, sample: install_token_license}
    description:
      description: Description of the step.
      type: str
      sample: install the issuance license 2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42, version 3, from contoso-issuance-v3.xrm-ms
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
    - Issuance licenses of the licensing service before the task.
    - V(null) if the module did not read the machine.
  returned: always
  type: dict
  contains: &licenses
    issuance_licenses:
      description: ID and version of each license, in this order.
      type: list
      elements: dict
      contains:
        issuance_license_id: {description: ID of the license (ILID)., type: str, sample: 2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42}
        issuance_license_version: {description: Version of the license (ILVID)., type: int, sample: 3}
after:
  description:
    - Issuance licenses of the licensing service after the task. In check mode, the predicted licenses.
    - V(null) if the module did not read the machine, or could not read it again after a failed step.
  returned: always
  type: dict
  contains: *licenses
# begin part diff (make returns)
#   samples: {before: "issuance_licenses: []\n", after: "issuance_licenses:\n- issuance_license_id:
#     2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42\n  issuance_license_version: 3\n"}
diff:
  description: RV(before) and RV(after) as YAML text.
  returned: success, if diff mode is on
  type: dict
  contains:
    before: {description: RV(before) as text., type: str, sample: "issuance_licenses: []\n"}
    after:
      description: RV(after) as text.
      type: str
      sample: "issuance_licenses:\n- issuance_license_id: 2a5d8cf1-7b3e-4c9a-8f60-3d1e5b7a9c42\n  issuance_license_version: 3\n"
# end diff
# begin part error (make returns)
#   code.words: [wrong_issuance_license, activation_would_be_lost, office_service_missing, not_supported_by_windows]
#   samples: {code: "0xC004F01F", symbol: SL_E_INVALID_LICENSE, meaning: The license is not valid., cause: The file is damaged.,
#     next_steps: [Copy the license file again from where it was delivered.], category: store, source: slerror.h (Windows SDK)}
error:
  description: Error that made the task fail.
  returned: failure
  type: dict
  contains:
    code:
      description:
        - Error code of Windows, or an error code of the collection, such as V(wrong_issuance_license), V(activation_would_be_lost),
          V(office_service_missing), and V(not_supported_by_windows) if the module refused the task before it changed anything.
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
