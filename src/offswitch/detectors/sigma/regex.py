"""Regular expressions of rules, by RE2: linear in the text, whatever the rule's author wrote."""

from __future__ import annotations

from typing import Any

import re2
from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import RE2RegexEngine
from sigma.types import SigmaRegularExpression
from typing_extensions import override

LETTERS = SigmaRegularExpression.sigma_to_re_flag
"""How RE2 writes a flag of Sigma."""

_FLAGS = tuple((LETTERS[one], flag) for one, flag in SigmaRegularExpression.sigma_to_python_flags.items())


def compiled(pattern: str) -> Any:
    """Return a pattern of RE2.

    Raises:
        re2.error: if it is not in RE2's syntax, which has no look-around and no back-references.
    """
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


class _QuietEngine(RE2RegexEngine):
    """RE2 that says what is wrong by its exception only, not on standard error too."""

    @override
    def compile(self, pattern: str, flags: int = 0) -> Any:
        letters = "".join(letter for letter, flag in _FLAGS if flags & flag)
        return compiled(f"(?{letters}){pattern}" if letters else pattern)


POLICY = SigmaPolicy(regex_engine=_QuietEngine())
"""How pysigma reads rules for us: RE2 only, nothing from outside the file."""
