"""Sets xenweb up on one machine and keeps its parts running; the product itself knows nothing of this package."""
