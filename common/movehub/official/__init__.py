"""Bring your own schema: what an official schema has that ours has not, and how to speak it all the same."""
