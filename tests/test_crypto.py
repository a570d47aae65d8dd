"""Row D1: what rests in the store opens for its owner and its purpose only, with any key that is still there."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto import DataKey, Keyring, SealError

K1, K2 = DataKey("k1", bytes(range(32))), DataKey("k2", bytes(range(32, 64)))
RING = Keyring([K1])
IDS = st.from_regex(r"[A-Z0-9]{1,11}:[A-Z0-9]{1,11}:[A-Z0-9]{1,11}", fullmatch=True)
PURPOSES = st.sampled_from(["token", "link", "resume", "card"])


@given(st.binary(max_size=400), IDS | st.text(max_size=30), PURPOSES | st.text(max_size=10))
def test_what_was_sealed_opens_for_its_owner(plain: bytes, owner: str, purpose: str) -> None:
    assert RING.open(RING.seal(plain, owner=owner, purpose=purpose), owner=owner, purpose=purpose) == plain


@given(IDS, IDS, PURPOSES, PURPOSES)
def test_it_opens_for_nobody_else_and_nothing_else(owner: str, other: str, purpose: str, another: str) -> None:
    sealed = RING.seal(b"token", owner=owner, purpose=purpose)

    if (owner, purpose) != (other, another):
        with pytest.raises(SealError):
            RING.open(sealed, owner=other, purpose=another)


def test_ten_thousand_swapped_records_open_for_nobody() -> None:
    records = [RING.seal(b"token of %d" % n, owner=f"T:T:U{n}", purpose="token") for n in range(101)]
    opened = 0
    for n in range(101):
        for other in range(101):
            if other != n:
                try:
                    RING.open(records[other], owner=f"T:T:U{n}", purpose="token")
                    opened += 1
                except SealError:
                    pass

    assert opened == 0


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_changed_byte_is_noticed(position: int, flip: int) -> None:
    sealed = bytearray(RING.seal(b"some token or other", owner="o", purpose="p"))
    sealed[position % len(sealed)] ^= flip

    with pytest.raises(SealError):
        RING.open(bytes(sealed), owner="o", purpose="p")


@given(st.binary(min_size=8, max_size=200))
def test_nor_does_a_record_that_was_cut_short(plain: bytes) -> None:
    sealed = RING.seal(plain, owner="ana", purpose="token")

    for owner, purpose, record in (
        ("lee", "token", sealed),
        ("ana", "link", sealed),
        ("ana", "token", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("ana", "token", sealed[:9]),
        ("ana", "token", b""),
    ):
        with pytest.raises(SealError):
            RING.open(record, owner=owner, purpose=purpose)
    assert plain not in sealed


@given(st.binary(max_size=80))
def test_garbage_is_refused_in_words(garbage: bytes) -> None:
    for sealed in (garbage, b"1.k1." + garbage[:20]):
        with pytest.raises(SealError) as refused:
            RING.open(sealed, owner="o", purpose="p")

        assert str(refused.value).startswith("This record ")


def test_the_plain_text_is_not_in_the_record_and_no_two_records_are_alike() -> None:
    first, second = (RING.seal(b"canary" * 10, owner="o", purpose="p") for _ in range(2))

    assert b"canary" not in first
    assert first != second


def test_the_first_key_writes_and_all_keys_read() -> None:
    old = Keyring([K1]).seal(b"x", owner="o", purpose="p")
    ring = Keyring([K2, K1])
    new = ring.seal(b"x", owner="o", purpose="p")

    assert ring.open(old, owner="o", purpose="p") == b"x"
    assert new.startswith(b"1.k2.")
    assert ring.needs_rewrap(old)
    assert not ring.needs_rewrap(new)
    with pytest.raises(SealError, match="no longer here"):
        Keyring([K1]).open(new, owner="o", purpose="p")


def test_the_first_key_that_all_have_writes_and_what_a_newer_one_wrote_stays() -> None:
    ring, alone = Keyring([K2, K1]), Keyring([K2, K1])
    ring.agree([["k2", "k1"], ["k1"]])

    mixed = ring.seal(b"x", owner="o", purpose="p")
    newer = alone.seal(b"x", owner="o", purpose="p")
    assert mixed.startswith(b"1.k1.")
    assert not ring.needs_rewrap(mixed)
    assert not ring.needs_rewrap(newer)

    ring.agree([["k2", "k1"], ["k2", "k1"]])
    assert ring.seal(b"x", owner="o", purpose="p").startswith(b"1.k2.")
    assert ring.needs_rewrap(mixed)

    ring.agree([["strangers"]])
    assert ring.seal(b"x", owner="o", purpose="p").startswith(b"1.k2.")


def test_a_record_said_to_be_of_another_key_does_not_open() -> None:
    sealed = Keyring([K1]).seal(b"x", owner="o", purpose="p").replace(b"1.k1.", b"1.k2.", 1)

    with pytest.raises(SealError):
        Keyring([K1, DataKey("k2", K1.key)]).open(sealed, owner="o", purpose="p")


def test_a_data_key_is_read_and_does_not_print_itself() -> None:
    encoded = base64.b64encode(K1.key).decode()

    key = DataKey.parse(f" k1:{encoded} ")

    assert key == K1
    assert encoded not in repr(key)
    assert repr(K1.key) not in repr(key)


@given(st.text(max_size=60))
def test_any_text_is_a_key_or_a_sentence_without_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"key") as refused:
        DataKey.parse(f"k1:canary{text}")

    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("made_up", [bytes(32), b"secret" * 5 + b"ab", b"\xff" * 32])
def test_a_key_that_somebody_made_up_is_refused(made_up: bytes) -> None:
    with pytest.raises(ValueError, match="not random"):
        DataKey.parse(f"k1:{base64.b64encode(made_up).decode()}")


def test_random_keys_are_taken() -> None:
    for _ in range(1000):
        DataKey.parse(f"k1:{base64.b64encode(os.urandom(32)).decode()}")
