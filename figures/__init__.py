"""What the paper shows: one file per figure, drawn from committed records."""
