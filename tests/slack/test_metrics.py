"""`/metrics`: what an operator watches, and nobody's name in it."""

import asyncio
import re

from tests.stage import LOBBY, Stage


async def metrics(stage: Stage) -> str:
    return (await stage.control.get(f"{stage.bots[0]}/metrics")).text


async def test_everything_that_an_operator_watches_is_counted_and_nobody_is_named(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct status")
    await ana.type("/ct frobnicate")
    await ana.type("/ct reboot lobby ap-3")
    await ana.click("Reboot Lobby AP-3")
    await ana.sees("is back.", timeout=20)
    async with asyncio.timeout(10):
        while "ct_bot_links 1.0" not in await metrics(stage):
            await asyncio.sleep(0.2)
    text = await metrics(stage)

    for line in (
        r'ct_bot_commands_total\{command="status",outcome="ok"\} 1',
        r'ct_bot_commands_total\{command="unknown",outcome="usage"\} 1',
        r'ct_bot_ack_seconds_count\{kind="command"\} 4',
        r'ct_bot_ct_calls_total\{call="boxes.reboot",outcome="ok"\} 1',
        r'ct_bot_slack_calls_total\{call="chat.postMessage",outcome="ok"\}',
        r'ct_bot_slack_calls_total\{call="response_url",outcome="ok"\}',
        r'ct_bot_operations_total\{ending="back",kind="reboot"\} 1',
        r"ct_bot_due_items ",
        r"ct_bot_late_items ",
        r"ct_bot_log_lines_dropped 0",
    ):
        assert re.search(line, text), line
    for private in ("U01ANA", "T01ACME", "C01NOC", LOBBY, "ana@", "Lobby"):
        assert private not in text


async def test_a_renewal_is_counted(stage: Stage) -> None:
    ana = await stage.link()
    stage.ct.practice.tokens.kill_access()
    await ana.type("/ct status")

    assert 'ct_bot_refreshes_total{outcome="ok"} 1.0' in await metrics(stage)


async def test_one_reference_leads_from_the_message_to_the_log(stage: Stage) -> None:
    ana = await stage.link()
    stage.ct.faults.add(kind="status", status=500, prefix="/api/v1/me", times=None)
    stage.ct.faults.add(kind="status", status=500, prefix="/api/v1/reports", times=None)
    stage.ct.faults.add(kind="status", status=500, prefix="/api/v1/locations", times=None)
    stage.ct.faults.add(kind="status", status=500, prefix="/api/v1/boxes", times=None)

    trouble = await ana.type("/ct boxes")

    assert re.search(r"CT itself failed \(500\)\. Nothing was changed\. .* \(ref ct-[0-9a-f]{6}\)", trouble.text)
