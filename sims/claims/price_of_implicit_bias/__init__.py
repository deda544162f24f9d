"""N. Tsilivis, N. Frank, N. Srebro, J. Kempe, "The Price of Implicit Bias in Adversarially Robust
Generalization", NeurIPS 2024, arXiv 2406.04981.
"""
