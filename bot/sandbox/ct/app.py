"""The practice CT put together: one ASGI app for both of CT's hosts."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from bot.sandbox.ct import (
    account,
    box_changes,
    boxes,
    clients,
    codes,
    invites,
    location_changes,
    locations,
    logs,
    metrics,
    networks,
    new_boxes,
    payloads,
    records,
    saved,
    speedtests,
    splash_codes,
    splash_pages,
    upgrades,
    users,
    vouchers,
    zones,
)
from bot.sandbox.ct.answers import RefusedError, no_route, refused
from bot.sandbox.ct.authorize import Authorize
from bot.sandbox.ct.control import Control
from bot.sandbox.ct.faults import Faults
from bot.sandbox.ct.practice import CLIENT_ID, CLIENT_SECRET, Application, Practice
from bot.sandbox.ct.request_log import RequestLog
from bot.sandbox.ct.switches import Switches
from bot.sandbox.ct.token_endpoint import TokenEndpoint
from bot.sandbox.ct.tokens import TokenRow, Tokens
from bot.sandbox.ct.voucher_files import VoucherFiles
from bot.sandbox.ct.world import World, build_world
from bot.sandbox.dated import Dated

RESOURCES = (
    account,
    users,
    invites,
    locations,
    location_changes,
    boxes,
    box_changes,
    new_boxes,
    speedtests,
    upgrades,
    payloads,
    zones,
    networks,
    splash_pages,
    splash_codes,
    vouchers,
    codes,
    clients,
    metrics,
    logs,
    records,
)
"""Modules with `routes(practice)`, all below /api/v1. A further resource is one more module here."""


class PracticeCT:
    """A CT to try things on. Serve `.app`; look at or change `.practice` from the same process."""

    def __init__(
        self,
        *,
        redirect_uris: Sequence[str] = (),
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        switches: Mapping[str, Any] | None = None,
        state: Path | None = None,
        clock: Callable[[], float] = time.time,
        **size: int,
    ) -> None:
        """`size`: seed, locations, boxes, as build_world takes them."""
        self._clock = clock
        self._size = size
        self._first_switches = dict(switches or {})
        self._state = state
        self._application = (client_id, client_secret, list(redirect_uris))
        kept = saved.load(state, size) if state else None
        self.practice = self._fresh(built_at=kept["built_at"] if kept else None)
        if kept:
            saved.restore(kept, self.practice)
        self.faults = Faults()
        self.log = RequestLog(Dated(self.faults, skew=lambda: self.switches.clock_skew), clock=clock)
        self.faults.app = self._starlette()
        self.app: ASGIApp = self.log

    def _fresh(self, *, built_at: float | None = None) -> Practice:
        switches = Switches()
        switches.set(self._first_switches)
        world = build_world(built_at=self._clock() if built_at is None else built_at, **self._size)
        client_id, secret, uris = self._application
        practice = Practice(
            world=world,
            tokens=Tokens(switches, self._clock),
            switches=switches,
            application=Application(client_id, secret, list(uris)),
            clock=self._clock,
        )
        if self._state:
            self._pristine = {slug: asdict(box) for slug, box in world.boxes.items()}
            practice.changed = self._save
        return practice

    def _save(self) -> None:
        if self._state:
            saved.save(self._state, self.practice, self._pristine, self._size)

    def reset(self) -> None:
        """As on the first day; the routes hold on to `self.practice`, so it is filled anew and not replaced."""
        vars(self.practice).update(vars(self._fresh()))
        self.faults.clear()
        self.log.clear()
        self.practice.changed()

    @property
    def world(self) -> World:
        return self.practice.world

    @property
    def switches(self) -> Switches:
        return self.practice.switches

    def issue(self, email: str) -> TokenRow:
        """A token pair for somebody, without the dance."""
        person = self.world.person(email)
        if person is None:
            raise KeyError(email)
        return self.practice.tokens.issue(client_id=self.practice.application.client_id, person=person.slug)

    def _starlette(self) -> Starlette:
        api: list[BaseRoute] = [route for resource in RESOURCES for route in resource.routes(self.practice)]
        pages: list[BaseRoute] = [
            *Authorize(self.practice).routes,
            *TokenEndpoint(self.practice).routes,
            *VoucherFiles(self.practice).routes,
        ]
        return Starlette(
            routes=[*pages, *Control(self).routes, Mount("/api/v1", routes=api)],
            exception_handlers={RefusedError: refused, 404: no_route, 405: no_route},
        )
