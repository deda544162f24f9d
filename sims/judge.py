"""The judges: each turns evidence into a verdict of three numbers in one unit."""

from sims.claim import Evidence, Judge, Verdict
