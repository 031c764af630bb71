"""Why jobs pass an order up or let it stay: msgids, so that every reader reads them in their own language."""

from __future__ import annotations

from volunteer.kernel.words import ENGLISH, N_

NOBODY_HERE = N_("Every team nearby that could do it was asked; none was free.")
NOBODY_ABLE = N_("No team nearby can do this at that time.")
NOBODY_AT_ALL = N_("No team in the whole county is free for this. Please call around.")
ASKED_ENOUGH_HERE = N_("The teams nearby that could do it were asked often enough already.")
ASKED_ENOUGH = N_("Every team that could do it was asked often enough already; we ask again in the morning.")
QUIET = N_("It is late; we go on asking in the morning.")
NOBODY_CAME = N_("The resident says that nobody came.")
IN_CHINESE = {  # for messages, which are worded where no reader's language is known but the row's
    NOBODY_HERE: "附近能做的队伍都问过了",
    NOBODY_ABLE: "附近没有队伍能在这个时间做",
    NOBODY_CAME: "居民说没人来",
    ASKED_ENOUGH_HERE: "附近能做的队伍最近都问得够多了",
    ASKED_ENOUGH: "能做的队伍都问得够多了，明早再问",
    QUIET: "时间晚了，明早接着问",
    NOBODY_AT_ALL: "全县暂时没有合适的队伍",
}
OURS = frozenset(IN_CHINESE)


def in_language(reason: str, locale: str) -> str:
    """Return a job's reason in ``locale``; what a person typed stays as it is."""
    return reason if locale == ENGLISH else IN_CHINESE.get(reason, reason)
