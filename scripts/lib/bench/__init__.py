"""Benchmarks, as ratios measured side by side in one run; `scripts/bench` runs them.

Every figure is taken in rounds that alternate between what is ours and the bare thing beside it, so that whatever
else the machine does falls on both. Its ratio is the median of the rounds' ratios.
"""
