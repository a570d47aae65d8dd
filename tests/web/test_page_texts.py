"""What the pages say, and that names stay text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.link_exchange import Outcome
from bot.services.link_proof import CodeToType
from bot.services.linking import Invitation
from bot.web import pages
from bot.web.guard import security_headers
from tests.web.tags import Tags


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_a_page_of_its_own_that_says_what_next(outcome: Outcome) -> None:
    page = Tags(bytes(pages.words(pages.WORDS[outcome]).body).decode())
    texts = [words.title for words in pages.WORDS.values()]

    assert texts.count(pages.WORDS[outcome].title) == 1
    assert outcome in {Outcome.DONE, Outcome.UNSURE} or "othing" in page.text
    assert [tag for tag, _ in page.tags if tag in {"h1", "main"}] == ["main", "h1"]
    assert ("html", {"lang": "en"}) in page.tags


@given(handle=st.text(), workspace=st.text())
def test_names_stay_text_whatever_they_are(handle: str, workspace: str) -> None:
    answer = pages.invitation(Invitation(handle, workspace), action="/link/x/start")
    page = Tags(bytes(answer.body).decode())
    plain = Tags(bytes(pages.invitation(Invitation("ana", "Acme"), action="/link/x/start").body).decode())

    assert page.tags == plain.tags
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\x00-\x08]", page.text)


def test_the_naming_page_says_whom_it_is_for_and_has_one_button() -> None:
    page = Tags(bytes(pages.invitation(Invitation("@ana", "Acme & Söhne <b>"), action="/link/x/start").body).decode())

    assert "Connect Slack user @ana in Acme & Söhne <b> to a CT account." in page.text
    assert "Not you? Close this page and tell your admin." in page.text
    assert ("form", {"method": "post", "action": "/link/x/start"}) in page.tags
    assert [tag for tag, _ in page.tags].count("button") == 1
    assert not {"script", "img", "a", "iframe", "link", "input"} & {tag for tag, _ in page.tags}


@given(handle=st.text())
def test_a_name_beside_a_code_stays_text_whatever_it_is(handle: str) -> None:
    page = Tags(bytes(pages.code_to_type(CodeToType("7K2M-Q9XD", handle)).body).decode())
    plain = Tags(bytes(pages.code_to_type(CodeToType("7K2M-Q9XD", "ana")).body).decode())

    assert page.tags == plain.tags
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\x00-\x08]", page.text)


def test_a_code_is_in_no_representation_of_what_carries_it() -> None:
    assert "7K2M" not in repr(CodeToType("7K2M-Q9XD", "ana"))


def test_a_name_that_is_too_long_is_cut_and_an_empty_one_is_somebody() -> None:
    page = bytes(pages.invitation(Invitation("a" * 200, "\u202e"), action="/").body).decode()

    assert "@" + "a" * 79 + "…" in page
    assert "<bdi>somebody</bdi>" in page


def test_the_policy_lists_the_relatives_of_slack_and_ct_and_no_paths() -> None:
    urls = ["https://slack.com", "https://id.ctapp.io/x", "http://127.0.0.1:3000/slack", "https://slack.com"]
    policy = dict(security_headers(urls))[b"content-security-policy"].decode()
    [sources] = [part.strip() for part in policy.split(";") if part.strip().startswith("form-action")]

    assert sources == (
        "form-action 'self' https://slack.com https://*.slack.com https://id.ctapp.io https://*.ctapp.io "
        "http://127.0.0.1:3000"
    )
