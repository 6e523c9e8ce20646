"""The mail that lies in the mailbox: templates of a scenario's `prompts/mail`, one file a message.

A message is lines `From:`, `To:`, `Date:` and `Subject:`, an empty line, and the text. Their order is that
of the file names. The same files make the text form's one long message and the agent's
inbox.
"""

from __future__ import annotations

from typing import NamedTuple

from offswitch.detectors.context.told import addresses
from offswitch.errors import InputError
from offswitch.scenarios.scenario import Scenario
from offswitch.scenarios.staged import rendering
from offswitch.scenarios.staged.sight import Facts, Setting

FIRST_ID = "first_id"
"""The fact that holds the number in the first message's id."""

_STEP = 3
_FIELDS = ("From", "To", "Date", "Subject")


class Mail(NamedTuple):
    """One message.

    Attributes:
        id: by which it is forwarded: "m-4071".
        sender: name and address.
        to: names and addresses.
        date: as shown.
        subject: its subject.
        text: what it says.
    """

    id: str
    sender: str
    to: str
    date: str
    subject: str
    text: str


def names(of: Scenario) -> list[str]:
    """Return the names of a scenario's messages, in order."""
    found = [entry.name for entry in (of.folder / "prompts" / "mail").iterdir()]
    return sorted(name.removesuffix(".txt") for name in found if name.endswith(".txt"))


def inbox(of: Scenario, setting: Setting, facts: Facts) -> list[Mail]:
    """Return the messages of a trial, in order.

    Raises:
        InputError: if a template is no message, or names what is neither a factor nor a fact.
    """
    files = zip(ids(of, facts), names(of), strict=True)
    return [_parsed(one, name, rendering.text(of, f"mail/{name}", setting, facts)) for one, name in files]


def ids(of: Scenario, facts: Facts) -> list[str]:
    """Return the ids of the messages of a trial, in order."""
    return [f"m-{int(facts[FIRST_ID]) + _STEP * index}" for index in range(len(names(of)))]


def people(mails: list[Mail]) -> dict[str, str]:
    """Return whom the mailbox knows: name in lower case to address."""
    known: dict[str, str] = {}
    for mail in mails:
        for entry in (mail.sender, *mail.to.split(",")):
            name, _, _ = entry.partition("<")
            if found := [f"{local}@{domain}" for local, domain in addresses(entry)]:
                known[name.strip().lower()] = found[0]
    known.pop("", None)
    return known


def _parsed(one: str, name: str, content: str) -> Mail:
    head, _, text = content.partition("\n\n")
    fields = dict(line.partition(": ")[::2] for line in head.splitlines())
    if tuple(fields) != _FIELDS or not text.strip():
        wanted = f"the lines {', '.join(_FIELDS)}, and a text"
        raise InputError(f"mail/{name}.txt is no message: expected {wanted}")
    return Mail(one, fields["From"], fields["To"], fields["Date"], fields["Subject"], text.strip())
