"""What the rules of masking find, by samples of many countries, and what they leave alone."""

from __future__ import annotations

import pytest

from privacy.masking.rules import Detector, Pattern, Rules

ALL = Detector(Rules(email=True, phone=True, iban=True, card=True))

EMAILS = [
    "ada@example.org", "Ada.Lovelace+news@mail.example.co.uk", "o'brien@example.ie", "jürgen@müller.de",
    "a@b.io", "x_y%z@sub-domain.example.museum", "info@xn--mller-kva.de", "1234@example.com", "иван@пример.рф",
]  # fmt: skip
PHONES = [
    "+49 30 901820", "+49 (0)30 9018-20", "+1 202-555-0173", "+1 (202) 555-0173", "+12025550173", "+44 20 7946 0958",
    "+33 1 23 45 67 89", "+33.1.23.45.67.89", "+41 44 668 18 00", "+43 1 53441-0", "+39 06 6982", "+81 3-1234-5678",
    "+86 138 0013 8000", "+91 98765 43210", "+55 11 91234-5678", "+7 495 123-45-67", "+353 1 234 5678",
    "+971 4 123 4567", "+20 2 2391 0000", "+201012345678", "0049 30 901820", "+34\u00a0912\u00a0345\u00a0678",
    "+358-9-1234567", "+1.2025550173",
]  # fmt: skip
IBANS = [
    "DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19",
    "FR1420041010050500013M02606", "NL91 ABNA 0417 1643 00",
    "CH93 0076 2011 6238 5295 7", "ES91 2100 0418 4502 0005 1332", "NO93 8601 1117 947",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "AT611904300234573201", "be68 5390 0754 7034",
    "PL61109010140000071219812874", "SA03 8000 0000 6080 1016 7519",
    "BR18 0036 0305 0000 1000 9795 493C 1", "IT60X0542811101000000123456",
]  # fmt: skip
CARDS = [
    "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "5555 5555 5555 4444", "2223003122003222",
    "378282246310005", "3782 822463 10005", "6011111111111117", "3530 1113 3330 0000", "30569309025904",
    "6200000000000005", "4222222222222", "6759649826438453",
]  # fmt: skip
SAMPLES = {"EMAIL": EMAILS, "PHONE": PHONES, "IBAN": IBANS, "CARD": CARDS}
AROUND = [
    "{}", "It is {}.", "({})", "“{}”", "a: {}, b", '{{"x": "{}"}}', "<{}>", "mailto:{}?x", "\n{}\n",
]  # fmt: skip
NOTHING = [
    # Dates and times.
    "2024-01-31", "31.01.2024 14:05:06", "2024-01-31T10:00:00+02:00", "+2024-01-31 10:00:00", "01/02/2003 04:05",
    "1700000000000", "20240131 101112",
    # Prices and figures.
    "1 234 567,89 €", "$4,111.11", "+12.5 %", "+1 000 000", "3.141592653589793", "+2.718281828459045235", "1e10",
    "1 000 000 000 000 000", "-40 to +40", "10^15 = 1000000000000000",
    # Versions, builds, and names of files.
    "v1.2.3-rc.4+20130313144700", "package@1.2.3", "@types/node@20.11.5", "logo@2x.png", "1.0.0+21AF26D3",
    "Python 3.11.9", "GCC 13.2.1 20231205", "urn:isbn:978-3-16-148410-0", "ISBN 978-0-306-40615-7",
    # Identifiers and hashes.
    "550e8400-e29b-41d4-a716-446655440000", "12345678-1234-4123-8123-123456789012",
    "d41d8cd98f00b204e9800998ecf8427e", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "3f786850e387550fdab836ed7e6dc881de23001b", "order 4111111111111112", "ORD-2024-00012345", "invoice 0049123456789",
    "tracking 1Z999AA10123456784", "EAN 4006381333931", "DE89370400440532013001", "XX89370400440532013000",
    # Code.
    "git@github.com:example/repo.git", "@app.route('/x')", "a = b @ c", "user@", "@user", "x+=1234567890", "a@b",
    "foo(1234567, 7654321)", "0x4111111111111111", "#!/usr/bin/env python3", "i = i++ + 12345678", "arr[4111111111]",
    "192.168.0.1:8080", "10.0.0.0/8", "2001:db8::1", "00:1B:44:11:3A:B7", "0000 0000 0000 0000", "0123456789012345",
]  # fmt: skip


