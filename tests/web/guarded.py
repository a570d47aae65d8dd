"""Row L5: what hostile visitors send along, and what every answer must carry."""

import httpx

MARK = "zq9"
HOSTILE = [
    f"<script>{MARK}</script>",
    f'"><img src=x onerror={MARK}>',
    f"{MARK}\r\nSet-Cookie: a=b",
    f"{MARK}\r\n\r\n<html>",
    f"javascript:{MARK}",
    f"https://{MARK}.example/",
    f"//{MARK}.example",
    f"\\\\{MARK}.example",
    f"{{{{{MARK}}}}}",
    f"${{{MARK}}}",
    f"{MARK}‮\u0000",
    f"';{MARK}--",
    f"%0d%0a{MARK}",
    f"access_denied {MARK}",
    MARK * 500,
]
NAMES = ["state", "code", "error", "error_description", "error_uri", "iss", "next", "redirect_uri", "lid"]


def well_guarded(answer: httpx.Response) -> bool:
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    return (
        policy["default-src"] == "'none'"
        and policy["style-src"].startswith("'sha256-")
        and policy["form-action"].startswith("'self' ")
        and policy["frame-ancestors"] == "'none'"
        and policy["base-uri"] == "'none'"
        and "unsafe" not in str(policy)
        and answer.headers["cache-control"] == "no-store"
        and answer.headers["referrer-policy"] == "no-referrer"
        and answer.headers["x-content-type-options"] == "nosniff"
        and answer.headers["x-frame-options"] == "DENY"
        and len(answer.headers.get_list("content-security-policy")) == 1
    )
