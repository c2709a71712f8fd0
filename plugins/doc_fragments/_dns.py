# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that talk to name servers share: the way to the server, where they run, what they need."""

from __future__ import annotations


class ModuleDocFragment:
    """Options and notes of every module in the action group `dns`."""

    DOCUMENTATION = r"""
options:
  domains:
    description:
      - The DNS domains whose clients look for KMS hosts. Windows looks in its primary DNS suffix, in its AD domain and in the domain DHCP
        gives it.
      - Each domain has its own zone, its own server and its own result. What fails for one does not keep the others from being done.
    type: list
    elements: str
    required: true
  server:
    description:
      - Name or address of the name server to ask and to write to. Each of its addresses is tried until one answers, and all that is done
        for a domain stays on that one.
      - When it is not set, the server is found for each domain. The SOA record is asked of the resolvers of the machine the task runs on,
        and then the primary it names is taken, else another name server of the zone, else one of those resolvers.
    type: str
  server_port:
    description: TCP port of the name server, from 1 to 65535. UDP is never used.
    type: int
    default: 53
  timeout:
    description:
      - Seconds, from 1 to 600, for each question or update and its answer.
      - All messages to name servers about one domain together may take eight times as long, and 20 seconds.
    type: int
    default: 10
attributes:
  action_group:
    description: "Use C(group/winops.volume_activation.dns) in C(module_defaults) to set options for all modules of the group."
    support: full
    membership:
      - winops.volume_activation.dns
  async:
    description: Can be run in the background with C(async).
    support: full
  platform:
    description: Operating systems the module runs on. It is a Python module, so delegate it to the controller or to a Unix machine.
    platforms: posix
    support: full
requirements:
  - Python 3.10 or newer where the module runs.
  - dnspython >= 2.3 where the module runs.
notes:
  - The module runs where the task runs. On a Windows host that cannot be, so add C(delegate_to) for a machine that reaches the name
    server over TCP.
  - Questions are signed only to confirm an update whose answer was lost. A server that shows records only to those who sign, or chooses a
    view by the TSIG key, is not supported.
  - It was tested with BIND, Knot and Samba AD. Windows DNS was not available for tests, so what is said about it comes from its
    documentation.
"""

    UPDATE = r"""
options:
  authentication:
    description:
      - How updates are signed. With V(tsig) by a key that is shared with the server, with V(gss_tsig) by a Kerberos ticket, as AD zones
        with secure updates ask for, and with V(none) not at all.
      - An answer to a signed update that is not signed by the server is a failure, even if the records are in the desired state.
    type: str
    choices: [none, tsig, gss_tsig]
    default: none
  key_name:
    description: Name of the shared key. With O(key_file) it says which key of the file is meant, if there is more than one.
    type: str
  key_secret:
    description: Secret of the shared key in base64.
    type: str
  key_algorithm:
    description:
      - Algorithm of the shared key. When it is not set, it is the one in O(key_file), else V(hmac-sha256).
      - V(hmac-md5) is broken and is used only when it is asked for here.
    type: str
    choices: [hmac-sha256, hmac-sha384, hmac-sha512, hmac-sha224, hmac-sha1, hmac-md5]
  key_file:
    description: File with the shared key, as C(tsig-keygen) of BIND writes it, on the machine the task runs on. Not together with
      O(key_secret).
    type: path
  principal:
    description: Kerberos principal that signs, such as V(kms-dns@EXAMPLE.COM).
    type: str
  password:
    description: Password of O(principal). No ticket is left behind.
    type: str
  keytab:
    description: Keytab on the machine the task runs on, with the key of O(principal) or, without it, of the first principal in it.
    type: path
  ccache:
    description:
      - Credential cache with a ticket, such as V(FILE:/tmp/krb5cc_1000).
      - Without it, O(password) and O(keytab) it is the default cache of the process that runs the module.
    type: str
  server_principal:
    description: Kerberos principal of the name server, such as V(DNS/dc1.example.com@EXAMPLE.COM). It is C(DNS/) and the name in O(server)
      when it is not set, so give a name there, and not an address.
    type: str
attributes:
  check_mode:
    description: Can run in C(check_mode), changes nothing then and says what it would change.
    support: full
    details: When there is something to change and it would be signed, a signed message that changes nothing is sent, so that a wrong key
      shows now. That the key may change the records is not proved by it.
  diff_mode:
    description: Returns what has changed, or would change in C(check_mode), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside C(check_mode), with the same options, the second run changes nothing.
    support: full
    details: The second run sends no update, unless O(refresh=true).
requirements:
  - gssapi where the module runs, for O(authentication=gss_tsig).
"""
