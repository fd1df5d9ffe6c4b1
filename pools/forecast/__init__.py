"""What xapi will make of things: pure functions of records."""
