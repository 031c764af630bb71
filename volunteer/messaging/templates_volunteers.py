"""What volunteers are told about their registration, their papers and their teams, and those who look after them."""

from __future__ import annotations

from volunteer.messaging.words import Words

VOLUNTEERS: dict[str, Words] = {
    "volunteer_registered": Words("欢迎加入志愿服务！您的志愿者号是 {number}。", "Welcome! Your volunteer number is {number}."),
    "volunteer_waits": Words("有新的志愿者注册，等您审核。", "Somebody has registered as a volunteer and waits for your answer."),
    "guardian_waits": Words(
        "有未成年人注册了志愿者，请与监护人联系确认。", "Somebody under 18 has registered. Please speak with the guardian."
    ),
    "volunteer_approved": Words(
        "您的志愿者注册已通过，可以参加服务了。", "You are approved as a volunteer. Thank you for helping."
    ),
    "volunteer_refused": Words("您的志愿者注册没能通过：{reason}", "Your registration as a volunteer was not approved: {reason}"),
    "volunteer_closed": Words("您的志愿者登记已停用：{reason}", "Your volunteer registration was closed: {reason}"),
    "volunteer_left": Words(
        "您已退出志愿者登记。您的时长和证明仍然有效，谢谢您。",
        "You have left the volunteer register. Your hours and certificates stay valid. Thank you.",
    ),
    "document_used": Words(
        "有人用您的身份证号注册了志愿者。如果不是您本人，请联系所在站点。",
        "Somebody registered as a volunteer with your identity number. If it was not you, please tell your station.",
    ),
    "document_double": Words(
        "两名志愿者登记了同一个身份证号，请核对。", "Two volunteers have the same identity number. Please look."
    ),
    "paper_waits": Words("有证件等您核对。", "A paper waits to be checked."),
    "paper_approved": Words("您提交的证件已通过核对。", "Your paper was checked and counts now."),
    "paper_refused": Words("您提交的证件没通过：{reason}", "Your paper was not accepted: {reason}"),
    "licence_ends": Words(
        "您的一项资格证 {day} 到期，请及时换新，到期后不能再派相关服务。",
        "A licence of yours ends on {day}. Please renew it: after that day you cannot be sent on such work.",
    ),
    "insurance_ends": Words(
        "您的保险 {day} 到期，到期后不能参加有风险的服务。",
        "Your insurance ends on {day}. After that day you cannot do risky work.",
    ),
    "application_waits": Words("有新的建队申请，等您审核。", "Somebody wants to found a team. Please answer."),
    "application_approved": Words("{team}已批准成立，您是队长。", "Your team {team} is founded, and you lead it."),
    "application_refused": Words("您的建队申请没能通过：{reason}", "Your team was not founded: {reason}"),
    "team_asked": Words("有志愿者想加入{team}，请您答复。", "A volunteer would like to join {team}. Please answer."),
    "team_invites": Words(
        "{team}邀请您加入，请在“我的团队”里答复。", "{team} would like you to join. Please answer under “My teams”."
    ),
    "team_joined": Words("您已加入{team}。", "You are now in {team}."),
    "team_says_no": Words("{team}这次没能接纳您：{reason}", "{team} could not take you in this time: {reason}"),
    "invite_refused": Words("有志愿者婉拒了{team}的邀请。", "A volunteer has declined the invitation of {team}."),
    "member_left": Words("有队员离开了{team}。", "A member has left {team}."),
    "taken_out_of_team": Words(
        "您已不在{team}。有疑问请联系所在站点。", "You are no longer in {team}. If you wonder why, ask your station."
    ),
    "now_deputy": Words("您现在是{team}的副队长。", "You are now a deputy of {team}."),
    "no_deputy": Words("您不再担任{team}的副队长，谢谢您。", "You are no longer a deputy of {team}. Thank you."),
    "please_lead": Words(
        "{team}的队长请您接任，请在“我的团队”里答复。", "The leader of {team} asks you to take over. Please answer."
    ),
    "lead_taken": Words("{team}已换了队长。", "{team} has another leader now."),
    "lead_refused": Words(
        "{team}的接任邀请被婉拒了，请另找人选。", "The member you asked to lead {team} said no. Please ask another."
    ),
    "leader_wanted": Words("{team}请您另找一位队长。", "{team} asks you to find another leader."),
    "now_leader": Words("您现在是{team}的队长。", "You now lead {team}."),
    "team_closed": Words("{team}已停止服务，谢谢您的付出。", "{team} has been closed. Thank you for your help."),
}
