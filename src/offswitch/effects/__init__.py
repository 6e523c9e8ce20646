"""What an action does to which asset; pure."""

from offswitch.effects.asset_files import default_assets, load_assets
from offswitch.effects.assets import AssetIndex, Touch
from offswitch.effects.session import Deeds, Session

__all__ = ["AssetIndex", "Deeds", "Session", "Touch", "default_assets", "load_assets"]
