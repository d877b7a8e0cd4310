"""Attacks on a running car: what is tried, where it is stopped, and whether the car is well afterwards."""
