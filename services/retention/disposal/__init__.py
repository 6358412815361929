"""Disposal: verdicts, holds, destruction lists and their certificates."""
