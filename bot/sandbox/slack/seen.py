"""What one person has before them: messages, the open modal, the Home tab, as they read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.layout import Tree, elements_of, flat, shown_to
from bot.sandbox.slack.rendering import Names, Renderer


@dataclass(frozen=True)
class Seen:
    """One message, modal or Home tab. `text` is everything on it in reading order."""

    text: str
    buttons: list[str]
    links: dict[str, str]
    kind: str = "message"
    id: str = ""
    ts: str = ""
    channel: str = ""
    author: str = ""
    ephemeral: bool = False
    edited: bool = False
    deleted: bool = False
    raw: Tree = field(default_factory=dict, repr=False)

    def __contains__(self, text: str) -> bool:
        return text in self.text

    def __str__(self) -> str:
        marks = "".join(
            f" ({mark})"
            for mark, held in (("only you", self.ephemeral), ("edited", self.edited), ("deleted", self.deleted))
            if held
        )
        place = f"#{self.channel}" if self.kind == "message" else self.kind
        return f"{place} {self.author}{marks}: {self.text}"

    @property
    def surface(self) -> Tree:
        """As the UI API names it."""
        return {"kind": "home"} if self.kind == "home" else {"kind": self.kind, "id": self.id}

    def elements(self, user: str) -> Iterator[tuple[Tree, Tree]]:
        """Each block with each element on it that `user` can see, in reading order."""
        for block, _ in flat(self.raw.get("blocks") or []):
            for element in elements_of(block):
                if shown_to(element, user):
                    yield block, element


class Screen:
    """Everything that one person can see at one moment."""

    def __init__(self, told: dict[str, Any]) -> None:
        self.number = int(told["number"])
        self.user = str(told["me"])
        self._told = told
        self._names = Names(told["names"], told["channel_names"])

    def message(self, message: Tree, *, deleted: bool = False) -> Seen:
        rendered = Renderer(self._names, user=self.user).message(message)
        channel = self._told["channels"][message["channel"]]
        return Seen(
            rendered.text,
            rendered.buttons,
            rendered.links,
            id=message["id"],
            ts=message["ts"],
            channel="app" if channel["kind"] == "app" else channel["name"],
            author=message["author"]["name"],
            ephemeral=message["ephemeral"],
            edited=message["edited"],
            deleted=deleted,
            raw=message,
        )

    def view(self, view: Tree, kind: str) -> Seen:
        rendered = Renderer(self._names, user=self.user).view(view)
        return Seen(rendered.text, rendered.buttons, rendered.links, kind=kind, id=view["id"], author="CT", raw=view)

    def messages(self, channel: str | None = None) -> list[Seen]:
        """Oldest first; of one channel by its name (`app`: the DM with the bot), or of all."""
        held = [message for place in self._told["channels"].values() for message in place["messages"]]
        seen = [self.message(message) for message in sorted(held, key=lambda message: str(message["ts"]))]
        return [message for message in seen if channel in (None, message.channel)]

    @property
    def modal(self) -> Seen | None:
        stack = self._told["stack"]
        return self.view(stack[-1], "view") if stack else None

    @property
    def home(self) -> Seen | None:
        return self.view(self._told["home"], "home") if self._told["home"] else None

    def surfaces(self, channel: str) -> list[Seen]:
        """Where to look first: the modal on top, this channel newest first, the others, the Home tab."""
        messages = self.messages()[::-1]
        here = [message for message in messages if message.channel == channel]
        elsewhere = [message for message in messages if message.channel != channel]
        home_first = channel == "home"
        found = [
            self.modal,
            *([self.home] if home_first else []),
            *here,
            *elsewhere,
            *([] if home_first else [self.home]),
        ]
        return [seen for seen in found if seen is not None]

    def row(self, block: Tree) -> str:
        """What one block says."""
        renderer = Renderer(self._names, user=self.user)
        return renderer.message({"blocks": [block]}).text

    def describe(self, channel: str, *, most: int = 12) -> str:
        """For the error of whoever looked for something else."""
        lines = [str(seen) for seen in self.surfaces(channel)[:most]]
        return "\n".join("  | " + line.replace("\n", "\n  |   ") for line in lines) or "  | (nothing at all)"
