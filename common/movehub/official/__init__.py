"""Bring your own schema: how an official schema differs from ours, and how to speak it all the same."""

from movehub.official.loading import read_edition

__all__ = ["read_edition"]
