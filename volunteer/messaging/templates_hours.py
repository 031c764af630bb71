"""What people are told about hours that are written in, objected to, or looked at."""

from __future__ import annotations

from volunteer.messaging.words import Words

HOURS: dict[str, Words] = {
    "hours_asked_for_you": Words(
        "有人为您申请补录 {day} 的服务时长（{minutes} 分钟），等站点核准。",
        "Somebody has asked to write in {minutes} minutes of yours on {day}. Your site decides.",
    ),
    "hours_ask_waits": Words("有一笔时长补录等您核准。", "Hours wait to be written in. Please say yes or no."),
    "hours_ask_withdrawn": Words("{day} 的时长补录申请已撤回。", "The request to write in hours on {day} was taken back."),
    "hours_by_hand_booked": Words(
        "{day} 的补录已核准，记入 {booked} 分钟。", "{booked} minutes on {day} were written in for you."
    ),
    "hours_by_hand_refused": Words("{day} 的补录没有通过：{reason}", "Your hours on {day} were not written in: {reason}"),
    "hours_ask_approved": Words("您申请的 {day} 补录已核准。", "The hours on {day} that you asked for were written in."),
    "hours_ask_refused": Words(
        "您申请的 {day} 补录没有通过：{reason}", "The hours on {day} that you asked for were refused: {reason}"
    ),
    "contest_waits": Words(
        "有志愿者对一笔时长有异议，请答复。", "A volunteer says that an entry of hours is wrong. Please answer."
    ),
    "contest_accepted": Words("您对 {day} 时长的异议已受理：{reason}", "You were right about your hours on {day}: {reason}"),
    "contest_refused": Words("您对 {day} 时长的异议没有采纳：{reason}", "Your hours on {day} stay as they are: {reason}"),
    "hours_question": Words(
        "站点想了解一笔时长的情况：{reason}。请联系站点说明。",
        "Your site has a question about some hours: {reason}. Please tell them how it was.",
    ),
}
