"""Servers that are not what one expects, and the few words that tests look for."""

import asyncio
import contextlib
import datetime
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.doctor.findings import Finding
from bot.sandbox.serving import free_socket, serve


@contextlib.asynccontextmanager
async def served(
    status: int = 200,
    body: Any = "",
    headers: Mapping[str, str] | None = None,
    *,
    paths: Mapping[str, tuple[int, Any]] | None = None,
) -> AsyncIterator[str]:
    """The same to everybody; `paths` are answered differently, "POST /x" only when posted to."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        told = paths or {}
        path = scope["path"]
        code, said = told.get(f"{request.method} {path}", told.get(path, (status, body)))
        answer = JSONResponse(said, code) if isinstance(said, dict) else Response(said, code, media_type="text/html")
        answer.headers.update(headers or {})
        await answer(scope, receive, send)

    async with serve(app) as url:
        yield url


@contextlib.asynccontextmanager
async def secured(*, days: int = 1, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """A server with a certificate that nobody signed, or that is over."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pem"
        file.write_bytes(_certificate(days, host))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        sock = free_socket()
        config = uvicorn.Config(Response("{}"), log_level="critical", lifespan="off")
        config.load()
        config.ssl = context
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
        running = asyncio.ensure_future(server.serve(sockets=[sock]))
        while not server.started:
            await asyncio.sleep(0.005)
        try:
            yield f"https://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running
            sock.close()


def _certificate(days: int, host: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=10))
        .not_valid_after(now + datetime.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


def brief(findings: Sequence[Finding]) -> dict[str, str]:
    """Name to verdict."""
    return {finding.name: finding.verdict.value for finding in findings}


def only(findings: Sequence[Finding], name: str) -> Finding:
    [found] = [finding for finding in findings if finding.name == name]
    return found
