"""Faults on the network, for your own tests: a script, and the proxy and the relay that play it."""
