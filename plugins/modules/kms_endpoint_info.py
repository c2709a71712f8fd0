# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Probe whether machines are KMS hosts; runs where the task runs or is delegated to."""

DOCUMENTATION = r"""
module: kms_endpoint_info
version_added: 0.1.0
short_description: Probe whether KMS hosts respond
description:
  - Opens a TCP connection to each endpoint and sends one message of the RPC protocol (a bind), to find out whether the endpoint has the
    interface of a KMS host. Returns the status of each endpoint, its meaning, and the next steps.
  - The module does not request a license. It does not activate anything, and no KMS host counts the machine that runs the module as a
    client.
  - The module probes from the machine that runs the task. Delegate the task to a machine in the network of the clients to get the result
    that the clients would get.
  - The module does not fail if an endpoint cannot be reached or is not a KMS host. Check RV(endpoints[].status) instead. The module fails
    if an entry of O(endpoints) is not a valid name or address, and does not send anything in this case.
options:
  endpoints:
    description:
      - Names or addresses to probe, with or without a port. An IPv6 address with a port must be in brackets.
      - If an entry does not have a port, the port is 1688.
      - If an endpoint is named twice, the module probes it once. If the list is empty, the module does not probe anything.
    type: list
    elements: str
    required: true
attributes:
  async:
    description: Can be run in the background with C(async).
    support: full
  platform:
    description: Operating systems that the module can run on. The KMS hosts that it probes run Windows.
    platforms: posix
    support: full
extends_documentation_fragment:
  - winops.volume_activation._attributes.info
  - winops.volume_activation._probe
notes:
  - The module probes every address of every endpoint that the task names, without a limit. A module that probes endpoints which a machine
    or DNS names, such as M(winops.volume_activation.activation_check), has limits.
  - The module probes up to 32 endpoints at the same time. If a name has several addresses, it probes them in turn until one responds.
  - A machine accepts the bind as soon as it has a KMS host key. A probe cannot find out whether the key is activated and whether the count
    is high enough. M(winops.volume_activation.activation_info) and M(winops.volume_activation.kms_host) return this.
requirements:
  - Python 3.10 or newer where the module runs.
seealso:
  - module: winops.volume_activation.kms_srv_record_info
  - module: winops.volume_activation.kms_host
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Probe two KMS hosts
  winops.volume_activation.kms_endpoint_info:
    endpoints:
      - kms1.corp.example.com
      - kms2.corp.example.com:1689
  delegate_to: localhost
  register: probed

- name: Fail if a KMS host does not respond
  ansible.builtin.assert:
    that: item.is_kms_host
    fail_msg: "{{ item.endpoint }}: {{ item.meaning }} {{ item.next_steps | join(' ') }}"
  loop: "{{ probed.endpoints }}"
  loop_control:
    label: "{{ item.endpoint }}"

- name: Wait until a new KMS host responds
  winops.volume_activation.kms_endpoint_info:
    endpoints: ["[2001:db8::10]:1688"]
  delegate_to: localhost
  register: new_host
  until: new_host.endpoints[0].is_kms_host
  retries: 6
  delay: 10
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: 1 of 2 endpoints responds as a KMS host.
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: 1 of 2 endpoints responds as a KMS host.
# end msg
endpoints:
  description: Results of the probes, in the order of O(endpoints).
  returned: success
  type: list
  elements: dict
  contains:
    # begin fields of endpoint (make returns)
    endpoint: {description: Host and port in one string., type: str, sample: "kms1.corp.example.com:1688"}
    host: {description: Name or address that was probed., type: str, sample: kms1.corp.example.com}
    port: {description: TCP port that was probed., type: int, sample: 1688}
    address: {description: "Address that responded, or V(null) if no address responded.", type: str, sample: 192.0.2.10}
    is_kms_host: {description: Whether a KMS host responded., type: bool, sample: true}
    response_time_ms:
      description: Time in milliseconds from the start of the connection to the response, or V(null) if no response arrived.
      type: int
      sample: 3
    meaning: {description: Meaning of the status., type: str, sample: "A KMS host listens here: it accepted the KMS interface."}
    next_steps:
      description: What to do next, the most promising step first. Empty if a KMS host responded.
      type: list
      elements: str
      sample: []
    # end endpoint
    status:
      description:
        - V(available) for a KMS host.
        - V(not_kms) if another program responds on the port, V(busy) if an RPC server does not accept another connection, and V(closed) if
          the connection is closed without a response.
        - V(timeout) if no response arrives in time, V(connection_refused) if no program listens on the port, and V(unreachable) if the
          network reports that there is no such machine.
        - V(unresolved) if the name does not have an address.
        - V(unknown) if the machine that runs the module could not probe the endpoint, for example because its name server does not respond.
        - V(not_allowed) if the address is not probed because it is loopback, link-local, multicast, broadcast, or unspecified, and not in
          C(probe_networks). V(not_asked) if the endpoint is not probed because there are too many endpoints or addresses, or because the
          time is over. Only modules that probe endpoints which a machine or DNS names return these two values, such as
          M(winops.volume_activation.kms_srv_record_info) and M(winops.volume_activation.activation_check).
        - If a name has several addresses, the status is the first one in the order V(available), V(not_allowed), V(not_asked), V(busy),
          V(not_kms), V(closed), V(timeout), V(connection_refused), V(unreachable), V(unresolved), V(unknown).
      type: str
      sample: available
error:
  description:
    - Error of the task, with the fields of RV(winops.volume_activation.kms_srv_record#module:error).
    - The code is V(invalid_options) if an option is not valid, and V(internal_error) for an unexpected error.
  returned: failure
  type: dict
  sample: {code: invalid_options, meaning: "Nothing was sent: probe_timeout: invalid value 0: must be between 1 and 300.", transient: false}
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..module_utils._errors import InvalidOptionsError
from ..module_utils._kms.endpoint import parse_endpoint
from ..module_utils._kms.probe import probe_all
from ..module_utils._module import ExplainingModule

LONGEST_WAIT = 300

ARGUMENT_SPEC = {
    "endpoints": {"type": "list", "elements": "str", "required": True},
    "probe_timeout": {"type": "int", "default": 5},
}


def checked(endpoints: list[str], timeout: int) -> list[tuple[str, int]]:
    """Host and port of each endpoint; raises InvalidOptionsError that names everything that is wrong."""
    problems = [] if 1 <= timeout <= LONGEST_WAIT else [f"probe_timeout: invalid value {timeout}: must be between 1 and {LONGEST_WAIT}"]
    problems += [complaint for complaint in map(complaint_about, endpoints) if complaint]
    if problems:
        raise InvalidOptionsError(f"Nothing was sent: {'; '.join(problems)}.")
    return [parse_endpoint(text) for text in endpoints]


def complaint_about(endpoint: str) -> str:
    """What is wrong with an endpoint; empty for nothing."""
    try:
        parse_endpoint(endpoint)
    except ValueError as error:
        return f"endpoints: {error}"
    return ""


def run(options: dict[str, Any]) -> dict[str, Any]:
    """Check the options, probe, and return what was found."""
    endpoints = checked(options["endpoints"], options["probe_timeout"])
    found = [probe.as_dict() for probe in probe_all(endpoints, options["probe_timeout"])]
    return {"msg": summary(found), "endpoints": found}


def summary(found: Sequence[Mapping[str, Any]]) -> str:
    """What was found, in one line."""
    good = sum(probe["is_kms_host"] for probe in found)
    return f"{good} of {len(found)} endpoints {'responds as a KMS host' if good == 1 else 'respond as KMS hosts'}."


def main() -> None:
    """Entry point."""
    module = ExplainingModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.exit_json(changed=False, **module.attempt(lambda: run(module.params)))


if __name__ == "__main__":
    main()
