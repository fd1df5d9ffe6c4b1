"""What follows a join in the lane of its server: each step proves one thing, or makes it so."""
