"""The commands: one file each in `bot/slack/commands/`. Usage, help, manifest hint and README derive from here."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from rapidfuzz import fuzz, process

from bot.errors import ConfigError
from bot.slack import commands as package
from bot.slack.acts import ActView
from bot.slack.forms import Form
from bot.slack.grammar import NoArgs, usage
from bot.slack.pickers import Picker
from bot.slack.reply import Reply

if TYPE_CHECKING:
    from bot.slack.context import Context

Group = Literal["Look", "Act", "Account"]
GROUPS: tuple[Group, ...] = ("Look", "Act", "Account")
SLASH = "/ct"
_CLOSE_ENOUGH = 60.0

T = TypeVar("T")
Run = Callable[["Context", Any], Awaitable[Reply | None]]


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand, checked when the bot starts."""

    name: str
    summary: str
    group: Group
    args: type
    example: str
    run: Run
    details: str = ""
    hidden: bool = False
    unkept: bool = False  # what is typed after it is somebody's own: a question in between begins it anew
    needs_store: bool = True

    @property
    def usage(self) -> str:
        """The whole typed form: `/ct reboot <box> [because <reason>]`."""
        return " ".join(part for part in (SLASH, self.name, usage(self.args)) if part)


def command(
    name: str,
    summary: str,
    *,
    group: Group,
    example: str = "",
    args: type = NoArgs,
    details: str = "",
    hidden: bool = False,
    unkept: bool = False,
    needs_store: bool = True,
) -> Callable[[Run], Command]:
    """Make a Command of an async function; it registers nothing, the loader collects it.

    `needs_store=False`: it is answered while Redis is away, when nobody can tell whether a delivery is a repeated one.
    """

    def wrap(run: Run) -> Command:
        typed = " ".join(part for part in (SLASH, name, example) if part)
        return Command(name, summary, group, args, typed, run, details, hidden, unkept, needs_store)

    return wrap


class Registry:
    """All commands, found by what was typed."""

    def __init__(
        self,
        commands: Sequence[Command],
        *,
        acts: Sequence[ActView] = (),
        forms: Sequence[Form] = (),
        pickers: Sequence[Picker] = (),
    ) -> None:
        self.pickers = {picker.noun: picker for picker in pickers}
        self.acts = {view.act.kind: view for view in acts}
        self.forms = {form.name: form for form in forms}
        if len(self.acts) != len(acts) or len(self.forms) != len(forms):
            raise ConfigError(["Two changes, or two forms, have the same name."])
        self._commands = {c.name: c for c in commands}
        if len(self._commands) != len(commands):
            raise ConfigError(["Two commands have the same name."])

    def __iter__(self) -> Any:
        return iter(sorted(self._commands.values(), key=lambda c: (GROUPS.index(c.group), c.name)))

    def visible(self, group: Group | None = None) -> list[Command]:
        """The commands that help lists, of one group or of all."""
        return [c for c in self if not c.hidden and group in {None, c.group}]

    def match(self, text: str) -> tuple[Command | None, str]:
        """The command that the text begins with (longest name first), and what follows it."""
        words = text.split(" ")
        for taken in range(min(3, len(words)), 0, -1):
            name = " ".join(words[:taken]).casefold()
            if (found := self._commands.get(name)) and (name or not text):
                return found, " ".join(words[taken:])
        return None, text

    def about(self, subject: str) -> list[Command]:
        """The commands on a subject: those whose name holds the word, in singular or plural."""
        word = subject.casefold().removesuffix("s")
        return [c for c in self.visible() if c.name and any(part.removesuffix("s") == word for part in c.name.split())]

    def similar(self, word: str) -> list[Command]:
        """What somebody may have meant, best first."""
        known = [c.name for c in self.visible()]
        return [
            self._commands[name]
            for name, _, _ in process.extract(
                word.casefold(), known, scorer=fuzz.ratio, score_cutoff=_CLOSE_ENOUGH, limit=3
            )
        ]

    def rehearsed(self) -> list[str]:
        """Each command as its example has it, and bare; what ends a link comes last."""
        typed = dict.fromkeys(text for c in self.visible() for text in (c.example, f"{SLASH} {c.name}".strip()))
        return sorted(typed, key=lambda text: text.endswith("unlink"))

    def usage_hint(self) -> str:
        """What Slack shows while one types `/ct`: the names, as the manifest carries them."""
        return "[" + " | ".join(c.name for c in self.visible()) + "]"


def load() -> Registry:
    """Collect the one Command of each file, its changes and its forms. Raises ConfigError for none or two."""
    commands: list[Command] = []
    acts: list[ActView] = []
    forms: list[Form] = []
    pickers: list[Picker] = []
    problems: list[str] = []
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        values = list(vars(module).values())
        found = [value for value in values if isinstance(value, Command)]
        acts += [value for value in values if isinstance(value, ActView)]
        forms += [value for value in values if isinstance(value, Form)]
        pickers += [value for value in values if isinstance(value, Picker)]
        commands += found
        if len(found) != 1:
            problems.append(f"bot/slack/commands/{info.name}.py holds {len(found)} commands; it must hold exactly one.")
    if problems:
        raise ConfigError(problems)
    return Registry(commands, acts=unique(acts), forms=unique(forms), pickers=unique(pickers))


def unique(values: Sequence[T]) -> list[T]:
    """Without those that a second file imported from the first."""
    return list({id(value): value for value in values}.values())
