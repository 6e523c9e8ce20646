"""A scenario's tool that a coding agent offers under a server's name is used under that name."""

from __future__ import annotations

import pytest

from offswitch.organisms.conversation import Conversation, Tool


@pytest.mark.parametrize(
    ("offered", "used"),
    [
        (("bash", "send_mail"), "send_mail"),
        (("Bash", "mcp__tools__send_mail"), "mcp__tools__send_mail"),
        (("Bash", "resend_mail"), "send_mail"),
    ],
)
def test_the_name_on_offer_is_used(offered: tuple[str, ...], used: str) -> None:
    conversation = Conversation((), tuple(Tool(name, ()) for name in offered))
    assert conversation.named("send_mail") == used
