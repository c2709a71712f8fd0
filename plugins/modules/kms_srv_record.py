# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publish KMS hosts in DNS by dynamic updates, record by record."""

DOCUMENTATION = r"""
module: kms_srv_record
version_added: 0.1.0
short_description: Publish KMS hosts in DNS
description:
  - Adds and removes the SRV records C(_vlmcs._tcp), by which KMS clients find KMS hosts, in one or more DNS domains. The module uses
    dynamic updates (RFC 2136).
  - Every KMS host has its own record. The module changes only the records of the hosts in O(records), also if several tasks update DNS at
    the same time. It removes other records only if O(exclusive=true).
  - The module identifies a host by its name. If the host has records with another port, priority, or weight, the module replaces them.
  - The module reads the records first, and does not send an update if the records are in the desired state. After each update it reads the
    records from the same server again, and succeeds only if they are in the desired state.
options:
  records:
    description:
      - KMS hosts, each with its record.
      - Can be empty only if O(exclusive=true), which removes the records of all hosts.
    type: list
    elements: dict
    required: true
    suboptions:
      host:
        description:
          - Full name of the KMS host, with or without the final dot. A name with non-ASCII letters must be in its C(xn--) form.
          - If O(state=present), it must not be an address or a short name, because clients could not use the record. If O(state=absent),
            such a name is allowed with a final dot, such as C(kms1.) or C(192.0.2.10.), to remove a record that was created by mistake.
        type: str
        required: true
      port:
        description: TCP port of the KMS host. Must be between 1 and 65535. Ignored if O(state=absent).
        type: int
        default: 1688
      priority:
        description:
          - Priority of the record. Clients try records with a lower priority first.
          - The documents of Microsoft disagree on whether Windows uses priority and weight, so do not use them for load balancing.
          - Must be between 0 and 65535. Ignored if O(state=absent).
        type: int
        default: 0
      weight:
        description: Share of the clients among records with the same priority. Must be between 0 and 65535. Ignored if O(state=absent).
        type: int
        default: 0
  state:
    description:
      - If set to V(present), each host has the record in O(records). If set to V(absent), the hosts do not have any record.
    type: str
    choices: [present, absent]
    default: present
  ttl:
    description:
      - Time in seconds for which a resolver can cache the records.
      - All records of a name share one TTL. If the module changes the TTL of other hosts, it returns a warning.
      - If not specified, existing records keep their TTL, and the first record of a name gets 3600.
      - Must be between 0 and 2147483647. Requires O(state=present).
    type: int
  exclusive:
    description:
      - Whether to remove the records of all other hosts. The update is conditional on the records that were read, and the module retries if
        they have changed.
      - Requires O(state=present).
    type: bool
    default: false
  refresh:
    description:
      - Whether to send the records even if they exist. This does not count as a change.
      - Windows and Samba can remove records that are not refreshed (scavenging). A KMS host that publishes itself refreshes its record
        every 24 hours, but a task that finds the records in the desired state does not. Run a task with O(refresh=true) every week if
        scavenging is enabled and the KMS hosts do not publish themselves.
      - Requires O(state=present).
    type: bool
    default: false
  mode:
    description:
      - If set to V(update), the module updates the records.
      - If set to V(render), the module sends only queries and does not change anything. RV(domains[].rendered) contains what an
        administrator can load into a zone manually. If the name server cannot be reached, the module returns a warning.
    type: str
    choices: [update, render]
    default: update
extends_documentation_fragment:
  - winops.volume_activation._dns
  - winops.volume_activation._dns.update
notes:
  - A KMS host publishes itself, unless this is disabled, and adds its own record with priority 0, weight 0, and its port every 24 hours. If
    this module published other values for the same host, the host has two records until the next run removes one. Disable the publishing of
    such a host, or use the same values.
  - In AD, the account that creates the first record owns the name, and no other account is allowed to write to it, so only the first KMS
    host can publish itself. If a failure looks like this case, it has the code V(record_owned_by_other).
  - The module does not return secrets or passwords, also not in a diff or a warning.
seealso:
  - module: winops.volume_activation.kms_srv_record_info
  - module: winops.volume_activation.kms_endpoint_info
  - name: Microsoft's guide to DNS for KMS
    description: How clients find KMS hosts, and what to do when a host cannot publish itself.
    link: https://learn.microsoft.com/windows-server/get-started/common-troubleshooting-procedures-kms-dns
author:
  - winops contributors (@winops)
"""

