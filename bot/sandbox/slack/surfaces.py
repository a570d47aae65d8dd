"""Finds what a person acted on: the message or view, the block, the element; nothing that is not really there."""

from dataclasses import dataclass

from bot.sandbox.slack.layout import Tree, elements_of, flat, shown_to
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.world import World


@dataclass
class Surface:
    """A message, a modal or a Home tab, as one person has it before them."""

    kind: str
    id: str
    blocks: list[Tree]
    state: dict[str, dict[str, Tree]]
    message: Message | None = None
    view: Tree | None = None

    def find(self, block_id: str, action_id: str, user: str) -> tuple[Tree, Tree] | None:
        """The block and the element with these ids that `user` may see, or None."""
        for block, _ in flat(self.blocks):
            if block.get("block_id") == block_id:
                for element in elements_of(block):
                    if element.get("action_id") == action_id and shown_to(element, user):
                        return block, element
        return None


def find_surface(world: World, user: str, spec: Tree) -> Surface | None:
    """`spec` as in the UI API: kind message or view with an id, or home. None when `user` cannot see such a thing."""
    kind = spec.get("kind")
    if kind == "message":
        message = world.messages.by_id(str(spec.get("id")))
        if message is None or user not in world.messages.viewers(message):
            return None
        return Surface("message", message.id, message.blocks, message.state, message=message)
    home = world.views.homes.get(user)
    if kind == "home" and home is not None:
        return Surface("home", home["id"], home["blocks"], home["state"]["values"], view=home)
    view = world.views.find(user, str(spec.get("id")))
    if kind == "view" and view is not None:
        return Surface(view["type"], view["id"], view["blocks"], view["state"]["values"], view=view)
    return None
