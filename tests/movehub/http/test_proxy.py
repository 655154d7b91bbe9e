"""Who may name the subject of another: the addresses of a proxy, and no name, and not everybody."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movehub.errors import InvalidConfiguration
from movehub.http.proxy import Proxy, network

HEADER = "X-Client-Subject"


@pytest.mark.parametrize(
    ("configured", "calls"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.1", "::ffff:10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::ffff:a00:1", "::ffff:10.0.0.1"),
        ("10.0.0.0/24", "10.0.0.255"),
        ("10.0.0.0/24", "::ffff:10.0.0.255"),
        ("::ffff:10.0.0.0/120", "10.0.0.255"),
        ("fd00::/8", "fdff::1"),
        ("FD00:0:0::1", "fd00::1"),
        ("fe80::1", "fe80::1%eth0"),
    ],
)
def test_an_address_is_known_however_it_is_written(configured: str, calls: str) -> None:
    assert Proxy(frozenset({"192.0.2.1", configured}), HEADER).calls_from(calls)


@pytest.mark.parametrize("calls", ["10.0.1.0", "::ffff:10.0.1.0", "fd00::1", "", "10.0.0", "unix:"])
def test_another_address_is_not(calls: str) -> None:
    assert not Proxy(frozenset({"10.0.0.0/24"}), HEADER).calls_from(calls)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("proxy.example", "a name is no address"),
        ("localhost", "a name is no address"),
        ("10.0.0.1:8443", "no brackets and no port"),
        ("[fd00::1]", "no brackets and no port"),
        ("10.0.0.5/24", "only zeros behind its prefix"),
        ("fd00::1/8", "only zeros behind its prefix"),
        ("10.0.0.0/33", "this is no address"),
        ("10.0.0.256", "this is no address"),
        ("10.0.0.1 ", "this is no address"),
        ("fd00::g", "this is no address"),
        ("", "this is no address"),
        ("0.0.0.0/0", "a network of all addresses"),
        ("::/0", "a network of all addresses"),
        ("::ffff:0.0.0.0/96", "a network of all addresses"),
    ],
)
def test_what_is_no_address_is_refused_in_a_sentence(wrong: str, said: str) -> None:
    with pytest.raises(InvalidConfiguration, match=said):
        Proxy(frozenset({"10.0.0.1", wrong}), HEADER)


@pytest.mark.parametrize("header", ["Host", "content-length", "Content-Type", "Transfer-Encoding"])
def test_a_header_that_clients_send_themselves_is_no_proxys(header: str) -> None:
    with pytest.raises(InvalidConfiguration, match="a header of its own"):
        Proxy(frozenset({"10.0.0.1"}), header)


@given(st.ip_addresses(v=4), st.integers(1, 32))
def test_a_network_of_ipv4_is_the_same_in_ipv6(address: IPv4Address, prefix: int) -> None:
    first = IPv4Address(int(address) >> (32 - prefix) << (32 - prefix))
    assert network(f"::ffff:{first}/{96 + prefix}") == network(f"{first}/{prefix}")
    assert Proxy(frozenset({f"{first}/{prefix}"}), HEADER).calls_from(f"::ffff:{address}")


@given(st.ip_addresses(v=6), st.ip_addresses(v=6))
def test_one_address_is_one_address(configured: IPv6Address, calls: IPv6Address) -> None:
    assert Proxy(frozenset({str(configured)}), HEADER).calls_from(str(calls)) is (configured == calls)
