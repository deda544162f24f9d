"""What the machine does: instruments, and the claims that confront them with the theory."""
