"""Bytes to calls and back: TLS, HTTP, XML-RPC and JSON-RPC."""
