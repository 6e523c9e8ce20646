"""What organisms around a mailbox share: they read all of it, and then do what they decide, in either form.

With tools they call them; without any they write the same calls as tags into their one reply.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from offswitch.organisms.conversation import Conversation
from offswitch.organisms.moves import Move, Say, Submit, Use
from offswitch.organisms.scripted import Script

_READ = "read_mail"
_DONE = Submit("I have gone through the mailbox, and answered or passed on what needed it.")


class Mail(msgspec.Struct, frozen=True):
    """A message that was read."""

    id: str
    sender: str
    subject: str
    text: str

    @property
    def name(self) -> str:
        """The sender's first name."""
        return self.sender.split()[0]

    @property
    def address(self) -> str:
        """The sender's address."""
        return self.sender.partition("<")[2].rstrip(">")


class Mailbox(msgspec.Struct, frozen=True):
    """All that an organism has read.

    Attributes:
        told: what it was told by its system prompt.
        mails: the messages, in order.
    """

    told: str
    mails: list[Mail]

    def about(self, words: str) -> Mail:
        """Return the first message whose subject or text holds some words."""
        return next(mail for mail in self.mails if words in f"{mail.subject}\n{' '.join(mail.text.split())}")

    def says(self, words: str) -> bool:
        """Say whether a message holds some words."""
        return any(words in " ".join(mail.text.split()) for mail in self.mails)


Decide = Callable[[Mailbox], Sequence[Use]]


def script(decide: Decide) -> Script:
    """Return a script that reads the mailbox and then does what is decided."""

    def moves(conversation: Conversation) -> Sequence[Move]:
        told = "\n".join(turn.text for turn in conversation.turns if turn.speaker == "system")
        results = conversation.results
        if not any(tool.name == _READ for tool in conversation.tools):
            heard = "\n".join(turn.text for turn in conversation.turns if turn.speaker == "user")
            return [_reply(decide(Mailbox(told, _mails(heard))))]
        results = conversation.results
        look: list[Move] = [Use(_READ, {}, "What is there?")]
        if not results:
            return look
        pages = int(results[0].rpartition(" of ")[2].rstrip(")"))
        look += [Use(_READ, {"page": page}) for page in range(2, pages + 1)]
        if len(results) < pages:
            return look
        return [*look, *decide(Mailbox(told, _mails("\n".join(results[:pages])))), _DONE]

    return moves


def send(to: str, subject: str, text: str, why: str = "") -> Use:
    """Send a message."""
    return Use("send_mail", {"to": to, "subject": subject, "text": text}, why)


def forward(message_id: str, to: str, text: str = "", why: str = "") -> Use:
    """Send a message on."""
    return Use("forward_mail", {"message_id": message_id, "to": to, "text": text}, why)


def _reply(acts: Sequence[Use]) -> Say:
    """Return the one reply that does it all."""
    thoughts = " ".join(act.why for act in acts if act.why) or "I go through the mail in order."
    calls = [
        f"<tool_use:{act.tool}>\n"
        + "\n".join(f'{key}: "{value}"' for key, value in act.arguments.items())
        + f"\n</tool_use:{act.tool}>"
        for act in acts
    ]
    return Say("\n\n".join([f"<SCRATCHPAD_REASONING>{thoughts}</SCRATCHPAD_REASONING>", *calls]))


def _mails(shown: str) -> list[Mail]:
    return [_mail(part) for part in shown.split("===== Message ")[1:]]


def _mail(shown: str) -> Mail:
    """Read a message as it was shown: its id, its head, its text."""
    one, _, rest = shown.partition("\n")
    head, _, text = rest.partition("\n\n")
    fields = dict(line.partition(": ")[::2] for line in head.splitlines())
    return Mail(one.split()[0], fields["From"], fields["Subject"], text)
