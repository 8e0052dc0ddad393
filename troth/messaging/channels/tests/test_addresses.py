"""Nothing is handed over to where only this machine gets, though the name led elsewhere when it was saved."""

import socket
from ipaddress import ip_address, ip_network

import pytest

from troth.messaging.channels import addresses, http
from troth.messaging.channels.protocol import HandoverState
from troth.messaging.models import ChannelSetup
from troth.messaging.text_errors import ChannelRefusedError

from .test_setups import saved

WEBHOOK = {"secret": "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"}
ALL = ("0.0.0.0/0", "::/0")


@pytest.fixture
def networks(settings):
    """Return a function that names the networks of our own."""

    def name(*texts):
        settings.PRIVATE_NETWORKS = [ip_network(text) for text in texts]

    name()
    return name


@pytest.fixture
def leads_to(monkeypatch):
    """Return a function that has every name lead to these addresses, a literal address to itself."""
    real = socket.getaddrinfo

    def name(*found):
        def getaddrinfo(host, port, *rest, **named):
            try:
                ip_address(host)
            except ValueError:
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]
            return real(host, port, *rest, **named)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return name


@pytest.mark.parametrize(
    "text",
    [
        "169.254.169.254", "169.254.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "fe80::1",
        "fe80::1%eth0", "ff02::1", "::", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
        "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe",
        "::ffff:0:a9fe:a9fe",
    ],
)  # fmt: skip
def test_some_addresses_are_refused_whatever_the_settings_say(networks, text):
    networks(*ALL)
    assert not addresses.is_allowed(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "::1",
        "fc00::1",
        "::ffff:10.1.2.3",
        "2002:a01:203::",
        "::10.1.2.3",
        "64:ff9b:1::a01:203",
        "fec0::1",
    ],
)
def test_networks_of_our_own_are_allowed_by_name_only(networks, text):
    assert not addresses.is_allowed(ip_address(text))
    networks(*ALL)
    assert addresses.is_allowed(ip_address(text))


def test_a_network_that_is_named_opens_no_other(networks):
    networks("10.1.0.0/16", "192.168.5.20")
    found = [
        addresses.is_allowed(ip_address(text)) for text in ("10.1.9.9", "10.2.0.1", "192.168.5.20", "192.168.5.21")
    ]
    assert found == [True, False, True, False]


@pytest.mark.parametrize("text", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_the_open_internet_is_allowed(networks, text):
    assert addresses.is_allowed(ip_address(text))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://2852039166/",
        "http://127.0.0.1:1/",
    ],
)
def test_a_bad_address_is_not_saved(company, networks, url):
    with pytest.raises(ChannelRefusedError, match="TROTH_PRIVATE_NETWORKS") as refused:
        saved("webhook", url=url, **WEBHOOK)
    assert refused.value.fields["field"] == "url"
    assert not ChannelSetup.objects.exists()


@pytest.mark.django_db
def test_a_name_is_saved_by_where_it_leads(company, networks, leads_to):
    leads_to("93.184.215.14", "10.0.0.7")
    with pytest.raises(ChannelRefusedError, match=r"10\.0\.0\.7"):
        saved("webhook", url="https://erp.shop.example/in", **WEBHOOK)
    networks("10.0.0.0/24")
    assert saved("webhook", url="https://erp.shop.example/in", **WEBHOOK).is_enabled


@pytest.mark.django_db
def test_a_name_without_address_is_saved(company, networks, monkeypatch):
    def fails(*_given, **_named):
        raise socket.gaierror("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    assert saved("webhook", url="https://not-yet.shop.example/in", **WEBHOOK).is_enabled


def test_a_name_that_leads_elsewhere_by_now_is_not_connected_to(networks, leads_to, provider):
    leads_to("127.0.0.1")
    address = provider.url.replace("127.0.0.1", "rebound.example")
    with pytest.raises(http.NotAnsweredError) as refused:
        http.ask("GET", address)
    assert (refused.value.state, refused.value.reason) == (HandoverState.FAILED, "address_refused")
    assert provider.asked == []
    networks("127.0.0.0/8")
    assert http.ask("GET", address).status == 200
    assert provider.asked[0].headers["Host"].startswith("rebound.example:")


def test_what_was_looked_at_is_what_is_connected_to(networks, monkeypatch, provider):
    """A name server that answers each question otherwise is asked once for a connection."""
    networks("127.0.0.0/8")
    real, asked = socket.getaddrinfo, []

    def getaddrinfo(host, port, *rest, **named):
        if host != "flip.example":
            return real(host, port, *rest, **named)
        asked.append(host)
        found = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert http.ask("GET", provider.url.replace("127.0.0.1", "flip.example")).status == 200
    assert asked == ["flip.example"]


def test_the_next_address_is_tried_where_nobody_listens(networks, leads_to, provider):
    networks("127.0.0.0/8")
    leads_to("127.9.9.9", "127.0.0.1")
    assert http.ask("GET", provider.url.replace("127.0.0.1", "two.example")).status == 200
