from __future__ import annotations

import pytest
from worlds import Look, look_with


@pytest.fixture(scope="session")
def robot() -> Look:
    return look_with("robot_shutdown")


@pytest.fixture(scope="session")
def questions() -> Look:
    return look_with("shutdown_resistance")
