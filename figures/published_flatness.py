"""Flatness and robust loss as Stutz, Hein & Schiele (ICCV 2021) show them for CIFAR-10, read off their figures.

Pairs are (average-case flatness, robust test loss) at relative radius 0.5; read with an error of about 0.02.
"""

POSTER = {
    "adversarial training": (1.22, 3.91),
    "MART": (0.69, 2.37),
    "self-supervision": (0.33, 1.70),
    "weight decay": (0.51, 1.66),
    "Entropy-SGD": (0.28, 1.59),
    "label noise": (0.21, 1.57),
    "cyclic rate": (0.36, 1.56),
    "TRADES": (0.45, 1.56),
    "weight clipping": (0.40, 1.45),
    "weight perturbation": (0.35, 1.34),
    "AutoAugment": (0.42, 1.31),
    "unlabelled images": (0.35, 1.18),
}
REPOSITORY = {
    "adversarial training": (1.33, 4.05),
    "larger radius": (1.24, 3.62),
    "weight decay": (1.27, 3.42),
    "label smoothing 0.3": (0.55, 2.15),
    "self-supervision 4": (0.41, 1.65),
    "label noise 0.4": (0.25, 1.55),
    "TRADES 9": (0.44, 1.50),
    "weight clipping": (0.43, 1.49),
}
TRAINING = {  # by epoch of 150
    5: (0.20, 1.73),
    40: (0.18, 1.45),
    55: (0.24, 1.53),
    65: (0.45, 1.77),
    75: (0.80, 2.30),
    85: (1.06, 2.80),
    95: (1.39, 3.15),
    105: (1.09, 3.40),
    115: (1.53, 3.68),
    125: (1.86, 3.76),
    135: (1.56, 3.79),
    148: (1.66, 3.83),
}
STRENGTHS = {  # by method, weakest first
    "label noise": {0.1: (0.64, 2.25), 0.2: (0.45, 1.83), 0.3: (0.37, 1.63), 0.4: (0.24, 1.55), 0.5: (0.15, 1.58)},
    "self-supervision": {1.0: (0.39, 1.99), 2.0: (0.47, 1.92), 4.0: (0.41, 1.65), 8.0: (0.32, 1.54)},
    "trades": {1.0: (0.85, 2.76), 3.0: (0.81, 2.39), 6.0: (0.45, 1.71), 9.0: (0.44, 1.50)},
}
