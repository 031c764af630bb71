"""What is said about other platforms that points are exchanged with, and about settlements."""

from __future__ import annotations

from volunteer.messaging.words import Words

PARTNERS: dict[str, Words] = {
    "partner_verified": Words(
        "{partner}确认了您的账号，可以互换积分了。", "{partner} has confirmed your account. Points can be moved now."
    ),
    "partner_refused": Words(
        "{partner}没有确认您填的账号，请核对后重新关联。",
        "{partner} did not confirm the account you wrote. Please check it and link it again.",
    ),
    "exchange_done": Words("您转到{partner}的 {points} 分已到账。", "Your {points} points have arrived at {partner}."),
    "exchange_back": Words(
        "转到{partner}的 {points} 分没有转成，已经退回您的账户。",
        "{points} points did not get through to {partner}. They are back in your account.",
    ),
    "statement_ready": Words(
        "{month} 的结算单出来了，共 {points} 分，请核对。", "The statement of {month} is ready: {points} points. Please check it."
    ),
    "statement_answered": Words(
        "您对 {month} 结算单的疑问有答复了，请再核对。",
        "Your doubts about the statement of {month} are answered. Please look again.",
    ),
    "statement_paid": Words("{month} 的结算款已打出，共 {points} 分。", "The statement of {month} was paid: {points} points."),
    "exchange_came": Words("从{partner}转入 {points} 分，已到账。", "{points} points from {partner} have arrived."),
}
