"""The practice CT: OAuth as Doorkeeper does it, and boxes that live in time, over real HTTP.

Told what to do over HTTP while it runs, by this machine only: `/_practice/switches` (GET, PATCH), `/faults` (GET, POST,
DELETE), `/log` (GET, DELETE), `/boxes/{slug}` (GET, PATCH, DELETE), `/locations/{slug}/codes/{username}` (PATCH: a
guest uses a code), `/shares` (GET: Wi-Fi details that went out), `/people`, `/client`, `/tokens`, `/reset`.
"""

from bot.sandbox.ct.app import PracticeCT
from bot.sandbox.ct.practice import CLIENT_ID, CLIENT_SECRET
from bot.sandbox.ct.switches import OUTCOMES, REFUSALS, Switches
from bot.sandbox.ct.world import World, build_world

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "OUTCOMES", "REFUSALS", "PracticeCT", "Switches", "World", "build_world"]
