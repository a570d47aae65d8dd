"""What the project is made of, and what lies about in it: known holes, dangerous code, secrets (row O5).

Exceptions stand here, each with its reason.
"""

import json
import subprocess
import sys
from pathlib import Path

from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).parents[2]
RUN = ".ci/lock/run.txt"
_SECONDS = 300
_SKIPPED = "could not be audited"

# What looks like a secret and is none: (file, detect-secrets' name for it) → why.
PLANTED: dict[tuple[str, str], str] = {
    ("bot/sandbox/ct/voucher_codes.py", "Base64 High Entropy String"): "the letters that codes are made of",
    ("bot/services/crockford.py", "Base64 High Entropy String"): "the letters that codes are made of",
    ("tests/ct/test_practice_ct.py", "Base64 High Entropy String"): "PKCE's example in RFC 7636, appendix B",
    ("tests/doctor/test_configuration.py", "Basic Auth Credentials"): "planted, to see that it is not printed",
    ("tests/services/test_blanking.py", "Private Key"): "planted, to see that it is blanked",
    ("tests/services/test_blanking.py", "Slack Token"): "planted, to see that it is blanked",
    ("tests/slack/test_courier.py", "Basic Auth Credentials"): "an address that must be refused",
    ("tests/stores/test_audit.py", "Slack Token"): "planted, to see that it is blanked",
    ("tests/test_log.py", "Slack Token"): "planted, to see that it is blanked",
    ("tests/test_log.py", "Basic Auth Credentials"): "planted, to see that it is blanked",
    ("tests/test_settings.py", "Basic Auth Credentials"): "planted, to see that it is not printed",
}
# Passwords by their variables' names are ruff's (S105 to S107), which takes a reason at the place itself.
_PLUGINS = [
    *("AWSKeyDetector", "AzureStorageKeyDetector", "BasicAuthDetector", "GitHubTokenDetector", "JwtTokenDetector"),
    *("PrivateKeyDetector", "SlackDetector", "StripeDetector", "TwilioKeyDetector", "PypiTokenDetector"),
]
_ENTROPY = [{"name": "Base64HighEntropyString", "limit": 4.5}, {"name": "HexHighEntropyString", "limit": 3.0}]


def secrets() -> list[str]:
    """Secrets in the files of the repository, but those that are planted."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [name for name in listed.stdout.split("\0") if name and not name.startswith(".ci/lock/")]
    found = SecretsCollection(root=str(ROOT))
    with transient_settings({"plugins_used": [*({"name": name} for name in _PLUGINS), *_ENTROPY]}):
        for name in files:
            found.scan_file(name)
    return [
        f"{name}:{one.line_number} looks like a secret ({one.type})"
        for name, one in found
        if (name, one.type) not in PLANTED
    ]


def code() -> list[str]:
    """What bandit finds in the bot; its exceptions stand in pyproject.toml."""
    done = _tool("bandit", "-q", "-r", "bot", "-c", "pyproject.toml", "-f", "json")
    try:
        found = json.loads(done.stdout)["results"]
    except (ValueError, KeyError):
        return [f"bandit failed: {done.stderr[-300:]}"]
    return [f"{one['filename']}:{one['line_number']} {one['test_id']} {one['issue_text']}" for one in found]


def holes() -> tuple[list[str], str]:
    """(known holes in what runs, how far the index could tell). An index without advisories makes no fault of it."""
    done = _tool("pip_audit", "--require-hashes", "--disable-pip", "-r", RUN, "--progress-spinner", "off", "-f", "json")
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], f"no package could be audited: {done.stderr.strip()[-200:]}"
    known = [one for one in packages if "vulns" in one and not one.get("skip_reason")]
    bad = [f"{one['name']} {one['version']}: {hole['id']}" for one in known for hole in one["vulns"]]
    return bad, f"{len(known)} of {len(packages)} packages audited"


def _tool(module: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


if __name__ == "__main__":
    bad, told = holes()
    sys.stdout.write(f"pip-audit: {told}\n")
    sys.exit("\n".join([*bad, *code(), *secrets()]) or None)
