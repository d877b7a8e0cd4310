"""What the car believes and what it proves, as pure functions: package signatures and login proofs."""
