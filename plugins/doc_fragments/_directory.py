# Copyright (c) 2026 winops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options, requirements, and notes of the modules that use Active Directory over LDAP."""

from __future__ import annotations


class ModuleDocFragment:
    """How to reach a domain controller, and how to log on to it."""

    DOCUMENTATION = r"""
options:
  server:
    description:
      - DNS name of the domain controller. The certificate and the Kerberos service name of the domain controller must contain this name.
      - Any domain controller of any domain of the forest can be used, because all of them have the activation objects of the forest.
      - Either this option or O(domain) is required.
    type: str
  domain:
    description:
      - DNS name of a domain of the forest. The module looks up its domain controllers in DNS (C(_ldap._tcp.dc._msdcs)) and uses the first
        one that responds, for the whole task.
      - Cannot be combined with O(server).
    type: str
  address:
    description:
      - Address to connect to, if the name in O(server) does not resolve on the controller.
      - Needs O(server).
    type: str
  port:
    description:
      - TCP port of the domain controller. If not specified, 636 for O(tls=ldaps), and 389 otherwise.
      - Must be between 1 and 65535.
    type: int
  authentication:
    description:
      - How the module logs on. All three methods encrypt the whole session. There is no method without encryption.
      - If set to V(kerberos), the module uses a ticket, and Kerberos signs and encrypts the session. This requires no certificate.
      - If set to V(ntlm), NTLM signs and encrypts the session. The module uses NTLM only if this option is set to V(ntlm).
      - If set to V(simple), the module sends O(principal) and O(password) inside TLS. See O(tls).
    type: str
    choices: [kerberos, ntlm, simple]
    default: kerberos
  tls:
    description:
      - How the session is encrypted for O(authentication=simple). If not specified, V(ldaps).
      - The module always verifies the certificate. It does not have an option to omit this.
    type: str
    choices: [ldaps, starttls]
  principal:
    description:
      - Account for the logon. For O(authentication=kerberos), a Kerberos principal such as V(reader@EXAMPLE.COM). For V(ntlm) and
        V(simple), also V(EXAMPLE\\reader).
      - For O(authentication=kerberos), it can be omitted if O(keytab) or O(ccache) has one principal.
    type: str
  password:
    description:
      - Password of O(principal). An empty password is refused, because a server can accept it as an anonymous logon.
    type: str
  keytab:
    description: Path of a keytab on the controller that contains the key of O(principal).
    type: path
  ccache:
    description:
      - Kerberos credential cache with a ticket, such as V(FILE:/tmp/krb5cc_1000).
      - If O(ccache), O(password), and O(keytab) are not set, the module uses the default cache of the process that runs Ansible.
    type: str
  ca_file:
    description: Path of a PEM file on the controller with the certificates of the CAs that the module trusts. If not specified, the module
      trusts the CAs of the system.
    type: path
  directory_timeout:
    description:
      - Time in seconds to connect and log on to a domain controller, and for each request.
      - Must be between 1 and 600.
    type: int
    default: 10
  dns_server:
    description:
      - Name or address of the name server that is asked for the domain controllers of O(domain). If not specified, the resolvers of the
        controller are asked.
      - Needs O(domain).
    type: str
  dns_port:
    description:
      - TCP port of the name server.
      - Must be between 1 and 65535.
    type: int
    default: 53
  csvlk_products:
    description:
      - Product names by the activation ID of their KMS host key (CSVLK), for IDs that the collection does not know. The names are those of
        O(winops.volume_activation.kms_host#module:host_keys[].product_name), such as V(Windows Server 2022).
      - Microsoft publishes the activation IDs of the host keys of Office only. A server lists those of Windows among its products without a
        key. See the examples of M(winops.volume_activation.adba_object_info).
    type: dict
    default: {}
attributes:
  action_group:
    description: "Use C(group/winops.volume_activation.directory) in C(module_defaults) to set the options of the directory for all modules
      of the group."
    support: full
    membership:
      - winops.volume_activation.directory
requirements:
  - "On the controller: pyspnego >= 0.11.1 for O(authentication=kerberos) and O(authentication=ntlm), for Kerberos with its extra
    C(kerberos)."
  - "On the controller: dnspython >= 2.3 for O(domain)."
notes:
  - The session with the directory begins on the controller, not on a Windows machine.
  - "Any account of the forest can read activation objects by default. An account that must not read them gets the same answer as an
    account of a forest without such objects: success, and no object. Messages therefore name the account."
  - The module uses one domain controller for the whole task. Replication to other domain controllers can take minutes to hours.
  - The module was tested with Samba AD 4.17. It was not tested with domain controllers of Windows. The source of everything about them is
    the documentation of Microsoft.
seealso:
  - ref: ansible_collections.winops.volume_activation.docsite.guide_activation_objects
    description: Least rights, several forests, and errors.
"""
