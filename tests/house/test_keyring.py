"""Encryption: a record opens for its owner and its purpose, and for nobody else (row D1)."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto import DataKey, Keyring, SealError

OLD, NEW = DataKey("old", bytes(32)), DataKey("new", bytes(range(32)))


@given(plain=st.binary(max_size=400), owner=st.text(max_size=30), purpose=st.text(max_size=10))
def test_what_is_sealed_opens_again(plain: bytes, owner: str, purpose: str) -> None:
    keyring = Keyring([NEW])
    sealed = keyring.seal(plain, owner=owner, purpose=purpose)

    assert keyring.open(sealed, owner=owner, purpose=purpose) == plain


@given(plain=st.binary(min_size=8, max_size=200))
def test_a_record_of_another_owner_or_purpose_or_a_changed_one_does_not_open(plain: bytes) -> None:
    keyring = Keyring([NEW])
    sealed = keyring.seal(plain, owner="ana", purpose="token")

    for owner, purpose, record in (
        ("lee", "token", sealed),
        ("ana", "link", sealed),
        ("ana", "token", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("ana", "token", sealed[:9]),
        ("ana", "token", b""),
    ):
        with pytest.raises(SealError):
            keyring.open(record, owner=owner, purpose=purpose)
    assert plain not in sealed


def test_the_first_key_writes_and_all_of_them_read() -> None:
    sealed = Keyring([OLD]).seal(b"pair", owner="ana", purpose="token")
    both = Keyring([NEW, OLD])

    assert both.open(sealed, owner="ana", purpose="token") == b"pair"
    assert both.needs_rewrap(sealed)
    assert not both.needs_rewrap(both.seal(b"pair", owner="ana", purpose="token"))
    with pytest.raises(SealError, match="no longer here"):
        Keyring([NEW]).open(sealed, owner="ana", purpose="token")


def test_a_key_does_not_print_itself() -> None:
    text = base64.b64encode(bytes(range(32))).decode()

    assert text not in repr(DataKey.parse(f"k1:{text}"))
    assert DataKey.parse(f" k1:{text} ") == DataKey("k1", bytes(range(32)))
