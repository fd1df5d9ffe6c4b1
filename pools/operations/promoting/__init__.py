"""Another server takes over a pool whose coordinator is dead."""
