"""One call to somebody else's server, from which nobody can be led to a server of ours.

https only; the name is resolved once, every address must be a public one, and the connection goes to the very address
that was looked at (else a second answer of the name server could point inside). No redirect is followed, time and size
are bounded. Source of the list: OWASP "Server-Side Request Forgery Prevention", RFC 6890, RFC 6052 (NAT64), RFC 4291.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

SECONDS = 10.0
MOST_BYTES = 64_000
LONGEST = 300
NOT_OPEN = tuple(  # not told by ``is_global`` of this Python: old site-local, relays of 6to4, documentation
    ipaddress.ip_network(one) for one in ("fec0::/10", "192.88.99.0/24", "3fff::/20")
)
NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotOutside(Exception):
    """The address is not one that may be called from here. The message says why, without naming an inner server."""


class TooLarge(Exception):
    """The answer does not end."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said."""

    status: int
    body: bytes


def must_be_callable(url: str, *, loopback: bool = False) -> tuple[str, int, str]:
    """Return host, port and path of ``url``. Raises NotOutside for anything but https with a plain host name.

    ``loopback`` lets this machine itself be called, by http too: for tests and the demo, by a setting.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise NotOutside("port") from None
    host = parts.hostname or ""
    inside = loopback and _is_loopback(host)
    if len(url) > LONGEST or not url.isascii() or any(sign.isspace() or ord(sign) < 33 for sign in url) or "\\" in url:
        raise NotOutside("characters")
    if parts.scheme != "https" and not (inside and parts.scheme == "http"):
        raise NotOutside("only https")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise NotOutside("host")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return host, port or (443 if parts.scheme == "https" else 80), path


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the open internet, looking through the wrappers that carry an IPv4 inside."""
    try:
        found: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _inside(found)
    if inner is not None:
        return is_public(str(inner))
    if any(found in network for network in NOT_OPEN):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved and not found.is_unspecified


def resolve(host: str, port: int, *, loopback: bool = False) -> str:
    """Return the address to connect to. Raises NotOutside when any address of the name is not public, OSError for no name."""
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if loopback and found and all(_is_loopback(address) for address in found):
        return found[0]
    if not found or not all(is_public(address) for address in found):
        raise NotOutside("address")
    return found[0]


def post(url: str, headers: Mapping[str, str], body: bytes, *, loopback: bool = False, seconds: float = SECONDS) -> Answer:
    """Send ``body`` and return the answer, whatever its status. Raises NotOutside, TooLarge, OSError or HTTPException."""
    host, port, path = must_be_callable(url, loopback=loopback)
    address = resolve(host, port, loopback=loopback)
    ends = time.monotonic() + seconds
    secure = urlsplit(url).scheme == "https"
    line = _Pinned(host, port, address, seconds, ssl.create_default_context() if secure else None)
    with contextlib.closing(line), line.cut_at(ends):
        try:
            line.request("POST", path, body, {"Content-Type": "application/json", "Accept": "application/json", **headers})
            response = line.getresponse()
            read = bytearray()
            while chunk := response.read1(16_384):
                read += chunk
                if len(read) > MOST_BYTES:
                    raise TooLarge
        except (OSError, http.client.HTTPException, ValueError):
            if time.monotonic() >= ends:
                raise TimeoutError from None
            raise
        if time.monotonic() >= ends:  # cut off, it looks like the end of an answer
            raise TimeoutError
        return Answer(response.status, bytes(read))


class _Pinned(http.client.HTTPConnection):
    """Connects to an address that was looked at, while certificate and Host are those of the name."""

    def __init__(self, host: str, port: int, address: str, seconds: float, secure: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=seconds)
        self.default_port = 443 if secure else 80
        self._pinned, self._secure = address, secure
        self._plug: socket.socket | None = None
        self._is_over = False

    def connect(self) -> None:
        self.sock = socket.create_connection((self._pinned, self.port), self.timeout)
        self._plug = self.sock.dup()
        if self._is_over:
            raise TimeoutError
        if self._secure is not None:
            self.sock = self._secure.wrap_socket(self.sock, server_hostname=self.host)

    @contextlib.contextmanager
    def cut_at(self, ends: float) -> Iterator[None]:
        """Cut the line at that moment, whatever it is doing: a timeout of each read lets a drop come in every second."""
        clock = threading.Timer(max(0.0, ends - time.monotonic()), self._cut)
        clock.daemon = True
        clock.start()
        try:
            yield
        finally:
            clock.cancel()
            clock.join()
            if self._plug is not None:
                self._plug.close()

    def _cut(self) -> None:
        self._is_over = True
        if self._plug is not None:
            with contextlib.suppress(OSError):  # it has ended by itself
                self._plug.shutdown(socket.SHUT_RDWR)


def _inside(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    number = int(address)
    if any(address in network for network in NAT64) or number >> 32 == 0:  # NAT64, and the old "compatible" form ::a.b.c.d
        return ipaddress.IPv4Address(number & 0xFFFF_FFFF)
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
