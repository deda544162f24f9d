"""Y. Hao, T. Zhang, "The Surprising Harmfulness of Benign Overfitting for Adversarial Robustness",
arXiv 2401.12236 (2024).
"""
