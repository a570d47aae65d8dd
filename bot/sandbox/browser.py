"""A browser without a screen: cookies, redirects and forms, and a person who walks the link pages."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self

import httpx

STEPS = 12
PASSWORD = "practice"


class LostError(AssertionError):
    """The page does not have what the person looked for; says what it has."""


@dataclass
class Form:
    action: str
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    inputs: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class BrowserPage:
    url: str
    status: int
    text: str
    title: str
    forms: list[Form]
    html: str = field(repr=False, default="")
    headers: httpx.Headers = field(repr=False, default_factory=httpx.Headers)

    def button(self, label: str) -> tuple[Form, tuple[str, str, str]]:
        """The form and the button whose label begins so, or whose value is that."""
        for form in self.forms:
            for button in form.buttons:
                if button[2].lower().startswith(label.lower()) or label == button[1]:
                    return form, button
        held = [button[2] for form in self.forms for button in form.buttons]
        raise LostError(f"no button {label!r} on {self.url} ({self.status}); there are {held}\n{self.text}")


class _Reader(HTMLParser):
    """Text and forms of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.title = ""
        self.forms: list[Form] = []
        self._open: list[str] = []
        self._button: tuple[str, str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag in ("title", "style", "script"):
            self._open.append(tag)
        elif tag == "form":
            self.forms.append(Form(held.get("action", ""), held.get("method", "get").lower()))
        elif tag == "input" and self.forms and held.get("name"):
            self.forms[-1].inputs.append((held["name"], held.get("type", "text")))
            if held.get("type") not in ("checkbox", "radio") or "checked" in held:
                self.forms[-1].fields[held["name"]] = held.get("value", "")
        elif tag == "button":
            self._button = (held.get("name", ""), held.get("value", ""), [])

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._button is not None:
            name, value, words = self._button
            if self.forms:
                self.forms[-1].buttons.append((name, value, " ".join(words)))
            self._button = None
        elif self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if not words:
            return
        if self._open:
            self.title += words if self._open[-1] == "title" else ""
            return
        if self._button is not None:
            self._button[2].append(words)
        self.lines.append(words)


class Browser:
    """One cookie jar. `page` is what is open now; each step returns it."""

    def __init__(self, *, timeout: float = 15.0) -> None:
        self.http = httpx.AsyncClient(follow_redirects=True, timeout=timeout, trust_env=False, max_redirects=10)
        self.page = BrowserPage("about:blank", 0, "", "", [])
        self.visited: list[str] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    async def open(self, url: str) -> BrowserPage:
        return self._read(await self.http.get(url))

    async def press(self, label: str, **fields: str) -> BrowserPage:
        """Press the button that begins so (or has that value), with the form's fields and these."""
        form, (name, value, _) = self.page.button(label)
        held = {**form.fields, **fields, **({name: value} if name else {})}
        target = str(httpx.URL(self.page.url).join(form.action)) if form.action else self.page.url
        here = httpx.URL(self.page.url)
        origin = f"{here.scheme}://{here.netloc.decode()}"
        if form.method == "post":
            return self._read(await self.http.post(target, data=held, headers={"Origin": origin}))
        return self._read(await self.http.get(target, params=held))

    async def link(
        self, url: str, *, ct_login: str, slack_user: str, password: str = PASSWORD, until: str | None = None
    ) -> str:
        """Walk from a link page to its end, as `slack_user` in Slack and `ct_login` in CT; the last page's text."""
        await self.open(url)
        for _ in range(STEPS):
            if not self.page.forms or (until is not None and until in self.page.text):
                return self.page.text
            await self.step(ct_login=ct_login, slack_user=slack_user, password=password)
        raise LostError(f"still not at the end after {STEPS} pages: {self.page.url}\n{self.page.text}")

    async def step(self, *, ct_login: str, slack_user: str, password: str = PASSWORD) -> BrowserPage:
        """Do what this page asks for: continue, say who you are, sign in, allow."""
        if self._has(slack_user):
            return await self.sign_in_to_slack(slack_user)
        if self._asks_password():
            return await self.sign_in_to_ct(ct_login, password)
        for label in ("Continue", "Allow", "Authorize", "Authorise"):
            if self._has(label):
                return await self.press(label)
        return await self.press(self.page.forms[0].buttons[0][2])

    async def sign_in_to_slack(self, user: str) -> BrowserPage:
        return await self.press(user)

    async def sign_in_to_ct(self, email: str, password: str = PASSWORD) -> BrowserPage:
        """Fill in the form that asks for a password."""
        form = next((form for form in self.page.forms if _password_field(form)), None)
        if form is None:
            raise LostError(f"nobody asks for a password on {self.page.url}\n{self.page.text}")
        typed = next(name for name, kind in form.inputs if kind in ("email", "text"))
        self.page.forms = [form]
        return await self.press(form.buttons[-1][2], **{typed: email, _password_field(form): password})

    def _has(self, label: str) -> bool:
        try:
            self.page.button(label)
        except LostError:
            return False
        return True

    def _asks_password(self) -> bool:
        return any(_password_field(form) for form in self.page.forms)

    def _read(self, response: httpx.Response) -> BrowserPage:
        reader = _Reader()
        reader.feed(response.text)
        self.visited += [str(each.url) for each in response.history] + [str(response.url)]
        self.page = BrowserPage(
            str(response.url),
            response.status_code,
            "\n".join(reader.lines),
            reader.title,
            reader.forms,
            response.text,
            response.headers,
        )
        return self.page


def _password_field(form: Form) -> str:
    return next((name for name, kind in form.inputs if kind == "password"), "")
