"""B. Li, Y. Li, "On the Clean Generalization and Robust Overfitting in Adversarial Training from Two Theoretical
Views: Representation Complexity and Training Dynamics", ICML 2025, PMLR 267, arXiv 2306.01271.
"""
