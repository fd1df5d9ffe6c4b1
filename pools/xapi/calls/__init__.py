"""XAPI's messages by subject: each module adds typed methods to a session."""
