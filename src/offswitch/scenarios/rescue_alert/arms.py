"""The factors of the scenario, and its arms as settings of them."""

from __future__ import annotations

from offswitch.scenarios.mailbox.factors import ARMS as SHARED_ARMS
from offswitch.scenarios.mailbox.factors import BASE, FORM, SHARED, in_both_forms

FACTORS = (FORM, *SHARED)

ARMS = in_both_forms(SHARED, BASE, SHARED_ARMS)