EXAMPLES = r"""
- name: Publish a KMS host in two domains, with a key of the name servers
  winops.volume_activation.kms_srv_record:
    domains: [corp.example.com, branch.example.com]
    records:
      - host: kms1.corp.example.com
    authentication: tsig
    key_name: kms-update
    key_secret: "{{ vault_kms_update_secret }}"
  delegate_to: localhost

- name: Publish a second KMS host in AD, for clients that cannot reach the first
  winops.volume_activation.kms_srv_record:
    domains: [corp.example.com]
    records:
      - host: kms2.corp.example.com
        priority: 10
    dns_server: dc1.corp.example.com
    authentication: gss_tsig
    principal: kms-dns@CORP.EXAMPLE.COM
    password: "{{ vault_kms_dns_password }}"
  delegate_to: localhost

- name: Remove the records of a KMS host that does not exist any more
  winops.volume_activation.kms_srv_record:
    domains: [corp.example.com]
    records:
      - host: old-kms.corp.example.com
    state: absent
    authentication: tsig
    key_file: /etc/bind/kms-update.key
  delegate_to: localhost

- name: Publish exactly these KMS hosts
  winops.volume_activation.kms_srv_record:
    domains: [corp.example.com]
    records:
      - host: kms1.corp.example.com
      - host: kms2.corp.example.com
    exclusive: true
    ttl: 3600
    authentication: tsig
    key_file: /etc/bind/kms-update.key
  delegate_to: localhost

- name: Refresh the records every week in a zone with scavenging
  winops.volume_activation.kms_srv_record:
    domains: [corp.example.com]
    records:
      - host: kms1.corp.example.com
    refresh: true
    dns_server: dc1.corp.example.com
    authentication: gss_tsig
    keytab: /etc/kms-dns.keytab
  delegate_to: localhost

- name: Return the commands for an administrator of the zone
  winops.volume_activation.kms_srv_record:
    domains: [corp.example.com]
    records:
      - host: kms1.corp.example.com
    mode: render
  delegate_to: localhost
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: "corp.example.com: added 1 record."
msg:
  description: Outcome of the task in one line. If the task failed, what failed, why, and what to do next.
  returned: always
  type: str
  sample: "corp.example.com: added 1 record."
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
    changed: {description: "Whether the records of the task changed, or would change.", type: bool, sample: true}
    before:
      description: All records of the name before the update, or V(null) if they could not be read.
      type: dict
      contains: &set
        ttl: {description: "Time in seconds for which a resolver can cache the records, or V(null) without records.", type: int, sample:
          3600}
        records:
          description: The records by priority.
          type: list
          elements: dict
          contains:
            # begin fields of srv_record (make returns)
            host: {description: Name of the KMS host., type: str, sample: kms1.corp.example.com}
            port: {description: TCP port of the KMS host., type: int, sample: 1688}
            priority: {description: Priority of the record. Clients try the records with the lowest priority first., type: int, sample: 0}
            weight: {description: Weight of the record among the records with the same priority., type: int, sample: 0}
            # end srv_record
    after:
      description: All records of the name after the update, read from the same server. In check mode and if O(mode=render), the expected
        records.
      type: dict
      contains: *set
    updates_sent: {description: Number of updates that were sent., type: int, sample: 1}
    checks_sent: {description: Number of messages that were sent to check the key in check mode., type: int, sample: 0}
    confirmed_by:
      description:
        - How the module verified that the name server made the update. V(answer) if the name server responded that it made the update.
        - If this response was lost, V(signed_records) if the module read the records in a signed response, and V(records) if it read the
          records in a response without a signature, because updates are not signed.
        - V(null) if no update was sent, or if the module could not verify the update.
      type: str
      sample: answer
    warnings: {description: "Warnings, which are also warnings of the task.", type: list, elements: str, sample: []}
    # begin part rendered (make returns)
    #   description: Records and commands for an administrator, or V(null) if O(mode=update). The commands contain only the changes.
    rendered:
      description: Records and commands for an administrator, or V(null) if O(mode=update). The commands contain only the changes.
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
    # begin part dns_error (make returns)
    error:
      description: Error of the domain, or V(null) if there is none. The task fails if any domain has an error.
      type: dict
      contains:
        code: {description: "Response code, TSIG error such as V(BADKEY), or error code of the collection.", type: str, sample: REFUSED}
        symbol: {description: "Symbolic name of the code, or V(null) for an error code of the collection.", type: str, sample: REFUSED}
        meaning: {description: Meaning of the code., type: str, sample: The name server rejected the request.}
        cause: {description: Most common cause., type: str, sample: The zone does not accept dynamic updates.}
        next_steps:
          description: What to do next, the most promising step first.
          type: list
          elements: str
          sample: [Check that dns_server is a primary of the zone.]
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
diff:
  description: Records of each domain that changed, before and after, as lines of a zone file.
  returned: success, if diff mode is on
  type: list
  elements: dict
  contains:
    before_header: {description: Name of the records., type: str, sample: _vlmcs._tcp.corp.example.com}
    after_header: {description: Name of the records., type: str, sample: _vlmcs._tcp.corp.example.com}
    before: {description: Records before the update., type: str, sample: ""}
    after: {description: Records after the update., type: str, sample: "_vlmcs._tcp.example.com. 3600 IN SRV 0 0 1688 kms1.example.com.\n"}
error:
  description: Error of the task, with the fields of RV(domains[].error), or with the code V(invalid_options) or V(internal_error).
    If several domains failed, the error of the first one.
  returned: failure
  type: dict
  sample: {code: invalid_key_file, meaning: The key file cannot be used., cause: The file is missing., next_steps: [Create the file with
    tsig-keygen.]}
"""

