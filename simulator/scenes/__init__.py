"""Scenes: what they may say, how they are read, and the rows and damages that come of them."""
