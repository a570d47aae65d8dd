"""People who act one after the other, each in a channel of their own: whose answer is whose is plain."""

import asyncio

from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.people import ACME, Channel
from tests.prove.theatre import Theatre


class Lane:
    """One person in a channel of their own, who does one thing after the other."""

    def __init__(self, play: Theatre, user: str, *, direct: bool = False) -> None:
        """`direct`: their direct messages count as answers, too; there the bot answers where it cannot otherwise."""
        self.play, self.user, self.direct = play, user, direct
        self.channel = "C" + user[1:]
        place = Channel(self.channel, self.channel.lower(), "channel", ACME, {user}, bot_is_member=True)
        play.slack.world.directory.channels[self.channel] = place

    def mine(self) -> list[Message]:
        here = [message for message in self.play.seen(self.user, self.channel) if message.only_for == self.user]
        return sorted([*here, *self.play.direct(self.user)], key=lambda message: message.ts) if self.direct else here

    async def types(self, text: str) -> Message:
        had = len(self.mine())
        error = await self.play.type(self.user, f"/ct {text}", channel=self.channel)
        assert error is None, error
        found: list[Message] = await self.play.until(lambda: self.mine()[had:], within=20, what=f"the answer to {text}")
        return found[-1]

    async def presses(self, card: Message, label: str) -> Message:
        """The answer takes the place of the card, or stands below it."""
        had, drawn = len(self.mine()), card.edited
        error = await self.play.press(self.user, card, label)
        assert error is None, error

        def answer() -> list[Message]:
            return [card] if card.edited != drawn else self.mine()[had:]

        found: list[Message] = await self.play.until(answer, within=20, what=f"the answer to {label}")
        return found[-1]

    async def asked(self, text: str, label: str) -> Message:
        """The question, asked again where CT is left alone for a second."""
        for _ in range(8):
            card = await self.types(text)
            if label in self.play.words(card):
                return card
            await asyncio.sleep(0.6)
        raise AssertionError(f"{text} was answered: {self.play.words(card)[:200]}")
