"""The diagnostic commands of CT, and what a box answers to each (ct-api.md 3.2; their names are of its history)."""

from typing import NamedTuple

from bot.sandbox.ct.box import Box
from bot.sandbox.ct.location import Location


class Command(NamedTuple):
    description: str
    output: str


_IFCONFIG = """br-lan    Link encap:Ethernet  HWaddr {mac}
          inet addr:10.168.0.1  Bcast:10.168.3.255  Mask:255.255.252.0
          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1
          RX packets:81920411 errors:0 dropped:118 overruns:0 frame:0
          TX packets:99183204 errors:0 dropped:0 overruns:0 carrier:0

eth0      Link encap:Ethernet  HWaddr {mac}
          inet addr:{ip}  Bcast:192.168.0.255  Mask:255.255.255.0
          UP BROADCAST RUNNING MULTICAST  MTU:1500  Metric:1
          RX packets:120811931 errors:0 dropped:0 overruns:0 frame:0
          TX packets:90112733 errors:4 dropped:0 overruns:0 carrier:4"""

_IWINFO = """wlan0     ESSID: "{place} Guests"
          Access Point: {mac}
          Mode: Master  Channel: 6 (2.437 GHz)
          Tx-Power: 17 dBm  Link Quality: 58/70
          Signal: -52 dBm  Noise: -95 dBm
          Encryption: none
wlan1     ESSID: "<!channel> `*{place}*` Staff"
          Mode: Master  Channel: 44 (5.220 GHz)
          Tx-Power: 20 dBm  Link Quality: 61/70
          Encryption: WPA2 PSK (CCMP)"""

_HEALTH = """IP    ok   (8.8.8.8 in 11 ms)
DNS   ok   (ctapp.io in 24 ms)
HTTP  ok   (200 in 96 ms)
MTU   ok   (1500)"""

_WORKERS = "\n".join(f"{pid:5} root         0 SW   [kworker/{pid % 2}:{pid % 7}]" for pid in range(21, 81))
_PROCESSES = (
    "  PID USER       VSZ STAT COMMAND\n    1 root      1432 S    /sbin/procd\n"
    + _WORKERS
    + """
  871 root      1520 S    pppd nodetach ipparam wan user venue@isp.example password canary-pppd-word
  902 root      1604 S    hostapd -P /var/run/wifi-phy0.pid -B /var/run/hostapd-phy0.conf
  911 root      9120 S    socketman --server=ws.ctapp.io
 1182 nobody     968 S    dnsmasq -C /var/etc/dnsmasq.conf
 1403 root      3320 S    chilli --radiussecret=canary-chilli-radius --uamsecret canary-chilli-uam --dhcpif=br-lan
 2290 root      1180 S    dropbear -F -P /var/run/dropbear.1.pid -p 22"""
)

_ROUTES = """Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
default         192.168.0.1     0.0.0.0         UG    0      0        0 eth0
10.168.0.0      *               255.255.252.0   U     0      0        0 br-lan
192.168.0.0     *               255.255.255.0   U     0      0        0 eth0"""

_DHCP = """config dnsmasq
	option domainneeded '1'
	option leasefile '/tmp/dhcp.leases'

config dhcp 'lan'
	option interface 'lan'
	option start '100'
	option limit '900'
	option leasetime '1h'

config host
	option name '<@U01ANA> ```till``` <!here>'
	option mac '00:0e:58:aa:bb:cc'
	option ip '10.168.0.20'"""

_DUMP = """config wifi-iface
	option ssid '{place} Staff'
	option encryption 'psk2'
	option key 'canary-dump-psk'

config interface 'wan'
	option proto 'pppoe'
	option username 'venue@isp.example'
	option password 'canary-dump-pppoe'"""

COMMANDS = {
    "cmd-ifconfig": Command("ifconfig", _IFCONFIG),
    "cmd-iwinfo": Command("iwinfo", _IWINFO),
    "cmd-health": Command("Health check", _HEALTH),
    "cmd-ps": Command("Process list", _PROCESSES),
    "cmd-route": Command("Routes", _ROUTES),
    "cmd-dhcp": Command("DHCP config", _DHCP),
    "cmd-dump": Command("Config dump", _DUMP),
    "cmd-splash-off": Command("Login screens off", "ok"),
    "cmd-splash-on": Command("Login screens on", "ok"),
}


def output(command: str, box: Box, place: Location) -> str:
    return COMMANDS[command].output.format(mac=box.mac, ip=box.wan_ip, place=place.location_name)
