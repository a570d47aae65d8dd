"""The wheel: what `pip install` brings, without the checkout around it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bot.manifest import manifest

ROOT = Path(__file__).parents[2]
URL = "https://bot.acme.example"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as the image builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_it_holds_the_manifest_the_types_and_the_practice_page(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    page = {str(path.relative_to(ROOT)) for path in (ROOT / "bot/sandbox/slack/page").rglob("*") if path.is_file()}

    assert {"bot/manifest.yml", "bot/py.typed"} <= names
    assert {name for name in page if "__pycache__" not in name} <= names
    assert not [name for name in names if name.startswith("tests/")]


def test_its_manifest_is_the_checkouts(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    print_it = "import sys; from bot.manifest import manifest; print(manifest(sys.argv[1]), end='')"

    done = subprocess.run(
        [sys.executable, "-c", print_it, URL], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout == manifest(URL)
