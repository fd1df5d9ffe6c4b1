"""What a host answers: messages over the database of its pool."""
