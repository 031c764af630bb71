"""What volunteers are told about stars, benefits and their homes."""

from __future__ import annotations

from volunteer.messaging.words import Words

RECOGNITION: dict[str, Words] = {
    "star_awarded": Words(
        "祝贺您被评为{stars}星志愿者，公示到 {until}。谢谢您的付出。",
        "You have been awarded {stars} stars. The public notice hangs until {until}. Thank you.",
    ),
    "star_stands": Words(
        "您的{stars}星志愿者公示结束，正式生效，可以领星级证书了。",
        "The notice of your {stars} stars is over: they are yours, and you can take the certificate.",
    ),
    "star_revoked": Words(
        "您的{stars}星已撤销：{reason}。有疑问请联系所在站点。",
        "Your {stars} stars were revoked: {reason}. If that is wrong, please tell your station.",
    ),
    "benefit_handed_out": Words(
        "您已使用礼遇“{benefit}”。如果不是您本人，请告诉所在站点。",
        "You have used the benefit “{benefit}”. If it was not you, please tell your station.",
    ),
    "benefit_taken_back": Words(
        "礼遇“{benefit}”的一次使用已撤回：{reason}", "One use of the benefit “{benefit}” was taken back: {reason}"
    ),
    "home_invites": Words(
        "有家人请您加入“{home}”，一起每月服务一小时。同意不同意请在“我家”里答复。",
        "Your family asks you into “{home}” to serve an hour a month together. Please answer under “My household”.",
    ),
    "home_joined": Words("“{home}”有新成员加入了。", "Somebody has joined “{home}”."),
    "home_left": Words("有成员退出了“{home}”。", "Somebody has left “{home}”."),
    "home_removed": Words(
        "您已不在“{home}”里。有疑问请问户主或所在站点。",
        "You are no longer in “{home}”. If you wonder why, ask at home or your station.",
    ),
    "home_headed": Words("您现在是“{home}”的户主。", "You now head “{home}”."),
}
