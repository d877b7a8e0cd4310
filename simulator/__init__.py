"""Everything around the head unit: world, backend, broker, scenarios, traces and reports, and the command line."""
