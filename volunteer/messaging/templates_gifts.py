"""What merchants are told, and those who reserve their gifts."""

from __future__ import annotations

from volunteer.messaging.words import Words

GIFTS: dict[str, Words] = {
    "merchant_waits": Words("有商户申请加入，请审核。", "A shop would like to join. Please look at it."),
    "merchant_refused": Words("您的商户申请没能通过：{reason}", "Your shop's application was not approved: {reason}"),
    "merchant_suspended": Words(
        "您的商户暂停了：{reason} 已预订的礼品还请照常发给大家。",
        "Your shop is on hold: {reason} Please still hand over what is reserved.",
    ),
    "merchant_resumed": Words("您的商户恢复了，礼品又能预订了。", "Your shop goes on: its gifts can be reserved again."),
    "gift_waits": Words("有新的礼品等您定价。", "A new gift waits for its price in points."),
    "gift_priced": Words("您的一件礼品定为 {points} 分，已上架。", "A gift of yours is in the shop now, for {points} points."),
    "gift_reserved": Words("有人预订了您的一件礼品，请留好。", "Somebody has reserved a gift of yours. Please keep it for them."),
    "gift_collected": Words(
        "礼品已领取，用了 {points} 分。如果不是您本人领的，请告诉所在站点。",
        "Your gift was handed over for {points} points. If it was not you, please tell your station.",
    ),
    "gift_withdrawn": Words(
        "很抱歉，您预订的礼品商户给不了了：{reason}。{points} 分已退回。",
        "We are sorry: the shop cannot give you the gift you reserved: {reason}. Your {points} points are back.",
    ),
    "gift_expired": Words(
        "您预订的礼品到期没领，{points} 分已退回。", "You did not fetch your gift in time. Your {points} points are back."
    ),
    "gift_refunded": Words("您领的礼品已退，{points} 分已退回。", "Your gift was taken back. Your {points} points are back."),
    "refund_waits": Words("有商户请求退掉一件礼品，请处理。", "A shop asks to take a gift back. Please decide."),
    "refund_refused": Words("退礼品的请求没有通过：{reason}", "Taking the gift back was refused: {reason}"),
}
