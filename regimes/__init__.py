"""The regime language: YAML files that say who may do what with a record, and pure engines that answer from them."""

from regimes.loader import load, parse
from regimes.regime import Regime

__all__ = ["Regime", "load", "parse"]
