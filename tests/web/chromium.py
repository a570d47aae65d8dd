"""A real browser for the linking pages, where there is one."""

import os
import shutil

import pytest
from playwright.async_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
NEEDED = pytest.mark.skipif(
    CHROMIUM is None and not os.getenv("CI"), reason="no Chromium here: the link pages were not tried in a browser"
)


async def sign_in_at_ct(page: Page) -> None:
    """Ana at CT's own pages."""
    await page.click("button:has-text('ana@venues.example')")
    await page.click("button:has-text('Allow')")
