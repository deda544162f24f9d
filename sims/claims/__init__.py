"""The confrontations: one folder per paper, one theorem per file."""
