"""Y. Wen, S. Li, K. Jia, "Towards Understanding the Regularization of Adversarial Robustness on Neural Networks",
ICML 2020, PMLR 119, arXiv 2011.07478.
"""
