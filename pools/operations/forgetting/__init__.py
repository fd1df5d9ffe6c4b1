"""The road for a server that does not answer: stated dead, its VMs freed, its record and its storage forgotten."""
