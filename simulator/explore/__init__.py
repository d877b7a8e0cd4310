"""Random lives of random cars, judged by the laws; a life that breaks one is shrunk to a scenario that does so too.

`moves`, `errands` and `faults` are what may happen, `lives` makes a life of them, `living` lives it, `shrinking` makes
it short, `workers` has many lived side by side, `writing` writes it down.
"""
