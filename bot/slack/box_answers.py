"""What a box answered to a diagnostic command, on its way to the person who asked: as text, or as a file."""

import structlog

from bot.ct import CTError
from bot.errors import BotError
from bot.services.blanking import blanked
from bot.services.diagnoses import answer
from bot.services.operation import Operation
from bot.slack import text as t
from bot.slack.after import After
from bot.slack.views import answers as views

log = structlog.get_logger(__name__)

LONGEST = 200_000  # characters of an answer that anybody reads; all of it stands at CT


async def send_answer(after: After, op: Operation) -> None:
    """Read it from CT with the person's own account, and send it by direct message."""
    try:
        said = (await after.ct(op.who, lambda ct: answer(ct, op))).body or ""
    except (CTError, BotError) as error:
        log.info("an answer could not be read again", operation=op.id, error=type(error).__name__)
        await after.courier.tell(op.user_id, views.unread(op))
        return
    text, hidden = blanked(t.lines(said[:LONGEST]))
    found = views.Answer(text, hidden, cut=len(said) > LONGEST)
    if not views.is_short(found):
        name, comment = views.file_name(op), views.file_comment(op, found)
        if await after.courier.send_file(op.user_id, name=name, content=text.encode(), comment=comment):
            return
    await after.courier.tell(op.user_id, views.in_message(op, found))
