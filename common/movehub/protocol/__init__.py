"""A room of `movehub`."""
