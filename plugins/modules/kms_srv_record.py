# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Publishes KMS hosts in DNS by dynamic updates, record by record."""

DOCUMENTATION = r"""
module: kms_srv_record
version_added: 0.1.0
short_description: Publish KMS hosts in DNS, record by record
description:
  - Adds and removes the SRV records C(_vlmcs._tcp) by which KMS clients find their KMS hosts, in any number of DNS domains, by dynamic
    updates (RFC 2136).
  - Every KMS host has a record of its own in the same set. The module changes the records of the hosts it is given, value by value, and
    leaves all others alone, also when many tasks write at the same time. Only with O(exclusive=true) it removes others.
  - A host is known by its name. When it has records with another port, priority or weight, they are replaced.
  - It reads first and sends nothing when all is in the desired state. After each update it reads the records from the same server again,
    and what it reads decides whether the task is a success.
options:
  records:
    description:
      - The KMS hosts, each with the one record it is to have.
      - May be empty with O(exclusive=true), which removes the records of all hosts.
    type: list
    elements: dict
    required: true
    suboptions:
      host:
        description:
          - Whole name of the KMS host, with or without the final dot. A name with letters beyond ASCII is given in its C(xn--) form.
          - For O(state=present) it cannot be an address or a short name, as no client could use the record. For O(state=absent) it can,
            when it ends in a dot, to remove a record that was made by mistake, such as C(kms1.) or C(192.0.2.10.).
        type: str
        required: true
      port:
        description: TCP port of the KMS host, from 1 to 65535. It does not count for O(state=absent).
        type: int
        default: 1688
      priority:
        description:
          - Records with a lower priority are tried first, from 0 to 65535. It does not count for O(state=absent).
          - Microsoft's documents disagree on whether Windows keeps to priority and weight, so do not rely on them for balance.
        type: int
        default: 0
      weight: {description: "Share of the clients within a priority, 0 to 65535. Not for O(state=absent).", type: int, default: 0}
  state:
    description: Whether the records are to be there, or no record of these hosts.
    type: str
    choices: [present, absent]
    default: present
  ttl:
    description:
      - Seconds a resolver may keep the records, from 0 to 2147483647. For O(state=present) only.
      - A TTL belongs to all records of a name, so setting it changes that of other hosts too, and a warning says so.
      - When it is not set, the records that are there keep theirs, and the first record of a name gets 3600.
    type: int
  exclusive:
    description: Whether the records of all other hosts go, for O(state=present) only. The update is done only while the records are still
      those that were read, and is tried again when they are not.
    type: bool
    default: false
  refresh:
    description:
      - Whether to send the records even if they are there. For O(state=present) only. It is no change.
      - Windows and Samba can age records and remove those nobody has refreshed (scavenging). A KMS host that publishes itself refreshes its
        record every 24 hours, and a task that finds nothing to do would let the record die. Run a task with O(refresh=true) every week
        where scavenging is on and the KMS hosts do not publish themselves.
    type: bool
    default: false
  mode:
    description:
      - With V(render) nothing is sent but questions, and nothing is changed. RV(domains[].rendered) has what an administrator can load into
        a zone by hand. When the server cannot be asked, this is a warning.
    type: str
    choices: [update, render]
    default: update
extends_documentation_fragment:
  - winops.volume_activation._dns
  - winops.volume_activation._dns.update
notes:
  - A KMS host publishes itself, unless that is turned off, and adds its own record with priority 0, weight 0 and its port every 24 hours.
    It comes beside a record of this module for the same host that has other values, and the next run removes it again. Turn the
    publishing of such a host off, or give the record the same values.
  - In AD the account that makes the first record owns the name, and no other account may write to it, so that only the first KMS host can
    publish itself. A failure that looks like it has the code V(record_owned_by_other) and says what to do.
  - Secrets and passwords never show in a result, a diff or a warning.
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
- name: Publish a KMS host in two domains, with a key the name servers know
  winops.volume_activation.kms_srv_record:
    domains: [corp.example.com, branch.example.com]
    records:
      - host: kms1.corp.example.com
    authentication: tsig
    key_name: kms-update
    key_secret: "{{ vault_kms_update_secret }}"
  delegate_to: localhost

- name: Publish a second one in AD that is asked when the first does not answer
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

- name: Remove the records of a KMS host that is gone
  winops.volume_activation.kms_srv_record:
    domains: [corp.example.com]
    records:
      - host: old-kms.corp.example.com
    state: absent
    authentication: tsig
    key_file: /etc/bind/kms-update.key
  delegate_to: localhost

- name: Have exactly these KMS hosts in DNS
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

- name: Keep the records alive where the zone is scavenged, in a weekly run
  winops.volume_activation.kms_srv_record:
    domains: [corp.example.com]
    records:
      - host: kms1.corp.example.com
    refresh: true
    dns_server: dc1.corp.example.com
    authentication: gss_tsig
    keytab: /etc/kms-dns.keytab
  delegate_to: localhost

- name: Print what an administrator of the zone has to type
  winops.volume_activation.kms_srv_record:
    domains: [corp.example.com]
    records:
      - host: kms1.corp.example.com
    mode: render
  delegate_to: localhost
"""

