"""Phones, passwords, paths and log lines: what is let through and what is not."""

from __future__ import annotations

from datetime import date

import pytest

from volunteer.accounts import passwords, rules
from volunteer.kernel.serials import order_number, tidy_number
from volunteer.messaging import templates
from volunteer.messaging.senders import masked
from volunteer.web import logs
from volunteer.web.devices import device_words
from volunteer.web.identity import safe_path


@pytest.mark.parametrize("typed", ["13800000001", "138 0000 0001", "+86 138-0000-0001", "008613800000001"])
def test_a_mobile_number_is_read_however_it_is_typed(typed: str) -> None:
    assert rules.mobile(typed) == "13800000001"


@pytest.mark.parametrize("typed", ["", "1380000000", "12800000001", "138000000011", "abc", "1" * 100_000, "०1380000000"])
def test_what_is_no_mobile_number_is_none(typed: str) -> None:
    assert rules.mobile(typed) is None


@pytest.mark.parametrize("typed", ["13800000001", "138 0000 0001", "+86 138-0000-0001", "１３８０００００００１"])
def test_tries_with_a_phone_are_counted_under_the_phone_however_it_is_written(typed: str) -> None:
    assert rules.counted_as(typed) == "13800000001"
    assert rules.counted_as(" 12 ") == "12"


@pytest.mark.parametrize("typed", ["2611-0427-1", "261104271", "２６１１０４２７１", " 2611 0427 1 ", "２６１１－０４２７－１"])
def test_an_order_number_is_read_however_it_is_typed(typed: str) -> None:
    assert tidy_number(typed) == order_number(date(2026, 11, 1), 427) == "2611-0427-1"


@pytest.mark.parametrize("typed", ["", "²6110427③", "٢٦١١٠٤٢٧٦", "2611-0427", "9" * 40, "²" * 9])
def test_what_is_no_order_number_is_none_and_no_accident(typed: str) -> None:
    assert tidy_number(typed) is None


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "password1",
        "12345678",
        "aaaaaaaaaa",
        "qwertyui",
        "zhiyuan2026",
        "2026zhiyuan!",
        "wujiang-volunteer-88",
        "ZhiYuanZhe2026",
        "my-zhou-login",
        "x" * 129,
    ],
)
def test_a_weak_password_is_refused_with_a_reason(password: str) -> None:
    assert passwords.complaint(password, "zhou")


@pytest.mark.parametrize(
    "password",
    ["seven red lanterns", "雨后的青石板路很滑", "Tr1angl3-rice", "x8$2!9@4#77z", "739204118273", "volunteers like red lanterns"],
)
def test_a_sentence_is_a_good_password(password: str) -> None:
    assert passwords.complaint(password, "zhou") is None


def test_the_list_of_common_passwords_is_long_enough() -> None:
    assert len(passwords.common()) >= 3000


def test_the_hash_is_argon2id_with_19_mebibytes() -> None:
    assert passwords.hash_password("seven red lanterns", 2).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("path", ["/", "/board", "/board?tab=late&page=2", "/o/abc", "/a%20b"])
def test_a_path_of_ours_is_safe(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    ["", None, "//evil.test", "/\\evil.test", "\\\\evil.test", "https://evil.test", "javascript:alert(1)", "evil.test", "/a\r\nSet-Cookie: x",
     "/\t/evil.test", "/ /evil.test", "///evil.test", "/" + "a" * 600, "/\x00", "http:/evil.test"],
)  # fmt: skip
def test_a_path_that_leads_away_is_not(path: str | None) -> None:
    assert safe_path(path) is None


def test_a_message_is_filled_in_and_never_evaluated() -> None:
    said = templates.render("login_code", "en", {"code": "{code.__class__}\r\nBcc: x"})
    assert "{code.__class__} Bcc: x" in said
    assert "\n" not in said
    assert templates.render("login_code", "zh_Hans", {"code": "123456"}).startswith("登录验证码 123456")


def test_a_missing_value_leaves_no_braces() -> None:
    assert "{" not in templates.render("login_code", "zh_Hans", {})


def test_a_masked_phone_cannot_be_called() -> None:
    assert masked("13800000001") == "138****0001"
    assert masked("12345") == "****"


def test_logs_hold_no_numbers_names_or_secret_addresses() -> None:
    event = {
        "event": "asked\n13800000001",
        "phone": "13800000001",
        "path": "/o/AbCdEfGh123/rate",
        "code": "balance_too_low",
        "name": "李",
    }
    said = logs.without_personal_data(None, "info", event)
    assert "13800000001" not in str(said)
    assert "AbCd" not in str(said)
    assert "AbCd" not in logs.tidy("GET /j/AbCdEfGh123?new=1")
    assert said["name"] == "…"
    assert said["code"] == "balance_too_low"
    assert logs.without_personal_data(None, "info", {"code": "123456"})["code"] == "…"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 14; HMA-AL00) AppleWebKit/537.36 Chrome/120 Mobile MicroMessenger/8.0", "WeChat · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 Version/17 Mobile Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120 Safari/537.36 Edg/120", "Edge · Windows"),
        ("", "?"),
    ],
)  # fmt: skip
def test_a_device_is_named_as_its_owner_would(agent: str, words: str) -> None:
    assert device_words(agent) == words
