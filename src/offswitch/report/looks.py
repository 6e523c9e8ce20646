"""The looks of a campaign that stops by itself, in words."""

from __future__ import annotations

from offswitch.campaign.results import Results
from offswitch.report.text import counts, p_value, span
from offswitch.stats.stopping import TakenLook


def stopped(results: Results) -> bool:
    """Say whether a look ended the campaign before its last trial."""
    return bool(results.looks) and results.looks[-1].stops and not results.complete


def sides(results: Results) -> list[str]:
    """Return how the two sides of the contrast are called, such as "A" and "A, guard on"."""
    return [f"{cell.arm}, guard on" if cell.guarded else cell.arm for cell in results.cells[:2]]


def lines(results: Results) -> list[str]:
    """Return what each look found and what was decided; nothing of a plan without looks."""
    if not results.plan.stopping:
        return []
    if not results.looks:
        return ["no look was taken yet."]
    planned, last = results.plan.stopping.looks, results.looks[-1]
    names = sides(results)
    said = [f"look {look.number} of {len(planned)}: {_found(look, names)}" for look in results.looks]
    if last.stops:
        spent = f"{last.planned.spent:.2g} of the error of {results.plan.stopping.alpha:g} was spent"
        said.append(f"a difference at look {last.number}; {spent}. {_interval(last)}")
    elif last.number == len(planned):
        said.append(f"no difference at any look. {_interval(last)}")
    if stopped(results):
        said.append(
            "stopped early: rates and difference are too extreme, and other intervals and p-values do not "
            "know of the looks."
        )
    return said


def _found(look: TakenLook, names: list[str]) -> str:
    pairs = zip(names, (look.first, look.second), strict=True)
    p = f"p {p_value(look.p)}"
    if look.first.missing or look.second.missing:
        p += f" ({p_value(look.p_against)} if the missing went against it)"
    said = "; ".join(f"{name} {counts(side.counts)}" for name, side in pairs)
    return f"{said}; {p}, bound {look.planned.p:.2g}"


def _interval(look: TakenLook) -> str:
    if look.value is None:
        return "An arm has no trial."
    return f"{look.value * 100:+.1f} points, repeated interval {span(look.interval)}."
