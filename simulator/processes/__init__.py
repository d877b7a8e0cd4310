"""Agent and backend as processes of their own, on one broker: what `pcm-sim agent` and `pcm-sim backend` run."""
