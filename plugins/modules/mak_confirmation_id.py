# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Request confirmation IDs from Microsoft, each one once; runs where the task runs or is delegated to."""

DOCUMENTATION = r"""
module: mak_confirmation_id
version_added: 0.1.0
short_description: Request confirmation IDs from Microsoft
description:
  - Requests confirmation IDs for the installation IDs of machines with a MAK from the batch activation service of Microsoft. With its
    confirmation ID, a machine that cannot reach Microsoft is activated. This replaces the telephone.
  - A confirmation ID uses an activation of the MAK. The module therefore requests it once. It writes each request to a journal before it
    sends the request, and each answer before it does anything else. A record whose confirmation ID is known is never requested again.
  - If the answer to a request was lost, or if the run was killed after the request, Microsoft might have counted an activation. The module
    does not repeat such a request unless O(ask_again=true).
  - Each record has its own result. An error of one record does not affect the other records.
options:
  records:
    description:
      - Records of machines, as P(winops.volume_activation.from_proxy_file#filter) returns them. The module uses C(extended_pid),
        C(installation_id), C(confirmation_id), C(partial_product_key), and C(machine), and returns all other values unchanged.
      - A record with a C(confirmation_id) is not requested. If two records have the same C(installation_id), it is requested once.
      - C(installation_id) and C(extended_pid) are those that M(winops.volume_activation.activation_info) and
        M(winops.volume_activation.mak_client) return for the product with the MAK. C(machine) is used in
        messages only, and C(partial_product_key) to find the records of one MAK. They are not sent.
      - A record whose installation ID has a wrong length or a wrong check digit is not sent.
      - If a record contains a product key, the task fails before anything is sent.
    type: list
    elements: dict
    required: true
  journal_path:
    description:
      - Path of the journal on the machine that runs the task. Keep it next to the file with the records, and use the same journal for every
        run, because it prevents a second request.
      - Specify an absolute path, because a relative path is relative to the directory in which Ansible runs the module, on the
        controller the directory of the playbook.
      - The file is created with the mode 0600 if it does not exist. Its directory must exist. The module fails if every user can write to
        the file.
      - The journal is locked during the run. If another task uses it, the module waits until O(deadline).
      - The journal contains installation IDs, extended product IDs, and confirmation IDs, and no product keys or names.
    type: path
    required: true
  ask_again:
    description:
      - Whether to repeat a request whose answer is not known. B(It might use another activation.) It is not known whether Microsoft counts
        a second request for the same installation ID.
      - Before you set this option, compare the remaining activations with M(winops.volume_activation.mak_activations_info), or request the
        confirmation ID by telephone.
      - A record whose confirmation ID is known is not requested again in any case. Overrides the error code V(unknown_outcome).
    type: bool
    default: false
  check_remaining:
    description:
      - Whether to ask how many activations each MAK has left before the first request, and to fail if the records need more.
        Overrides the error code V(activation_budget) if V(false).
      - The module fails in this case, and also if the number of a MAK is not known, before it requests any confirmation ID.
      - If Microsoft refuses to return the number of one MAK, for example because the MAK is blocked, only the records of this MAK are not
        requested, and have the status V(refused).
    type: bool
    default: true
  max_activations:
    description:
      - Maximum number of activations that this task can use. If the records need more, the task fails before anything is sent.
      - Must be 0 or greater.
    type: int
extends_documentation_fragment:
  - winops.volume_activation._attributes.ledger
  - winops.volume_activation._batch
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing anything.
    support: full
    details: The module does not send anything, does not write the journal, and returns the records that it would request.
  diff_mode:
    description: Returns what has changed, or what would change in C(check_mode), if in diff mode.
    support: none
  idempotent:
    description: If run twice in a row outside C(check_mode) with the same options, the second run does not change anything.
    support: full
    details: The second run uses the answers in the journal. It requests only records that were refused or not sent.
notes:
  - The module fails if a record has an error. RV(records) contains the confirmation IDs of the other records, and the journal has them too.
    Use C(ignore_errors), and deposit the confirmation IDs that were received.
  - Windows Server 2003 and other records without an extended product ID cannot be requested from this service. Use the telephone.
seealso:
  - module: winops.volume_activation.mak_activations_info
  - module: winops.volume_activation.mak_client
  - plugin: winops.volume_activation.merge_confirmation_ids
    plugin_type: filter
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Request the confirmation IDs of a file
  winops.volume_activation.mak_confirmation_id:
    records: "{{ lookup('ansible.builtin.file', 'plant.csv', rstrip=false) | winops.volume_activation.from_proxy_file('plant.csv') }}"
    journal_path: "{{ playbook_dir }}/plant.csv.journal"
    http_proxy: http://proxy.corp.example.com:3128
    http_proxy_username: ansible
    http_proxy_password: "{{ vault_proxy_password }}"
  delegate_to: localhost
  run_once: true
  register: requested

- name: Show the machines without a confirmation ID
  ansible.builtin.debug:
    msg: "{{ item.machine }}: {{ item.error.meaning }} {{ item.error.next_steps | first }}"
  loop: "{{ requested.records | selectattr('error') }}"
  loop_control:
    label: "{{ item.machine }}"
  run_once: true
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: "Confirmation IDs: 18 received from Microsoft, 2 known before."
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: "Confirmation IDs: 18 received from Microsoft, 2 known before."
# end msg
records:
  description: The records, in the order of O(records), with their values and the following ones.
  returned: success, and failure of a record
  type: list
  elements: dict
  contains:
    confirmation_id:
      description: Confirmation ID, or an empty text if it is not known.
      type: str
      sample: "123456123456123456123456123456123456123456123456"
    status:
      description:
        - V(answered) if Microsoft returned the confirmation ID in this run, V(kept) if it was known before, and V(planned) in check mode if
          it would be requested.
        - V(refused) if Microsoft or another server refused the request, which did not use an activation. V(not_sent) if the request could
          not be sent. V(invalid) if the record cannot be requested.
        - V(unknown) if it was requested without an answer, in this run or before. Microsoft might have counted an activation.
      type: str
      sample: answered
    requested_time:
      description: Time of the last request, in UTC, or V(null) if the record was not requested.
      type: str
      sample: "2026-11-30T13:20:00Z"
    answered_time:
      description: Time of the confirmation ID, in UTC, or V(null) without one, or if it comes from O(records).
      type: str
      sample: "2026-11-30T13:20:01Z"
    warnings:
      description: Warnings, which are also warnings of the task, such as check digits of a confirmation ID that do not match.
      type: list
      elements: str
      sample: []
    # begin part service_error (make returns)
    error:
      description: Error of the request, or V(null) if there is none. The task fails if any request has an error.
      type: dict
      contains:
        code:
          description: Error code of the service, such as V(0x7F) if no activations are left and V(0x67) if the key is blocked, or an error
            code of the collection, such as V(proxy_authentication), V(service_untrusted), V(service_unreachable), and V(response_lost).
          type: str
          sample: "0x7F"
        symbol: {description: "Always V(null), because the codes of the service have no public names.", type: str, sample: null}
        meaning: {description: Meaning of the code., type: str, sample: The MAK has no activations left.}
        cause: {description: Most common cause., type: str, sample: The activations of the agreement are used up.}
        next_steps:
          description: What to do next, the most promising step first.
          type: list
          elements: str
          sample: ["Use another MAK, or activate machines that reach a KMS host by KMS."]
        category:
          description: Category of the error. V(online_service) for the service, V(network) for the way to it.
          type: str
          sample: online_service
        source:
          description: Source of the explanation, or V(null) if the explanation is only from this collection.
          type: str
          sample: ActivationWs (MIT license)
        transient: {description: Whether the same request can succeed later without any change., type: bool, sample: false}
        known: {description: Whether the code is in the error catalog of this collection., type: bool, sample: true}
        subcode: {description: Always V(null) for the service., type: str, sample: null}
        underlying: {description: Always V(null) for the service., type: dict, sample: null}
    # end service_error
requests_sent:
  description: Number of confirmation IDs that the task requested, without those that could not be sent.
  returned: success, and failure of a record
  type: int
  sample: 18
activations_used:
  description: Number of confirmation IDs that Microsoft returned in this run. Each uses an activation.
  returned: success, and failure of a record
  type: int
  sample: 18
maks:
  description:
    - Activations of each MAK with records to request, by the extended product ID of the first record. The numbers are from before the first
      request, and are not known in check mode and if O(check_remaining=false).
  returned: success, and failure of a record
  type: list
  elements: dict
  contains:
    # begin fields of remaining (make returns)
    extended_pid:
      description: Extended product ID (ePID) of the product key.
      type: str
      sample: 55041-00140-015-871562-03-1033-7078.0000-0992009
    remaining_activations:
      description: Number of activations that Microsoft has left for the MAK, or V(null) if it is not known.
      type: int
      sample: 412
    checked_time: {description: "Time of the response, in UTC, or V(null) without a number.", type: str, sample: "2026-11-30T13:20:00Z"}
    # end remaining
    # begin part service_error (make returns)
    error:
      description: Error of the request, or V(null) if there is none. The task fails if any request has an error.
      type: dict
      contains:
        code:
          description: Error code of the service, such as V(0x7F) if no activations are left and V(0x67) if the key is blocked, or an error
            code of the collection, such as V(proxy_authentication), V(service_untrusted), V(service_unreachable), and V(response_lost).
          type: str
          sample: "0x7F"
        symbol: {description: "Always V(null), because the codes of the service have no public names.", type: str, sample: null}
        meaning: {description: Meaning of the code., type: str, sample: The MAK has no activations left.}
        cause: {description: Most common cause., type: str, sample: The activations of the agreement are used up.}
        next_steps:
          description: What to do next, the most promising step first.
          type: list
          elements: str
          sample: ["Use another MAK, or activate machines that reach a KMS host by KMS."]
        category:
          description: Category of the error. V(online_service) for the service, V(network) for the way to it.
          type: str
          sample: online_service
        source:
          description: Source of the explanation, or V(null) if the explanation is only from this collection.
          type: str
          sample: ActivationWs (MIT license)
        transient: {description: Whether the same request can succeed later without any change., type: bool, sample: false}
        known: {description: Whether the code is in the error catalog of this collection., type: bool, sample: true}
        subcode: {description: Always V(null) for the service., type: str, sample: null}
        underlying: {description: Always V(null) for the service., type: dict, sample: null}
    # end service_error
    needed_activations:
      description: Number of confirmation IDs to request.
      type: int
      sample: 18
    activations_used:
      description: Number of confirmation IDs that Microsoft returned in this run for the MAK.
      type: int
      sample: 18
    unknown_activations:
      description: Number of requests of this run without an answer, which Microsoft might have counted.
      type: int
      sample: 0
error:
  description:
    - Error of the task, with the fields of RV(records[].error). If several records failed, the error of the first one.
    - The code is V(invalid_options) if an option is not valid, V(activation_budget) if the records need more activations than permitted or
      left, V(journal_failed) or V(journal_locked) if the journal cannot be used, and V(internal_error) for an unexpected error.
  returned: failure
  type: dict
  sample: {code: "0x7F", meaning: The MAK has no activations left., transient: false}
"""

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..module_utils._batch.confirmation_task import run
from ..module_utils._batch.options import CONFIRMATION_ID, secrets_in
from ..module_utils._module import ExplainingModule


def main() -> None:
    """Entry point."""
    module = ExplainingModule(argument_spec=CONFIRMATION_ID, supports_check_mode=True)
    module.no_log_values.update(secrets_in(module.params))
    result = module.attempt(lambda: run(module.params, check_mode=module.check_mode))
    for record in result.get("records", ()):
        for warning in record["warnings"]:
            module.warn(f"{record.get('machine') or record.get('installation_id')}: {warning}")
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
