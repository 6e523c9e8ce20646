"""What an action does to which asset; pure."""

from offswitch.effects.assets.files import assets_in, default_assets, load_assets
from offswitch.effects.assets.index import AssetIndex, Touch
from offswitch.effects.session import Deeds, Session

__all__ = ["AssetIndex", "Deeds", "Session", "Touch", "assets_in", "default_assets", "load_assets"]
