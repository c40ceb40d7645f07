"""Which addresses a crawler of public pages may connect to, enforced where the connection is made.

Idea: the name is resolved once, *every* answer is checked, and the socket goes to a checked answer; the
URL, TLS server name and Host header keep the name. Invariant: no packet leaves for an address that is not
public unless the operator allow-listed that very host. Python's `is_global` is not the rule: in 3.11 it
calls multicast, 6to4, NAT64 and site-local addresses global.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import httpcore

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host name and port to the addresses it has."""

# IANA special-purpose registries, multicast and reserved space, and one cloud's host agent (168.63.129.16).
_SPECIAL_4 = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
    "192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 "
    "198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32"
)
_NOT_PUBLIC_4 = tuple(map(ipaddress.IPv4Network, _SPECIAL_4.split()))
_GLOBAL_6 = ipaddress.IPv6Network("2000::/3")
# Inside it: protocol assignments (Teredo, ORCHID), documentation, and 6to4, which wraps any IPv4 address.
_SPECIAL_6 = "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20"
_NOT_PUBLIC_6 = tuple(map(ipaddress.IPv6Network, _SPECIAL_6.split()))


def is_public(address: str) -> bool:
    """True for a unicast address of the public internet; anything unreadable is not."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in net for net in _NOT_PUBLIC_4)
    if ip.scope_id is not None:
        return False
    return ip in _GLOBAL_6 and not any(ip in net for net in _NOT_PUBLIC_6)


def is_allowed(host: str, port: int, allow_private: Iterable[str]) -> bool:
    """True when the operator named this host, or this host and port."""
    bare = host.lower().strip("[]")
    spellings = {bare, f"{bare}:{port}", f"[{bare}]", f"[{bare}]:{port}"}
    return any(entry.lower() in spellings for entry in allow_private)


class BlockedAddress(httpcore.ConnectError):
    """The name leads to an address that may not be asked. Not transient."""


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """The machine's own resolver."""
    answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Resolves, checks every answer, and connects to an answer it has checked."""

    def __init__(self, allow_private: Iterable[str] = (), resolve: Resolve = system_resolve) -> None:
        self._allow_private = tuple(allow_private)
        self._resolve = resolve
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str | bytes,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        name = host.decode("ascii") if isinstance(host, bytes) else host
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._addresses(name, port)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"no answer from the resolver for {name}") from None
        if not is_allowed(name, port, self._allow_private):
            for address in addresses:
                if not is_public(address):
                    raise BlockedAddress(f"{name} is at {address}, which is not a public address")
        failure: Exception = httpcore.ConnectError(f"{name} has no address")
        for address in addresses:
            try:
                return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _addresses(self, name: str, port: int) -> list[str]:
        try:
            return [str(ipaddress.ip_address(name.strip("[]")))]
        except ValueError:
            pass
        try:
            return list(await self._resolve(name, port))
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{name} does not resolve ({error})") from None

    async def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise BlockedAddress(f"{path} is a local socket")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