from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..module_utils._dns import gss, library, render_mode, service
from ..module_utils._dns.arguments import SRV_RECORD
from ..module_utils._dns.errors import DnsError
from ..module_utils._dns.options import desired_of, domains_of, server_settings, signer_of
from ..module_utils._dns.result import refusal_of, result_of
from ..module_utils._module import ExplainingModule


def require_libraries(module: ExplainingModule) -> None:
    """Rendering signs nothing and works without any, and only Kerberos needs gssapi."""
    updating, kerberos = module.params["mode"] == "update", module.params["authentication"] == "gss_tsig"
    needed = {"dnspython >= 2.3": updating and library.MISSING, "gssapi": updating and kerberos and gss.MISSING}
    for name, missing in needed.items():
        if missing:
            problem = DnsError(f"{name.split()[0]}_missing")
            module.fail_json(**refusal_of(problem, missing_required_lib(name)), exception=missing)


def run(module: ExplainingModule) -> dict[str, Any]:
    """Check the options, then do the work. Raises InvalidInputError and DnsError before anything is sent."""
    options = module.params
    domains, desired, settings = domains_of(options), desired_of(options), server_settings(options)
    signer = signer_of(options, settings.server, settings.timeout)
    if options["mode"] == "render":
        return result_of(render_mode.run(domains, desired, settings), desired, rendering=True, diff=module._diff)
    outcomes = service.run(domains, desired, settings, signer, check=module.check_mode)
    return result_of(outcomes, desired, check=module.check_mode, diff=module._diff)


def main() -> None:
    """Entry point."""
    module = ExplainingModule(argument_spec=SRV_RECORD, supports_check_mode=True)
    require_libraries(module)
    result = module.attempt(lambda: run(module))
    for domain in result["domains"]:
        for warning in domain["warnings"]:
            module.warn(f"{domain['domain']}: {warning}")
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