RETURN = r"""
# begin part msg (make returns)
#   sample: "corp.example.com: did add 1 record."
msg:
  description: The outcome in one line, as long as the task did not fail. Otherwise what failed and what to do next.
  returned: always
  type: str
  sample: "corp.example.com: did add 1 record."
# end msg
domains:
  description: What became of each domain, in the order of O(domains), also when the task failed.
  returned: when the options are right
  type: list
  elements: dict
  contains:
    # begin fields of dns_domain (make returns)
    domain: {description: The domain., type: str, sample: corp.example.com}
    name: {description: Name of its records., type: str, sample: _vlmcs._tcp.corp.example.com}
    zone: {description: "Zone the name is in, V(null) when none was found.", type: str, sample: corp.example.com}
    dns_server:
      description: Name server that the module used, or V(null) if it could not use any.
      type: str
      sample: dc1.corp.example.com (192.0.2.53):53
    # end dns_domain
    changed: {description: "Whether the records of the task changed, or would change.", type: bool, sample: true}
    before:
      description: All records of the name before. V(null) when they could not be read.
      type: dict
      contains: &set
        ttl: {description: "Seconds a resolver may keep them, V(null) without records.", type: int, sample: 3600}
        records:
          description: The records by priority.
          type: list
          elements: dict
          contains:
            # begin fields of srv_record (make returns)
            host: {description: Name of the KMS host., type: str, sample: kms1.corp.example.com}
            port: {description: Its TCP port., type: int, sample: 1688}
            priority: {description: Records with a lower priority are tried first., type: int, sample: 0}
            weight: {description: Share of the clients within its priority., type: int, sample: 0}
            # end srv_record
    after:
      description: All records of the name afterwards, read from the same server. In check mode and with O(mode=render), as they would be.
      type: dict
      contains: *set
    updates_sent: {description: Updates that were sent to the server., type: int, sample: 1}
    checks_sent: {description: Messages that change nothing and were sent to try the key in check mode., type: int, sample: 0}
    confirmed_by: {description: "V(answer), or after a lost one V(signed_records) or V(records), or V(null).", type: str, sample: answer}
    warnings: {description: "What should be known besides, also shown as warnings of the task.", type: list, elements: str, sample: []}
    # begin part rendered (make returns)
    #   description: What to do by hand, with O(mode=render), else V(null). The commands make the difference.
    rendered:
      description: What to do by hand, with O(mode=render), else V(null). The commands make the difference.
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
      description: Why the domain failed, V(null) when it did not. The task fails when it is set for any domain.
      type: dict
      contains:
        code: {description: "Response code, TSIG error such as V(BADKEY), or a word of this collection.", type: str, sample: REFUSED}
        symbol: {description: "Name of the code in its standard, V(null) for a word.", type: str, sample: REFUSED}
        meaning: {description: What it means., type: str, sample: The name server refuses the request.}
        cause: {description: What usually leads to it., type: str, sample: The zone takes no dynamic updates.}
        next_steps:
          description: What to do about it, the most promising first.
          type: list
          elements: str
          sample: [Check that dns_server is a primary of the zone.]
        category: {description: "Kind of the error, V(dns) here.", type: str, sample: dns}
        source: {description: "Where the facts come from, V(null) for this collection's own.", type: str, sample: RFC 1035}
        transient: {description: Whether the same request can succeed later without any change., type: bool, sample: false}
        known: {description: Whether the code is in the catalog., type: bool, sample: true}
        subcode: {description: Always V(null) for DNS., type: str, sample: null}
        underlying: {description: Always V(null) for DNS., type: dict, sample: null}
    # end dns_error
diff:
  description: The records of each domain that changed, before and after, as lines of a zone file.
  returned: if diff mode is on
  type: list
  elements: dict
  contains:
    before_header: {description: Name of the records., type: str, sample: _vlmcs._tcp.corp.example.com}
    after_header: {description: Name of the records., type: str, sample: _vlmcs._tcp.corp.example.com}
    before: {description: Records before., type: str, sample: ""}
    after: {description: Records afterwards., type: str, sample: "_vlmcs._tcp.example.com. 3600 IN SRV 0 0 1688 kms1.example.com.\n"}
error:
  description: Why the task failed, with the fields of RV(domains[].error), or V(invalid_options) or V(internal_error) as code.
    Of several domains it is the error of the first that failed.
  returned: failure
  type: dict
  sample: {code: invalid_key_file, meaning: The key file cannot be used., cause: It is missing., next_steps: [Make it with tsig-keygen.]}
"""

from typing import Any

from ansible.module_utils.basic import missing_required_lib

from ..module_utils import _baseline  # noqa: F401  # pylint: disable=unused-import  # first: older Pythons read no more
from ..module_utils._dns import gss, library, service
from ..module_utils._dns import render_mode as by_hand
from ..module_utils._dns.arguments import SRV_RECORD
from ..module_utils._dns.errors import DnsError
from ..module_utils._dns.options import desired_of, domains_of, signer_of, way_of
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
    domains, desired, way = domains_of(options), desired_of(options), way_of(options)
    signer = signer_of(options, way.server, way.timeout)
    if options["mode"] == "render":
        return result_of(by_hand.run(domains, desired, way), desired, rendering=True, diff=module._diff)
    outcomes = service.run(domains, desired, way, signer, check=module.check_mode)
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
