"""Making a server's network again out of its snapshot, on that server: one step for each thing that was chosen."""
