"""The CT client: one for the process, and a cheap view of it for each person."""

import msgspec

from bot.ct.api import API
from bot.ct.boxes import Boxes
from bot.ct.breaker import FAILURES
from bot.ct.clients import Clients
from bot.ct.errors import CTResponseError
from bot.ct.invites import Invites
from bot.ct.locations import Locations
from bot.ct.logs import Logs
from bot.ct.metrics import Metrics
from bot.ct.models import Me
from bot.ct.networks import Networks
from bot.ct.oauth import OAuth
from bot.ct.paths import path
from bot.ct.payloads import Payloads
from bot.ct.quotas import Quotas, QuotasRow
from bot.ct.reports import Reports
from bot.ct.splash_codes import SplashCodes
from bot.ct.splash_pages import SplashPages
from bot.ct.transport import Observe, Transport
from bot.ct.two_routes import TwoRoutes
from bot.ct.vouchers import Vouchers
from bot.ct.wire import Text, decode, optional_text, text
from bot.ct.zones import Zones


class MeRow(msgspec.Struct):
    """A profile as CT sends it; its `api_token` and `key` stay outside (ct-api 1.8)."""

    slug: Text = None
    id: Text = None
    username: Text = None
    email: Text = None
    name: Text = None
    first_name: Text = None
    last_name: Text = None
    account_id: Text = None
    account: Text = msgspec.field(default=None, name="accountId")
    paid_plan: bool | None = None
    role_id: int | None = None
    locs: int | None = None

    def model(self) -> Me:
        slug = text(self.slug) or text(self.id)
        if not slug:
            raise CTResponseError("CT's answer holds a profile without an id")
        return Me(
            slug=slug,
            id=text(self.id) or slug,
            username=optional_text(self.username),
            email=optional_text(self.email),
            name=text(self.name) or f"{text(self.first_name)} {text(self.last_name)}".strip() or None,
            account_id=optional_text(self.account_id) or optional_text(self.account),
            paid_plan=self.paid_plan,
            role_id=self.role_id,
            locations=self.locs,
        )


class CTUser:
    """CT as one person sees it."""

    def __init__(self, api: API, routes: TwoRoutes) -> None:
        self._api = api
        self.locations = Locations(api, routes)
        self.boxes = Boxes(api, routes)
        self.clients = Clients(api)
        self.invites = Invites(api)
        self.logs = Logs(api)
        self.metrics = Metrics(api)
        self.networks = Networks(api)
        self.payloads = Payloads(api)
        self.reports = Reports(api)
        self.splash_codes = SplashCodes(api)
        self.splash_pages = SplashPages(api)
        self.vouchers = Vouchers(api)
        self.zones = Zones(api)

    async def me(self) -> Me:
        """Whose token this is."""
        return await self._api.get("me", "/me.json", lambda body: decode(body, MeRow).model())

    async def quotas(self, slug: str | None = None) -> Quotas:
        """How much of the plan is used, by the person's slug, which is asked for first unless given."""
        route = path("/users/{}/quotas", slug or (await self.me()).slug)
        return await self._api.get("quotas", route, lambda body: decode(body, QuotasRow).model())


class CTClient:
    """One per process: it owns the connections. Both addresses are settings (ct-api 1.9).

    A call ends within `deadline` seconds, early enough that what came of it is read within ten (`guarantees.md` X1);
    `concurrency` of them go at once: as many as fifty commands a second need of a CT that takes two seconds, shared by
    two replicas (row S3); after `failures` in a row CT is left alone.
    """

    def __init__(
        self,
        *,
        auth_url: str,
        api_url: str,
        client_id: str,
        client_secret: str,
        deadline: float = 7.0,
        concurrency: int = 100,
        failures: int = FAILURES,
        observe: Observe | None = None,
    ) -> None:
        self._transport = Transport(deadline=deadline, concurrency=concurrency, failures=failures, observe=observe)
        self._url = f"{api_url.rstrip('/')}/api/v1"
        self._routes = TwoRoutes()
        self.oauth = OAuth(self._transport, url=auth_url.rstrip("/"), client_id=client_id, client_secret=client_secret)

    def as_user(self, access_token: str) -> CTUser:
        """The API with this person's token; costs nothing, keeps nothing."""
        return CTUser(API(self._transport, url=self._url, access_token=access_token), self._routes)

    async def aclose(self) -> None:
        await self._transport.aclose()
