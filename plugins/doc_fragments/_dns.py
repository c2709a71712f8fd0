# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options, requirements, and notes of the modules that use name servers."""

from __future__ import annotations


class ModuleDocFragment:
    """Options and notes of every module in the action group `dns`."""

    DOCUMENTATION = r"""
options:
  domains:
    description:
      - DNS domains in which clients look for KMS hosts. Windows looks in its primary DNS suffix, in its AD domain, and in the domain that
        it receives by DHCP.
      - The module processes each domain independently and returns one result for each domain. An error in one domain does not affect the
        other domains.
      - Must name at least one domain. A domain that is named twice is processed once.
    type: list
    elements: str
    required: true
  dns_server:
    description:
      - Name or address of the name server to which the module sends its messages. The module tries the addresses of the name server in turn
        until one responds, and uses this address for all messages about a domain.
      - If not specified, the module finds the name server of each domain. It queries the resolvers of the machine that runs the task for
        the SOA record, and uses the primary name server that the record names. If this name server does not respond, the module uses
        another name server of the zone, and then one of the resolvers.
    type: str
  dns_port:
    description:
      - TCP port of the name server. The module does not use UDP.
      - Must be between 1 and 65535.
    type: int
    default: 53
  dns_timeout:
    description:
      - Time in seconds for each message to a name server and its response.
      - All messages to name servers about one domain together take at most 8 x O(dns_timeout) + 20 seconds.
      - Must be between 1 and 600.
    type: int
    default: 10
attributes:
  action_group:
    description: "Use C(group/winops.volume_activation.dns) in C(module_defaults) to set O(domains), O(dns_server), O(dns_port), and
      O(dns_timeout) for all modules of the group."
    support: full
    membership:
      - winops.volume_activation.dns
  async:
    description: Can be run in the background with C(async).
    support: full
  platform:
    description: Operating systems that the module can run on. Delegate the task to the controller or to another Unix machine.
    platforms: posix
    support: full
requirements:
  - Python 3.10 or newer where the module runs.
  - dnspython >= 2.3 where the module runs.
notes:
  - The module runs on the target of the task, which cannot be a Windows machine. Use C(delegate_to) to name a machine that reaches the name
    server over TCP.
  - The module does not support a name server that returns records only for signed queries, or that chooses a view by the TSIG key.
  - The module was tested with BIND, Knot, and Samba AD. It was not tested with Windows DNS. The source of everything about Windows DNS is
    the documentation of Microsoft.
"""

    UPDATE = r"""
options:
  authentication:
    description:
      - How the module signs updates.
      - If set to V(tsig), it signs updates with a key that is shared with the name server. If set to V(gss_tsig), it signs updates with a
        Kerberos ticket, which AD zones with secure updates require. If set to V(none), it does not sign updates.
      - If the response to a signed update is not signed by the name server, the module fails, even if the records are in the desired state.
    type: str
    choices: [none, tsig, gss_tsig]
    default: none
  key_name:
    description: Name of the shared key. If O(key_file) has more than one key, the name of the key to use.
    type: str
  key_secret:
    description: Secret of the shared key in base64.
    type: str
  key_algorithm:
    description:
      - Algorithm of the shared key. If not specified, the algorithm in O(key_file), or V(hmac-sha256) without O(key_file).
      - V(hmac-md5) is not secure. The module uses it only if this option is set to V(hmac-md5).
    type: str
    choices: [hmac-sha256, hmac-sha384, hmac-sha512, hmac-sha224, hmac-sha1, hmac-md5]
  key_file:
    description: Path of a file on the machine that runs the task. The file contains the shared key in the format of C(tsig-keygen) of
      BIND. Mutually exclusive with O(key_secret).
    type: path
  principal:
    description: Kerberos principal that signs the updates, such as V(kms-dns@EXAMPLE.COM).
    type: str
  password:
    description: Password of O(principal). The module does not keep a ticket.
    type: str
  keytab:
    description: Path of a keytab on the machine that runs the task. The keytab must contain the key of O(principal). If O(principal) is not
      set, the module uses the first principal of the keytab.
    type: path
  ccache:
    description:
      - Credential cache with a ticket, such as V(FILE:/tmp/krb5cc_1000).
      - If O(ccache), O(password), and O(keytab) are not set, the module uses the default cache of the process that runs it.
    type: str
  server_principal:
    description: Kerberos principal of the name server, such as V(DNS/dc1.example.com@EXAMPLE.COM). If not specified, the module uses
      C(DNS/) and the name in O(dns_server), which must not be an address in this case.
    type: str
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what it would change, without changing anything.
    support: full
    details: If a change is required and updates are signed, the module sends a signed message that does not change anything, to find a
      wrong key. This does not verify that the key is allowed to change the records.
  diff_mode:
    description: Returns what has changed, or what would change in C(check_mode), if in diff mode.
    support: full
  idempotent:
    description: If run twice in a row outside C(check_mode) with the same options, the second run does not change anything.
    support: full
    details: The second run does not send an update, unless O(refresh=true).
requirements:
  - gssapi where the module runs, for O(authentication=gss_tsig).
notes:
  - The module signs a query only to confirm an update whose response was lost.
"""
