"""One-time codes by the clock: the standard's own examples, the drift that is forgiven, and never the same step twice."""

from __future__ import annotations

from base64 import b32encode
from datetime import UTC, datetime, timedelta

import pytest

from volunteer.access import STAFF, Role
from volunteer.accounts import second_factor, totp
from volunteer.settings import BadSetting, Settings

AT = datetime(2026, 3, 4, 4, 0, 7, tzinfo=UTC)
SECRET = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1; of its eight digits the last six."""
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(SECRET, totp.step_at(at)) == code
    assert totp.matching_step(SECRET, code, at, 0) == totp.step_at(at)


@pytest.mark.parametrize("off", range(-3, 4))
def test_a_clock_may_be_off_by_one_step(off: int) -> None:
    now = totp.step_at(AT)
    found = totp.matching_step(SECRET, totp.code_at(SECRET, now + off), AT, 0)
    assert found == (now + off if abs(off) <= 1 else None)


def test_a_step_is_never_taken_twice_nor_one_before_it() -> None:
    now = totp.step_at(AT)
    for step in (now - 1, now):
        assert totp.matching_step(SECRET, totp.code_at(SECRET, step), AT, now) is None
    assert totp.matching_step(SECRET, totp.code_at(SECRET, now + 1), AT, now) == now + 1


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "½½½½½½", "\0" * 6, "9" * 100_000])
def test_anything_else_is_no_code(typed: str) -> None:
    assert totp.matching_step(SECRET, typed, AT, 0) is None


def test_a_code_may_be_typed_in_groups_and_full_width() -> None:
    code = totp.code_at(SECRET, totp.step_at(AT))
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    for typed in (f" {code[:3]} {code[3:]} ", f"{code[:3]}-{code[3:]}", wide):
        assert totp.matching_step(SECRET, typed, AT, 0) is not None


def test_secrets_and_recovery_codes_differ_each_time() -> None:
    assert len({totp.new_secret() for _ in range(50)}) == 50
    codes = [code for _ in range(20) for code in totp.recovery_codes()]
    assert len(set(codes)) == 200
    assert all(totp.looks_like_recovery(code.upper().replace("-", " ")) for code in codes)
    assert not totp.looks_like_recovery("123456")


def test_an_authenticator_can_read_the_address() -> None:
    address = totp.address(SECRET, "zhao", "演示县文明实践中心")
    assert address.startswith("otpauth://totp/")
    assert f"secret={SECRET}" in address
    assert "issuer=" in address


def test_all_staff_must_have_one_unless_the_setting_says_otherwise() -> None:
    wanted = second_factor.roles_of(Settings().second_factor_roles)
    assert wanted == STAFF
    assert second_factor.must_have([Role.VOLUNTEER, Role.CLERK], wanted)
    assert not second_factor.must_have([Role.RESIDENT, Role.VOLUNTEER, Role.TEAM_LEADER], wanted)
    assert not second_factor.must_have([Role.CLERK], second_factor.roles_of("site_admin,auditor"))
    assert second_factor.roles_of("none") == second_factor.roles_of("") == frozenset()
    with pytest.raises(BadSetting, match="SECOND_FACTOR_ROLES"):
        second_factor.roles_of("boss")


def test_a_moment_later_the_code_is_another() -> None:
    assert totp.step_at(AT + timedelta(seconds=30)) == totp.step_at(AT) + 1
