"""Slack's own validator (`blocks.validate`: no token, no scope) over what the bot says; needs the public internet."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Protocol

import httpx

from bot.doctor.findings import About, Finding, Group
from bot.doctor.wire import Heard, SilentError, Wire

_MOST_TRIES, _LONGEST_WAIT = 4, 60.0


class Payload(Protocol):
    """`kind`: "blocks" or "view"; `after`: what a person did before."""

    @property
    def after(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def payload(self) -> Any: ...


async def validated(payloads: Sequence[Payload], api_url: str) -> list[Finding]:
    """A line for each payload that Slack finds fault with, and one that counts the others."""
    findings: list[Finding] = []
    async with httpx.AsyncClient(trust_env=False) as http:
        wire = Wire(http)
        for payload in payloads:
            try:
                found = _judged(payload, await _asked(wire, api_url, payload))
            except SilentError as silent:
                todo = "Slack's validator needs the public internet; nothing was learned."
                return [*findings, About(Group.PAYLOADS, payload.after).wrong(f"no answer: {silent}", todo)]
            findings += [found] if found else []
    good = len(payloads) - len(findings)
    return [*findings, About(Group.PAYLOADS, "Payloads").fine(f"Slack finds no fault in {good} of {len(payloads)}")]


async def _asked(wire: Wire, api_url: str, payload: Payload) -> Heard:
    """Special rate limits apply, which Slack does not number: wait as it says."""
    url, form = f"{api_url.rstrip('/')}/blocks.validate", {payload.kind: json.dumps(payload.payload)}
    for _ in range(_MOST_TRIES):
        heard = await wire.ask("POST", url, form=form)
        if heard.status != 429:
            break
        wait = heard.headers.get("retry-after", "1")
        await asyncio.sleep(min(float(wait) if wait.isdigit() else 1.0, _LONGEST_WAIT))
    return heard


def _judged(payload: Payload, heard: Heard) -> Finding | None:
    told = heard.json
    if told.get("ok") is True:
        return None
    about = About(Group.PAYLOADS, payload.after)
    errors = told.get("errors")
    if isinstance(errors, list) and errors:
        said = "; ".join(
            f"{error.get('message')} at {error.get('pointer')}" for error in errors if isinstance(error, dict)
        )
        return about.wrong(
            f"{told.get('error')}: {said}", "Put the view right, and the practice Slack, which let it pass."
        )
    return about.unknown(f"Slack answered “{told.get('error') or heard.status}”", "Ask again later.")
