"""The registers of the simulated states, and the invented people in them."""
