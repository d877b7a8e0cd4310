"""Mutation of the core's rules: every rule, condition, row and guard is disabled once, and the tests should notice."""
