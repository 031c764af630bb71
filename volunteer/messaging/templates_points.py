"""What people are told about their points."""

from __future__ import annotations

from volunteer.messaging.words import Words

POINTS: dict[str, Words] = {
    "points_run_out": Words(
        "您有 {points} 分将在 {day} 后到期，记得用掉或送给需要的人。",
        "{points} of your points run out after {day}. Please use them, or give them to somebody who needs them.",
    ),
    "points_ran_out": Words("您有 {points} 分已到期。", "{points} of your points have run out."),
    "points_given": Words(
        "一位邻居送了您 {points} 分。不想要可以在“我的积分”里退回。",
        "A neighbour gave you {points} points. You may send them back on the page of your points.",
    ),
    "points_sent_back": Words("您送出的 {points} 分被退回了。", "The {points} points that you gave were sent back."),
    "wish_fulfilled": Words(
        "您帮助的微心愿实现了：{title}。谢谢您！", "The wish that you helped with has come true: {title}. Thank you!"
    ),
    "wish_cancelled": Words(
        "微心愿“{title}”取消了，您送的 {points} 分已退回。",
        "The wish “{title}” was taken back. Your {points} points are with you again.",
    ),
    "points_corrected": Words("您的积分更正了 {points} 分：{reason}", "Your points were corrected by {points}: {reason}"),
    "points_request": Words("有一项积分申请等您决定。", "A request about points waits for your decision."),
    "points_request_refused": Words("您的积分申请没有通过：{reason}", "Your request about points was refused: {reason}"),
    "point_rule_waits": Words("有一份积分规则草案等您发布。", "A draft of the rules of points waits to be published."),
}
