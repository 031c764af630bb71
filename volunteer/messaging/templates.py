"""What messages say, in both languages. Placeholders only: no logic, nothing is ever evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from volunteer.kernel.words import ENGLISH

PLACE = re.compile(r"\{(\w+)\}")
UNSAFE = re.compile(r"[\x00-\x1f\x7f]+")


class Words(NamedTuple):
    """One message in Chinese and in English."""

    zh: str
    en: str


TEMPLATES: dict[str, Words] = {
    "login_code": Words(
        "登录验证码 {code}，10分钟内有效。工作人员不会向您要这个验证码。",
        "Your log-in code is {code}. It works for 10 minutes. Nobody from the centre will ever ask for it.",
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
    "offer_recalled": Words("派单 {number} 已由中心收回。", "The centre has taken back the offer {number}."),
    "visit_soon": Words("提醒：{when} 有服务，{item}，{place}。", "Reminder: {item} at {place}, {when}."),
    "hours_booked": Words("您在“{item}”的 {minutes} 分钟时长已入账。", "{minutes} minutes for “{item}” are in your account."),
    "hours_taken_back": Words(
        "您的 {minutes} 分钟时长已更正扣回：{reason}。有疑问请联系所在站点。",
        "{minutes} minutes were taken back from your hours: {reason}. If that is wrong, please tell your station.",
    ),
    "factor_reset": Words(
        "管理员取消了您的两步验证。下次登录后请重新设置。如果您没有要求过，请马上联系管理员。",
        "An administrator took away your second factor. Please set it up again after your next log-in. "
        "If you did not ask for this, tell them at once.",
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
    "case_arrived": Words("有人反映情况（{number}），请看一看。", "Somebody has told us something ({number}). Please look at it."),
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
    "order_escalated": Words("点单 {number} 转到您这里：{reason}。", "Request {number} has come to you: {reason}."),
}


def render(template: str, locale: str, params: Mapping[str, Any]) -> str:
    """Return the words of ``template``; a placeholder without a value stays out, control characters become spaces."""
    words = TEMPLATES[template]
    text = words.en if locale == ENGLISH else words.zh
    return PLACE.sub(lambda found: UNSAFE.sub(" ", str(params.get(found[1], ""))), text)
