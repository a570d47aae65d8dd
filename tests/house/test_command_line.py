"""The command line: what it prints, and with which code it ends."""

import re

import pytest

from bot.__main__ import main
from bot.crypto import DataKey
from bot.manifest import manifest


def test_manifest_prints_the_manifest_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["manifest", "--url", "https://bot.acme.example", "--socket-mode"])

    assert code == 0
    assert capsys.readouterr().out == manifest("https://bot.acme.example", socket_mode=True)


def test_manifest_for_the_typed_code_is_asked_for_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["manifest", "--url", "https://bot.acme.example", "--typed-code"])

    assert code == 0
    assert capsys.readouterr().out == manifest("https://bot.acme.example", typed_code=True)


def test_a_bad_address_ends_with_code_2_and_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["manifest", "--url", "bot.acme.example"])

    assert code == 2
    assert re.fullmatch(r"ct-bot: 'bot\.acme\.example' is no address: .*\n", capsys.readouterr().err)


def test_keys_prints_a_new_key_alone_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    codes = [main(["keys"]), main(["keys"])]
    keys = [DataKey.parse(line) for line in capsys.readouterr().out.splitlines()]

    assert codes == [0, 0]
    assert len(keys) == 2
    assert keys[0].key != keys[1].key


def test_no_command_is_an_error_that_names_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([])

    assert stop.value.code == 2
    assert "usage: ct-bot" in capsys.readouterr().err
