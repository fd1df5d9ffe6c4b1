"""`xe` as somebody types it on a server: names from cli_frontend.ml, cli_operations.ml and records.ml."""
