"""What a box on OpenWRT logs: facility, severity, message. `{guest}` is a device's MAC, `{ip}` its address."""

SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
FACILITIES = ("kern", "user", "mail", "daemon", "auth", "syslog")

LINES = (
    ("daemon", "info", "hostapd: wlan0: STA {guest} IEEE 802.11: authenticated"),
    ("daemon", "info", "hostapd: wlan0: STA {guest} IEEE 802.11: associated (aid {n})"),
    ("daemon", "info", "hostapd: wlan0: STA {guest} WPA: pairwise key handshake completed (RSN)"),
    ("daemon", "info", "hostapd: wlan0: STA {guest} IEEE 802.11: disassociated due to inactivity"),
    ("daemon", "info", "dnsmasq-dhcp[1182]: DHCPREQUEST(br-lan) {ip} {guest}"),
    ("daemon", "info", "dnsmasq-dhcp[1182]: DHCPACK(br-lan) {ip} {guest} Sams-iPhone"),
    ("daemon", "notice", "coova-chilli[1403]: New DHCP request from MAC={guest}"),
    ("daemon", "notice", "coova-chilli[1403]: Client MAC={guest} assigned IP {ip}"),
    ("daemon", "warning", "hostapd: wlan1: STA {guest} did not acknowledge authentication response"),
    ("user", "info", "socketman: heartbeat sent, {n} clients"),
    ("kern", "debug", "[982133.{n}] br-lan: port 2(wlan0) entered forwarding state"),
)
NOW_AND_THEN = (
    ("kern", "err", "[982140.{n}] ath: phy0: Failed to stop TX DMA, queues=0x004!"),
    ("daemon", "err", "coova-chilli[1403]: radius: no response from server, retrying"),
    ("daemon", "debug", 'pppd[871]: sent [PAP AuthReq id=0x{n} user="venue@isp.example" password="canary-ppp-secret"]'),
    ("auth", "warning", "dropbear[2291]: Bad password attempt for 'root' from {ip}:50212"),
)
HOSTILE = (
    "kern",
    "notice",
    "wlan0: foreign network <!channel> *free* ```wifi``` <@U01ANA> seen, https://evil.example/x",
)
"""What a stranger's phone calls its hotspot reaches the log as it is."""
BOOT = (
    ("kern", "notice", "[    0.000000] Linux version 3.18.23 (builder@ct) (gcc version 4.8.3)"),
    ("daemon", "notice", "procd: - init complete -"),
    ("daemon", "notice", "netifd: Interface 'wan' is now up"),
    ("user", "notice", "socketman: started"),
)
