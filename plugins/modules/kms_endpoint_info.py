# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask machines whether they are KMS hosts; runs where the task runs or is delegated to."""

DOCUMENTATION = r"""
module: kms_endpoint_info
version_added: 0.1.0
short_description: Find out whether KMS hosts answer
description:
  - Opens a TCP connection to each endpoint and asks, with one message of the RPC protocol (a bind), whether the interface of a KMS host is
    there. Says for each endpoint what became of it, what that means and what to do next.
  - No license is ever asked for. Nothing is activated, and no KMS host counts the machine that asks as a client.
  - It sees the network from where it runs. Delegate the task to a machine in the network of the clients to see what they see.
  - A host that is dead or wrong does not make the task fail, it is what the result says. Only an endpoint that cannot be one does, before
    anything is sent.
options:
  endpoints:
    description:
      - Whom to ask, as name or address, with or without a port. An IPv6 address with a port has to be in brackets.
      - The port is 1688 where none is given.
      - An endpoint that is named twice is asked once. An empty list asks nobody.
    type: list
    elements: str
    required: true
attributes:
  async:
    description: Can be run in the background with C(async).
    support: full
  platform:
    description: Operating systems the module runs on. The KMS hosts it asks run Windows.
    platforms: posix
    support: full
extends_documentation_fragment:
  - winops.volume_activation._attributes.info
  - winops.volume_activation._probe
notes:
  - The task names the endpoints, so that every address is asked and none is left out, whatever their number. A module that asks endpoints
    which a machine or DNS named, such as M(winops.volume_activation.activation_check), has limits.
  - It asks up to 32 endpoints at the same time. A name with several addresses is asked at one after the other, until one answers.
  - A machine accepts the question as soon as it has a KMS host key. Whether the key is activated and the count is high enough is not
    seen from outside, M(winops.volume_activation.activation_info) and M(winops.volume_activation.kms_host) tell it.
requirements:
  - Python 3.10 or newer where the module runs.
seealso:
  - module: winops.volume_activation.kms_srv_record_info
  - module: winops.volume_activation.kms_host
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Ask two KMS hosts
  winops.volume_activation.kms_endpoint_info:
    endpoints:
      - kms1.corp.example.com
      - kms2.corp.example.com:1689
  delegate_to: localhost
  register: asked

- name: Stop when one does not answer
  ansible.builtin.assert:
    that: item.is_kms_host
    fail_msg: "{{ item.endpoint }}: {{ item.meaning }} {{ item.next_steps | join(' ') }}"
  loop: "{{ asked.endpoints }}"
  loop_control:
    label: "{{ item.endpoint }}"

- name: Wait until a new KMS host answers
  winops.volume_activation.kms_endpoint_info:
    endpoints: ["[2001:db8::10]:1688"]
  delegate_to: localhost
  register: new_host
  until: new_host.endpoints[0].is_kms_host
  retries: 6
  delay: 10
"""

RETURN = r"""
endpoints:
  description: What became of each endpoint, in the order of O(endpoints).
  returned: success
  type: list
  elements: dict
  contains:
    # begin fields of endpoint (make returns)
    endpoint: {description: Host and port in one., type: str, sample: "kms1.corp.example.com:1688"}
    host: {description: Name or address that was asked., type: str, sample: kms1.corp.example.com}
    port: {description: TCP port that was asked., type: int, sample: 1688}
    address: {description: "Address that answered, V(null) when none did.", type: str, sample: 192.0.2.10}
    is_kms_host: {description: Whether a KMS host answered., type: bool, sample: true}
    response_time_ms:
      description: Time from the start of the connection to the answer, V(null) when no answer came.
      type: int
      sample: 3
    meaning: {description: "What the state means, in words.", type: str, sample: "A KMS host listens here: it accepted the KMS interface."}
    next_steps:
      description: What to do about it, the most promising first. Empty for a host that answers.
      type: list
      elements: str
      sample: []
    # end endpoint
    state:
      description:
        - V(answering) for a KMS host.
        - V(not_kms) when something else answers on the port, V(busy) when an RPC server has no room to say what it is,
          and V(closed) when the connection is closed without an answer.
        - V(timeout) when no answer comes in time, V(refused) when nothing listens on the port, and V(unreachable) when the network
          says that there is no such machine.
        - V(unresolved) when the name has no address.
        - V(unknown) when the machine that runs the module could not ask, for example because its name server does not answer.
        - V(not_allowed) and V(not_asked) never occur here, where the task names the endpoints. They belong to those that a machine or DNS
          named, as in M(winops.volume_activation.activation_check).
        - Of a name with several addresses it is the word that says most, in the order of this list.
      type: str
      sample: answering
error:
  description:
    - Why the task failed, with the fields of RV(winops.volume_activation.kms_srv_record#module:error).
    - Its code is V(invalid_options) when an endpoint cannot be one, and V(internal_error) when nobody foresaw what happened.
  returned: when the task failed
  type: dict
  sample: {code: invalid_options, meaning: "Nothing was sent: probe_timeout is 0, not a number of seconds from 1 to 300.", transient: false}
"""

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
    complaints = [] if 1 <= timeout <= LONGEST_WAIT else [f"probe_timeout is {timeout}, not a number of seconds from 1 to {LONGEST_WAIT}"]
    complaints += [complaint for complaint in map(complaint_about, endpoints) if complaint]
    if complaints:
        raise InvalidOptionsError(f"Nothing was sent: {'; '.join(complaints)}.")
    return [parse_endpoint(text) for text in endpoints]


def complaint_about(endpoint: str) -> str:
    """What is wrong with an endpoint; empty for nothing."""
    try:
        parse_endpoint(endpoint)
    except ValueError as error:
        return f"endpoints: {error}"
    return ""


def run(options: dict[str, Any]) -> dict[str, Any]:
    """Check the options, ask, and say what was found."""
    endpoints = checked(options["endpoints"], options["probe_timeout"])
    return {"endpoints": [found.as_dict() for found in probe_all(endpoints, options["probe_timeout"])]}


def main() -> None:
    """Entry point."""
    module = ExplainingModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.exit_json(changed=False, **module.attempt(lambda: run(module.params)))


if __name__ == "__main__":
    main()
