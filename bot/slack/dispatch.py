"""From typed text to a Reply: find the command, parse, run, and turn every error into words."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from bot.errors import UsageError
from bot.identity import SlackUser
from bot.services.directory import AmbiguousError, NoMatchError
from bot.slack import failures
from bot.slack.context import Context, Services
from bot.slack.grammar import arguments, compose, parse
from bot.slack.registry import Command
from bot.slack.reply import Reply
from bot.slack.views import asking

log = structlog.get_logger(__name__)


class Dispatcher:
    """Answers a command with a Reply, whatever happens."""

    def __init__(self, *, services: Services, observe: Callable[[str, str], None]) -> None:
        self._services = services
        self._observe = observe

    async def answer(
        self, who: SlackUser, text: str, *, channel_id: str, trigger_id: str | None = None, response_url: str = ""
    ) -> Reply | None:
        """Run what somebody typed after `/ct`, or what a button stands for. Never raises.

        None when a modal was opened instead of an answer.
        """
        command, rest = self._services.registry.match(text)
        ctx = Context(
            who=who,
            channel_id=channel_id,
            text=text,
            services=self._services,
            now=time.time(),
            trigger_id=trigger_id,
            response_url=response_url,
        )
        if command is None:
            word = text.split(" ")[0]
            self._note(who, "unknown", "usage", ctx.now)
            return asking.unknown_command(word, self._services.registry.similar(word))
        try:
            reply = await self._run(command, ctx, rest)
        except Exception as error:
            self._note(who, command.name, type(error).__name__, ctx.now)
            if command.unkept:
                ctx, rest = replace(ctx, text=command.name), ""
            return replace(await failures.explain(error, ctx, _template(command, rest, _noun(error))), private=True)
        self._note(who, command.name, "ok", ctx.now)
        return reply

    def _note(self, who: SlackUser, command: str, outcome: str, began: float) -> None:
        """One line and one count for each command: who, what, how it ended, how long it took; never what was typed."""
        name = command or "overview"
        self._observe(name, outcome)
        log.info("answered", command=name, outcome=outcome, ms=round((time.time() - began) * 1000), who=who.key)

    def needs_store(self, text: str) -> bool:
        """False for what may be answered although Redis is away."""
        command, _ = self._services.registry.match(text)
        return command is None or command.needs_store

    async def _run(self, command: Command, ctx: Context, rest: str) -> Reply | None:
        args: Any = parse(command.args, rest, typed=f"/ct {command.name}".strip())
        for argument in arguments(command.args):
            if argument.required and getattr(args, argument.field) is None:
                return await self._pick(command, ctx, args, argument.field, argument.pick, argument.label)
        return await command.run(ctx, args)

    async def _pick(
        self, command: Command, ctx: Context, args: object, field: str, pick: str | None, label: str
    ) -> Reply:
        if pick is None:
            raise UsageError(f"Which {label}? Type {command.usage}")
        await self._services.directory.warm(ctx.who)
        ask_id = await self._services.asks.keep(ctx.who.key, compose(command.name, args, **{field: "{}"}))
        return asking.picker(pick, ask_id, f"Which {pick}?")


def _noun(error: Exception) -> str | None:
    """What a name stood for that matched none or several."""
    return error.noun if isinstance(error, NoMatchError | AmbiguousError) else None


def _template(command: Command, rest: str, noun: str | None) -> str:
    """The command again, with `{}` in place of the name that matched none or several."""
    try:
        args: Any = parse(command.args, rest, typed=command.name)
    except UsageError:
        return command.name
    wanted = arguments(command.args)
    meant = [a.field for a in wanted if a.label == noun] or [a.field for a in wanted if a.positional]
    return compose(command.name, args, **({meant[0]: "{}"} if meant else {}))
