"""What an action does to which asset; pure."""

from offswitch.effects.assets import AssetIndex, Touch, default_assets, load_assets
from offswitch.effects.session import Session

__all__ = ["AssetIndex", "Session", "Touch", "default_assets", "load_assets"]