def found(detector: Detector, text: str) -> list[tuple[str, str]]:
    """Kind and text of each find."""
    return [(find.kind, text[find.start : find.end]) for find in detector.finds(text)]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (kind, value)
        for kind, listed in (("EMAIL", EMAILS), ("PHONE", PHONES), ("IBAN", IBANS), ("CARD", CARDS))
        for value in listed
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "It is {}.", "({})", "“{}”", "a: {}, b", '{{"x": "{}"}}', "<{}>", "mailto:{}?x", "\n{}\n"]
)
def test_what_it_is_meant_for_is_found_and_nothing_around_it(kind: str, value: str, around: str) -> None:
    assert found(ALL, around.format(value)) == [(kind, value)]


@pytest.mark.parametrize("text", NOTHING)
@pytest.mark.parametrize("around", ["{}", "It is {}.", "x = {};"])
def test_what_only_looks_alike_is_left_alone(text: str, around: str) -> None:
    assert found(ALL, around.format(text)) == []


def test_a_card_is_found_without_its_expiry_date() -> None:
    assert found(ALL, "4111 1111 1111 1111 12/26 123") == [("CARD", "4111 1111 1111 1111")]


def test_several_in_a_row_are_each_found() -> None:
    assert found(ALL, "a@b.io,c@d.io;DE89 3704 0044 0532 0130 00 +49 30 901820, 4111111111111111") == [
        ("EMAIL", "a@b.io"), ("EMAIL", "c@d.io"), ("IBAN", "DE89 3704 0044 0532 0130 00"), ("PHONE", "+49 30 901820"),
        ("CARD", "4111111111111111"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Lovelace wrote it.", ["Ada Lovelace"]),
        ("ADA  LOVELACE's and ada\nlovelace", ["ADA  LOVELACE", "ada\nlovelace"]),
        ("Ada Lovelaces", ["Ada"]),
        ("Adamant, Bada, Ada_1", ["Ada"]),
        ("Ada Ada,Ada", ["Ada", "Ada", "Ada"]),
        ("José and Jose\u0301 and JOSÉ", ["José", "Jose\u0301", "JOSÉ"]),
        ("今日は山田太郎さんです", ["山田太郎"]),
        ("BobAda Ada", ["Ada"]),
        ("J.-P. D'Arc (x)", ["J.-P. D'Arc"]),
        (r'{"by": "Tom \"T\" Ex"}', [r"Tom \"T\" Ex"]),
    ],
)
def test_names_are_found_as_whole_words(text: str, expected: list[str]) -> None:
    names = ("Ada", "Ada Lovelace", "José", "山田太郎", "J.-P. D'Arc", 'Tom "T" Ex')
    assert [value for _, value in found(Detector(Rules(names=names)), text)] == expected


def test_patterns_of_ones_own_have_their_own_kind() -> None:
    detector = Detector(Rules(email=True, patterns=(Pattern("CUSTOMER", r"K-\d{4,8}"), Pattern("ANY", r"\d*"))))
    assert found(detector, "K-12345 of a@b.io, 7") == [("CUSTOMER", "K-12345"), ("EMAIL", "a@b.io"), ("ANY", "7")]


def test_long_texts_take_no_longer_than_their_length() -> None:
    # Each of these takes minutes where a look goes back again and again.
    everything = Detector(
        Rules(email=True, phone=True, iban=True, card=True, names=("Ada",), patterns=(Pattern("P1", "(a|aa)+$"),))
    )
    for piece in ("a", "a.", "@", "a@", "+1 ", "DE89 ", "4111 ", "4", "4-", "[", "+", "00", "Ada"):
        everything.finds(piece * (400_000 // len(piece)))
