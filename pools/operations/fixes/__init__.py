"""Fixes: small plans of their own that solve one finding of a pre-flight, on the server that it is about."""
