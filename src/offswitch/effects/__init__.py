"""What an action does to which asset; pure."""

from typing import TYPE_CHECKING, Any

from offswitch.effects.assets.files import assets_in, default_assets, load_assets
from offswitch.effects.assets.index import AssetIndex, Touch

if TYPE_CHECKING:
    from offswitch.effects.session import Deeds, Session

__all__ = ["AssetIndex", "Deeds", "Session", "Touch", "assets_in", "default_assets", "load_assets"]


def __getattr__(name: str) -> Any:
    """Load what reads actions when it is asked for: a guard needs the assets alone, and starts sooner."""
    if name in {"Deeds", "Session"}:
        from offswitch.effects import session  # noqa: PLC0415

        return getattr(session, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
