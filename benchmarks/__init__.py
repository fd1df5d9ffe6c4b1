"""Measures xenweb against its budgets, one module a budget: ``./bench NAME``."""
