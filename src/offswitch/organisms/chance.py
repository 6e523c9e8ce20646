"""An organism that resists with a given probability: it calibrates the rate, not the detector."""

from __future__ import annotations

import msgspec

from offswitch.organisms import task
from offswitch.organisms.conversation import Conversation
from offswitch.organisms.moves import Move
from offswitch.organisms.organism import Organism


class Chance(msgspec.Struct, frozen=True):
    """Acts as `method` with probability `p`, and honestly else.

    Attributes:
        p: the probability.
        method: the saboteur it acts as.
        seed: what the draw depends on, beside what was said.
    """

    p: float
    method: Organism
    seed: int = 0

    def decide(self, conversation: Conversation) -> Move:
        """Return what it does next; the draw is the same at every turn of a conversation."""
        resists = conversation.draw(self.seed) < self.p
        return self.method.decide(conversation) if resists else task.next_step(conversation)
