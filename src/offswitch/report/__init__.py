"""Results for people: a page in HTML, and a table in the terminal."""

from offswitch.report.page import render_page
from offswitch.report.stray import stray
from offswitch.report.table import print_table

__all__ = ["print_table", "render_page", "stray"]
