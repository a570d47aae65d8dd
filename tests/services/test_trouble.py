"""What stopped a change is told in a sentence: no call, no class, no id of ours (row X1)."""

import re

import pytest

from bot import ct
from bot.ct.errors import status_error
from bot.errors import StoreDownError, TooFewCopiesError, UserError
from bot.services.sessions import RenewalError
from bot.services.trouble import sentence

OURS = re.compile(r"\w+Error|\b\w+\.\w+:")
ERRORS: list[ct.CTError] = [
    ct.CTConnectionError("boxes.get: CT cannot be reached (ClientConnectorDNSError)", maybe_acted=False),
    ct.CTConnectionError("boxes.get: CT hung up (ServerDisconnectedError)", maybe_acted=True),
    RenewalError(),
    ct.CTUnavailableError("boxes.get: CT has answered nobody of late, so it was not asked"),
    ct.CTResponseError("boxes.get: CT sent us elsewhere, we do not follow"),
    ct.CTRequestError("boxes.get: a value that cannot be sent"),
    ct.CTOAuthError("oauth.refresh", error="invalid_client", description="", status=401),
    ct.CTError("boxes.get: something new"),
    *(
        status_error("boxes.get", status=status, messages=[])
        for status in (400, 401, 403, 404, 409, 418, 422, 429, 503)
    ),
]


@pytest.mark.parametrize("error", ERRORS, ids=str)
def test_x1_what_failed_is_told_without_names_of_ours(error: ct.CTError) -> None:
    told = sentence(error)

    assert told.startswith("CT ")
    assert told.endswith(".")
    assert not OURS.search(told)


@pytest.mark.parametrize("status", [403, 404, 409, 422])
def test_what_ct_says_itself_comes_first(status: int) -> None:
    assert sentence(status_error("boxes.get", status=status, messages=["Not today."])) == "Not today."


def test_whether_anything_was_sent_is_told_apart() -> None:
    unsent, lost = ERRORS[0], ERRORS[1]

    assert (sentence(unsent), sentence(lost)) == ("CT could not be reached.", "CT did not answer in time.")


def test_a_link_that_is_not_renewed_yet_is_no_ct_that_is_away() -> None:
    assert sentence(RenewalError()) == "CT has not renewed your link yet."


def test_errors_of_ours_are_sentences_already() -> None:
    assert sentence(UserError("The box has been moved.")) == "The box has been moved."


def test_x1_nor_is_what_redis_or_the_way_to_it_did() -> None:
    told = sentence(StoreDownError("The bot's store (Redis) is not answering (TimeoutError)."))

    assert told == "My own store did not answer."
    assert sentence(TooFewCopiesError("Too few copies of my store answer.")) == "Too few copies of my store answer."
