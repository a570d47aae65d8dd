"""A request that Slack answers with `ok: false`."""

from typing import Any


class RefusedError(Exception):
    """`error` is Slack's code; `messages` say why, with JSON pointers; `more` goes into the answer as it is."""

    def __init__(self, error: str, messages: list[str] | None = None, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages or []
        self.more = more

    def answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            answer["response_metadata"] = {"messages": self.messages}
        return answer
