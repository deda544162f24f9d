"""Exact results of the field that the papers rest on."""
