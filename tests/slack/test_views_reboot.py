"""What one sees of a reboot, ending by ending (`conversation.md`), and of the question before it."""

from typing import Any

import pytest

from bot.ct import Box
from bot.services.notices import Account
from bot.services.operation import Ending, Facts, Operation, State
from bot.services.reboot import LastReboot, Question
from bot.slack.views import reboot as views
from tests.services.test_follow_up_looks import SENT
from tests.services.test_follow_up_looks import reboot as op_of
from tests.slack.drawing import DASHBOARD, check, pressable, shown

DAY = 86_400


def reboot(**changes: Any) -> Operation:
    before = Facts(
        id="1",
        slug="ap-3",
        name="Lobby AP-3",
        location_name="Café Nord",
        location_slug="cafe-nord",
        state="online",
        last_heartbeat=int(SENT) - 20,
        uptime_seconds=41 * DAY,
        clients_online=14,
    )
    return op_of(**{"before": before, "reason": "guests cannot log in", **changes})


def ended(ending: Ending, **changes: Any) -> Operation:
    return reboot(state=State.ENDED, ending=ending, accepted_at=SENT, ended_at=SENT + 200, **changes)


def card(op: Operation, after: float = 60) -> str:
    return shown(check(views.card(op, SENT + after, DASHBOARD)))


def after(**changes: Any) -> Facts:
    return Facts(**{"id": "1", "slug": "ap-3", "name": "Lobby AP-3", "state": "online", **changes})


def test_back_and_proved() -> None:
    op = ended(Ending.BACK, went_down_at=SENT + 16, back_at=SENT + 110, after=after(clients_online=11))

    text = card(op)

    assert text.startswith(
        "*Lobby AP-3* is back. Down 1 min 34 s, 11 of 14 people online again. "
        "Rebooted by <@U01ANA> — guests cannot log in"
    )
    assert "✓ Accepted by CT" in text
    assert "✓ Went down" in text
    assert "✓ Restart proved" in text


def test_back_so_quickly_that_it_was_never_seen_away() -> None:
    assert "It restarted so quickly that CT never showed it offline" in card(ended(Ending.BACK, back_at=SENT + 60))


def test_more_people_than_before_are_no_more_than_all_of_them() -> None:
    assert "14 of 14 people" in card(ended(Ending.BACK, back_at=SENT + 60, after=after(clients_online=20)))


def test_back_without_proof_says_why_there_is_none() -> None:
    assert "does not report its uptime: I can't prove it restarted" in card(ended(Ending.BACK_UNPROVED))


def test_lost_from_sight_says_why_and_sends_to_ct() -> None:
    text = card(ended(Ending.BACK_UNPROVED, messages=("Your link to CT ended.",)))

    assert "I lost sight of *Lobby AP-3* (Café Nord): Your link to CT ended. Look in CT." in text


def test_never_restarted_says_how_long_it_was_up_and_offers_to_try_again() -> None:
    op = ended(Ending.NEVER_RESTARTED, after=after(last_heartbeat=int(SENT) + 200, uptime_seconds=41 * DAY + 200))

    assert "CT accepted the reboot, but *Lobby AP-3* has not restarted: it has been up 41 days throughout." in card(op)
    assert pressable(views.card(op, SENT + 300, DASHBOARD)) == {
        "Try Again": "reboot ap-3 because guests cannot log in",
        "Look": "box ap-3",
        "Open in CT": f"{DASHBOARD}/#/locations/cafe-nord/devices/ap-3",
    }


def test_never_restarted_without_an_answer_or_an_uptime_claims_neither() -> None:
    text = card(ended(Ending.NEVER_RESTARTED).but(accepted_at=None, broke_at=SENT + 8))

    assert "I sent the reboot and got no answer, but *Lobby AP-3* has not restarted: it was online throughout." in text
    assert "✗ No answer from CT" in text


def test_not_back_says_since_when() -> None:
    assert "*Lobby AP-3* (Café Nord) has not come back since <!date^" in card(ended(Ending.NOT_BACK, went_down_at=SENT))


def test_while_it_runs_it_says_what_it_waits_for() -> None:
    running = reboot(accepted_at=SENT)

    assert card(running).startswith("<@U01ANA> is rebooting *Lobby AP-3* (Café Nord) — guests cannot log in")
    assert "… waiting for it to go down" in card(running)
    assert "… waiting for it to come back" in card(running.but(went_down_at=SENT + 16))


