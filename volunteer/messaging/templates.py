"""What messages say, in both languages. Placeholders only: no logic, nothing is ever evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from volunteer.kernel.words import ENGLISH
from volunteer.messaging.templates_certificates import CERTIFICATES
from volunteer.messaging.templates_gifts import GIFTS
from volunteer.messaging.templates_hours import HOURS
from volunteer.messaging.templates_partners import PARTNERS
from volunteer.messaging.templates_points import POINTS
from volunteer.messaging.templates_recognition import RECOGNITION
from volunteer.messaging.templates_volunteers import VOLUNTEERS
from volunteer.messaging.words import Words

PLACE = re.compile(r"\{(\w+)\}")
UNSAFE = re.compile(r"[\x00-\x1f\x7f]+")


TEMPLATES: dict[str, Words] = {
    "login_code": Words(
        "登录验证码 {code}，10分钟内有效。工作人员不会向您要这个验证码。",
        "Your log-in code is {code}. It works for 10 minutes. Nobody from the centre will ever ask for it.",
    ),
    "join_code": Words(
        "志愿者注册验证码 {code}，10分钟内有效。工作人员不会向您要这个验证码。",
        "Your code to register as a volunteer is {code}. It works for 10 minutes. Nobody will ever ask for it.",
    ),
    "order_placed": Words(
        "您的点单 {number} 已收到，查询码 {code}。我们会在 {by} 前答复您。查进度：{link}",
        "We have your request {number}, code {code}. You will hear from us by {by}. Follow it: {link}",
    ),
    "order_arrived": Words(
        "新点单 {number}：{item}，{place}。请在 {by} 前核实。",
        "New request {number}: {item}, {place}. Please check it by {by}.",
    ),
    "order_changed": Words(
        "居民修改了点单 {number}，请看一下。", "The resident has changed request {number}. Please look at it."
    ),
    "order_reopened": Words(
        "点单 {number} 还没解决，已重新打开。", "Request {number} is not solved yet and has been opened again."
    ),
    "order_verified": Words(
        "您的点单 {number} 已核实，正在为您找志愿队伍。",
        "Your request {number} has been checked. We are finding a team for you.",
    ),
    "order_rejected": Words(
        "您的点单 {number} 没能受理：{reason}。您可以修改后再交。",
        "We could not take on your request {number}: {reason}. You can correct it and send it again.",
    ),
    "order_withdrawn": Words("点单 {number} 已撤回。", "Request {number} was withdrawn."),
    "order_unmet": Words(
        "很抱歉，点单 {number} 这次没找到合适的队伍。您可以在进度页请我们再找一次。",
        "We are sorry: no team was found for request {number}. On its page you can ask us to look again.",
    ),
    "order_accepted": Words("{team}已接单（{number}），{when}到。", "{team} will come for your request {number}: {when}."),
    "order_taken": Words(
        "{team}接了您的点单 {number}，正在安排人，定好时间马上告诉您。",
        "{team} has taken on your request {number}. They are arranging who comes, and will tell you when.",
    ),
    "nobody_home": Words(
        "{team}到了您这里，但没有人在家（点单 {number}）。我们会再和您约时间。",
        "{team} came for your request {number}, but nobody was at home. We will arrange another time with you.",
    ),
    "order_released": Words("点单 {number} 正在为您另找队伍。", "We are finding another team for your request {number}."),
    "team_set_out": Words("{team}已经出发（{number}）。", "{team} is on the way ({number})."),
    "start_code": Words(
        "师傅到了，请把开始码 {code} 告诉他们（点单 {number}）。",
        "When the team arrives, tell them the start code {code} (request {number}).",
    ),
    "please_rate": Words("点单 {number} 已服务完，请您评一评：{link}", "Request {number} is done. How was it? {link}"),
    "offer_made": Words(
        "新派单：{item}，{place}，{when}。请在 {until} 前接单或婉拒。",
        "New request for your team: {item}, {place}, {when}. Please answer by {until}.",
    ),
    "offer_lapsed": Words(
        "派单 {number} 已过时限，已转给别的队伍。没关系。", "The offer {number} has passed to another team. No harm done."
    ),
    "offer_taken": Words(
        "派单 {number} 已有别的队伍接下，谢谢您愿意帮忙。",
        "Another team was faster with {number}. Thank you for being willing.",
    ),
    "pool_open": Words(
        "抢单池有新单：{item}，{place}。{until} 前先到先得。",
        "Something new in the open pool: {item} at {place}. Whoever takes it first, until {until}.",
    ),
    "pool_passed": Words(
        "您申请的 {number} 这次交给了别的队伍，谢谢您愿意帮忙。", "{number} went another way this time. Thank you for applying."
    ),
    "pool_chosen": Words(
        "您申请的 {number} 交给你们队了，请安排谁去。", "Your team was chosen for {number}. Please say who goes."
    ),
    "offer_recalled": Words("派单 {number} 已由中心收回。", "The centre has taken back the offer {number}."),
    "visit_soon": Words("提醒：{when} 有服务，{item}，{place}。", "Reminder: {item} at {place}, {when}."),
    "hours_booked": Words("您在“{item}”的 {minutes} 分钟时长已入账。", "{minutes} minutes for “{item}” are in your account."),
    "entries_merged": Words(
        "您在平台上的两份登记已合并为一份，时长和积分都在。如果弄错了，请在30天内联系我们。",
        "Your two entries here have become one, with all hours and points. If that is wrong, please call us within 30 days.",
    ),
    "hours_taken_back": Words(
        "您的 {minutes} 分钟时长已更正扣回：{reason}。有疑问请联系所在站点。",
        "{minutes} minutes were taken back from your hours: {reason}. If that is wrong, please tell your station.",
    ),
    "staff_invited": Words(
        "邀请您到志愿服务平台工作。7 天内打开链接，设好登录名和密码：{link}",
        "You are invited to work on the volunteer platform. Open this link within 7 days to choose a log-in name: {link}",
    ),
    "invitation_accepted": Words("您邀请的同事已经加入。", "The colleague whom you invited has joined."),
    "password_link": Words(
        "设置新密码请打开：{link}（24 小时内有效，只能用一次）。",
        "Choose a new password here: {link} (works once, within 24 hours).",
    ),
    "reset_code": Words(
        "设置新密码的验证码 {code}，10 分钟内有效。工作人员不会向您要这个验证码。",
        "Your code for a new password is {code}. It works for 10 minutes. Nobody from the centre will ever ask for it.",
    ),
    "password_changed": Words(
        "您的密码已重新设置。如果不是您本人，请马上联系管理员。",
        "Your password was set anew. If it was not you, please tell your administrator at once.",
    ),
    "work_taken_over": Words(
        "同事离岗，有 {count} 件事交给了您，请登录查看。",
        "A colleague has left, and {count} of their tasks are yours now. Please log in and look.",
    ),
    "factor_reset": Words(
        "管理员取消了您的两步验证。下次登录后请重新设置。如果您没有要求过，请马上联系管理员。",
        "An administrator took away your second factor. Please set it up again after your next log-in. "
        "If you did not ask for this, tell them at once.",
    ),
    "visit_yours": Words(
        "{when} 有服务：{item}，{place}。请到“我的服务”里看看；来不了点一下“我来不了”就行。",
        "You are expected: {item}, {place}, {when}. See “My visits”. If you cannot come, one tap there is enough.",
    ),
    "visit_off": Words(
        "{when} 的服务（{item}，{place}）不用您去了，谢谢您。",
        "You need not go to {item}, {place}, {when}. Thank you for being ready.",
    ),
    "stand_in_named": Words(
        "队里请您做 {when} 服务的替补：{item}，{place}。有人来不了时会先问您。",
        "Your team counts on you as a stand-in: {item}, {place}, {when}. You are asked first if somebody cannot come.",
    ),
    "stand_in_asked": Words(
        "有队友来不了，您能去吗？{when}，{item}，{place}。请在 {until} 前到“我的服务”里点一下，去不了也没关系。",
        "A team mate cannot come. Could you go? {item}, {place}, {when}. Please answer in “My visits” by {until}. No is fine.",
    ),
    "stand_in_found": Words(
        "{when} 的服务（{item}，{number}）有队友顶上了。", "A team mate steps in: {item}, {when} ({number})."
    ),
    "no_stand_in": Words(
        "服务 {number}（{when}，{item}）缺人，队里暂时没人能顶上。可以换个时间，或者交回给中心。",
        "Visit {number} ({item}, {when}) lacks somebody, and nobody of the team can step in. Change the time, or give it back.",
    ),
    "member_cannot_come": Words(
        "有队员来不了 {when} 的服务（{item}，{number}），正在找人顶上。",
        "A member cannot come to {item}, {when} ({number}). Stand-ins are being asked.",
    ),
    "visitor_changes": Words(
        "{team}有位师傅临时来不了（{number}），正在换人，定了马上告诉您。",
        "Somebody of {team} cannot come ({number}). They are finding somebody else and will tell you at once.",
    ),
    "another_comes": Words(
        "{team}换了一位师傅来，时间不变：{when}（{number}）。",
        "Somebody else of {team} comes, at the same time: {when} ({number}).",
    ),
    "visit_unsure": Words(
        "很抱歉，{team}一时换不到人（{number}），可能会晚一些。中心已经在想办法，定了马上告诉您。",
        "We are sorry: {team} has nobody else right now ({number}), so it may be later. The centre is on it and will tell you.",
    ),
    "team_released": Words(
        "很抱歉，{team}来不了您的点单 {number} 了。我们马上为您另找队伍，找到就告诉您。",
        "We are sorry: {team} cannot come for your request {number} after all. We are finding another team and will tell you.",
    ),
    "order_handed_back": Words(
        "{team}交回了点单 {number}（{item}，{place}），请尽快另派。",
        "{team} gave back request {number} ({item}, {place}). Please find another team soon.",
    ),
    "nobody_came": Words(
        "居民说没人来：{number}（{item}，{place}）。请马上联系队伍或另派。",
        "The resident says that nobody came: {number} ({item}, {place}). Please ring the team or send another.",
    ),
    "nobody_came_team": Words(
        "居民说没人来（{number}）。请马上给居民打个电话。", "The resident says that nobody came ({number}). Please ring them now."
    ),
    "absence_proposed": Words(
        "服务 {number} 有队员没有签到。请看一下是没来，还是忘了签到。",
        "Somebody did not check in to {number}. Please say whether they did not come, or only forgot.",
    ),
    "absence_opened": Words(
        "队里记了一次“未到”：服务 {number}。{by} 前您可以在“我的服务”里说说怎么回事，站里听了再定，现在不算数。",
        "Your team wrote that you did not come to {number}. Until {by} you can say what happened, in “My visits”."
        " Your site decides after that; until then it does not count.",
    ),
    "absence_stands": Words(
        "站里看过了，服务 {number} 记为未到。有疑问请联系所在站点。",
        "Your site has decided: {number} counts as not come. If that is wrong, please talk to them.",
    ),
    "absence_excused": Words(
        "站里看过了，服务 {number} 算请假，没有影响。", "Your site has decided: you are excused for {number}. Nothing is counted."
    ),
    "absence_withdrawn": Words(
        "服务 {number} 的“未到”已撤销，没有影响。", "“Did not come” for {number} was taken back. Nothing is counted."
    ),
    "absence_decided": Words("站里已处理服务 {number} 的未到记录。", "Your site has decided about the absence in {number}."),
    "care_begun": Words(
        "{name}为您登记了代您点单。如果您没有同意过，请告诉所在站点，或登录“我的点单”取消。",
        "{name} has written down that they may ask for help for you. If you did not agree, tell your station, "
        "or end it under “My requests”.",
    ),
    "care_ended": Words(
        "对方取消了由您代为点单的同意，您不能再查看或修改那些点单。",
        "The person you asked for help for has ended their consent. You can no longer see or change those requests.",
    ),
    "care_ended_desk": Words(
        "点单 {number} 的代办人已不再代办，请直接和居民本人联系。",
        "The helper of request {number} no longer acts for the resident. Please talk with the resident.",
    ),
    "order_new_link": Words(
        "点单 {number} 换了新的查询码 {code}，新链接：{link}",
        "Request {number} has a new code {code} and a new link: {link}",
    ),
    "move_asked": Words(
        "点单 {number} 的居民想改到 {when}，请答复行不行。",
        "The resident of {number} asks for another time: {when}. Please say yes or no.",
    ),
    "move_agreed": Words("点单 {number} 改到 {when}，队伍已同意。", "Request {number}: the team agrees to {when}."),
    "move_refused": Words(
        "点单 {number}：队伍 {when} 来不了，原来的时间不变，站点会和您联系。",
        "Request {number}: the team cannot come at {when}. The old time stays; your station will talk with you.",
    ),
    "move_refused_desk": Words(
        "点单 {number}：居民想改到 {when}，队伍来不了，请看是否另找队伍。",
        "Request {number}: the resident asks for {when}, the team cannot. Please see whether another team can.",
    ),
    "time_proposed": Words(
        "点单 {number}：{team}问能不能改到 {when}。请打开点单的页面回一声；不回，原来的时间不变。",
        "Request {number}: {team} asks whether {when} would suit you. Please answer on its page; until then the old time stays.",
    ),
    "time_agreed": Words("点单 {number}：居民同意改到 {when}。", "Request {number}: the resident agrees to {when}."),
    "time_refused": Words(
        "点单 {number}：居民 {when} 不方便，原来的时间不变。",
        "Request {number}: {when} does not suit the resident. The old time stays.",
    ),
    "visit_moved": Words(
        "{item}（{number}，{place}）改时间了，队长会重新安排。",
        "{item} ({number}, {place}) has another time. Your leader arranges it anew.",
    ),
    "standing_begun": Words(
        "固定帮忙已设好：{item}，从 {day} 开始。随时可以跳过、暂停或结束。",
        "Regular help is set up: {item}, from {day} on. You can skip, pause or end it at any time.",
    ),
    "standing_holiday": Words(
        "{day} 是节假日，固定帮忙“{item}”这次不来，下次照常。",
        "{day} is a holiday: “{item}” does not come that day, and goes on the next time.",
    ),
    "standing_failed": Words(
        "{day} 的固定帮忙“{item}”没能安排，已暂停，请联系所在站点。",
        "“{item}” on {day} could not be arranged and is paused. Please call your station.",
    ),
    "order_nudged": Words("居民催单：{number}。", "A resident asks about request {number}."),
    "really_solved": Words(
        "点单 {number} 服务已过去一段时间，真的解决了吗？点这里告诉我们：{link}",
        "Some time has passed since request {number}. Is it really solved? Tell us here: {link}",
    ),
    "case_opened": Words(
        "您说的话我们收到了，编号 {number}，查询码 {code}，{by} 前答复您。查进度：{link}",
        "We have what you told us: number {number}, code {code}. You will hear from us by {by}. Follow it: {link}",
    ),
    "case_answered": Words(
        "您反映的 {number} 已有答复，请看一看够不够：{link}",
        "There is an answer to what you told us ({number}). Please see whether it is enough: {link}",
    ),
    "case_arrived": Words(
        "有人反映情况（{number}），请看一看。", "Somebody has told us something ({number}). Please look at it."
    ),
    "case_follow_up": Words(
        "有一单评分较低，请回访（{number}）。", "A request was rated low. Please call the resident back ({number})."
    ),
    "case_added": Words("{number} 有补充，请看一看。", "Something was added to {number}. Please look at it."),
    "case_handed_up": Words("{number} 转到您这里，请看一看。", "{number} has come to you. Please look at it."),
    "case_second_look": Words(
        "居民对 {number} 的答复不满意，请您再看一次。", "The answer to {number} was not enough. Please look a second time."
    ),
    "case_team_asked": Words(
        "中心想听听你们队的说法（{number}），请在收件箱里回复。",
        "The centre would like to hear your team's side ({number}). Please answer in your inbox.",
    ),
    "case_team_said": Words("队伍已就 {number} 作了说明。", "The team has told its side about {number}."),
    "praise": Words("有居民表扬了您，谢谢您的付出！", "A resident has praised you. Thank you for what you do!"),
    "praise_quoted": Words("有居民表扬了您：“{quote}”", "A resident has praised you: “{quote}”"),
    "order_in_parts": Words(
        "您的点单 {number} 分成{count}项，请不同的队伍来做。各项进展和开始码都在原来的进度页上。",
        "Your request {number} is done in {count} parts by different teams. Its page shows each part and its start code.",
    ),
    "order_passed_down": Words(
        "点单 {number} 交给您这里派：{reason}。", "Request {number} was passed to you to dispatch: {reason}."
    ),
    "order_joined": Words(
        "您加入了点单 {number}，有进展会告诉您。查看：{link}",
        "You have joined request {number}. We tell you how it goes. See: {link}",
    ),
    "order_merged": Words(
        "您的点单 {old} 和点单 {number} 是同一件事，已并到一起，有进展会告诉您。查看：{link}",
        "Your request {old} is the same as {number}: they are one now, and we tell you how it goes. See: {link}",
    ),
    "order_merged_own": Words(
        "您的点单 {number} 和您的点单 {into} 是同一件事，已并到一起。",
        "Your requests {number} and {into} are the same: they are one now.",
    ),
    "joined_unmet": Words(
        "很抱歉，您加入的点单 {number} 这次没找到合适的队伍。",
        "We are sorry: no team was found for request {number}, which you joined.",
    ),
    "joined_over": Words(
        "您加入的点单 {number} 已取消。如果您还需要帮忙，请自己下一单。",
        "Request {number}, which you joined, was taken back. If you still need help, please order it yourself.",
    ),
    "joined_served": Words("您加入的点单 {number} 已经做完了。", "Request {number}, which you joined, is done."),
    "hand_over_asked": Words(
        "点单 {number}：本地暂时没有合适的队伍，{county}可以来帮您。同意转过去吗？请在进度页上告诉我们。",
        "Request {number}: no team here can come just now, {county} could. May we hand it over? Please tell us on its page.",
    ),
    "hand_over_waits": Words(
        "邻县有一张点单请您这里帮忙，请在派单台的“跨县转派”里答复。",
        "A neighbour county asks you to take a request. Please answer under “Between counties” on the board.",
    ),
    "hand_over_no": Words("居民不同意把点单 {number} 转到邻县。", "The resident does not want request {number} handed over."),
    "hand_over_taken": Words("{county}接下了点单 {number}。", "{county} has taken request {number} over."),
    "hand_over_refused": Words(
        "邻县接不了点单 {number}：{reason}", "The neighbour county cannot take request {number}: {reason}"
    ),
    "hand_over_returned": Words("邻县退回了点单 {number}：{reason}", "The neighbour county gave request {number} back: {reason}"),
    "order_handed_over": Words(
        "{county}接下了您的点单 {number}，进展照样在原来的进度页看。",
        "{county} has taken your request {number} over. You follow it on the same page as before.",
    ),
    "order_escalated": Words("点单 {number} 转到您这里：{reason}。", "Request {number} has come to you: {reason}."),
    **VOLUNTEERS,
    **CERTIFICATES,
    **GIFTS,
    **RECOGNITION,
    **HOURS,
    **POINTS,
    **PARTNERS,
}


def render(template: str, locale: str, params: Mapping[str, Any]) -> str:
    """Return the words of ``template``; a placeholder without a value stays out, control characters become spaces."""
    words = TEMPLATES[template]
    text = words.en if locale == ENGLISH else words.zh
    return PLACE.sub(lambda found: UNSAFE.sub(" ", str(params.get(found[1], ""))), text)
