"""Where messages may be handed over: to the open internet, and to those networks of one's own that the settings name.

A person with the right to set up a channel must not thereby get at what only this machine can reach. So an address is
looked at when it is saved, and once more, after its name was resolved, each time a connection is made to it: a name
that led elsewhere when it was saved gets nowhere.
"""

import socket
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

Address = IPv4Address | IPv6Address

METADATA = frozenset(ip_address(text) for text in ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254"))
"""Where clouds tell a machine its secrets, as far as that is not link-local: Alibaba, Azure, Oracle, Amazon by IPv6."""

TRANSLATED = tuple(ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96"))
"""IPv6 that gateways or old machines lead to the IPv4 address at its end: NAT64, also within a network, SIIT, and the
form that came before all of them.
"""


class AddressRefusedError(Exception):
    """The address lies where nothing is handed over."""


def is_allowed(address: Address) -> bool:
    """Tell whether messages may go there.

    Link-local, multicast, unspecified and reserved addresses never are, whatever the settings say.
    """
    meant = _meant(address)
    if meant in METADATA or meant.is_link_local or meant.is_multicast or meant.is_unspecified or _is_reserved(meant):
        return False
    is_public = meant.is_global and not getattr(meant, "is_site_local", False)
    return is_public or any(meant in network for network in settings.PRIVATE_NETWORKS)


def refuse_bad(host: str) -> None:
    """Refuse a host one of whose addresses is not allowed; one without address is let pass, it may get one.

    Raises:
        AddressRefusedError: it leads where nothing is handed over.
    """
    try:
        found = resolved(host, None)
    except (OSError, UnicodeError):
        return
    _refuse(found)


def resolved(host: str, port: int | None) -> list[str]:
    """Return the addresses of a host, a literal address being its own.

    Raises:
        OSError: it has none.
        UnicodeError: it cannot be a name.
    """
    bare = host.strip("[]")
    return list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM)))


def _refuse(addresses: Sequence[str]) -> None:
    for text in addresses:
        if not is_allowed(ip_address(text)):
            raise AddressRefusedError(text)


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if int(address) > 1 and any(address in network for network in TRANSLATED):  # of ::/96 two mean themselves
        return IPv4Address(int(address) & 0xFFFFFFFF)
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    return inner or IPv6Address(int(address))  # without its zone


def _is_reserved(address: Address) -> bool:
    return isinstance(address, IPv4Address) and address.is_reserved


class _Checked(HTTPConnection):
    """A connection that goes to the very addresses that were looked at. made: where it is written down, if anywhere."""

    made: "list[_Checked] | None" = None

    def connect(self) -> None:
        super().connect()
        if self.made is not None:
            self.made.append(self)

    def hang_up(self) -> None:
        """End the connection under whoever waits for it, in another thread."""
        if self.sock is not None:
            with suppress(OSError):  # it is over already
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def _new_conn(self) -> socket.socket:
        name = self._dns_host
        try:
            found = resolved(name, self.port)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        _refuse(found)
        try:
            return self._first_of(found)
        finally:
            self._dns_host = name

    def _first_of(self, addresses: Sequence[str]) -> socket.socket:
        for address in addresses[:-1]:
            self._dns_host = address
            try:
                return super()._new_conn()
            except (ConnectTimeoutError, NewConnectionError):
                continue
        self._dns_host = addresses[-1]
        return super()._new_conn()


class _CheckedHttps(_Checked, HTTPSConnection):
    """The same, with TLS for the name that was asked for."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Checked


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _CheckedHttps


class CheckedAdapter(HTTPAdapter):
    """Has requests look at each address before it connects. Where the environment names a proxy, the proxy decides."""

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        super().init_poolmanager(*args, **kwargs)  # type: ignore[arg-type]  # handed on as they came
        self.made: list[_Checked] = []
        self.is_hung_up = False
        written_down = {"made": self.made}
        self.poolmanager.pool_classes_by_scheme = {
            scheme: type(
                pool.__name__, (pool,), {"ConnectionCls": type("Connection", (pool.ConnectionCls,), written_down)}
            )
            for scheme, pool in (("http", _Pool), ("https", _HttpsPool))
        }

    def hang_up(self) -> None:
        """End every connection that was made."""
        self.is_hung_up = True
        for connection in self.made:
            connection.hang_up()

    def said(self, reason: str) -> str:
        """Return why there was no answer: the reason, unless it was we who hung up."""
        return "timeout" if self.is_hung_up else reason