def test_a_broken_connection_is_said_with_what_it_means() -> None:
    assert "It may or may not have reached the box. I will not send it again; I am watching." in card(
        reboot(broke_at=SENT + 8)
    )


def test_a_box_away_for_too_long_is_said_and_can_be_looked_at() -> None:
    late = reboot(went_down_at=SENT + 16, warned_at=SENT + 496)

    assert "has been down for 8 min" in card(late, 496)
    assert "Look" in pressable(views.card(late, SENT + 496, DASHBOARD))
    assert shown(check(views.warning(late, SENT + 496))).startswith("<@U01ANA> *Lobby AP-3* has been down for 8 min.")


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        (Ending.REFUSED, "CT refused to reboot *Lobby AP-3*: Not enough rights"),
        (Ending.STALE, "I did not reboot *Lobby AP-3*: Not enough rights"),
        (Ending.NOT_SENT, "The reboot of *Lobby AP-3* was not sent: Not enough rights"),
    ],
)
def test_what_was_not_sent_says_why_and_that_the_box_was_not_touched(ending: Ending, words: str) -> None:
    reply = check(views.not_sent(ended(ending, messages=("Not enough rights",))))

    assert shown(reply) == f"{words}\nThe box was not touched."
    assert pressable(reply)["Ask Again"] == "reboot ap-3 because guests cannot log in"


def test_a_refusal_without_words_says_so() -> None:
    assert "it did not say why" in shown(views.not_sent(ended(Ending.REFUSED)))


@pytest.mark.parametrize(
    ("op", "words", "follow"),
    [
        (reboot(), "it is coming back now", True),
        (reboot(state=State.SENDING), "it is just being sent", True),
        (ended(Ending.BACK), "it is back", False),
        (ended(Ending.BACK_UNPROVED), "it is online again", False),
        (ended(Ending.NEVER_RESTARTED), "it never restarted", False),
        (ended(Ending.NOT_BACK), "it has not come back", False),
        (ended(Ending.STALE), "that one ended", False),
    ],
)
def test_a_reboot_under_way_says_whose_and_how_far(op: Operation, words: str, follow: bool) -> None:
    reply = check(views.under_way(op, SENT + 90))

    assert f"<@U01ANA> rebooted *Lobby AP-3* 1 min 30 s ago; {words}." in shown(reply)
    assert ("Follow" in pressable(reply)) is follow


@pytest.mark.parametrize(
    ("people", "words"),
    [
        (None, "Whoever is on it now will lose Wi-Fi for about a minute."),
        (0, "Nobody is on it now."),
        (1, "1 person on it now will lose Wi-Fi for about a minute."),
        (1930, "1,930 people on it now will lose Wi-Fi for about a minute."),
    ],
)
def test_the_question_says_who_feels_it(people: int | None, words: str) -> None:
    assert views.blast_radius(people) == words


@pytest.mark.parametrize(
    ("last", "uptime", "words"),
    [
        (LastReboot(int(SENT) - 6 * DAY, "kim"), 41 * DAY, "Up 41 days; last rebooted 6 days ago by kim."),
        (LastReboot(int(SENT) - 6 * DAY, None), 41 * DAY, "Up 41 days; last rebooted 6 days ago."),
        (LastReboot(None, None), 41 * DAY, "Up 41 days; CT knows of no earlier reboot."),
        (None, None, "It does not report its uptime; CT did not say when it was last rebooted."),
    ],
)
def test_the_question_says_when_it_was_last_rebooted(last: LastReboot | None, uptime: int | None, words: str) -> None:
    box = Box(id="1", slug="ap-3", name="Lobby AP-3", state="online", location_name="Café Nord", uptime_seconds=uptime)

    reply = check(views.question(Question(reboot(), box, Account("ana", "ana@x"), last, SENT + 120), SENT))

    assert words in shown(reply)
    assert shown(reply).startswith("Reboot *Lobby AP-3* at *Café Nord*?")
    assert "Reason: guests cannot log in" in shown(reply)
    assert pressable(reply) == {"Reboot Lobby AP-3": "op", "Keep It Running": "op"}


def test_the_asker_is_told_where_the_card_is_and_whether_it_was_surely_sent() -> None:
    assert shown(views.sent(reboot(), elsewhere=None)).startswith("Sent. Its card is in this channel")
    assert shown(views.sent(reboot(), elsewhere="Over there.")) == "Sent. Over there."
    assert shown(views.sent(reboot(broke_at=SENT), elsewhere=None)).startswith(
        "Sent, but I do not know yet whether it arrived."
    )
