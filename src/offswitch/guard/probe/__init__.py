"""Barriers that prove themselves: forbidden acts are tried from inside, at the start and again and again."""
