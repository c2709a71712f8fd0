# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read which KMS hosts DNS names; runs where the task runs or is delegated to."""

DOCUMENTATION = r"""
module: kms_srv_record_info
version_added: 0.1.0
short_description: Read which KMS hosts DNS names
description:
  - Reads the SRV records C(_vlmcs._tcp) of DNS domains, and the addresses of the hosts that the records name.
  - If O(probe=true), the module also probes whether each of these hosts is a KMS host.
  - A domain without such records is not an error. Its list of records is empty.
options:
  probe:
    description:
      - Whether to probe each host that a record names, as M(winops.volume_activation.kms_endpoint_info) does.
      - The default is V(false), because a machine that can read DNS cannot always reach the KMS hosts.
      - The module probes from the machine that runs the task. Delegate the task to a machine in the network of the clients to get the
        result that the clients would get.
    type: bool
    default: false
notes:
  - The module looks up the addresses of at most 64 hosts of a domain, in the order in which clients try them. If there are more hosts, or
    if the time for the domain is over, the module returns the number of the other hosts in a warning and in RV(domains[].not_looked_up).
  - The module probes at most 64 KMS hosts in one task, and at most 4 addresses of each. The others have the status V(not_asked).
attributes:
  action_group:
    description: "Use C(group/winops.volume_activation.dns) and C(group/winops.volume_activation.probe) in C(module_defaults) to set options
      for all modules of these groups."
    support: full
    membership:
      - winops.volume_activation.dns
      - winops.volume_activation.probe
extends_documentation_fragment:
  - winops.volume_activation._attributes.info
  - winops.volume_activation._dns
  - winops.volume_activation._probe
  - winops.volume_activation._probe.networks
seealso:
  - module: winops.volume_activation.kms_srv_record
  - module: winops.volume_activation.kms_endpoint_info
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Read which KMS hosts the clients of a domain find
  winops.volume_activation.kms_srv_record_info:
    domains: [corp.example.com]
  delegate_to: localhost
  register: published

- name: Use one name server, and probe every host that it names
  winops.volume_activation.kms_srv_record_info:
    domains: [corp.example.com, branch.example.com]
    dns_server: dc1.corp.example.com
    probe: true
  delegate_to: localhost
  register: published

- name: Show the records whose host does not respond as a KMS host
  ansible.builtin.debug:
    msg: "{{ published.domains | map(attribute='records') | flatten | rejectattr('probe_result.is_kms_host') | map(attribute='host') }}"
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: "corp.example.com: 3 records, of which 2 lead to a KMS host that responds."
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: "corp.example.com: 3 records, of which 2 lead to a KMS host that responds."
# end msg
domains:
  description: Results of each domain, in the order of O(domains).
  returned: success, and failure of a domain
  type: list
  elements: dict
  contains:
    # begin fields of dns_domain (make returns)
    domain: {description: DNS domain., type: str, sample: corp.example.com}
    name: {description: Name of the SRV records., type: str, sample: _vlmcs._tcp.corp.example.com}
    zone: {description: "Zone that contains the name, or V(null) if the module did not find a zone.", type: str, sample: corp.example.com}
    dns_server:
      description: Name server that the module used, or V(null) if it could not use any.
      type: str
      sample: dc1.corp.example.com (192.0.2.53):53
    # end dns_domain
    ttl: {description: "Time in seconds for which a resolver can cache the records, or V(null) without records.", type: int, sample: 3600}
    records:
      description:
        - The records in the order in which a client tries them, by priority.
        - Of records with the same priority, a client chooses one at random, and a record with a higher weight more often. The documents of
          Microsoft disagree on whether Windows does so.
      type: list
      elements: dict
      contains:
        # begin fields of srv_record (make returns)
        host: {description: Name of the KMS host., type: str, sample: kms1.corp.example.com}
        port: {description: TCP port of the KMS host., type: int, sample: 1688}
        priority: {description: Priority of the record. Clients try the records with the lowest priority first., type: int, sample: 0}
        weight: {description: Weight of the record among the records with the same priority., type: int, sample: 0}
        # end srv_record
        order: {description: "Position of the priority of the record, from 1. Records with the same priority have the same value.", type:
          int, sample: 1}
        addresses:
          description: Addresses of the host from the name server, or from the resolver of this machine. Empty if the host does not have an
            address.
          type: list
          elements: str
          sample: [192.0.2.10]
        probe_result:
          description: Result of the probe, as in RV(winops.volume_activation.kms_endpoint_info#module:endpoints), or V(null) if
            O(probe=false).
          type: dict
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
              description: Result of the probe, one of the values of
                RV(winops.volume_activation.kms_endpoint_info#module:endpoints[].status).
              type: str
              sample: available
    # begin part rendered (make returns)
    #   description: The records as text, and commands that create them elsewhere, or V(null) if the records could not be read.
    rendered:
      description: The records as text, and commands that create them elsewhere, or V(null) if the records could not be read.
      type: dict
      contains:
        zone_file:
          description: Lines of a zone file with all records of the name.
          type: list
          elements: str
          sample: [_vlmcs._tcp.corp.example.com. 3600 IN SRV 0 0 1688 kms1.corp.example.com.]
        dnscmd:
          description: Commands for C(dnscmd).
          type: list
          elements: str
          sample: [dnscmd dc1.corp.example.com /RecordAdd corp.example.com _vlmcs._tcp 3600 SRV 0 0 1688 kms1.corp.example.com.]
        powershell:
          description: Commands for PowerShell with the module DnsServer.
          type: list
          elements: str
          sample:
            - Add-DnsServerResourceRecord -Srv -ComputerName 'dc1.corp.example.com' -ZoneName 'corp.example.com' -Name '_vlmcs._tcp'
              -DomainName 'kms1.corp.example.com.' -Priority 0 -Weight 0 -Port 1688 -TimeToLive ([TimeSpan]::FromSeconds(3600))
    # end rendered
    not_looked_up:
      description: Number of hosts of the records that were not looked up, because there are more than 64 hosts or the time was over.
      type: int
      sample: 0
    # begin part dns_error (make returns)
    #   code.description: Response code, or error code of the collection.
    #   samples: {code: timeout, symbol: null, meaning: The name server did not respond in time.,
    #     cause: A firewall drops packets to TCP port 53., next_steps: [Check the TCP connection to the server.]}
    error:
      description: Error of the domain, or V(null) if there is none. The task fails if any domain has an error.
      type: dict
      contains:
        code: {description: "Response code, or error code of the collection.", type: str, sample: timeout}
        symbol: {description: "Symbolic name of the code, or V(null) for an error code of the collection.", type: str, sample: null}
        meaning: {description: Meaning of the code., type: str, sample: The name server did not respond in time.}
        cause: {description: Most common cause., type: str, sample: A firewall drops packets to TCP port 53.}
        next_steps:
          description: What to do next, the most promising step first.
          type: list
          elements: str
          sample: [Check the TCP connection to the server.]
        category: {description: Category of the error. Always V(dns)., type: str, sample: dns}
        source:
          description: Source of the explanation, or V(null) if the explanation is only from this collection.
          type: str
          sample: RFC 1035
        transient: {description: Whether the same request can succeed later without any change., type: bool, sample: false}
        known: {description: Whether the code is in the error catalog of this collection., type: bool, sample: true}
        subcode: {description: Always V(null) for DNS., type: str, sample: null}
        underlying: {description: Always V(null) for DNS., type: dict, sample: null}
    # end dns_error
error:
  description:
    - Error of the task, with the fields of RV(domains[].error). If several domains failed, the error of the first one.
    - The code is V(invalid_options) if an option is not valid, and V(internal_error) for an unexpected error.
  returned: failure
  type: dict
  sample: {code: timeout, meaning: The name server did not respond in time., next_steps: [Check the TCP connection to the server.]}
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..module_utils._deadline import Deadline
from ..module_utils._dns import library
from ..module_utils._dns.arguments import SRV_RECORD_INFO
from ..module_utils._dns.errors import DnsError
from ..module_utils._dns.model import in_order
from ..module_utils._dns.options import domains_of, probe_networks_of, probe_timeout_of, server_settings
from ..module_utils._dns.reading import MOST_HOSTS, ZoneReading, addresses_in, described, endpoints_of, look
from ..module_utils._dns.result import failure_of, number, one_line, refusal_of
from ..module_utils._hosts import normalize_name
from ..module_utils._kms.limits import MOST_ADDRESSES, Limits
from ..module_utils._kms.probe import probe_within
from ..module_utils._module import ExplainingModule
from ..module_utils._networks import Network

_MARGIN = 5
"""Seconds beyond the time for all addresses of one host, in which all probes begin."""


def probed(findings: list[ZoneReading], timeout: int, networks: Sequence[Network]) -> dict[tuple[str, int], dict[str, object]]:
    """Ask the hosts of the records, at the addresses that were found for them, within the limits for what DNS names."""
    known, records = addresses_in(findings), in_order(tuple(endpoints_of(findings)))
    deadline = Deadline.after(MOST_ADDRESSES * timeout + _MARGIN)
    limits = Limits(deadline, networks, endpoints=MOST_HOSTS, connections=MOST_HOSTS * MOST_ADDRESSES)

    def resolve(host: str) -> Sequence[str]:
        found = known.get(normalize_name(host) or "")
        if found is None:
            raise OSError(f"neither the name server nor the resolver of this machine has told where {host} is")
        return found

    asked = probe_within([(record.host, record.port) for record in records], timeout, resolve, limits)
    return {(record.key, record.port): answer.as_dict() for record, answer in zip(records, asked, strict=True)}


def run(options: dict[str, Any]) -> dict[str, Any]:
    """Check the options, read, ask. Raises InvalidInputError before anything is sent."""
    names, settings, timeout, networks = (
        domains_of(options),
        server_settings(options),
        probe_timeout_of(options),
        probe_networks_of(options),
    )
    findings = look(names, settings)
    probes = probed(findings, timeout, networks) if options["probe"] else {}
    failed = failure_of({finding.domain: finding.problem for finding in findings if finding.problem})
    warnings = [left_out(finding) for finding in findings if finding.not_looked_up]
    domains = [described(finding, probes) for finding in findings]
    msg = one_line({domain["domain"]: summary(domain, probed=options["probe"]) for domain in domains})
    return {"changed": False, "msg": msg, "domains": domains, "warnings": warnings, **failed}


def summary(domain: Mapping[str, Any], *, probed: bool) -> str:
    """What was found for one domain."""
    records = domain["records"]
    if not records:
        return "no record"
    found = sum(record["probe_result"]["is_kms_host"] for record in records if record["probe_result"])
    return number(len(records)) + (f", of which {found} {'leads' if found == 1 else 'lead'} to a KMS host that responds" if probed else "")


def left_out(finding: ZoneReading) -> str:
    """Return warnings about hosts that were not looked up."""
    return (
        f"{finding.domain}: {finding.not_looked_up} hosts of the records were not looked up, because at most {MOST_HOSTS} are, within the"
        " time for the domain. Remove records of hosts that no longer exist, or increase dns_timeout."
    )


def main() -> None:
    """Entry point."""
    module = ExplainingModule(argument_spec=SRV_RECORD_INFO, supports_check_mode=True)
    if library.MISSING:
        problem = DnsError("dnspython_missing")
        module.fail_json(**refusal_of(problem, missing_required_lib("dnspython >= 2.3")), exception=library.MISSING)
    result = module.attempt(lambda: run(module.params))
    for warning in result.pop("warnings"):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
