"""The agent at work, and the one place in it that awaits: it feeds the core and performs what the core returns."""

from pcm_agent.runtime.agent import Agent

__all__ = ["Agent"]
