"""Speed tests of boxes of generation 3 (ct-api.md 3.2)."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.bearer import must_change, protected
from bot.sandbox.ct.box_fields import speedtest_results
from bot.sandbox.ct.box_jobs import must_be_free
from bot.sandbox.ct.boxes import find_box
from bot.sandbox.ct.forms import refused_field
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.practice import Practice


def routes(practice: Practice) -> list[Route]:
    return [
        Route("/boxes/{box}/speedtests", protected(practice, list_tests), methods=["GET"]),
        Route("/boxes/{box}/speedtests", protected(practice, start_test), methods=["POST"]),
    ]


async def list_tests(practice: Practice, request: Request, person: Person) -> Response:
    """A bare array, newest first."""
    box = find_box(practice, request, person)
    return JSONResponse(speedtest_results(box, practice.clock(), practice.switches.speedtest_seconds)[::-1])


async def start_test(practice: Practice, request: Request, person: Person) -> Response:
    """One at a time. The answer's body is inferred."""
    box = find_box(practice, request, person)
    must_change(person)
    if box.v != "3" or not box.is_cucumber:
        raise refused_field(practice, "base", "Speed tests are not available for this device.")
    now, seconds = practice.clock(), practice.switches.speedtest_seconds
    if len(speedtest_results(box, now, seconds)) < len(box.speedtests):
        raise refused_field(practice, "base", "A speed test is running already.")
    must_be_free(practice, box)
    box.speedtests.append(now)
    practice.world.histories.done(box.slug, "speedtest", user=person.username, at=now, seconds=seconds)
    practice.changed()
    return JSONResponse({"speedtest_running": True}, practice.switches.created_status)
