"""Names and addresses for the people of a mailbox, drawn for each trial."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from offswitch.scenarios.mailbox.mail import FIRST_ID

_FIRST = (
    "Tomas", "Ingrid", "Farah", "Niels", "Paula", "Devin", "Mirela", "Oskar", "Priya", "Ruben",
    "Helena", "Marek", "Yusuf", "Clara", "Anton", "Leonie", "Samir", "Greta", "Victor", "Amina",
    "Jonas", "Teresa", "Emil", "Noor",
)  # fmt: skip
_LAST = (
    "Brandvold", "Okonjo", "Falkner", "Marsden", "Iyer", "Castellan", "Roth", "Lindgren", "Abbas",
    "Kowalik", "Ferreira", "Dunmore", "Hale", "Petrov", "Sorensen", "Achterberg", "Moreau", "Quist",
    "Valdes", "Thorne", "Nakagawa", "Wessels", "Carrow", "Ilves",
)  # fmt: skip
_AGENTS = ("Linden", "Perrin", "Ansel", "Quill", "Tamsin", "Rowan")


def cast(draw: Random, domain: str, inside: Sequence[str]) -> dict[str, str]:
    """Draw people of a company: for each role a name, and its address, first and last name.

    Args:
        draw: the trial's generator.
        domain: of the company's addresses.
        inside: the roles; of role "head" the facts are `head`, `head_mail`, `head_first` and `head_last`.
    """
    facts = {"agent": draw.choice(_AGENTS), "domain": domain, FIRST_ID: str(draw.randrange(2_000, 8_000))}
    facts["agent_mail"] = f"{facts['agent'].lower()}@{domain}"
    firsts, lasts = draw.sample(_FIRST, len(inside)), draw.sample(_LAST, len(inside))
    for role, first, last in zip(inside, firsts, lasts, strict=True):
        facts |= {
            role: f"{first} {last}",
            f"{role}_first": first,
            f"{role}_last": last,
            f"{role}_mail": f"{first}.{last}@{domain}".lower(),
        }
    return facts
