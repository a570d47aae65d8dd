"""The bot's own errors. CT's stand in `bot.ct.errors` and know nothing of these."""


class BotError(Exception):
    """Ours; `str()` of it is safe to show to a person."""


class ConfigError(BotError):
    """The bot must not start. One line for each problem; the process exits 2."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StoreDownError(BotError):
    """Redis did not answer, or refused to write. Nothing dangerous may happen now."""


class TooFewCopiesError(StoreDownError):
    """Redis took a write, but too few of its replicas have it: a failover could lose it."""


class UserError(BotError):
    """The person can put it right themselves; the text says how."""


class UsageError(UserError):
    """What was typed cannot be understood; the text says what to type instead."""


class NotLinkedError(UserError):
    """There is no usable link to CT for this person. `ended`: there was one, and CT ended it."""

    def __init__(self, text: str, *, ended: bool = False) -> None:
        super().__init__(text)
        self.ended = ended


class LinkExpiredError(UserError):
    """A linking attempt is too old, was used, or was replaced by a newer one."""


class NotAllowedError(UserError):
    """The operator's policy, or who they are, does not let this person do this."""
