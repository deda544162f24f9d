"""D. Stutz, M. Hein, B. Schiele, "Relating Adversarially Robust Generalization to Flat Minima", ICCV 2021,
pp. 7807–7817, arXiv 2104.04448.
"""
