"""Hosts: what a server tells of itself, its power, and taking it into use and out of it."""
