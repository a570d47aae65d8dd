"""What a change sends and nobody keeps: it must not come back in CT's sentences, which are kept in the record."""

import re
from collections.abc import Awaitable
from typing import TypeVar

from bot.ct import CTStatusError

T = TypeVar("T")


async def without(secret: str | None, call: Awaitable[T]) -> T:
    """The call; where CT refuses, its sentences without the secret, in whatever case they repeat it."""
    try:
        return await call
    except CTStatusError as error:
        if secret:
            blank(error, secret)
        raise


def blank(error: CTStatusError, secret: str) -> None:
    """An ellipsis in place of the secret, wherever it stands in what CT said."""
    found = re.compile(re.escape(secret), re.IGNORECASE)
    error.messages = [found.sub("…", sentence) for sentence in error.messages]
    error.fields = {
        name: [found.sub("…", sentence) for sentence in sentences] for name, sentences in error.fields.items()
    }
