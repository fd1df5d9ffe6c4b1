"""The world: machines, time and faults. Databases are views of it that can be wrong."""
