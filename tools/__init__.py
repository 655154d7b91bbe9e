"""What writes generated pages; not part of the distribution."""
