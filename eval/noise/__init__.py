"""Robustness: any question set written as customers write it, so that consistency can be measured without labels."""

from eval.noise.generator import KINDS, noisy, original, vary

__all__ = ["KINDS", "noisy", "original", "vary"]
