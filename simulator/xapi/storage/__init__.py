"""Storage repositories, their plugs, virtual disks and the drives that these stand in."""
