"""Someone else's exceptions, in one line."""

import pytest

from offswitch.campaign.oneline import one_line


class PrerequisiteError(Exception):
    def __init__(self, message: str) -> None:
        self.message = message


@pytest.mark.parametrize(
    ("failure", "line"),
    [
        (
            PrerequisiteError("[bold]ERROR[/bold]: No KEY.\n\n[bold]pip install x[/bold]"),
            "No KEY. pip install x",
        ),
        ("OSError(28, 'No space left on device')", "No space left on device"),
        ('RuntimeError("it\'s broken")', "it's broken"),
        ("CancelledError()", "CancelledError()"),
        ("fails (see above)", "fails (see above)"),
        ("f(x)", "f(x)"),
        (KeyError(), "KeyError"),
        ("a[/b]", "a[/b]"),
        ("x" * 1000, "x" * 400),
    ],
)
def test_one_line(failure: BaseException | str, line: str) -> None:
    assert one_line(failure) == line
