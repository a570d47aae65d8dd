"""What looks like a secret does not get into a chat, and what only sounds like one stays."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.blanking import BLANK, blanked

SECRETS = [
    "\toption key '{}'",
    "\toption sae_password '{}'",
    '\toption password "{}"',
    "option community {}",
    "set wireless.guests.key {}",
    "set wireless.@wifi-iface[0].key={}",
    "wpa_passphrase={}",
    "PrivateKey = {}",
    "  psk: {}",
    "chilli --radiussecret={} --dhcpif=br-lan",
    "chilli --uamsecret {} --dhcpif=br-lan",
    "pppd user venue@isp.example password {} persist",
    'sent [PAP AuthReq id=0x1 user="x" password="{}"]',
    '{{"password": "{}", "a": 1}}',
    "curl -H 'Authorization: Bearer {}'",
    "Authorization: Basic {}",
    "http://admin:{}@192.168.0.1/",
    "GET /x?access_token={}",
    "root:$1${}:0:0:99999:7:::",
    "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n{}",
]
HARMLESS = [
    "hostapd: wlan0: STA 8c:85:90:4f:c1:06 WPA: pairwise key handshake completed (RSN)",
    "hostapd: wlan0: WPA rekeying GTK",
    "dropbear[2291]: Bad password attempt for 'root' from 10.168.1.4:50212",
    "dropbear[2291]: Password auth succeeded for 'root' from 10.168.1.4:50212",
    "radius: shared secret is incorrect",
    "          Encryption: WPA2 PSK (CCMP)",
    "          Encryption key:off",
    "private key: (hidden)",
    "Turnkey hotel: open",
    "bypass: 4",
    "compass 3",
    "eth0      Link encap:Ethernet  HWaddr 24-A4-3C-00-00-00",
    "default         192.168.0.1     0.0.0.0         UG    0      0        0 eth0",
    "[982140.27] ath: phy0: Failed to stop TX DMA, queues=0x004!",
    "option leasefile '/tmp/dhcp.leases'",
    "tcp  0  0 10.0.0.1:22  https://ctapp.io:443/",
]
words = st.text(st.characters(codec="ascii", min_codepoint=33, exclude_characters="'\"@/:$-"), min_size=8, max_size=30)


@pytest.mark.parametrize("line", SECRETS)
@given(word=words)
def test_a_secret_is_blanked(line: str, word: str) -> None:
    secret = f"s3Kr1T{word}"
    text, number = blanked(line.format(secret))

    assert secret not in text
    assert "s3Kr1T" not in text
    assert BLANK in text
    assert number >= 1


@pytest.mark.parametrize("line", HARMLESS)
def test_what_only_sounds_like_a_secret_stays(line: str) -> None:
    assert blanked(line) == (line, 0)


def test_what_stands_around_a_secret_stays() -> None:
    text = "  871 root  pppd user venue password hunter2 persist\n 1403 root  chilli --radiussecret=x --dhcpif=lan"
    shown = (
        f"  871 root  pppd user venue password {BLANK} persist\n 1403 root  chilli --radiussecret={BLANK} --dhcpif=lan"
    )

    assert blanked(text) == (shown, 2)


@pytest.mark.parametrize(
    "looks", ["0" * 64, "A" * 43 + "=", "eyJhbGciOiJI.eyJzdWIi.c2ln", "xoxb-1-abc", "$6$salt$hash"]
)
def test_keys_and_tokens_are_known_by_their_looks(looks: str) -> None:
    assert blanked(f"saw {looks} there") == (f"saw {BLANK} there", 1)


def test_a_passphrase_of_several_words_is_blanked_whole() -> None:
    assert blanked("wpa_passphrase=correct horse battery\nssid=Guests") == (f"wpa_passphrase={BLANK}\nssid=Guests", 1)


@given(st.text(max_size=400))
def test_blanking_is_done_once_and_for_all(text: str) -> None:
    once, _ = blanked(text)

    assert blanked(once)[0] == once


@pytest.mark.parametrize(
    "piece",
    ["a", "key", "key=", "pass", "://", "eyJ", " ", "option ", "--", "-----BEGIN ", "$1$", "password ", "'", "\n"],
)
def test_a_long_answer_is_read_in_no_time(piece: str) -> None:
    began = time.perf_counter()
    blanked(piece * (200_000 // len(piece)))

    assert time.perf_counter() - began < 2
