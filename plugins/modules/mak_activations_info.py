# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask Microsoft how many activations MAKs have left; runs where the task runs or is delegated to."""

DOCUMENTATION = r"""
module: mak_activations_info
version_added: 0.1.0
short_description: Get the number of activations that a MAK has left
description:
  - Asks the batch activation service of Microsoft how many activations are left for one or more MAKs. Only Microsoft knows this number.
    Windows does not show it.
  - A MAK is identified by its extended product ID, which a machine with the MAK shows. The product key is never sent.
  - The request does not use an activation.
options:
  extended_pids:
    description:
      - Extended product IDs of the MAKs. M(winops.volume_activation.activation_info) returns the one of a machine with the MAK in
        C(products[].extended_pid).
      - The last groups of the extended product ID differ between machines with the same MAK. Specify one for each MAK.
      - If an extended product ID is in the list twice, the module asks once. If the list is empty, the module does not send anything.
      - A value that looks like a product key is refused before anything is sent.
    type: list
    elements: str
    required: true
  use_cache:
    description:
      - Whether to return the number that an earlier task of the same run of Ansible got for a MAK, with its time, on all hosts and in all
        batches. If V(false), the module asks Microsoft again.
      - Activations after this time are not in the number. Set the option to V(false) after activations, and in a task with C(until).
      - Errors are never kept. The next task asks again.
    type: bool
    default: true
extends_documentation_fragment:
  - winops.volume_activation._attributes.info
  - winops.volume_activation._batch
notes:
  - The module fails if the number of any MAK is not known. RV(maks) contains the other numbers.
  - The controller keeps the numbers in the temporary directory of the run, which Ansible removes at the end of the run. If several tasks
    ask about the same MAK at the same time, the first one sends the request, and the others wait for its number.
seealso:
  - module: winops.volume_activation.activation_info
  - module: winops.volume_activation.mak_client
  - plugin: winops.volume_activation.mak_budget
    plugin_type: filter
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Read a machine that has the MAK
  winops.volume_activation.activation_info:
  register: read

- name: Get the number of remaining activations of its MAK
  winops.volume_activation.mak_activations_info:
    extended_pids: "{{ read.products | selectattr('channel', 'equalto', 'mak') | map(attribute='extended_pid') | list }}"
    http_proxy: http://proxy.corp.example.com:3128
  delegate_to: localhost
  register: left

- name: Warn if fewer than 20 activations are left
  ansible.builtin.debug:
    msg: "{{ item.extended_pid }}: {{ item.remaining_activations }} activations left at {{ item.checked_time }}"
  loop: "{{ left.maks }}"
  when: item.remaining_activations < 20
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: "55041-00140-015-871562-03-1033-7078.0000-0992009: 412 left."
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: "55041-00140-015-871562-03-1033-7078.0000-0992009: 412 left."
# end msg
maks:
  description: Result for each MAK, in the order of O(extended_pids).
  returned: success, and failure of a request
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
    cached: {description: Whether the number is from an earlier task of the same run., type: bool, sample: false}
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
error:
  description:
    - Error of the task, with the fields of RV(maks[].error). If several requests failed, the error of the first one.
    - The code is V(invalid_options) if an option is not valid, and V(internal_error) for an unexpected error.
  returned: failure
  type: dict
  sample: {code: proxy_authentication, meaning: "The proxy requires a user name and a password, or rejected them (407).", transient: false}
"""

from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..module_utils._batch.options import ACTIVATIONS_INFO, extended_pids_of, secrets_in, service
from ..module_utils._batch.remaining import ask_all, result_of
from ..module_utils._deadline import Deadline
from ..module_utils._module import ExplainingModule


def run(options: dict[str, Any]) -> dict[str, Any]:
    """Check the options, ask, and return the numbers."""
    extended_pids, asked = extended_pids_of(options["extended_pids"]), service(options)
    return result_of(ask_all(extended_pids, asked.ask, options["parallel_requests"], Deadline.after(options["deadline"])))


def main() -> None:
    """Entry point."""
    module = ExplainingModule(argument_spec=ACTIVATIONS_INFO, supports_check_mode=True)
    module.no_log_values.update(secrets_in(module.params))
    result = module.attempt(lambda: run(module.params))
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
