"""What `pdf_link` and `csv_link` lead to: files in a store of their own, which nobody signs in to (ct-api.md 3.6)."""

import csv
import io

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.voucher import VOUCHERS, Voucher

DAY = 86_400
LINES = 56  # of a page
GONE = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{}</Code><Message>{}</Message></Error>'


class VoucherFiles:
    """Knowing the address is enough, as with a signed link of an object store; after `link_days` it is of no use."""

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self.routes = [Route("/files/vouchers/{location}/{name}.{ending}", self.download, methods=["GET"])]

    async def download(self, request: Request) -> Response:
        voucher = self._find(request)
        if voucher is None:
            return _refused("NoSuchKey", "The specified key does not exist.", 404)
        made_at = voucher.created_at + voucher.seconds
        if self._practice.clock() > made_at + self._practice.switches.link_days * DAY:
            return _refused("AccessDenied", "Request has expired", 403)
        if request.path_params["ending"] == "csv":
            return Response(csv_file(voucher), media_type="text/csv; charset=utf-8")
        return Response(pdf_file(voucher), media_type="application/pdf")

    def _find(self, request: Request) -> Voucher | None:
        place = self._practice.world.locations.get(request.path_params["location"])
        if place is None or request.path_params["ending"] not in ("csv", "pdf"):
            return None
        now = self._practice.clock()
        for voucher in self._practice.at(VOUCHERS, place):
            if voucher.unique_id == request.path_params["name"] and voucher.completed(now):
                return voucher
        return None


def _refused(code: str, message: str, status: int) -> Response:
    return Response(GONE.format(code, message), status, media_type="application/xml")


def csv_file(voucher: Voucher) -> str:
    """The columns are inferred."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["serial", "username", "password"])
    writer.writerows([code.serial, code.username, code.password] for code in voucher.codes)
    return text.getvalue()


def pdf_file(voucher: Voucher) -> bytes:
    """A plain PDF with a line for each code."""
    title = voucher.settings["batch_name"].encode("latin-1", "replace").decode("latin-1")
    lines = [title, "", *(f"{code.serial}   {code.username}   {code.password}" for code in voucher.codes)]
    sheets = [lines[start : start + LINES] for start in range(0, len(lines), LINES)]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(sheets)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(sheets)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for number, sheet in enumerate(sheets):
        page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents"
        objects += [f"{page} {5 + 2 * number} 0 R >>".encode(), _stream(sheet)]
    return _file(objects)


def _stream(lines: list[str]) -> bytes:
    escaped = (line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines)
    body = "BT /F1 11 Tf 13.5 TL 60 800 Td\n" + "\n".join(f"({line}) Tj T*" for line in escaped) + "\nET"
    data = body.encode("latin-1")
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data)


def _file(objects: list[bytes]) -> bytes:
    """The objects with the table that says where each begins."""
    text = bytearray(b"%PDF-1.4\n")
    starts = []
    for number, body in enumerate(objects, 1):
        starts.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(text)
    text += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    text += b"".join(b"%010d 00000 n \n" % start for start in starts)
    text += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(text)
