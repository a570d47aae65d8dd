"""`ct-bot demo` as the README has it typed: from the project's folder, with its data beside it."""

import asyncio
import os
import re
import signal
import sys
import tempfile

import httpx


async def test_the_demo_begins_where_one_stands_and_ends_with_ctrl_c() -> None:
    with tempfile.TemporaryDirectory() as folder:
        env = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        demo = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "demo", "--no-browser"), cwd=folder, env=env, stdout=asyncio.subprocess.PIPE
        )
        assert demo.stdout is not None
        try:
            async with asyncio.timeout(40):
                said = (await demo.stdout.readuntil(b"Ctrl+C ends it.")).decode()
            address = re.search(r"http://\S+", said)
            assert address is not None
            async with httpx.AsyncClient(trust_env=False) as http:
                page = await http.get(address[0])
        finally:
            demo.send_signal(signal.SIGINT)
            await demo.wait()

    assert page.status_code == 200
    assert demo.returncode == 0
