"""How a member's network gets from what it is to what it should be: the changes, what each drags along, their order.

Pure. The state of a member is a ``NetworkData`` (pools/snapshots/data.py); interfaces are named by its stable keys.
"""
