"""The practice CT: OAuth as Doorkeeper does it, and boxes that live in time, over real HTTP."""

from bot.sandbox.ct.app import PracticeCT
from bot.sandbox.ct.practice import CLIENT_ID, CLIENT_SECRET
from bot.sandbox.ct.switches import OUTCOMES, REFUSALS, Switches
from bot.sandbox.ct.world import World, build_world

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "OUTCOMES", "REFUSALS", "PracticeCT", "Switches", "World", "build_world"]
