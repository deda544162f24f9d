"""What mathematics says: pure functions of float64 arrays, each convex solution with its own proof."""
