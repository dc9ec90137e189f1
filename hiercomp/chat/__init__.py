"""Texts and messages that another program hands over, within one budget."""
