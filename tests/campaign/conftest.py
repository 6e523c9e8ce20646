"""Every test here has the toy scenario installed."""

import pytest
from toy_campaign import install_toy


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    install_toy(monkeypatch)
