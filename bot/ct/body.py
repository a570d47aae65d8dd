"""Reading an answer's body without letting it grow: the cap holds on what comes out of the decoder."""

import zlib

import httpx

from bot.ct.errors import CTResponseError

CAP = 2 * 1024 * 1024


async def read(response: httpx.Response, *, cap: int = CAP) -> bytes:
    """The decoded body; raises CTResponseError when it is over `cap` bytes, cut short, or in an encoding not asked for.

    httpx's own decoders turn one 16 kB chunk of gzip into 16 MB at a stroke, so gzip is unpacked here, with a limit.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise CTResponseError("CT's answer is in an encoding we did not ask for")
    unpack = zlib.decompressobj(wbits=31) if "gzip" in encoding else None
    body, taken = bytearray(), 0
    async for chunk in response.aiter_raw():
        taken += len(chunk)
        if unpack is not None:
            chunk = _unpacked(unpack, chunk, cap + 1 - len(body))
        body += chunk
        if max(taken, len(body)) > cap:
            raise CTResponseError("CT's answer is too long")
    if unpack is not None and taken and not unpack.eof:
        raise CTResponseError("CT's answer is cut short")
    return bytes(body)


def _unpacked(unpack: "zlib._Decompress", chunk: bytes, room: int) -> bytes:
    try:
        data = unpack.decompress(chunk, room)
    except zlib.error as error:
        raise CTResponseError("CT's answer is not the gzip it says it is") from error
    if unpack.unused_data:
        raise CTResponseError("CT's answer goes on after its end")
    return data
