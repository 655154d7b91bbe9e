"""How fast it is, beside the physical floor."""
