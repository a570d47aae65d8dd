"""`/ct help` and `/ct help <command>`."""

from dataclasses import dataclass

from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import asking


@dataclass(frozen=True)
class HelpArgs:
    topic: str | None = rest("command")


@command("help", "What I can do, or more on one command", group="Account", args=HelpArgs, example="reboot")
async def help_(ctx: Context, args: HelpArgs) -> Reply:
    registry = ctx.services.registry
    if args.topic is None:
        return asking.help_page(registry)
    topic = args.topic.removeprefix("/ct").strip()
    found, rest_of_it = registry.match(topic)
    if found is not None and found.name and not rest_of_it:
        subject = found.name.split()[0]
        return asking.help_on(found, [c for c in registry.about(subject) if c is not found])
    if about := registry.about(topic):
        return asking.help_subject(about)
    return asking.unknown_command(topic, registry.similar(topic))
