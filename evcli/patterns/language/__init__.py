"""From texts to what the evaluator works on: compiled patterns, and events.

It never asks whether anything matches; the tests of single values are built here.
"""
