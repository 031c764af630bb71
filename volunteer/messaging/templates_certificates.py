"""What is said about certificates, in both languages."""

from __future__ import annotations

from volunteer.messaging.words import Words

CERTIFICATES: dict[str, Words] = {
    "certificate_unprintable": Words(
        "志愿者 {number} 的证明里有字库没有的字（{characters}），打印不了，请帮忙处理。",
        "The certificate of volunteer {number} cannot be printed: the typeface lacks {characters}. Please help.",
    ),
    "certificate_asked": Words(
        "{receiver}想要您的志愿服务证明。给不给由您定，请在 {until} 前到“我的证明”里答复。",
        "{receiver} asks for your certificate of service. You decide: please answer by {until} under “My certificate”.",
    ),
    "certificate_guardian": Words(
        "{receiver}想要您的志愿服务证明。您未满14岁，我们会先问您的监护人。",
        "{receiver} asks for your certificate of service. As you are under 14, we will ask your guardian first.",
    ),
    "certificate_handed": Words(
        "您的志愿服务证明（{number}）已按您的同意交给{receiver}。",
        "As you agreed, your certificate {number} goes to {receiver}.",
    ),
    "batch_ready": Words(
        "{receiver}的批量证明已做好，请另一位同事核对后放行。",
        "The certificates for {receiver} are made. A second member of staff checks and releases them.",
    ),
}
